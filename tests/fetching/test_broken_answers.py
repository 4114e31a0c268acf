"""Whatever a publisher does, a question ends within its deadline as whole bytes or as a named error."""

import gzip
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import Blocked, BullionError, Unreachable
from monitor.http import Fetcher
from monitor.model import Ask
from tests.fetching.asking import DAY, NOW, fetch, made, within
from tests.publisher import Publisher, Reply


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
    """512 MiB of zeros in 0.5 MB: what is kept up to the cap, and once more while it is moved to grow."""
    publisher.bomb("/a", 512, chunked=chunked)
    with peak_growth() as growth, pytest.raises(Unreachable, match="larger than 33,554,432 bytes"):
        fetch(made(), publisher, "/a")
    assert growth() < 72 * 2**20
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


@settings(max_examples=300, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
