"""What to ask, as a table: every case is a source, what is held, what was asked last, and the questions that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from monitor import duetimes, sessions
from monitor.archive import AskLine
from monitor.model import Ask, Batch, Due, Source
from monitor.plan import BLOCKED_PAUSE, LONGEST_REST, MOST_ASKS, Held, asks
from monitor.sources.registry import discover

SOURCES, _ = discover()
RETRY: Final = timedelta(minutes=30)
LOOKBACK: Final = 10
SGE, STOCKS, VOLUME, FX = (SOURCES[name] for name in ("sge_quotes", "comex_stocks", "comex_volume", "ecb_fx"))
TUESDAY: Final = date(2026, 3, 17)
AT_DUE: Final = duetimes.due_at(SGE, TUESDAY)


def held(files: Mapping[date, str | int]) -> Held:
    """Sessions with their files by one-letter hash, or by how many of unknown name."""
    return Held(
        {
            day: frozenset(found if isinstance(found, str) else (f"file {number}" for number in range(found)))
            for day, found in files.items()
        }
    )


def complete(source: Source, through: date, files: int = 1) -> dict[date, str | int]:
    """Every session of the last six weeks held, up to one."""
    return dict.fromkeys(sessions.sessions(source.venue, through - timedelta(days=42), through), files)


def line(source: Source, ask: Ask, at: datetime, outcome: str = "answered", sha256: str = "") -> dict[str, AskLine]:
    return {ask.url: AskLine(at, source.name, ask.session, ask.url, outcome, sha256)}


def wanted(
    source: Source,
    files: Mapping[date, str | int],
    last: Mapping[str, AskLine],
    now: datetime,
    lookback: int = LOOKBACK,
) -> list[tuple[date, str]]:
    """(session, last piece of the URL) of each question."""
    found = asks(source, held(files), last, now, lookback=lookback, retry=RETRY)
    return [(ask.session, ask.url.rpartition("/")[2].partition("?")[0]) for ask in found]


def days_wanted(source: Source, files: Mapping[date, str | int], now: datetime, lookback: int = LOOKBACK) -> list[date]:
    return [day for day, _ in wanted(source, files, {}, now, lookback)]


# --- due -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("after_due", "days"), [(-1, []), (0, [TUESDAY]), (86_000, [TUESDAY])])
def test_a_session_is_asked_about_from_its_due_time_on(after_due: int, days: list[date]) -> None:
    now = AT_DUE + timedelta(seconds=after_due)
    assert days_wanted(SGE, complete(SGE, date(2026, 3, 16)), now) == days


def test_a_session_that_is_held_is_not_asked_about() -> None:
    assert days_wanted(SGE, complete(SGE, TUESDAY), AT_DUE + timedelta(hours=5)) == []


@pytest.mark.parametrize(
    ("name", "now", "through"),
    [
        pytest.param("sge_quotes", datetime(2026, 2, 22, 12, tzinfo=UTC), date(2026, 2, 13), id="Spring Festival"),
        pytest.param("sge_quotes", datetime(2026, 3, 15, 12, tzinfo=UTC), date(2026, 3, 13), id="weekend"),
        pytest.param("comex_settlements", datetime(2026, 4, 5, 12, tzinfo=UTC), date(2026, 4, 2), id="Good Friday"),
        pytest.param("ecb_fx", datetime(2026, 4, 6, 20, tzinfo=UTC), date(2026, 4, 2), id="Easter Monday"),
    ],
)
def test_nothing_is_asked_while_the_venue_is_closed(name: str, now: datetime, through: date) -> None:
    source = SOURCES[name]
    assert days_wanted(source, complete(source, through, len(source.asks(through))), now) == []


@pytest.mark.parametrize(("day", "hour_utc"), [(date(2026, 3, 6), 22), (date(2026, 3, 9), 21)])
def test_the_hour_follows_summer_time_in_new_york(day: date, hour_utc: int) -> None:
    """17:00 in New York is 22:00 UTC before 8 March 2026 and 21:00 after it."""
    due = datetime(day.year, day.month, day.day, hour_utc, tzinfo=UTC)
    before = complete(STOCKS, sessions.previous("COMEX", sessions.previous("COMEX", day)), 4)
    assert days_wanted(STOCKS, before, due - timedelta(seconds=1)) == []
    assert days_wanted(STOCKS, before, due) == [sessions.previous("COMEX", day)] * 4


# --- what is missing -------------------------------------------------------------------------


def test_missed_sessions_are_asked_about_oldest_first() -> None:
    now = AT_DUE + timedelta(hours=1)
    missed = sessions.sessions("SGE", date(2026, 3, 11), TUESDAY)
    assert days_wanted(SGE, complete(SGE, date(2026, 3, 10)), now) == list(missed)


def test_a_hole_in_the_middle_is_asked_about() -> None:
    files = complete(SGE, TUESDAY)
    del files[date(2026, 3, 12)]
    assert days_wanted(SGE, files, AT_DUE) == [date(2026, 3, 12)]


@pytest.mark.parametrize("lookback", [1, 3, 10])
def test_no_more_sessions_than_the_lookback_are_asked_about(lookback: int) -> None:
    assert (
        days_wanted(SGE, {}, AT_DUE, lookback) == list(sessions.sessions("SGE", date(2026, 1, 1), TUESDAY))[-lookback:]
    )


def test_the_lookback_reaches_over_the_longest_holiday() -> None:
    """After the Spring Festival the last ten sessions begin four weeks back."""
    found = days_wanted(SGE, {}, duetimes.due_at(SGE, date(2026, 2, 24)))
    assert len(found) == LOOKBACK
    assert found[0] == date(2026, 2, 3)


def test_a_round_has_no_more_than_ten_questions_and_the_rest_follow() -> None:
    now = duetimes.due_at(VOLUME, TUESDAY) + timedelta(minutes=1)
    first = asks(VOLUME, held({}), {}, now, lookback=LOOKBACK, retry=RETRY)
    last = {ask.url: AskLine(now, VOLUME.name, ask.session, ask.url, "not_published") for ask in first}
    second = asks(VOLUME, held({}), last, now, lookback=LOOKBACK, retry=RETRY)
    assert len(first) == len(second) == MOST_ASKS
    assert not {ask.url for ask in first} & {ask.url for ask in second}


def test_a_session_before_the_publishers_history_is_no_gap() -> None:
    source = replace(SGE, asks=lambda day: SGE.asks(day) if day >= TUESDAY else ())
    assert days_wanted(source, {}, AT_DUE) == [TUESDAY]


# --- several files a session -------------------------------------------------------------------


STOCKS_DUE: Final = duetimes.due_at(STOCKS, TUESDAY)
FILES: Final = {ask.url.rpartition("/")[2]: ask for ask in STOCKS.asks(TUESDAY)}
SILVER, GOLD, COPPER, PLATINUM = FILES


def stock_lines(at: datetime, shas: str) -> dict[str, AskLine]:
    """The last answer of each workbook, by one-letter hash; `-` for one never asked."""
    lines: dict[str, AskLine] = {}
    for ask, sha in zip(FILES.values(), shas, strict=True):
        lines |= line(STOCKS, ask, at, sha256=sha) if sha != "-" else {}
    return lines


@pytest.mark.parametrize(
    ("files", "shas", "names"),
    [
        pytest.param(0, "----", [SILVER, GOLD, COPPER, PLATINUM], id="none held"),
        pytest.param("s", "s---", [GOLD, COPPER, PLATINUM], id="the first brought, the others never asked"),
        pytest.param("sgc", "sgcx", [PLATINUM], id="the fourth brought another day's file"),
        pytest.param("sgcp", "sgcp", [], id="all brought"),
        pytest.param(4, "----", [], id="as many files from the inbox, none asked for"),
        pytest.param(4, "wxyz", [], id="as many files from the inbox, ours are of another day"),
        pytest.param(
            3, "----", [SILVER, GOLD, COPPER, PLATINUM], id="three from the inbox: which is missing is not known"
        ),
        pytest.param("sSgc", "sgcx", [PLATINUM], id="two versions of silver are not two reports"),
    ],
)
def test_a_session_of_four_workbooks_is_held_when_each_of_the_four_is(
    files: str | int, shas: str, names: list[str]
) -> None:
    now = STOCKS_DUE + timedelta(hours=1)
    last = stock_lines(STOCKS_DUE, shas)
    assert [name for _, name in wanted(STOCKS, {TUESDAY: files}, last, now)] == names


# --- files that are overwritten ------------------------------------------------------------------


def test_where_one_file_is_overwritten_only_the_newest_session_is_asked_about() -> None:
    assert {day for day, _ in wanted(STOCKS, {}, {}, STOCKS_DUE)} == {TUESDAY}


def test_yesterdays_file_again_is_not_todays_and_is_asked_for_at_the_retry() -> None:
    files: dict[date, str | int] = {date(2026, 3, 16): "sgcp"}
    last = stock_lines(STOCKS_DUE, "sgcp")
    assert wanted(STOCKS, files, last, STOCKS_DUE + RETRY - timedelta(seconds=1)) == []
    assert len(wanted(STOCKS, files, last, STOCKS_DUE + RETRY)) == 4


def test_unchanged_since_yesterday_is_not_today() -> None:
    """The log carries the hash of the last answer along with `unchanged`."""
    files: dict[date, str | int] = {date(2026, 3, 16): "sgcp"}
    last = {url: replace(found, outcome="unchanged") for url, found in stock_lines(STOCKS_DUE, "sgcp").items()}
    assert wanted(STOCKS, files, last, STOCKS_DUE + timedelta(minutes=29)) == []
    assert len(wanted(STOCKS, files, last, STOCKS_DUE + timedelta(minutes=31))) == 4


# --- a backlog -------------------------------------------------------------------------------------


FX_DUE: Final = duetimes.due_at(FX, TUESDAY)


@pytest.mark.parametrize(
    ("missing", "names"),
    [
        pytest.param([TUESDAY], ["eurofxref.zip"], id="the newest alone: the small file has it"),
        pytest.param([date(2026, 3, 12)], ["eurofxref-hist.zip"], id="an old one alone: only the history has it"),
        pytest.param([date(2026, 3, 16), TUESDAY], ["eurofxref-hist.zip"], id="two"),
        pytest.param([], [], id="none"),
    ],
)
def test_an_overwritten_file_is_caught_up_by_its_history(missing: list[date], names: list[str]) -> None:
    files = {day: found for day, found in complete(FX, TUESDAY).items() if day not in missing}
    assert [name for _, name in wanted(FX, files, {}, FX_DUE)] == names


def test_a_kept_history_is_asked_whole_from_three_missing_sessions_on() -> None:
    def backlog(start: date, end: date) -> tuple[Ask, ...]:
        return (Ask("sge_quotes", end, f"https://www.sge.com.cn/all?from={start}&to={end}"),)

    source = replace(SGE, backlog=backlog)
    days = sessions.sessions("SGE", date(2026, 3, 13), TUESDAY)
    two, three = ({d: 1 for d in complete(SGE, TUESDAY) if d not in days[-count:]} for count in (2, 3))
    assert [ask.url for ask in asks(source, held(three), {}, AT_DUE, lookback=LOOKBACK, retry=RETRY)] == [
        "https://www.sge.com.cn/all?from=2026-03-13&to=2026-03-17"
    ]
    assert days_wanted(source, two, AT_DUE) == list(days[-2:])


def test_a_history_that_lacks_the_session_rests_like_any_other_answer() -> None:
    last = line(FX, FX.backlog(TUESDAY, TUESDAY)[0], FX_DUE, sha256="h")  # type: ignore[misc]
    files = dict.fromkeys(complete(FX, date(2026, 3, 13)), "h")
    assert wanted(FX, files, last, FX_DUE + timedelta(minutes=29)) == []
    assert wanted(FX, files, last, FX_DUE + timedelta(minutes=31)) == [(TUESDAY, "eurofxref-hist.zip")]


# --- rests and refusals ------------------------------------------------------------------------------


QUESTION: Final = SGE.asks(TUESDAY)[0]
BEFORE: Final = complete(SGE, date(2026, 3, 16))


def asked_again_after(outcome: str, overdue: timedelta) -> timedelta:
    """How long the URL is left alone when that was the answer so long after it was due, to the minute."""
    at = AT_DUE + overdue
    last = line(SGE, QUESTION, at, outcome)
    for minutes in range(24 * 60):
        now = at + timedelta(minutes=minutes)
        if any(ask.session == TUESDAY for ask in asks(SGE, held(BEFORE), last, now, lookback=LOOKBACK, retry=RETRY)):
            return timedelta(minutes=minutes)
    return timedelta(days=1)


@pytest.mark.parametrize(
    ("outcome", "overdue", "rest"),
    [
        ("not_published", timedelta(0), RETRY),
        ("answered", timedelta(0), RETRY),
        ("unchanged", timedelta(hours=1), RETRY),
        ("unreachable", timedelta(hours=1), RETRY),
        ("not_published", timedelta(hours=4), timedelta(hours=1)),
        ("answered", timedelta(hours=8), timedelta(hours=2)),
        ("answered", timedelta(days=4), LONGEST_REST),
        ("unreachable", timedelta(days=4), RETRY),
        ("blocked", timedelta(0), BLOCKED_PAUSE),
        ("blocked", timedelta(days=1), BLOCKED_PAUSE),
    ],
)
def test_how_long_a_url_is_left_alone(outcome: str, overdue: timedelta, rest: timedelta) -> None:
    assert asked_again_after(outcome, overdue) == rest


def test_a_file_that_is_refused_every_time_is_asked_for_less_and_less_and_then_no_more() -> None:
    """A cut page that stays cut: 15 questions on the first day, 4 on later ones, none once ten sessions follow it."""
    end, now, last = AT_DUE + timedelta(days=20), AT_DUE, dict[str, AskLine]()
    times = []
    while now < end:
        newest = duetimes.newest_due(SGE, now)
        files = {day: found for day, found in complete(SGE, newest).items() if day != TUESDAY}
        for ask in asks(SGE, held(files), last, now, lookback=LOOKBACK, retry=RETRY):
            last = line(SGE, ask, now, sha256="cut")
            times.append(now)
        now += timedelta(minutes=5)
    assert len([at for at in times if at < AT_DUE + timedelta(hours=24)]) == 15
    assert max(sum(at.date() == day for at in times) for day in {at.date() for at in times[20:]}) == 4
    assert times[-1] < duetimes.due_at(SGE, sessions.shift("SGE", TUESDAY, LOOKBACK))


def test_after_a_refusal_the_whole_source_is_left_alone_whatever_else_was_answered() -> None:
    """The first workbook came, the second was refused, both at the same moment: no third question, no second try."""
    first, second = STOCKS.asks(TUESDAY)[:2]
    for order in ((first, second), (second, first)):
        last: dict[str, AskLine] = {}
        for ask in order:
            blocked = ask is second
            last |= line(STOCKS, ask, STOCKS_DUE, "blocked" if blocked else "answered", "" if blocked else "s")
        for hours in (0, 1, 19):
            assert wanted(STOCKS, {TUESDAY: "s"}, last, STOCKS_DUE + timedelta(hours=hours)) == []
        assert wanted(STOCKS, {TUESDAY: "s"}, last, STOCKS_DUE + BLOCKED_PAUSE) != []


def test_another_source_of_the_same_host_is_asked_all_the_same() -> None:
    """`last` holds the lines of one source only; a refusal of another is none of its business."""
    assert wanted(SGE, BEFORE, {}, AT_DUE) != []


@pytest.mark.parametrize("outcome", ["answered", "blocked", "not_published", "unreachable"])
@pytest.mark.parametrize("ahead", [timedelta(days=1), timedelta(days=400)])
def test_a_log_from_a_clock_that_was_ahead_does_not_silence_a_source(outcome: str, ahead: timedelta) -> None:
    assert wanted(SGE, BEFORE, line(SGE, QUESTION, AT_DUE + ahead, outcome), AT_DUE) != []


@pytest.mark.parametrize("outcome", ["answered", "blocked", "not_published", "unreachable"])
def test_a_clock_set_back_a_little_asks_nothing_twice(outcome: str) -> None:
    last = line(SGE, QUESTION, AT_DUE + timedelta(minutes=10), outcome)
    assert wanted(SGE, BEFORE, last, AT_DUE) == []


def test_a_url_with_a_secret_is_found_in_the_log_that_never_sees_it() -> None:
    def secret(day: date) -> tuple[Ask, ...]:
        return (Ask("paid", day, f"https://data.example.org/{day}?apikey=hunter2"),)

    source = Source(
        name="paid", title="", publisher="", venue="SGE", tables=(), due=Due("16:00", "Asia/Shanghai"),
        parse=lambda answer: Batch({}), recognise=lambda body, name: False, asks=secret,
    )  # fmt: skip
    shown = f"https://data.example.org/{TUESDAY}?apikey=***"
    last = {shown: AskLine(AT_DUE, "paid", TUESDAY, shown, "not_published")}
    assert wanted(source, BEFORE, last, AT_DUE + timedelta(minutes=5)) == []
    assert wanted(source, BEFORE, {}, AT_DUE + timedelta(minutes=5)) != []
