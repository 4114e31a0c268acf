"""A backfill beside a daemon: the asking is done here, the daemon takes the answers up as if it had asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import backfill, plan, spool
from monitor.archive import Archive, AskLine
from monitor.daemon import Daemon
from monitor.decode import Decoder
from monitor.errors import Blocked, BullionError, Busy, NotPublished, Unreachable
from monitor.http import Unchanged
from monitor.model import Answer, Ask
from monitor.taking import Said
from tests.asker import TownAsker, utc
from tests.exchange_town import SOURCES, report
from tests.homes import contents, house, published
from tests.past import DAYS, SPAN, WARRANTS, Past, pages, url_of
from tests.publisher import Reply
from tests.test_spool import daemon

NOW = utc("2026-04-20 12:00")
VOLUME = SOURCES["comex_volume"]
DAY = date(2026, 3, 10)
COUNTED = "select count(distinct session) from shfe_warrants"


@pytest.fixture
def past() -> Iterator[Past]:
    with Past(pages()) as opened:
        yield opened


class Beside:
    """A backfill in a thread of its own, as another process would do it."""

    def __init__(self, home: Path, past: Past) -> None:
        self.done: backfill.Summary | None = None
        self.error: BullionError | None = None
        self._thread = threading.Thread(target=self._run, args=(home, past))
        self._thread.start()

    def _run(self, home: Path, past: Past) -> None:
        archive = Archive(home / "archive")

        def last() -> dict[str, AskLine]:
            return {url: line for (_, url), line in archive.last_asks().items()}

        try:
            work = backfill.plan_of(WARRANTS, plan.Held({}), last(), NOW, *SPAN)
            with closing(Decoder()) as decoder:
                keeper = backfill.Beside(home, decoder)
                self.done = backfill.run(work, TownAsker(past.base), keeper, last, lambda: NOW)
        except BullionError as error:
            self.error = error

    def served(self, opened: Daemon) -> backfill.Summary:
        """Rounds until it is over."""
        while self._thread.is_alive():
            opened.step(NOW)
            self._thread.join(0.05)
        assert self.error is None
        assert self.done is not None
        return self.done


def handed(home: Path, opened: Daemon, heard: list[Said]) -> list[str]:
    """The daemon's verdicts on what publishers said."""
    verdicts: list[str] = []
    thread = threading.Thread(target=lambda: verdicts.extend(o.status for o in spool.hand_over(home, heard)))
    thread.start()
    while thread.is_alive():
        assert opened.step(NOW).troubles == []
        thread.join(0.05)
    return verdicts


def test_it_ends_with_the_same_facts_and_the_same_log_as_in_a_home_of_its_own(tmp_path: Path, past: Past) -> None:
    del past.reports[url_of(DAYS[4])]
    with daemon(tmp_path / "home", NOW) as opened:
        opened.step(NOW)
        done = Beside(tmp_path / "home", past).served(opened)
        assert done.outcomes == {"loaded": len(DAYS) - 1, "not_published": 1}
        assert published(tmp_path / "home", COUNTED) == [(len(DAYS) - 1,)]
        beside, log = contents(opened.house, stamps=False), opened.house.archive.last_asks()
        assert past.asked() == [url_of(day) for day in DAYS]
        assert Beside(tmp_path / "home", past).served(opened).left_alone == len(DAYS), "the log says it was all asked"
        assert (list((tmp_path / "home" / "spool").iterdir()), opened.house.archive.verify()) == ([], [])
    with house(tmp_path / "own", NOW) as own:
        work = backfill.plan_of(WARRANTS, plan.Held({}), {}, NOW, *SPAN)
        backfill.run(work, TownAsker(past.base), backfill.Own(own, lambda: None), dict, lambda: NOW)
        assert contents(own, stamps=False) == beside
        assert own.archive.last_asks() == log


def test_answers_are_handed_over_in_slices(tmp_path: Path, past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "SLICE", 4)
    with daemon(tmp_path, NOW) as opened:
        opened.step(NOW)
        before = generation(tmp_path)
        Beside(tmp_path, past).served(opened)
        assert generation(tmp_path) - before == 4, "a word to see who is there, then three slices of ten answers"


def generation(home: Path) -> int:
    return int((home / "published" / "market.duckdb").resolve().stem.rpartition("-")[2])


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Reply(b"no", status=403), id="403"),
        pytest.param(Reply(b"<html><body>Solve this CAPTCHA</body></html>"), id="page that only the parser knows"),
    ],
)
def test_a_refusal_ends_it_at_once_and_the_daemon_knows(tmp_path: Path, past: Past, refusal: Reply) -> None:
    past.rules[f"{DAYS[2]:%Y%m%d}"] = refusal
    with daemon(tmp_path, NOW) as opened:
        opened.step(NOW)
        done = Beside(tmp_path, past).served(opened)
        assert (done.outcomes, done.is_whole) == ({"loaded": 2, "blocked": 1}, False)
        assert past.asked() == [url_of(day) for day in DAYS[:3]]
        lines = opened.house.archive.last_asks().values()
        assert plan.refused(lines, NOW + timedelta(hours=19))


def test_nobody_is_asked_where_whoever_owns_the_home_takes_nothing_up(tmp_path: Path) -> None:
    with closing(Decoder()) as decoder, pytest.raises(Busy, match="has not come to it"):
        backfill.Beside(tmp_path, decoder, patience=0.0)


def test_hint_validators_and_the_moment_travel_with_an_answer(tmp_path: Path) -> None:
    ask = VOLUME.asks(DAY)[1]
    assert ask.hint == "GC"
    asked_at = NOW - timedelta(minutes=7)
    headers = (("etag", '"7"'), ("last-modified", "Wed, 11 Mar 2026 15:00:00 GMT"))
    what = Answer(report(ask), "P.json", asked_at, ask.url, ask.hint, headers)
    with daemon(tmp_path, NOW) as opened:
        assert handed(tmp_path, opened, [Said(VOLUME, ask, asked_at, what)]) == ["loaded"]
        assert published(tmp_path, "select distinct product, session from open_interest_rows") == [("GC", DAY)]
        (entry,) = opened.house.archive.entries()
        assert (entry.hint, entry.name, entry.fetched_at, entry.url) == ("GC", "P.json", asked_at, ask.url)
        line = opened.house.archive.last_asks()["comex_volume", ask.url]
        assert (line.at, line.session, line.sha256) == (asked_at, DAY, entry.sha256)
        assert line.validators == {"etag": '"7"', "last_modified": headers[1][1]}


def test_what_brought_no_file_is_logged_as_it_was_said(tmp_path: Path) -> None:
    said: list[Unchanged | BullionError] = [
        Unchanged("u", NOW), NotPublished("nothing"), Unreachable("down"), Blocked("no"), BullionError("odd"),
    ]  # fmt: skip
    heard = [Said(VOLUME, ask, NOW, what) for ask, what in zip(VOLUME.asks(DAY), said, strict=True)]
    words = ["unchanged", "not_published", "unreachable", "blocked", "unreachable"]
    with daemon(tmp_path, NOW) as opened:
        assert handed(tmp_path, opened, heard) == words
        lines = opened.house.archive.last_asks()
        assert [lines["comex_volume", said.ask.url].outcome for said in heard] == words
        assert [lines["comex_volume", said.ask.url].error for said in heard] == ["", "nothing", "down", "no", "odd"]


def test_no_secret_of_an_address_lies_in_the_spool(tmp_path: Path) -> None:
    ask = Ask("comex_volume", DAY, "https://www.cmegroup.com/x?apikey=hush")
    with pytest.raises(Busy, match="has not come to it"):
        list(spool.hand_over(tmp_path, [Said(VOLUME, ask, NOW, Unreachable("down"))], patience=0.0))
    (request,) = (tmp_path / "spool").glob("*/request.json")
    assert "hush" not in request.read_text()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([{}], id="nothing"),
        pytest.param([3], id="no object"),
        pytest.param([{"source": "nobody", "at": NOW.isoformat()}], id="unknown source"),
        pytest.param(
            [{"source": "comex_volume", "at": NOW.isoformat(), "session": "2026-03-10", "url": "u", "word": "sung"}],
            id="unknown word",
        ),
        pytest.param(
            [
                {
                    "source": "comex_volume", "at": NOW.isoformat(), "session": "2026-03-10", "url": "u",
                    "word": "answered", "answer": {"headers": []},
                }
            ],
            id="no body",
        ),
    ],
)  # fmt: skip
def test_what_no_publisher_can_have_said_is_answered_with_an_error_and_stops_nothing(
    tmp_path: Path, said: list[Any]
) -> None:
    with daemon(tmp_path, NOW) as opened:
        folder = tmp_path / "spool" / "abc"
        folder.mkdir(parents=True)
        request = {"verb": "take", "names": [], "product": None, "said": said}
        (folder / "request.json").write_text(json.dumps(request))
        assert opened.step(NOW).troubles == []
        assert json.loads((folder / "answer.json").read_text())["error"]
        assert opened.house.archive.last_asks() == {}
