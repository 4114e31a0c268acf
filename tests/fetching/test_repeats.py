"""Which failures are asked again, when, and how long a host is left alone."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from monitor.errors import Unreachable
from monitor.http import Fetcher
from tests.fetching.asking import Wait, fetch, made
from tests.publisher import Publisher, Reply


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
