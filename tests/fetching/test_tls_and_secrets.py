"""TLS is checked against the name that was asked, and no error carries a secret."""

import socket
import time
from pathlib import Path

import psutil
import pytest

from monitor.addresses import redact
from monitor.errors import Blocked, NotPublished, Unreachable
from monitor.http import Fetcher
from monitor.model import Answer, Ask
from tests.fetching.asking import DAY, NOW, fetch, made, within
from tests.publisher import Publisher, Reply


def test_tls_is_checked_against_the_name_that_was_asked(tmp_path: Path) -> None:
    with Publisher(tls=True, names=["reports.example"]) as publisher:
        publisher.set("/a", b"x" * 100_000)
        fetcher = made(resolve=lambda host, port: ["127.0.0.1"], ca_file=publisher.ca_file(tmp_path), attempts=1)
        hosts = (f"reports.example:{publisher.port}", f"other.example:{publisher.port}")
        got = fetcher.fetch(Ask("s", DAY, publisher.url("/a", host="reports.example")), hosts, now=NOW)
        assert isinstance(got, Answer)
        assert len(got.body) == 100_000
        with pytest.raises(Unreachable, match="certificate"):
            fetcher.fetch(Ask("s", DAY, publisher.url("/a", host="other.example")), hosts, now=NOW)


def test_an_unknown_authority_is_not_trusted() -> None:
    with Publisher(tls=True) as publisher, pytest.raises(Unreachable, match="certificate"):
        fetch(made(attempts=1), publisher, "/a")


def test_the_deadline_and_the_length_hold_under_tls(tmp_path: Path) -> None:
    with Publisher(tls=True) as publisher:
        fetcher = made(deadline=0.7, ca_file=publisher.ca_file(tmp_path), attempts=1)
        publisher.set("/a", b"x" * 1000, drip=0.05)
        within(1.2, fetcher, publisher)
        publisher.set("/short", b"x" * 1000, length=2000)
        within(1.2, fetcher, publisher, "/short")
        publisher.set("/long", b"x" * 1000, length=500)
        assert "longer than" in within(1.2, fetcher, publisher, "/long")


def test_a_dropped_tls_answer_without_length_is_no_answer(tmp_path: Path) -> None:
    """Without a length only the farewell of TLS tells the end from a cut."""
    with Publisher(tls=True) as publisher:
        fetcher = made(ca_file=publisher.ca_file(tmp_path), attempts=1)
        publisher.set("/a", raw=b"HTTP/1.1 200 OK\r\n\r\npartial", abrupt=True)
        publisher.set("/b", raw=b"HTTP/1.1 200 OK\r\n\r\nwhole")
        with pytest.raises(Unreachable):
            fetch(fetcher, publisher, "/a")
        assert fetch(fetcher, publisher, "/b").body == b"whole"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.org/x?d=2026-02-10&api_key=s3", "https://a.org/x?d=2026-02-10&api_key=***"),
        ("https://a.org/x?ACCESS-TOKEN=s3", "https://a.org/x?ACCESS-TOKEN=***"),
        ("https://a.org/x?client_secret=s3&b=", "https://a.org/x?client_secret=***&b="),
        ("https://me:pw@a.org/x?a=1#s3", "https://a.org/x?a=1"),
        ("https://a.org/x?instid=Ag(T%2BD)", "https://a.org/x?instid=Ag(T%2BD)"),
        ("https://[s3", "(an address that is no URL)"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert redact(url) == shown


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=403), Blocked),
        (Reply(status=404), NotPublished),
        (Reply(status=500), Unreachable),
        (Reply(raw=b""), Unreachable),
        (Reply(b"x", length=9), Unreachable),
        (Reply(status=302, headers=(("Location", "https://elsewhere.example/?token=canary"),)), Unreachable),
    ],
)
def test_no_error_carries_a_secret_nor_does_any_error_behind_it(
    publisher: Publisher, fetcher: Fetcher, reply: Reply, error: type[Exception]
) -> None:
    publisher.set("/a", replies=[reply])
    ask = Ask("s", DAY, publisher.url("/a?apikey=canary"), headers=(("Authorization", "canary"),))
    with pytest.raises(error) as caught:
        fetcher.fetch(ask, publisher.hosts, now=NOW)
    behind: BaseException | None = caught.value
    while behind:
        assert "canary" not in str(behind)
        behind = behind.__cause__ or behind.__context__


def test_a_refused_connection_is_a_named_error_without_secret_or_trace(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = f"http://127.0.0.1:{port}/a?apikey=canary"
    with pytest.raises(Unreachable, match="connection refused") as caught:
        fetcher.fetch(Ask("s", DAY, url), ("127.0.0.1",), now=NOW)
    assert "canary" not in str(caught.value)
    assert caught.value.__context__ is None


def test_the_kept_url_has_no_secret(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/a", b"x")
    assert "canary" not in repr(fetch(fetcher, publisher, "/a?token=canary"))


def test_the_environment_gives_no_proxy_and_no_password(
    publisher: Publisher, fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    publisher.set("/a", b"x")
    fetch(fetcher, publisher, "/a")
    assert publisher.log[0].headers["Authorization"] is None


def test_no_descriptor_is_left_open(fetcher: Fetcher) -> None:
    process = psutil.Process()
    with Publisher() as publisher:
        publisher.set("/a", b"x")
        publisher.set("/cut", b"x" * 10, length=20)
        fetch(fetcher, publisher, "/a")
        before = process.num_fds()
        for _ in range(10):
            fetch(fetcher, publisher, "/a")
            with pytest.raises(Unreachable):
                fetch(fetcher, publisher, "/cut")
        until = time.monotonic() + 2  # the other ends are closed by the publisher's threads
        while process.num_fds() > before and time.monotonic() < until:
            time.sleep(0.01)
        assert process.num_fds() <= before
