"""Whatever a publisher does, a question ends within its deadline as whole bytes or as a named error."""

import gzip
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.addresses import is_public, lookup, redact
from monitor.blockpages import looks_blocked
from monitor.errors import Blocked, BullionError, NotPublished, Unreachable
from monitor.http import Fetcher, Unchanged
from monitor.model import Answer, Ask
from tests.captures import CAPTURES, needs_captures
from tests.publisher import Publisher, Reply

NOW = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)
DAY = date(2026, 2, 10)
CME_PAGE = (
    b"<html><body><p>This IP address is blocked due to suspected web scraping activity associated with it on behalf "
    b"of this device or another device using the same address.</p></body></html>"
)
BLOCK_PAGES = {
    "cme": CME_PAGE,
    "cme short": b"This IP address is blocked.",
    "safeline": b"<!doctype html><script>var a='safeline_bot_challenge'</script>",
    "waf utf-8": "<html><title>WEB 应用防火墙</title></html>".encode(),
    "waf gbk": "<html><title>WEB 应用防火墙</title></html>".encode("gbk"),
    "cloudflare": b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>",
    "akamai": b"<HTML><H1>Access Denied</H1>You don't have permission.<P>\nReference&#32;&#35;18&#46;2d</HTML>",
    "akamai plain": b"Access Denied ... Reference #18.2d",
}


class Wait:
    """A clock and a sleep that agree with each other and take no time. Safe for one thread."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


@pytest.fixture
def wait() -> Wait:
    return Wait()


@pytest.fixture
def fetcher(wait: Wait) -> Fetcher:
    return made(sleep=wait.sleep, monotonic=wait.monotonic)


def made(**settings: Any) -> Fetcher:
    return Fetcher("desk@example.org", version="1.2", **({"allow_private": True, "spacing": 0.0} | settings))


def fetch(fetcher: Fetcher, publisher: Publisher, path: str, **more: Any) -> Answer:
    got = fetcher.fetch(Ask("stocks", DAY, publisher.url(path)), publisher.hosts, now=NOW, **more)
    assert isinstance(got, Answer)
    return got


# --- what an answer is ---------------------------------------------------------------------


def test_an_answer_is_the_bytes_with_their_name_moment_and_headers(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/delivery/Silver_stocks.xls", b"\xd0\xcf\x11\xe0 bytes", etag='"7"')
    ask = Ask("stocks", DAY, publisher.url("/delivery/Silver_stocks.xls?day=10"), hint="silver")
    got = fetcher.fetch(ask, publisher.hosts, now=NOW)
    assert isinstance(got, Answer)
    assert (got.body, got.name, got.fetched_at, got.hint) == (
        b"\xd0\xcf\x11\xe0 bytes",
        "Silver_stocks.xls",
        NOW,
        "silver",
    )
    assert got.url == ask.url
    assert dict(got.headers)["etag"] == '"7"'


def test_the_question_says_who_asks(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/a", b"x")
    fetch(fetcher, publisher, "/a")
    assert publisher.log[0].headers["User-Agent"] == "Bullion/1.2 (+desk@example.org)"
    assert publisher.log[0].headers["Host"] == f"127.0.0.1:{publisher.port}"


def test_a_contact_that_would_break_the_header_is_made_plain() -> None:
    assert made().user_agent.isascii()
    assert Fetcher("a\r\nX: é", version="1").user_agent == "Bullion/1 (+a??X: ?)"


def test_a_question_may_be_a_form_with_headers(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/Dailyhq", b'{"time":[]}')
    ask = Ask(
        "sge", DAY, publisher.url("/Dailyhq"), None, "POST", (("Referer", "https://x.cn/"),), (("instid", "Ag(T+D)"),)
    )
    fetcher.fetch(ask, publisher.hosts, now=NOW)
    seen = publisher.log[0]
    assert (seen.method, seen.body, seen.headers["Referer"]) == ("POST", b"instid=Ag%28T%2BD%29", "https://x.cn/")


def test_a_compressed_body_arrives_decompressed(publisher: Publisher, fetcher: Fetcher) -> None:
    body = os.urandom(70_000)
    zipped = gzip.compress(body[:50_000]) + gzip.compress(body[50_000:])
    publisher.set("/a", zipped, headers=(("Content-Encoding", "gzip"),))
    publisher.set("/b", zipped, headers=(("Content-Encoding", "gzip"),), chunked=True)
    assert fetch(fetcher, publisher, "/a").body == body
    assert fetch(fetcher, publisher, "/b").body == body


def test_an_answer_that_is_a_gzip_file_itself_is_left_as_it_is(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/rates.csv.gz", gzip.compress(b"a,b"))
    assert fetch(fetcher, publisher, "/rates.csv.gz").body == gzip.compress(b"a,b")


def test_validators_make_the_question_conditional_and_304_says_unchanged(
    publisher: Publisher, fetcher: Fetcher
) -> None:
    publisher.set("/a", b"x", etag='"7"')
    validators = {"etag": '"7"', "last_modified": "Tue, 10 Feb 2026 22:00:00 GMT"}
    got = fetcher.fetch(Ask("s", DAY, publisher.url("/a")), publisher.hosts, now=NOW, validators=validators)
    assert isinstance(got, Unchanged)
    assert got.fetched_at == NOW
    assert publisher.log[0].headers["If-Modified-Since"] == "Tue, 10 Feb 2026 22:00:00 GMT"


def test_a_new_version_answers_a_conditional_question(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/a", b"new", etag='"8"')
    assert fetch(fetcher, publisher, "/a", validators={"etag": '"7"'}).body == b"new"


def test_304_to_an_unconditional_question_is_no_answer(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/a", status=304)
    with pytest.raises(Unreachable, match="304"):
        fetch(fetcher, publisher, "/a")


@pytest.mark.parametrize("status", [404, 410])
def test_nothing_there_means_not_published(publisher: Publisher, fetcher: Fetcher, status: int) -> None:
    publisher.set("/a", b"not here", status=status)
    with pytest.raises(NotPublished, match="2026-02-10"):
        fetch(fetcher, publisher, "/a")
    assert len(publisher.log) == 1


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 407, 451])
def test_a_refusal_is_taken_at_its_word_and_never_repeated(publisher: Publisher, fetcher: Fetcher, status: int) -> None:
    publisher.set("/a", b"no", status=status)
    with pytest.raises(Blocked, match=r"inbox") as caught:
        fetch(fetcher, publisher, "/a")
    assert f"HTTP {status}" in str(caught.value)
    assert len(publisher.log) == 1


@pytest.mark.parametrize("page", BLOCK_PAGES.values(), ids=BLOCK_PAGES)
@pytest.mark.parametrize("status", [200, 404, 429, 503])
def test_a_block_page_is_a_refusal_under_any_status(
    publisher: Publisher, fetcher: Fetcher, page: bytes, status: int
) -> None:
    publisher.set("/a", page, status=status)
    with pytest.raises(Blocked):
        fetch(fetcher, publisher, "/a")
    assert len(publisher.log) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><table class='daily_new_table'><tr><td>Ag(T+D)</td></tr></table></html>",
        b"\xd0\xcf\x11\xe0" + CME_PAGE,
        b"PK\x03\x04" + CME_PAGE,
        b"ab\0c" + CME_PAGE,
        b"x" * 65_536 + CME_PAGE,
        b"<p>Access Denied is the title of a song</p>",
        b"<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script><table>1</table>",
    ],
)
def test_an_honest_body_is_no_block_page(body: bytes) -> None:
    assert looks_blocked(body) is None


@needs_captures
def test_no_captured_file_is_taken_for_a_block_page() -> None:
    files = [path for path in CAPTURES.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert [path.name for path in files if looks_blocked(path.read_bytes())] == []


# --- repeats ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_asked_again(publisher: Publisher, fetcher: Fetcher, status: int) -> None:
    publisher.set("/a", replies=[Reply(status=status), Reply(status=status), Reply(b"at last")])
    assert fetch(fetcher, publisher, "/a").body == b"at last"
    assert len(publisher.log) == 3


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_lasting_failure_ends_after_the_attempts(publisher: Publisher, fetcher: Fetcher, status: int) -> None:
    publisher.set("/a", status=status)
    with pytest.raises(Unreachable, match=rf"HTTP {status} \(3 attempts\)"):
        fetch(fetcher, publisher, "/a")
    assert len(publisher.log) == 3


@pytest.mark.parametrize("status", [204, 206, 400, 405, 418])
def test_any_other_status_is_not_asked_again(publisher: Publisher, fetcher: Fetcher, status: int) -> None:
    publisher.set("/a", status=status)
    with pytest.raises(Unreachable, match=f"HTTP {status}"):
        fetch(fetcher, publisher, "/a")
    assert len(publisher.log) == 1


def test_no_attempt_starts_after_the_attempt_seconds(publisher: Publisher, wait: Wait) -> None:
    publisher.set("/a", status=500)
    with pytest.raises(Unreachable):
        fetch(made(sleep=wait.sleep, monotonic=wait.monotonic, attempts=50, attempt_seconds=20.0), publisher, "/a")
    assert wait.slept == [1, 2, 4, 8]


def test_retry_after_is_waited_for_to_the_second(publisher: Publisher, fetcher: Fetcher, wait: Wait) -> None:
    publisher.set("/a", replies=[Reply(status=429, headers=(("Retry-After", "17"),)), Reply(b"x")])
    fetch(fetcher, publisher, "/a")
    assert wait.slept == [17.0]


def test_retry_after_may_be_a_date(publisher: Publisher, fetcher: Fetcher, wait: Wait) -> None:
    then = format_datetime(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=20), usegmt=True)
    publisher.set("/a", replies=[Reply(status=503, headers=(("Retry-After", then),)), Reply(b"x")])
    fetch(fetcher, publisher, "/a")
    assert wait.slept[0] == pytest.approx(20, abs=3)


def test_a_wish_longer_than_the_cap_ends_the_question_and_holds_for_the_host(
    publisher: Publisher, fetcher: Fetcher, wait: Wait
) -> None:
    publisher.set("/a", status=429, headers=(("Retry-After", "3600"),))
    publisher.set("/b", b"x")
    with pytest.raises(Unreachable, match="3600 s"):
        fetch(fetcher, publisher, "/a")
    with pytest.raises(Unreachable, match="left alone for another 3600 s"):
        fetch(fetcher, publisher, "/b")
    assert len(publisher.log) == 1
    wait.now += 3600
    assert fetch(fetcher, publisher, "/b").body == b"x"


def test_nobody_is_asked_again_before_the_wish_nor_waited_for_beyond_the_cap(publisher: Publisher, wait: Wait) -> None:
    """Also where deadline and attempt seconds would leave time enough."""
    publisher.set("/a", status=503, headers=(("Retry-After", "31"),))
    fetcher = made(sleep=wait.sleep, monotonic=wait.monotonic, deadline=500.0, attempt_seconds=400.0)
    with pytest.raises(Unreachable):
        fetch(fetcher, publisher, "/a")
    assert (len(publisher.log), wait.slept) == (1, [])


@pytest.mark.parametrize("value", ["", "soon", "-5", "9" * 400, "Tue, 99 Foo", "²"])
def test_a_senseless_retry_after_breaks_nothing(publisher: Publisher, fetcher: Fetcher, value: str) -> None:
    publisher.set("/a", status=503, headers=(("Retry-After", value.encode().decode("latin-1")),))
    with pytest.raises(Unreachable, match="503"):
        fetch(fetcher, publisher, "/a")


def test_two_questions_to_one_host_keep_the_spacing_whatever_the_path(publisher: Publisher, wait: Wait) -> None:
    fetcher = made(sleep=wait.sleep, monotonic=wait.monotonic, spacing=5.0)
    publisher.redirect("/old", "/new")
    publisher.set("/new", b"x")
    fetch(fetcher, publisher, "/old")
    fetch(fetcher, publisher, "/new")
    assert wait.slept == [5.0, 5.0]


def test_threads_share_the_spacing_of_a_host(publisher: Publisher) -> None:
    """Three threads and 0.2 s apart: real time, since a shared clock of ours would prove nothing."""
    fetcher = made(spacing=0.2)
    publisher.set("/a", b"x")
    threads = [threading.Thread(target=fetch, args=(fetcher, publisher, "/a")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(seen.at for seen in publisher.log)
    assert min(b - a for a, b in pairwise(times)) > 0.15


# --- the HTTP edge cases of reliability.md row 23 -----------------------------------------------


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [
        (Reply(b"x" * 5000, length=6000), 3),  # short body
        (Reply(b"x" * 5000, length=4000), 3),  # longer than announced
        (Reply(b"x" * 5000, chunked=True, cut=2500), 3),  # cut chunk
        (Reply(gzip.compress(os.urandom(5000)), headers=(("Content-Encoding", "gzip"),), cut=3000, chunked=True), 3),
        (Reply(gzip.compress(os.urandom(5000))[:-9], headers=(("Content-Encoding", "gzip"),)), 3),
        (Reply(b"no gzip", headers=(("Content-Encoding", "gzip"),)), 3),
        (Reply(b"brotli", headers=(("Content-Encoding", "br"),)), 3),
        (Reply(b""), 3),
        (Reply(raw=b""), 3),
        (Reply(raw=b"SSH-2.0-OpenSSH_9.6\r\n"), 3),
        (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nabcdefg"), 3),
        (Reply(raw=b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n"), 3),  # 1 MB header
        (Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 1000 + b"\r\n"), 3),
        (Reply(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), 3),
    ],
)
def test_a_broken_answer_is_repeated_and_then_no_answer(
    publisher: Publisher, fetcher: Fetcher, fault: Reply, attempts: int
) -> None:
    publisher.set("/a", replies=[fault])
    with pytest.raises(Unreachable):
        fetch(fetcher, publisher, "/a")
    assert len(publisher.log) == attempts


def test_a_broken_answer_followed_by_a_whole_one_gives_the_whole_one(publisher: Publisher, fetcher: Fetcher) -> None:
    body = os.urandom(5000)
    publisher.set("/a", replies=[Reply(body, length=6000), Reply(body, chunked=True, cut=2500), Reply(body)])
    assert fetch(fetcher, publisher, "/a").body == body


def test_an_html_page_with_200_is_an_answer_for_its_parser_to_refuse(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/a", b"<html>Maintenance</html>")
    assert fetch(fetcher, publisher, "/a").body == b"<html>Maintenance</html>"


def within(seconds: float, fetcher: Fetcher, publisher: Publisher, path: str = "/a") -> str:
    """Fetches, expecting failure within so many seconds of real time; the message."""
    started = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        fetch(fetcher, publisher, path)
    assert time.monotonic() - started < seconds
    return str(caught.value)


SLOW = {
    "body": Reply(b"x" * 1000, drip=0.05),
    "chunks": Reply(b"x" * 1000, chunked=True, drip=0.05),
    "headers": Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 90, drip=0.05),
    "status": Reply(raw=b"HTTP/1.1" + b" " * 1000, drip=0.05),
    "error page": Reply(b"x" * 1000, status=500, drip=0.05),
    "nothing": Reply(hang=True),
}


@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW)
def test_a_dripping_server_is_left_at_the_deadline(publisher: Publisher, slow: Reply) -> None:
    publisher.set("/a", replies=[slow])
    within(1.0, made(deadline=0.5, read=5.0), publisher)
    assert len(publisher.log) == 1


def test_silence_ends_after_the_read_seconds_long_before_the_deadline(publisher: Publisher) -> None:
    publisher.set("/a", hang=True)
    assert "stopped answering" in within(1.0, made(read=0.2, attempts=1), publisher)


def test_a_server_that_accepts_and_never_shakes_hands_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(Unreachable):
            made(deadline=0.6).fetch(Ask("s", DAY, f"https://127.0.0.1:{port}/"), (f"127.0.0.1:{port}",), now=NOW)
        assert time.monotonic() - started < 1.5


def test_a_name_server_that_does_not_answer_cannot_hold_us() -> None:
    answered = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        answered.wait(10)
        return ()

    started = time.monotonic()
    with pytest.raises(Unreachable, match="does not resolve"):
        made(deadline=0.3, resolve=resolve).fetch(Ask("s", DAY, "https://slow.example/"), ("slow.example",), now=NOW)
    answered.set()
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("chunked", [False, True])
def test_a_gzip_bomb_ends_at_the_cap_without_growing_us(publisher: Publisher, chunked: bool) -> None:
    """512 MiB of zeros in 0.5 MB: less than 60 MiB of growth, counted while it happens."""
    publisher.bomb("/a", 512, chunked=chunked)
    with peak_growth() as growth, pytest.raises(Unreachable, match="larger than 33,554,432 bytes"):
        fetch(made(), publisher, "/a")
    assert growth() < 60 * 2**20
    assert len(publisher.log) == 1


@pytest.mark.parametrize(("status", "error"), [(302, Unreachable), (500, Unreachable), (403, Blocked)])
def test_a_bomb_under_another_status_is_not_unpacked(publisher: Publisher, status: int, error: type[Exception]) -> None:
    publisher.bomb("/a", 256, status=status, headers=(("Location", "/a"),))
    with peak_growth() as growth, pytest.raises(error):
        fetch(made(attempts=1), publisher, "/a")
    assert growth() < 30 * 2**20


def test_a_body_past_the_cap_is_no_answer_and_one_at_the_cap_is(publisher: Publisher) -> None:
    publisher.set("/a", b"x" * 10_000)
    assert len(fetch(made(byte_cap=10_000), publisher, "/a").body) == 10_000
    with pytest.raises(Unreachable, match="larger than 9,999 bytes"):
        fetch(made(byte_cap=9_999), publisher, "/a")


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_an_endless_chunk_line_does_not_grow_us(publisher: Publisher) -> None:
    publisher.set("/a", raw=CHUNKED + b"1;" + b"x" * (64 << 20))
    with peak_growth() as growth, pytest.raises(Unreachable):
        fetch(made(byte_cap=1 << 20, attempts=1), publisher, "/a")
    assert growth() < 20 * 2**20


def test_a_small_body_in_endless_wrapping_is_cut_off_on_the_wire(publisher: Publisher) -> None:
    publisher.set("/a", raw=CHUNKED + (b"1;" + b"x" * 200 + b"\r\na\r\n") * 20_000 + b"0\r\n\r\n")
    with pytest.raises(Unreachable, match="sent more than"):
        fetch(made(byte_cap=1 << 20), publisher, "/a")


class peak_growth:  # noqa: N801  (reads as the word it is in the with statement)
    """Watches this process while the block runs; calling it gives the bytes of resident memory it grew by."""

    def __enter__(self) -> Callable[[], int]:
        process = psutil.Process()
        self.peak = self.start = process.memory_info().rss
        self._done = threading.Event()

        def watch() -> None:
            while not self._done.wait(0.002):
                self.peak = max(self.peak, process.memory_info().rss)

        self._thread = threading.Thread(target=watch)
        self._thread.start()
        return lambda: self.peak - self.start

    def __exit__(self, *unused: object) -> None:
        self._done.set()
        self._thread.join()


HONEST = (
    b"HTTP/1.1 200 OK\r\nDate: Tue, 10 Feb 2026 23:00:00 GMT\r\nContent-Type: text/csv; charset=utf-8\r\n"
    b'ETag: "7"\r\nSet-Cookie: a=b; Path=/; Expires=Wed, 11 Feb 2026 23:00:00 GMT\r\n'
    b"Content-Length: 10\r\n\r\n0123456789"
)
ZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n%s\r\n0\r\n\r\n" % (
    gzip.compress(b"12345", mtime=0)
)
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /b?c=d#e\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(reply=st.sampled_from([HONEST, ZIPPED, MOVED]), data=st.data())
def test_whatever_bytes_come_back_the_end_is_an_answer_or_a_named_error(
    publisher: Publisher, fetcher: Fetcher, reply: bytes, data: st.DataObject
) -> None:
    """Honest replies with one stretch of bytes exchanged, removed or put in."""
    start = data.draw(st.integers(0, len(reply)))
    end = data.draw(st.integers(start, min(start + 12, len(reply))))
    put = data.draw(
        st.binary(max_size=12) | st.sampled_from([b"\r\n", b"\n ", b": ", b"\x00", b"//[", b"-1", b"9" * 30])
    )
    publisher.set("/a", raw=reply[:start] + put + reply[end:])
    publisher.set("/b", b"moved")
    with suppress(BullionError):
        fetch(fetcher, publisher, "/a")


def test_a_folded_validator_can_be_sent_back(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.set("/a", raw=b'HTTP/1.1 200 OK\r\nETag: "a\r\n  b"\r\nContent-Length: 1\r\n\r\nx')
    headers = dict(fetch(fetcher, publisher, "/a").headers)
    fetch(fetcher, publisher, "/a", validators={"etag": headers["etag"], "last_modified": "a\r\nb"})
    assert publisher.log[1].headers["If-None-Match"] == '"a b"'
    assert publisher.log[1].headers["If-Modified-Since"] is None


# --- redirects and addresses ----------------------------------------------------------------------


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


# --- TLS --------------------------------------------------------------------------------------------


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


# --- secrets ----------------------------------------------------------------------------------------


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
