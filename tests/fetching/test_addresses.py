"""Redirects, and the addresses that a question may go to."""

import socket
from collections.abc import Sequence

import pytest

from monitor.addresses import is_public, lookup
from monitor.errors import NotPublished, Unreachable
from monitor.http import Fetcher
from monitor.model import Answer, Ask
from tests.fetching.asking import DAY, NOW, Wait, fetch, made
from tests.publisher import Publisher


def test_a_redirect_within_the_hosts_is_followed_and_named(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.redirect("/old", "/new/report.csv")
    publisher.set("/new/report.csv", b"x")
    got = fetch(fetcher, publisher, "/old")
    assert (got.url, got.name) == (publisher.url("/new/report.csv"), "report.csv")


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_form_is_sent_again_only_where_the_redirect_says_so(
    publisher: Publisher, fetcher: Fetcher, status: int, method: str
) -> None:
    publisher.redirect("/old", "/new", status)
    publisher.set("/new", b"x")
    fetcher.fetch(Ask("s", DAY, publisher.url("/old"), None, "POST", (), (("a", "1"),)), publisher.hosts, now=NOW)
    assert (publisher.log[1].method, publisher.log[1].body) == (method, b"a=1" if method == "POST" else b"")


def test_three_redirects_are_followed_and_a_fourth_is_not(publisher: Publisher, fetcher: Fetcher) -> None:
    for hop in range(4):
        publisher.redirect(f"/{hop}", f"/{hop + 1}")
    publisher.set("/4", b"x")
    assert fetch(fetcher, publisher, "/1").body == b"x"
    with pytest.raises(Unreachable, match="more than 3 times"):
        fetch(fetcher, publisher, "/0")


def test_a_redirect_loop_ends(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.redirect("/a", "/a")
    with pytest.raises(Unreachable, match="more than 3 times"):
        fetch(fetcher, publisher, "/a")
    assert len(publisher.log) == 4


def test_headers_of_the_question_do_not_follow_to_another_host(publisher: Publisher, wait: Wait) -> None:
    with Publisher() as other:
        other.set("/b", b"x")
        publisher.redirect("/a", other.url("/b"))
        ask = Ask("s", DAY, publisher.url("/a"), headers=(("X-Api-Key", "canary"),))
        made(sleep=wait.sleep).fetch(ask, publisher.hosts + other.hosts, now=NOW)
        assert publisher.log[0].headers["X-Api-Key"] == "canary"
        assert other.log[0].headers["X-Api-Key"] is None


TRICKS = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.0.0.2:{port}/",
    "http://allowed@127.0.0.1:{port}/",
    "http://{good}@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@{good}/",
    "http://{good}\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@{good}/",
    "http://{good}\t@127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "///127.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "file:///etc/hostname",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_GET",
    "HTTP://LOCALHOST.:{port}/",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_no_redirect_reaches_a_canary_beside_the_allowed_host(
    publisher: Publisher, fetcher: Fetcher, trick: str
) -> None:
    with Publisher() as canary:
        canary.set("/", b"canary")
        to = trick.format(port=canary.port, good=f"127.0.0.1:{publisher.port}")
        publisher.redirect("/a", to.encode().decode("latin-1"))
        with pytest.raises((Unreachable, NotPublished)):
            fetch(fetcher, publisher, "/a")
        assert canary.log == []


@pytest.mark.parametrize("trick", [trick for trick in TRICKS if trick.startswith("http")])
def test_no_question_reaches_this_machine_unless_private_addresses_are_allowed(trick: str) -> None:
    """The hosts are allowed by name here; it is the address that is refused, over TLS too."""
    with Publisher() as canary:
        canary.set("/", b"canary")
        url = trick.format(port=canary.port, good="allowed").replace("http", "https", 1)
        hosts = (f"127.0.0.1:{canary.port}", f"localhost:{canary.port}", f"[::1]:{canary.port}", "allowed", "127.1")
        with pytest.raises(Unreachable):
            made(allow_private=False, attempts=1).fetch(Ask("s", DAY, url), hosts, now=NOW)
        assert canary.log == []


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
    192.0.2.1 198.18.0.1 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 fe80::1 fe80::1%eth0 fec0::1 fd00::1
    ff02::1 2001:db8::1 2002:7f00:1:: 2001:0:7f00:1:: 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 nonsense""".split(),  # noqa: SIM905  (a list of them fills a page)
)
def test_an_address_off_the_open_internet_is_refused(address: str) -> None:
    assert not is_public(address)
    fetcher = made(allow_private=False, resolve=lambda host, port: ["93.184.216.34", address])
    with pytest.raises(Unreachable, match="not on the open internet"):
        fetcher.fetch(Ask("s", DAY, "https://rebound.example/"), ("rebound.example",), now=NOW)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])
def test_an_address_on_the_open_internet_may_be_asked(address: str) -> None:
    assert is_public(address)


def test_the_open_internet_is_never_asked_without_tls() -> None:
    """Even with private addresses allowed."""
    fetcher = made(resolve=lambda host, port: ["93.184.216.34"])
    with pytest.raises(Unreachable, match="https"):
        fetcher.fetch(Ask("s", DAY, "http://open.example/"), ("open.example",), now=NOW)


def test_an_unusual_port_of_an_allowed_host_is_refused() -> None:
    with pytest.raises(Unreachable, match="port 22"):
        made(allow_private=False).fetch(Ask("s", DAY, "https://www.example.com:22/"), ("www.example.com",), now=NOW)


@pytest.mark.parametrize("path", ["/a\tb", "/a\nb", "/a\\b", "/a b", "/a\x7f"])
def test_a_character_that_parsers_read_differently_is_refused_even_towards_an_allowed_host(
    publisher: Publisher, fetcher: Fetcher, path: str
) -> None:
    with pytest.raises(Unreachable, match="no valid request"):
        fetch(fetcher, publisher, path)
    assert publisher.log == []


def test_a_source_without_hosts_may_ask_nobody(publisher: Publisher, fetcher: Fetcher) -> None:
    with pytest.raises(Unreachable, match="none"):
        fetcher.fetch(Ask("s", DAY, publisher.url("/a")), (), now=NOW)
    assert publisher.log == []


@pytest.mark.parametrize(
    "url", ["", "https://", "https://[", "https://x:99999/", "nonsense", "https://a b/", "https://é\u0301/"]
)
def test_an_address_that_is_none_is_a_named_error(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(Unreachable):
        fetcher.fetch(Ask("s", DAY, url), ("x", "a"), now=NOW)


def test_the_connection_goes_to_the_address_that_was_checked(publisher: Publisher) -> None:
    """The name is looked up once; a second answer of its name server would never be heard."""
    publisher.set("/a", b"x")
    looks: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        looks.append(host)
        return ["127.0.0.1"] if len(looks) == 1 else ["127.0.0.9"]

    ask = Ask("s", DAY, publisher.url("/a", host="reports.example"))
    made(resolve=resolve).fetch(ask, (f"reports.example:{publisher.port}",), now=NOW)
    assert looks == ["reports.example"]
    assert publisher.log[0].headers["Host"] == f"reports.example:{publisher.port}"


def test_the_next_attempt_tries_the_next_address(publisher: Publisher, wait: Wait) -> None:
    publisher.set("/a", b"x")
    fetcher = made(resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"], sleep=wait.sleep)
    ask = Ask("s", DAY, publisher.url("/a", host="reports.example"))
    assert isinstance(fetcher.fetch(ask, (f"reports.example:{publisher.port}",), now=NOW), Answer)


def test_an_ipv6_address_can_be_asked() -> None:
    if not socket.has_ipv6 or "::1" not in lookup("localhost", 80) + lookup("::1", 80):
        pytest.skip("this machine has no IPv6 loopback")
    with Publisher(host="::1") as publisher:
        publisher.set("/a", b"x")
        assert fetch(made(), publisher, "/a").body == b"x"
