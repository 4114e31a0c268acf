"""The demo: its story by the real pipeline, what is mailed and what is not, and the folder it plays in."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from monitor import cli
from monitor.demo import stage
from monitor.errors import BullionError, Busy
from monitor.house import Lock
from tests import pages
from tests.homes import published
from tests.test_demo_files import figures

slow = pytest.mark.slow


@dataclass(frozen=True)
class Played:
    """A demo that has run: where, and what it printed."""

    home: Path
    lines: list[str]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return published(self.home, sql)

    def told_at(self, moment: str) -> str:
        """Everything printed under one moment, as one line."""
        found: list[str] = []
        for line in self.lines:
            if line.startswith(moment) or (found and line.startswith(" " * 18)):
                found.append(line.removeprefix(moment).strip())
            elif found:
                break
        return " ".join(found)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    home = pages.demo_home(tmp_path_factory.mktemp("demo"))
    return Played(home, pages.demo_told(home))


def mails(home: Path) -> list[EmailMessage]:
    """The mails, oldest first."""
    paths = sorted((home / "mail").glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]


def figure(what: str, folder: str) -> dict[str, str]:
    """The values of one figure by date, of the files in one folder (the damaged and the restated file left out)."""
    return {
        row["date"]: row["value"]
        for row in figures()
        if row["what"] == what and row["file"].startswith(folder) and "_saved_again" not in row["file"]
        and "_final" not in row["file"]
    }  # fmt: skip


# --- the story ---------------------------------------------------------------------------------


@slow
def test_the_articles_figure_is_shown_with_all_its_reservations(played: Played) -> None:
    """At noon of 10 February: 73,142 lots against 102.257 Moz, 0.2796, preliminary, legs of two sessions."""
    told = played.told_at("2026-02-10 12:00")
    for part in (
        "73,142 lots (366 Moz)",
        "102.257 Moz",
        "0.2796 at T-13",
        "preliminary",
        "legs differ",
        "opens nothing",
    ):
        assert part in told
    assert "MAIL" not in told


@slow
def test_these_mails_leave_and_no_others(played: Played) -> None:
    """Seven mails in this order; none about coverage, the premium or the curve."""
    headers = ("X-Bullion-Check", "X-Bullion-Subject", "X-Bullion-Events")
    assert [tuple(mail[name] for name in headers) for mail in mails(played.home)] == [
        (None, None, "2 new"),
        ("source_stale", "shfe_warrants", "1 new"),
        ("shfe_warrant_drop", "SHFE silver", "1 new"),
        ("source_stale", "shfe_warrants", "1 cleared"),
        ("vault_outflow", "COMEX silver", "1 escalated"),
        ("shfe_warrant_drop", "SHFE silver", "1 cleared"),
        ("shfe_warrant_drop", "SHFE silver", "1 new"),
    ]  # fmt: skip
    assert {mail["To"] for mail in mails(played.home)} == {"analyst@example.org"}


@slow
def test_no_mail_of_10_february_exists(played: Played) -> None:
    """The day of the article brings no mail of any kind."""
    assert not list((played.home / "mail").glob("20260210*"))


@slow
def test_the_warrants_of_9_february_are_critical(played: Played) -> None:
    """349.84 -> 318.546 t, -31.1 % in five sessions: a critical mail on the day."""
    critical = [mail for mail in mails(played.home) if mail["X-Bullion-Severity"] == "critical"]
    assert [mail["X-Bullion-Check"] for mail in critical] == ["shfe_warrant_drop", "vault_outflow"]
    assert critical[0]["X-Bullion-Session"] == "2026-02-09"
    assert "-31.1" in critical[0]["Subject"]
    assert "349.84 -> 318.55 t" in played.told_at("2026-02-09 07:40")


@slow
def test_the_limit_locked_day_is_unknown(played: Played) -> None:
    """Shanghai's premium of 2 February has no verdict, with the reason."""
    assert played.rows(
        "select verdict, reason from readings where check_name = 'regional_premium' and subject = 'SHFE silver' "
        "and session = '2026-02-02'"
    ) == [("nodata", "Shanghai limit-locked")]


@slow
def test_the_bracket_decides_what_is_known_of_the_premium(played: Played) -> None:
    """6 February is known because both New York settlements agree; 5 February is not."""
    ((low, high, reason),) = played.rows(
        "select headline_low_pct, headline_high_pct, unknown_because from regional_premium "
        "where venue = 'SHFE' and session = '2026-02-06'"
    )
    assert (round(low, 1), round(high, 1), reason) == (9.7, 10.0, "")
    assert "3 points apart" in played.rows(
        "select unknown_because from regional_premium where venue = 'SHFE' and session = '2026-02-05'"
    )[0][0]  # fmt: skip


@slow
def test_the_damaged_report_is_refused_with_its_cell(played: Played) -> None:
    """The copy with a wrong digit lies in rejected/ with the sum that does not hold; the sound one is loaded."""
    (note,) = (played.home / "inbox" / "rejected").rglob("*.reason.txt")
    assert note.name.startswith("Silver_stocks_2026-02-18_saved_again")
    assert "98791722.054" in note.read_text()
    assert "row 23, column H" in note.read_text()
    assert played.rows("select round(registered) from comex_stock_totals where session = '2026-02-17'") == [
        (88791722.0,)
    ]


@slow
def test_the_late_page_makes_its_source_stale_and_then_recovered(played: Played) -> None:
    """The missing page of 6 February is told once and cleared once; the drop it belongs to is not told twice."""
    assert played.rows(
        "select subject, state, events from alerts where check_name = 'source_stale'"
    ) == [("shfe_warrants", "closed", "firing 2026-02-06; recovered 2026-02-06")]  # fmt: skip


@slow
def test_a_restatement_keeps_both_and_the_final_one_counts(played: Played) -> None:
    """9 February is held as 73,142 preliminary and as 73,128 final."""
    where = "where session = '2026-02-09' and delivery_month = '2026-03-01' and venue = 'COMEX'"
    assert played.rows(f"select status, open_interest from open_interest_versions {where} order by 1 desc") == [
        ("preliminary", 73142),
        ("final", 73128),
    ]
    assert played.rows(f"select open_interest, proof from open_interest_best {where}") == [(73128, "confirmed")]


@slow
def test_the_roll_to_first_notice_is_the_published_one(played: Played) -> None:
    """Coverage of March by sessions to first notice, final open interest over stocks of the same session."""
    roll = dict(
        played.rows(
            "select sessions_to_fnd, round(raw_coverage, 3) from coverage where contract = 'SIH26' "
            "and sessions_to_fnd between 1 and 14"
        )
    )
    assert {t: roll[t] for t in (14, 13, 11, 8, 6, 5, 4, 3, 2, 1)} == {
        14: 0.269, 13: 0.277, 11: 0.284, 8: 0.311, 6: 0.369, 5: 0.401, 4: 0.469, 3: 0.789, 2: 1.638, 1: 2.842,
    }  # fmt: skip
    assert any(line.split()[:2] == ["5", "2026-02-20"] and line.endswith("0.401") for line in played.lines)


@slow
def test_coverage_opens_nothing_on_the_way_to_first_notice(played: Played) -> None:
    """Neither raw coverage nor standing cover nor the curve is ever told."""
    assert played.rows("select distinct check_name from alerts order by 1") == [
        ("market_suppressor",), ("price_level",), ("price_shock",), ("registered_drop",), ("registered_drop_1d",),
        ("shfe_warrant_drop",), ("shfe_warrant_drop_1d",), ("source_stale",), ("vault_outflow",),
    ]  # fmt: skip
    ((value, verdict),) = played.rows(
        "select round(value, 2), verdict from readings where check_name = 'standing_cover' and session = '2026-02-26'"
    )
    assert (value, verdict) == (2.84, "clear")


@slow
def test_the_holiday_makes_nothing_stale(played: Played) -> None:
    """Shanghai's closed week is no overdue report."""
    assert "nothing is overdue" in played.told_at("2026-02-18 22:10")


@slow
def test_every_file_but_the_damaged_one_is_loaded(played: Played) -> None:
    """Nothing stays in the inbox, nothing fails on the way."""
    done = [path for path in (played.home / "inbox" / "done").rglob("*") if path.is_file()]
    assert len(done) == len(stage.arrivals()) - 1
    assert not [line for line in played.lines if "TROUBLE" in line]


@slow
def test_the_queries_at_the_end_run(played: Played, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands the demo prints work as printed; the second answers as known at noon of 10 February."""
    commands = [shlex.split(line) for line in played.lines if line.strip().startswith("bullion ")]
    assert [command[3] for command in commands] == ["status", "sql", "sql", "sql"]
    answers = []
    for command in commands:
        assert cli.main(command[1:]) == 0
        answers.append(capsys.readouterr().out)
    assert "comex_stocks" in answers[0]
    assert "SIH26" in answers[2]
    assert "73142" in answers[2]
    assert "preliminary" in answers[2]
    assert "Shanghai limit-locked" in answers[3]


@slow
def test_the_output_fits_two_screens_and_says_what_is_invented(played: Played) -> None:
    """At most a hundred lines, with the word before any figure."""
    assert len(played.lines) <= 100
    assert "INVENTED" in " ".join(played.lines[:6])


@slow
def test_what_is_split_is_named_invented(played: Played) -> None:
    """No depository or warehouse in the demo has a real name."""
    depositories = played.rows("select distinct depository from comex_stocks")
    warehouses = played.rows("select distinct warehouse from shfe_warrants where level = 'warehouse'")
    assert len(depositories) == len(warehouses) == 2
    assert all("INVENTED" in name for (name,) in depositories)
    assert all("虚构" in name for (name,) in warehouses)


@slow
def test_the_list_of_figures_says_what_the_home_holds(played: Played) -> None:
    """Totals, open interest, warrants and closes in figures.csv are those that were read from the files."""
    held = {
        ("registered: total today", "comex_stocks"): "select session, registered from comex_stock_totals",
        ("eligible: total today", "comex_stocks"): "select session, eligible from comex_stock_totals",
        ("MAR 2026: open interest", "comex_volume"): (
            "select session, open_interest from open_interest_versions where venue = 'COMEX' "
            "and delivery_month = '2026-03-01' and (status <> 'final' or session <> '2026-02-09')"
        ),
        ("MAR 2026: settlement", "comex_settlements"): (
            "select session, settle from settlements where venue = 'COMEX' and delivery_month = '2026-03-01'"
        ),
        ("silver under warrant, total", "shfe_warrants"): (
            "select session, quantity from shfe_warrants where level = 'total'"
        ),
        ("ag2604: close", "shfe_daily"): "select session, close from settlements where venue = 'SHFE'",
        ("CNY per EUR", "ecb_fx"): "select session, rate from fx where base = 'EUR' and quote = 'CNY'",
    }  # fmt: skip
    for (what, folder), sql in held.items():
        listed = {date.fromisoformat(day): float(value) for day, value in figure(what, folder).items()}
        assert {day: round(value, 3) if value > 100 else value for day, value in played.rows(sql)} == listed, what


# --- where it plays ----------------------------------------------------------------------------


def test_a_folder_of_an_earlier_demo_is_cleared(tmp_path: Path) -> None:
    """Running again into the same folder begins anew."""
    home = stage.home(str(tmp_path / "home"))
    (home / "mail").mkdir()
    (home / "mail" / "old.eml").write_text("old")
    assert [path.name for path in stage.home(str(home)).iterdir()] == [stage.MARKER]


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    """A folder that the demo did not make is refused, and nothing in it changes."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BullionError, match="did not make"):
        stage.home(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_home_in_use_is_not_cleared(tmp_path: Path) -> None:
    """While a process owns the demo's home, the demo says who and stops."""
    home = stage.home(str(tmp_path / "home"))
    lock = Lock(home / "lock", datetime.fromisoformat("2026-02-10T12:00+00:00"))
    try:
        with pytest.raises(Busy, match="in use by process"):
            stage.home(str(home))
    finally:
        lock.release()


def test_the_command_refuses_a_foreign_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`bullion demo --keep` of a folder with other files ends with 1 and a sentence."""
    (tmp_path / "thesis.txt").write_text("mine")
    assert cli.main(["demo", "--keep", str(tmp_path)]) == 1
    assert "did not make" in capsys.readouterr().err


def test_files_arrive_when_they_are_old_enough(tmp_path: Path) -> None:
    """A file stands in the inbox a minute after its arrival, dated as of it, and only once."""
    post = stage.Post(tmp_path)
    at, name = stage.arrivals()[-1]
    post.bring(at)
    assert not (tmp_path / name).exists()
    post.bring(at.replace(second=59, minute=at.minute + 1))
    assert (tmp_path / name).stat().st_mtime == at.timestamp()
    (tmp_path / name).unlink()
    post.bring(at.replace(hour=23))
    assert not (tmp_path / name).exists()
