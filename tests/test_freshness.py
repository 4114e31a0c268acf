"""Two years of every calendar through the freshness check: no alarm on a holiday, one for every report that is missed.

The reports are invented, their due times are the real ones; the check is the shipped one, on a real store.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import checks, clock, duetimes, sessions
from monitor.house import House
from monitor.model import Batch, Due, Reading, Source, Verdict
from monitor.sources import registry
from tests.captures import CAPTURES, needs_captures
from tests.homes import house

Span = tuple[date, date]

SPANS: Final[dict[str, Span]] = dict.fromkeys(sessions.VENUES, (date(2024, 1, 1), date(2025, 12, 31))) | {
    "MCX": (date(2025, 1, 1), date(2026, 12, 31))
}
"""Two years that the table of each venue covers."""
USUAL: Final = {
    "COMEX": Due("17:00", "America/New_York", days=1, in_sessions=True),
    "SHFE": Due("15:30", "Asia/Shanghai"),
    "SGE": Due("16:00", "Asia/Shanghai"),
    "TARGET": Due("16:00", "Europe/Berlin"),
    "NYSE": Due("18:00", "America/New_York"),
    "LBMA": Due("12:30", "Europe/London"),
    "CFTC": Due("15:30", "America/New_York", days=3),
    "MCX": Due("23:55", "Asia/Kolkata"),
    "CFETS": Due("09:15", "Asia/Shanghai"),
    "SIFMA": Due("16:30", "America/New_York", days=1, in_sessions=True),
    "SOFR": Due("08:00", "America/New_York", days=1, in_sessions=True),
}
MORE: Final = 10 if os.environ.get("BULLION_FUZZ") == "all" else 1
STEP: Final = timedelta(days=25)
"""The check looks 60 days back, so steps of 25 see every session at least twice."""


def invented(venue: str, name: str = "") -> Source:
    """A source that reports every session of the venue at its usual hour."""
    return Source(
        name=name or f"invented_{venue.lower()}", title="Invented report", publisher="nobody", venue=venue, tables=(),
        due=USUAL[venue], parse=lambda answer: Batch({}), recognise=lambda body, name: False, asks=lambda day: (),
    )  # fmt: skip


@contextmanager
def holding(folder: Path, spans: Iterable[tuple[Source, Span]]) -> Iterator[House]:
    """A store that knows these sources and the due times of their spans, and holds nothing."""
    pairs = list(spans)
    rows = [
        {
            "source": one.name, "title": one.title, "publisher": one.publisher, "calendar": one.venue,
            "fetches": False, "page": "", "terms": "", "keeps_history": True,
        }
        for one, _ in pairs
    ]  # fmt: skip
    with house(folder, datetime(2026, 1, 1, tzinfo=UTC)) as opened:
        opened.store.replace("sources", pl.DataFrame(rows))
        opened.store.replace(
            "due", pl.DataFrame([row for one, span in pairs for row in duetimes.due_rows([one], *span)])
        )
        yield opened


def hold(opened: House, held: Iterable[tuple[Source, date]]) -> None:
    """The reports of these sessions alone, each public and loaded at the moment it is due."""
    rows = []
    for source, day in held:
        due = clock.naive(duetimes.due_at(source, day))
        rows.append({"source": source.name, "session": day, "raw_sha256": "0", "published_at": due, "loaded_at": due})
    opened.store.replace("source_sessions", pl.DataFrame(rows))


def read(opened: House, moment: datetime) -> dict[tuple[str, date], Reading]:
    """Every reading of the freshness check at a moment."""
    with opened.store.cursor() as cur:
        for variable in ("known_at", "now"):
            cur.execute(f"set variable {variable} = ?::timestamp", [clock.naive(moment)])
        return {(r.subject, r.session): r for r in checks.run(cur, opened.checks["source_stale"])}


def moments(spans: Iterable[Span]) -> Iterator[datetime]:
    """Moments through the spans and past their end, the first after STEP."""
    kept = list(spans)
    moment = datetime.combine(min(first for first, _ in kept), datetime.min.time(), UTC)
    end = datetime.combine(max(last for _, last in kept), datetime.min.time(), UTC) + 2 * STEP
    while (moment := moment + STEP) < end:
        yield moment


def through(opened: House, spans: Sequence[Span]) -> dict[tuple[str, date], set[float | None]]:
    """Every reading met on the way through the spans: subject and session -> its values."""
    met: dict[tuple[str, date], set[float | None]] = {}
    for moment in moments(spans):
        for key, reading in read(opened, moment).items():
            met.setdefault(key, set()).add(reading.value)
    return met


def sessions_of(source: Source, span: Span) -> tuple[date, ...]:
    return duetimes.report_sessions(source, *span)


# --- reports on time, and reports that never come -------------------------------------------------


def awaited() -> list[Source]:
    """Every source of this build that can be late."""
    own, broken = registry.discover()
    assert broken == {}
    return [one for one in own.values() if one.due.days < 60 and one.due.grace_minutes < 60 * 24 * 60]


def all_sources() -> list[tuple[Source, Span]]:
    """An invented daily source for each venue, and every source of this build that can be late."""
    return [(one, SPANS[one.venue]) for one in (*map(invented, sessions.VENUES), *awaited())]


def test_every_source_but_those_without_a_due_hour_is_awaited() -> None:
    """A person's own figures, margins and histories come when they come."""
    own, _ = registry.discover()
    assert own.keys() - {one.name for one in awaited()} == {
        "cme_margins", "comex_notices_mtd", "comex_notices_ytd", "comex_settle_file", "inbox_csv",
    }  # fmt: skip


def test_two_years_of_reports_on_time_are_never_stale_whatever_the_holidays(tmp_path: Path) -> None:
    pairs = all_sources()
    with holding(tmp_path, pairs) as opened:
        hold(opened, [(one, day) for one, span in pairs for day in sessions_of(one, span)])
        met = through(opened, [span for _, span in pairs])
    assert {key: values for key, values in met.items() if values != {0.0}} == {}
    looked_at = {(one.name, day) for one, span in pairs for day in sessions_of(one, span)[1:]}
    assert met.keys() == looked_at


@cache
def missing_each_third() -> list[tuple[Source, tuple[date, ...], tuple[date, ...]]]:
    """Each source three times over, and what each holds and misses: together they miss every report but the first."""
    found = []
    for one, span in all_sources():
        days = sessions_of(one, span)
        for part in range(3):
            missed = days[1 + part :: 3]
            found.append((replace(one, name=f"{one.name}_{part}"), tuple(sorted({*days} - {*missed})), missed))
    return found


def missed_by(name: str) -> tuple[Source, tuple[date, ...]]:
    """The planted source of this name and what it misses."""
    return next((one, missed) for one, _, missed in missing_each_third() if one.name == name)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = missing_each_third()
    with holding(tmp_path_factory.mktemp("planted"), [(one, SPANS[one.venue]) for one, _, _ in made]) as opened:
        hold(opened, [(one, day) for one, held, _ in made for day in held])
        yield opened


def test_every_report_of_two_years_that_is_missed_is_one_breach_of_its_own_session(planted: House) -> None:
    made = missing_each_third()
    met = through(planted, list(SPANS.values()))
    wanted = {(one.name, day) for one, _, missed in made for day in missed}
    assert len(wanted) == sum(len(sessions_of(one, span)) - 1 for one, span in all_sources()) > 16_900
    assert {key for key, values in met.items() if values == {1.0}} == wanted
    assert {key for key, values in met.items() if values not in ({0.0}, {1.0})} == set()


@settings(max_examples=30 * MORE)
@given(st.data())
def test_a_missed_report_is_stale_from_its_late_moment_and_not_a_second_sooner(
    planted: House, data: st.DataObject
) -> None:
    """Over the changes of summer time too: Berlin, London and New York are among the venues."""
    source, _, missed = data.draw(st.sampled_from([one for one in missing_each_third() if one[2]]))
    day = data.draw(st.sampled_from(missed))
    late = duetimes.late_at(source, day)
    assert (source.name, day) not in read(planted, late - timedelta(seconds=1))
    reading = read(planted, late)[(source.name, day)]
    assert (reading.value, reading.verdict) == (1.0, Verdict.WARNING)


BOTH_CHANGES: Final = [
    (venue, day)
    for venue, days in {
        "COMEX": ("2024-03-08", "2024-11-01", "2025-03-07", "2025-10-31"),
        "NYSE": ("2024-03-08", "2025-10-31"),
        "SIFMA": ("2024-03-08", "2025-10-31"),
        "SOFR": ("2024-03-08", "2024-11-01", "2025-03-07", "2025-10-31"),
        "TARGET": ("2024-03-28", "2024-10-25", "2025-03-28", "2025-10-24"),
        "LBMA": ("2024-03-28", "2024-10-25", "2025-03-28", "2025-10-24"),
    }.items()
    for day in days
]
"""The last session before each change of time: its neighbours lie an hour nearer or farther."""


@pytest.mark.parametrize(("venue", "text"), BOTH_CHANGES)
def test_over_a_change_of_time_a_missed_report_is_stale_at_the_same_hour_of_the_wall(
    planted: House, venue: str, text: str
) -> None:
    before = date.fromisoformat(text)
    after = sessions.following(venue, before)
    for day in (before, after):
        source = next(
            one
            for one, _, missed in missing_each_third()
            if one.name.startswith(f"invented_{venue.lower()}_") and day in missed
        )
        late = duetimes.late_at(source, day)
        zone = clock.zone(source.due.zone)
        hour, minute = (int(part) for part in source.due.clock.split(":"))
        assert (late.astimezone(zone).hour, late.astimezone(zone).minute) == (hour + 2, minute)
        assert (source.name, day) not in read(planted, late - timedelta(seconds=1))
        assert read(planted, late)[source.name, day].value == 1.0
    offsets = {
        duetimes.due_at(invented(venue), day).astimezone(clock.zone(USUAL[venue].zone)).utcoffset()
        for day in (sessions.shift(venue, before, -3), sessions.shift(venue, after, 3))
    }
    assert len(offsets) == 2


@settings(max_examples=10 * MORE)
@given(st.data())
def test_a_source_that_falls_silent_is_one_session_later_with_each_session_of_its_venue(
    planted: House, data: st.DataObject
) -> None:
    venue = data.draw(st.sampled_from(sessions.VENUES))
    days = sessions.sessions(venue, *SPANS[venue])
    last = data.draw(st.integers(5, len(days) - 10))
    silent, _ = missed_by(f"invented_{venue.lower()}_0")
    hold(planted, [(silent, day) for day in days[:last]])
    readings = read(planted, duetimes.late_at(silent, days[last + 4]))
    found = [readings[silent.name, day] for day in days[last : last + 5]]
    hold(planted, [(one, day) for one, held, _ in missing_each_third() for day in held])
    assert [reading.value for reading in found] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert [reading.verdict.value for reading in found] == ["warning"] * 2 + ["critical"] * 3


def test_a_report_of_a_day_that_is_no_session_hides_none_that_is_missing(planted: House) -> None:
    """The CFTC moves a Tuesday's report to a Wednesday that no calendar knows, then falls silent."""
    source, _ = missed_by("invented_cftc_0")
    hold(planted, [(source, day) for day in (date(2025, 3, 11), date(2025, 3, 19))])
    readings = read(planted, duetimes.late_at(source, date(2025, 4, 1)))
    found = {day: readings[source.name, day].value for day in (date(2025, 3, 18), date(2025, 3, 25), date(2025, 4, 1))}
    hold(planted, [(one, day) for one, held, _ in missing_each_third() for day in held])
    assert list(found.values()) == [1.0, 1.0, 2.0]


# --- the days on which reports really came ---------------------------------------------------------


def column(path: str, name: str) -> set[date]:
    with (CAPTURES / path).open(encoding="utf-8") as file:
        return {date.fromisoformat(row[name][:10]) for row in csv.DictReader(file)}


def ecb() -> set[date]:
    with zipfile.ZipFile(CAPTURES / "world/fx/ecb_eurofxref-hist_2026-10-30.zip") as archive:
        text = archive.read("eurofxref-hist.csv").decode()
    return {date.fromisoformat(row["Date"]) for row in csv.DictReader(io.StringIO(text))}


def mcx() -> set[date]:
    return {day for path in (CAPTURES / "china/mcx").glob("0*.csv") for day in column(f"china/mcx/{path.name}", "Date")}


def rates(series: str) -> set[date]:
    with (CAPTURES / "world/rates/fred_rates_2018_2026-08.csv").open(encoding="utf-8") as file:
        return {date.fromisoformat(row["date"]) for row in csv.DictReader(file) if row[series]}


def captured() -> Mapping[str, tuple[set[date], Span]]:
    """Venue -> the days of a captured series, and up to two years of it."""
    both = (date(2024, 1, 1), date(2025, 12, 31))
    silver = column("china/sge/sge_ag_td_close_daily.csv", "date")
    return {
        "COMEX": (column("world/spot/yahoo_GC_F_ohlcv_2000_2026-06.csv", "Date"), both),
        "NYSE": (column("world/equities/yahoo_HL_2024-03.csv", "Date"), (date(2022, 1, 1), date(2023, 12, 31))),
        "SHFE": (column("china/shfe/shfe_ag0_sina_continuous_daily.csv", "date"), both),
        "SGE": (silver | column("china/sge/sge_au9999_close_daily.csv", "date"), both),
        "TARGET": (ecb(), both),
        "SIFMA": (rates("DGS3MO"), both),
        "SOFR": (rates("SOFR"), both),
        "CFTC": (column("world/cot/cotflow_disagg_silver.csv", "date"), both),
        "MCX": (mcx(), (date(2025, 3, 17), date(2026, 3, 11))),
    }


@needs_captures
@pytest.mark.captures
def test_reports_held_on_the_days_captured_series_have_make_no_stale_alarm(tmp_path: Path) -> None:
    """The calendar says when a report is due; whether one came is taken from files it has not seen."""
    series = captured()
    pairs = [(invented(venue), span) for venue, (_, span) in series.items()]
    with holding(tmp_path, pairs) as opened:
        hold(
            opened, [(one, day) for one, (first, last) in pairs for day in series[one.venue][0] if first <= day <= last]
        )
        met = through(opened, [span for _, span in pairs])
    assert {key: values for key, values in met.items() if values != {0.0}} == {}
    assert len(met) > 2_600


@needs_captures
@pytest.mark.captures
def test_a_cot_report_put_off_by_a_holiday_is_not_stale_within_three_days_of_grace(tmp_path: Path) -> None:
    """Released on the captured dates, 2024 and 2025: the shutdown's reports are late, the day of mourning's is not."""
    cot = replace(invented("CFTC"), due=Due("15:30", "America/New_York", days=3, grace_minutes=3 * 24 * 60 + 120))
    span = SPANS["CFTC"]
    with (CAPTURES / "world/cot/cot_release_overrides_transcribed.csv").open(encoding="utf-8") as file:
        put_off = {row["report_date"]: row["release_date"] for row in csv.DictReader(file)}
    rows = []
    for day in sessions_of(cot, span):
        released = put_off.get(f"{day}", f"{day + timedelta(days=3)}")
        moment = clock.naive(clock.local(date.fromisoformat(released), "15:30", "America/New_York"))
        rows.append(
            {"source": cot.name, "session": day, "raw_sha256": "0", "published_at": moment, "loaded_at": moment}
        )
    stale: set[date] = set()
    with holding(tmp_path, [(cot, span)]) as opened:
        opened.store.replace("source_sessions", pl.DataFrame(rows))
        for day in sessions_of(cot, span):
            found = read(opened, duetimes.late_at(cot, day))
            stale |= {session for (_, session), reading in found.items() if reading.verdict.breach}
    assert date(2025, 1, 7) not in stale
    assert (min(stale), max(stale), len(stale)) == (date(2025, 9, 30), date(2025, 12, 16), 12)
