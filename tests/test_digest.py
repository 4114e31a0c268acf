"""The memo: its sections read and drawn, what is quiet, what is unknown, what changed. Figures are invented."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts import digest
from alerts.memo import Memo, Section
from alerts.silences import Silence
from monitor import cli, judge, memofile, memos, sqlfiles
from monitor.checks import Moment
from monitor.errors import ConfigError
from monitor.house import House
from monitor.model import Policy, Reading, Verdict
from tests import facts
from tests.checks.comex import MARCH, Day, days, notices, reports
from tests.homes import house

NIGHT = datetime(2026, 2, 27, tzinfo=UTC)
"""After the stock report of the session of 25 February."""


@contextmanager
def five_weeks(folder: Path) -> Iterator[House]:
    """Five weeks of one vault: each day 1 Moz leaves and 0.5 Moz comes, on the last 2 Moz become eligible as well."""
    span = days("2026-01-26", "2026-02-25")
    told = {day: Day(received=0.5e6, withdrawn=1e6, moved=2e6 if day == span[-1] else 0.0) for day in span}
    with house(folder, NIGHT) as opened:
        reports(opened, told)
        yield opened


@pytest.fixture(scope="module")
def vaults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """They are published, and read by many."""
    with five_weeks(tmp_path_factory.mktemp("vaults")) as opened:
        opened.publish(NIGHT)
        yield opened


@pytest.fixture(scope="module")
def tonight(vaults: House) -> Memo:
    """The memo of that night."""
    return memo_of(vaults)


def memo_of(opened: House, at: datetime = NIGHT, since: datetime | None = None, checks: Iterable[str] = ()) -> Memo:
    """The memo of a moment with these checks: its sections stand on none."""
    last = Moment(since or memos.before(at, "daily"))
    return memos.gather(opened.store, {name: opened.checks[name] for name in checks}, Moment(at), last)


def section(memo: Memo, name: str) -> Section:
    return next(one for one in memo.sections if one.name == name)


def lines(memo: Memo) -> str:
    """The text with its line breaks taken out."""
    return " ".join(digest.text(memo, "desk").split())


# --- the sections ---------------------------------------------------------------------------


def test_every_section_says_in_one_line_that_an_empty_home_holds_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        memo = memo_of(opened)
    assert [one.trouble for one in memo.sections] == [""] * len(sqlfiles.folder("digest"))
    assert not [one.name for one in memo.sections if one.sheet and one.sheet.rows]
    said = digest.text(memo, "desk")
    for needed in ("No COMEX stock report is held.", "No CFTC report is held.", "No figures of a trust are held."):
        assert needed in " ".join(said.split())
    assert len(said.splitlines()) < 45


def test_vault_movements_are_gross_and_a_fall_of_registered_is_named_by_where_it_went(tonight: Memo) -> None:
    sheet = section(tonight, "10_comex_vaults").sheet
    assert sheet is not None
    rows = {row[0]: row[1:] for row in sheet.rows}
    assert sheet.head[1:4] == ("received_koz", "withdrawn_koz", "to_eligible_koz")
    assert rows["MADE-UP VAULT"][:3] == (500.0, 1000.0, 2000.0)
    assert rows["all"][:3] == rows["MADE-UP VAULT"][:3]
    assert rows["mean of the 20 reports before"][:3] == (500.0, 1000.0, 0.0)
    assert "Newest public at 2026-02-26 12:00 UTC." in lines(tonight)


def test_no_bank_is_named_among_the_vaults(tmp_path: Path) -> None:
    with five_weeks(tmp_path) as vaults:
        with vaults.store.transaction() as cur:
            cur.execute("update comex_stock_rows set depository = 'SOME BANK NA' where depository = 'MADE-UP VAULT'")
        said = lines(memo_of(vaults))
        assert "vaults of banks" in said
        assert "SOME BANK" not in said


def test_the_pace_is_of_five_sessions_and_says_how_long_registered_would_last(tonight: Memo) -> None:
    found = {figure.what: figure for figure in section(tonight, "11_comex_pace").figures}
    assert found["Silver registered, pace a session"].value == pytest.approx(-0.4e6)
    assert found["Silver registered at that pace lasts"].value == pytest.approx(98e6 / 0.4e6)
    assert found["Silver registered and eligible, pace a session"].value == pytest.approx(-0.5e6)


def test_a_change_above_zero_has_a_plus_and_a_level_has_none(tmp_path: Path) -> None:
    span = days("2026-01-26", "2026-02-25")
    with house(tmp_path, NIGHT) as opened:
        reports(opened, {day: Day(received=2e6) for day in span})
        said = lines(memo_of(opened))
    assert "Silver registered and eligible, pace a session +" in said
    assert "Silver registered +" not in said


def test_without_a_report_in_between_the_pace_is_unknown_with_its_reason(tmp_path: Path) -> None:
    span = days("2026-01-26", "2026-02-25")
    with house(tmp_path, NIGHT) as opened:
        reports(opened, {day: Day(withdrawn=1e6) for day in span}, left_out=[span[-3]])
        memo = memo_of(opened)
    found = {figure.what: figure for figure in section(memo, "11_comex_pace").figures}
    assert found["Silver registered, pace a session"].reason == "a report of the five sessions before is missing"
    assert "Silver registered, pace a session unknown 25 Feb; a report of the five" in lines(memo)


def test_deliveries_withdrawals_and_coverage_stand_side_by_side(tmp_path: Path) -> None:
    span = days("2026-02-20", "2026-03-04")
    with house(tmp_path, NIGHT) as opened:
        reports(opened, {day: Day(withdrawn=1e6) for day in span})
        facts.interest(opened, "SI", MARCH, {day: 6_000 if day.month == 2 else 2_000 for day in span})
        for number, day in enumerate(days("2026-02-26", "2026-03-04")):
            notices(opened, day, 500, 500 * (number + 1))
        memo = memo_of(opened, datetime(2026, 3, 6, tzinfo=UTC))
    found = {figure.what: figure for figure in section(memo, "12_deliveries").figures}
    assert found["SIH26 delivered, month to date"].value == 2_500
    gone = found["SIH26 withdrawn from vaults since first notice"]
    assert gone.value == pytest.approx(4e6)  # 27 February to 4 March
    assert gone.typical == "32 % of what was delivered"
    assert "March 2026 by 23 March" not in lines(memo)  # what is typical never looks ahead


def test_a_preliminary_figure_and_legs_of_two_days_are_marked(tmp_path: Path) -> None:
    span = days("2026-02-05", "2026-02-09")
    with house(tmp_path, NIGHT) as opened:
        reports(opened, {day: Day() for day in span[:-1]})
        facts.interest(opened, "SI", MARCH, {span[-1]: 73_142}, status="preliminary")
        memo = memo_of(opened, datetime(2026, 2, 11, tzinfo=UTC))
    (figure,) = section(memo, "13_coverage").figures
    assert figure.what == "SIH26 at T-13: registered over open claims"
    assert figure.note == "73142 lots preliminary, stocks of 2026-02-06: legs differ"


# --- how it is drawn ------------------------------------------------------------------------


def test_a_section_without_news_shrinks_to_a_line(vaults: House, tonight: Memo) -> None:
    quiet = lines(memo_of(vaults, since=NIGHT - timedelta(minutes=1)))
    assert "COMEX silver by vault Newest: 2026-02-25." in quiet
    assert "MADE-UP VAULT" not in quiet
    assert "MADE-UP VAULT" in lines(tonight)


def test_a_section_that_cannot_be_read_costs_only_itself(vaults: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(cur: Any, part: memofile.Part, known: frozenset[str], run: Any = memofile.run) -> Section:
        lost = {"11_comex_pace": "select no_such_column", "20_curve": part.sql}.get(part.name, part.sql)
        needs = ("view_of_tomorrow",) if part.name == "20_curve" else part.needs
        found: Section = run(cur, replace(part, sql=lost, needs=needs), known)
        return found

    monkeypatch.setattr(memofile, "run", broken)
    memo = memo_of(vaults)
    assert "BinderException" in section(memo, "11_comex_pace").trouble
    assert section(memo, "20_curve").trouble == "this release has no view_of_tomorrow"
    said = lines(memo)
    assert "COMEX stocks and their pace unknown: BinderException" in said
    assert "MADE-UP VAULT" in said


def test_old_figures_say_how_old_they_are(vaults: House) -> None:
    late = memo_of(vaults, datetime(2026, 3, 20, tzinfo=UTC), since=datetime(2026, 1, 1, tzinfo=UTC))
    assert "2026-02-25, 23 days old" in lines(late)


def test_all_three_forms_tell_the_same_numbers(tonight: Memo) -> None:
    text, page, md = (form(tonight, "desk") for form in (digest.text, digest.page, digest.markdown))
    for part in ("97.00 Moz", "98.00 Moz", "MADE-UP VAULT", "1,000", "Figures are descriptive, not advice."):
        assert len({part in form for form in (text, page, md)}) == 1, part
    assert "<script" not in page
    assert "src=" not in page


# --- what changed ---------------------------------------------------------------------------


def readings(text: str) -> list[Reading]:
    """One reading a day from 2 February: w warning, c critical, . clear, ? unknown."""
    verdicts = {"w": Verdict.WARNING, "c": Verdict.CRITICAL, ".": Verdict.CLEAR, "?": Verdict.NODATA}
    start = date(2026, 2, 2)
    return [
        Reading("check", "SIH26", start + timedelta(days=at), None if mark == "?" else 1.0, verdicts[mark])
        for at, mark in enumerate(text)
    ]


POLICY = Policy(enter_n=1, enter_m=1, leave=2)


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ("..", "..w", ["opened"]),
        ("..w", "..ww", []),
        ("..w", "..wc", ["escalated"]),
        ("..w", "..w..", ["closed"]),
        ("..w", "..w??", []),
        ("..w", "...", ["withdrawn"]),
        ("..", "..w..", ["opened and closed"]),
        ("..w", "..w..w", ["closed", "opened"]),
        ("w..", "w...", []),
        ("", "w..w", ["opened"]),
    ],
)
def test_what_became_of_an_episode(then: str, now: str, told: list[str]) -> None:
    earlier = judge.fold(readings(then), POLICY) if then else None
    found = memos.changed(earlier, judge.fold(readings(now), POLICY))
    assert [words for words, _, _ in found] == told


def test_a_change_that_is_not_mailed_is_told_in_the_memo_with_its_value_and_its_marks(tmp_path: Path) -> None:
    span = days("2026-01-26", "2026-02-25")
    with house(tmp_path, NIGHT) as opened:
        reports(opened, {day: Day(moved=4e6 if day == span[-1] else 0.0) for day in span})
        memo = memo_of(opened, checks=["registered_drop_1d"])
        elsewhere = Silence(1, {"check": "elsewhere"}, "a person", "made up", NIGHT, NIGHT + timedelta(days=1))
        acked = memos.Desk({("registered_drop_1d", "COMEX silver"): span[-1]}, [elsewhere])
        later = memos.gather(
            opened.store,
            {"registered_drop_1d": opened.checks["registered_drop_1d"]},
            Moment(NIGHT),
            Moment(NIGHT - timedelta(minutes=1)),
            desk=acked,
        )
    (turn,) = memo.turns
    assert (turn.words, turn.on, turn.standing.mailed) == ("opened", span[-1], False)
    assert "Registered metal over one session, Silver COMEX opened session 2026-02-25; warning; now -4.0 %" in lines(
        memo
    )
    assert digest.subject(memo) == "[memo] 27 Feb 2026: no alert open; 1 change"
    assert later.turns == ()
    (standing,) = later.open
    assert (standing.value, standing.session, standing.unknown) == ("-4.0 %", span[-1], "")
    assert standing.marks == ("acknowledged",)


@pytest.mark.parametrize(("day", "against"), [("2026-02-23", "2026-02-21"), ("2026-02-24", "2026-02-24")])
def test_the_memo_of_a_past_day_is_told_against_the_end_of_the_weekday_before(
    vaults: House, capsys: pytest.CaptureFixture[str], day: str, against: str
) -> None:
    assert cli.main(["--home", os.fspath(vaults.folders.home), "digest", "--as-of", day]) == 0
    assert f"changes are against {against} 00:00 UTC." in " ".join(capsys.readouterr().out.split())


def test_a_weekday_before_is_friday_on_a_monday_and_a_week_before_on_a_weekly_memo() -> None:
    monday = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert memos.before(monday, "daily") == datetime(2026, 2, 27, 23, tzinfo=UTC)
    assert memos.before(monday, "weekly") == datetime(2026, 2, 23, 23, tzinfo=UTC)


# --- the command and the files --------------------------------------------------------------


def test_the_command_prints_the_memo_of_a_day_in_each_form(vaults: House, capsys: pytest.CaptureFixture[str]) -> None:
    home = os.fspath(vaults.folders.home)
    for form, opening in (("text", "Bullion daily memo"), ("md", "# Bullion daily memo"), ("html", "<!DOCTYPE html>")):
        assert cli.main(["--home", home, "digest", "--as-of", "2026-02-26", "--format", form]) == 0
        assert capsys.readouterr().out.startswith(opening)
    assert cli.main(["--home", home, "digest", "--known-at", "2026-02-27", "--since", "2026-02-28"]) == 1
    assert "is not before" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ('-- title = "A"\n-- needs = ["x"]\nselect 1', "lacks 'empty'"),
        ('-- title = "A"\n-- tittle = "B"\nselect 1', "unknown header key 'tittle'"),
        ("-- title = A\nselect 1", "not TOML"),
    ],
)
def test_a_header_that_is_wrong_names_the_key(tmp_path: Path, header: str, reason: str) -> None:
    (tmp_path / "99_odd.sql").write_text(header)
    with pytest.raises(ConfigError, match=reason):
        memofile.read(tmp_path / "99_odd.sql")


def test_no_section_reads_the_clock_or_leaves_out_a_definition() -> None:
    for part in memofile.parts():
        assert "now()" not in part.sql, part.name
        assert part.note, part.name
