"""`bullion alerts` as a person and a program use it: on a real ledger, of facts made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.ledger import Ledger
from monitor.cli import main
from monitor.clock import read_clock
from monitor.judge import fold
from monitor.model import Policy
from monitor.telling import difference
from tests.ledger_worker import letters_of
from tests.oracle import readings

POLICY = Policy(enter_n=2, enter_m=2, leave=3)
NOW = datetime(2026, 3, 2, 22, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which one critical alert of silver is open since 3 January 2026."""
    with Ledger(tmp_path / "alerts.sqlite") as ledger:
        say(ledger, "CWX", NOW)
    return tmp_path


def say(ledger: Ledger, verdicts: str, at: datetime) -> None:
    folded = fold(readings(verdicts), POLICY)
    said = difference(ledger.told().get(("made_up", "silver")), folded, POLICY, now=at)
    ledger.record(said.changes, [one for change in said.changes for one in letters_of(change)], [said.told], at)


def bullion(home: Path, *args: str) -> int:
    return main(["--home", str(home), "alerts", *args])


def answer(capsys: pytest.CaptureFixture[str]) -> object:
    return json.loads(capsys.readouterr().out)


def test_list_names_what_is_open_and_what_is_quiet(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        bullion(home, "silence", "--match", "metal=silver", "--for", "2h", "--reason", "a move", "--author", "bo") == 0
    )
    capsys.readouterr()
    assert bullion(home, "list", "--json") == 0
    found = answer(capsys)
    assert isinstance(found, dict)
    (row,) = found["open"]
    assert row == {
        "check": "made_up", "subject": "silver", "name": "Silver, made up", "severity": "critical",
        "opened": "2026-01-03", "told_session": "2026-01-03", "told_at": "2026-03-02T22:00:00Z", "repeats": 0,
        "acked_by": None, "acked_at": None, "silenced_by": [1], "mutes": "",
    }  # fmt: skip
    (quiet,) = found["silences"]
    assert (quiet["matches"], quiet["author"], quiet["in_force"]) == ({"metal": "silver"}, "bo", True)
    assert bullion(home) == 0
    said = capsys.readouterr().out
    assert "critical  Silver, made up  made_up  silver" in said
    assert "silence 1: metal silver" in said


def test_an_open_alert_is_acknowledged_once_and_a_closed_one_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bullion(home, "ack", "made_up", "silver", "--author", "mary", "--json") == 0
    assert answer(capsys) == {
        "acked": {"check": "made_up", "subject": "silver", "opened": "2026-01-03", "author": "mary"}
    }
    assert bullion(home, "show", "made_up", "silver", "--json") == 0
    story = answer(capsys)
    assert isinstance(story, dict)
    assert (story["state"], story["acked_by"]) == ("open", "mary")
    assert [event["event"] for event in story["events"]] == ["firing"]
    with Ledger(home / "alerts.sqlite") as ledger:
        say(ledger, "CWXCCC", NOW + timedelta(days=1))
    assert bullion(home, "ack", "made_up", "silver") == 1
    assert "no open alert of made_up for silver" in capsys.readouterr().err


def test_a_silence_is_ended_by_hand(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bullion(home, "silence", "--match", "check=made_up", "--for", "7d", "--reason", "audit")
    assert bullion(home, "unsilence", "1") == 0
    assert bullion(home, "unsilence", "1") == 1
    assert "no silence 1 is in force" in capsys.readouterr().err
    with Ledger(home / "alerts.sqlite", guest=True) as ledger:
        assert ledger.silences(read_clock()) == []


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (("--match", "colour=red", "--for", "1d", "--reason", "x"), "names some of check, subject, severity"),
        (("--match", "metal", "--for", "1d", "--reason", "x"), "write NAME=VALUE"),
        (("--match", "metal=gold", "--for", "31d", "--reason", "x"), "within 30 days"),
        (("--match", "metal=gold", "--for", "soon", "--reason", "x"), "a number and m, h or d"),
        (("--match", "metal=gold", "--until", "2020-01-01", "--reason", "x"), "ends after it starts"),
        (("--match", "metal=gold", "--until", "spring", "--reason", "x"), "is no moment"),
    ],
)
def test_a_silence_that_cannot_be_is_a_wrong_command_line(
    home: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], complaint: str
) -> None:
    assert bullion(home, "silence", *args) == 2
    assert complaint in capsys.readouterr().err


def test_history_is_everything_told_of_a_check_since_a_day(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Ledger(home / "alerts.sqlite") as ledger:
        say(ledger, "CWXCCC", NOW + timedelta(days=1))
    told = []
    for since in ("2026-03-02", "2026-03-03", "2026-03-04"):
        assert bullion(home, "history", "--check", "made_up", "--since", since, "--json") == 0
        events = answer(capsys)
        assert isinstance(events, list)
        told.append([event["event"] for event in events])
    assert told == [["firing", "recovered"], ["recovered"], []]


def test_of_what_was_never_told_it_says_so(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bullion(home, "show", "made_up", "gold") == 1
    assert "nothing was ever told of made_up for gold" in capsys.readouterr().err
    assert bullion(tmp_path / "elsewhere", "list") == 1
    assert "nothing was ever told in" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()


def test_a_test_message_reaches_every_recipient(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[mail]\nrecipients = ["a@example.org"]\n[[mail.to]]\nrecipient = "b@example.org"\n')
    assert main(["--home", str(tmp_path / "home"), "--config", str(config), "alerts", "test", "--json"]) == 0
    rows = answer(capsys)
    assert isinstance(rows, list)
    assert [(row["recipient"], row["channel"], row["sent"]) for row in rows] == [
        ("a@example.org", "file", True), ("b@example.org", "file", True),
    ]  # fmt: skip
    assert len(list((tmp_path / "home" / "mail").glob("*.eml"))) == 2
