"""A backtest mails what the daemon would have mailed, from what was known at the time and nothing later."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from monitor import backtest, checks, published, scoring, sessions
from monitor.backtest import Replayed
from monitor.batch import Teller
from monitor.cli import main
from monitor.errors import BullionError
from monitor.model import Notice
from monitor.replay import Replay
from tests import facts, years
from tests.homes import house

DAYS = sessions.sessions("SHFE", date(2026, 1, 5), date(2026, 4, 30))
DROP = DAYS[30]
"""Warrants fall by a third on this day and stay there."""
START, END = DAYS[10], DAYS[60]
MARKET = ("registered_drop", "shfe_warrant_drop", "front_back", "standing_cover")


def at(day: date, hour: int) -> datetime:
    """That hour of the day in storage form."""
    return datetime.combine(day, time(hour))


def warrants(folder: Path, levels: dict[date, float], restated: dict[date, tuple[datetime, float]]) -> Path:
    """A published home with one series of SHFE warrants in kg, some sessions restated at a later moment."""
    base = {"metal": "silver", "region": "", "warehouse": "总计", "level": "total", "unit": "kg"}

    def row(day: date, kg: float, moment: datetime) -> dict[str, object]:
        return base | {"session": day, "quantity": kg, "published_at": moment}

    with house(folder, years.LOADED) as opened:
        first = [row(day, kg, at(day, 8)) for day, kg in levels.items()]
        facts.put(opened, "shfe_warrant_rows", first, at=years.LOADED)
        again = [row(day, kg, moment) for day, (moment, kg) in restated.items()]
        facts.put(opened, "shfe_warrant_rows", again, at=years.LOADED)
        return opened.publish(years.LOADED)


def falling() -> dict[date, float]:
    return {day: 300_000.0 if day >= DROP else 450_000.0 for day in DAYS}


def replayed(path: Path, end: date = END, *names: str, plain: bool = False) -> Replayed:
    known, _ = checks.discover({})
    wanted = {name: known[name] for name in names or ("shfe_warrant_drop",)}
    with published.Reader(path) as reader:
        return backtest.run(reader, wanted, {}, START, end, plain=plain)


def test_a_fall_is_mailed_the_day_it_is_published_and_again_when_it_is_over(tmp_path: Path) -> None:
    found = replayed(warrants(tmp_path, falling(), {}))
    (told,) = found.episodes
    assert (told.check, told.subject, told.opened) == ("shfe_warrant_drop", "SHFE silver", DROP)
    assert told.first_told.date() == DROP
    assert [event for _, event in told.steps] == ["firing", "recovered"]
    assert told.closed == DAYS[37]
    assert told.sessions == 8
    assert [mail.at.date() for mail in found.mails] == [DROP, DAYS[37]]
    assert found.mails[0].notice.subject.startswith("[critical]")


def test_a_later_restatement_is_not_seen_before_it_was_published(tmp_path: Path) -> None:
    later = at(DAYS[34], 7)
    mended = dict.fromkeys(DAYS[30:34], (later, 450_000.0))
    levels = falling() | dict.fromkeys(DAYS[34:], 450_000.0)
    path = warrants(tmp_path, levels, mended)
    before = replayed(path, DAYS[33])
    assert [(event, moment.date()) for told in before.episodes for moment, event in told.steps] == [("firing", DROP)]
    assert before.episodes[0].ended_as == ""
    after = replayed(path)
    assert [(event, moment.date()) for told in after.episodes for moment, event in told.steps] == [
        ("firing", DROP),
        ("retracted", DAYS[34]),
    ]
    assert after.mails[0].notice.text == before.mails[0].notice.text


def test_a_fall_that_only_a_restatement_shows_is_not_mailed_before_it(tmp_path: Path) -> None:
    later = at(DAYS[33], 9)
    path = warrants(tmp_path, dict.fromkeys(DAYS, 450_000.0), {DAYS[32]: (later, 300_000.0)})
    (told,) = replayed(path).episodes
    assert (told.opened, told.first_told.date()) == (DAYS[32], DAYS[33])


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home of made-up facts, restated and late ones among them."""
    folder = tmp_path_factory.mktemp("season")
    with house(folder, years.LOADED) as opened:
        years.fill(opened, date(2025, 8, 1), date(2026, 2, 27), seed=3, restated=0.1, late=0.1)
        opened.publish(years.LOADED)
    return folder


@pytest.mark.slow
def test_its_mails_are_those_of_a_daemon_with_one_batch_a_day(season: Path) -> None:
    start, end = date(2026, 1, 20), date(2026, 2, 6)
    known, _ = checks.discover({})
    path = published.newest(season / "published")
    wanted = {name: known[name] for name in MARKET}
    with published.Reader(path) as reader:
        found = backtest.run(reader, wanted, {}, start, end, pictures=True)
        with Replay(reader, wanted) as replay:
            moments = replay.moments(start, end)
    off = {name: {"enabled": False} for name in known if name not in MARKET}
    mail = {"recipients": [backtest.RECIPIENT], "channel": "file"}
    told = []
    with house(season, years.LOADED, mail=mail, checks=off) as opened:
        opened.sources = {}
        left: list[Notice] = []

        def send(notice: Notice, _: datetime) -> str:
            left.append(notice)
            return ""

        teller = Teller(opened, {"file": send}, host=backtest.HOST)
        for moment in moments:
            told += [(moment, change.transition) for change in teller.turn(moment).changes]
            teller.deliver(moment)
        teller.close()
    events = [(moment, t.check, t.subject, t.event.value, t.opened) for moment, t in told]
    assert {event for *_, event, _ in events} >= {"firing", "recovered"}
    steps = [(moment, e.check, e.subject, event, e.opened) for e in found.episodes for moment, event in e.steps]
    assert sorted(steps) == sorted(events)
    assert [(n.message_id, n.subject, n.text, n.html) for n in left] == [
        (m.notice.message_id, m.notice.subject, m.notice.text, m.notice.html) for m in found.mails
    ]


@pytest.mark.slow
def test_reading_only_what_moved_tells_the_same_as_reading_everything_every_day(season: Path) -> None:
    path = published.newest(season / "published")
    known, _ = checks.discover({})
    with published.Reader(path) as reader:
        quick, plain = (
            backtest.run(reader, known, {}, date(2026, 2, 3), date(2026, 2, 6), plain=way) for way in (False, True)
        )
    assert quick.episodes == plain.episodes
    assert [mail.notice for mail in quick.mails] == [mail.notice for mail in plain.mails]
    assert quick.mails


def test_lead_time_and_precision_count_from_the_first_mail(tmp_path: Path) -> None:
    found = replayed(warrants(tmp_path, falling(), {}))
    near, far = DROP + timedelta(days=12), DROP + timedelta(days=90)
    before = DROP - timedelta(days=1)
    happened = [scoring.Happened(day, name) for day, name in ((before, "before"), (near, "near"), (far, "far"))]
    assert [(e.label, days) for e, days in scoring.foretold(found.episodes[0], happened)] == [("near", 12)]
    (score,) = scoring.scores(found, happened)
    assert (score.precision, score.caught, score.episodes, score.mails) == (1.0, 1, 1, 2)
    (missed,) = scoring.scores(found, happened[2:])
    assert (missed.precision, missed.caught) == (0.0, 0)


def test_the_share_of_sessions_beyond_warn_is_counted_in_observed_sessions(tmp_path: Path) -> None:
    found = replayed(warrants(tmp_path, falling(), {}))
    assert backtest.calm(found) == [("shfe_warrant_drop", "SHFE silver", 51, 5, 5)]


def test_other_levels_give_a_second_set_of_checks_with_its_clear_level_moved_along() -> None:
    known, _ = checks.discover({})
    one = {"shfe_warrant_drop": known["shfe_warrant_drop"]}
    changed = scoring.changed(one, ["warn=-40", "shfe_warrant_drop.critical=-50", "leave=2"])["shfe_warrant_drop"]
    assert {(t.warn, t.critical, t.clear) for t in changed.thresholds} == {(-40.0, -50.0, -38.0)}
    assert changed.policy.leave == 2
    assert changed.version != one["shfe_warrant_drop"].version


@pytest.mark.parametrize("setting", ["warn", "warn=much", "wrn=1", "nothing.warn=1", "enter=3/2"])
def test_a_setting_that_means_nothing_is_refused_by_name(setting: str) -> None:
    known, _ = checks.discover({})
    with pytest.raises(BullionError, match="--set"):
        scoring.changed({"shfe_warrant_drop": known["shfe_warrant_drop"]}, [setting])


def test_the_command_prints_both_columns_writes_the_mails_and_draws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warrants(tmp_path / "home", falling(), {})
    listed = tmp_path / "events.csv"
    listed.write_text(f"date,label\n{DROP + timedelta(days=3)},invented squeeze\n", encoding="utf-8")
    command = [
        "--home", str(tmp_path / "home"), "backtest", "--check", "shfe_warrant_drop", "--from", str(START),
        "--to", str(END), "--events", str(listed),
    ]  # fmt: skip
    drawn, mails = tmp_path / "chart.svg", tmp_path / "mails"
    assert main([*command, "--chart", str(drawn), "--mails", str(mails)]) == 0
    said = capsys.readouterr().out
    assert "invented squeeze +3 d" in said
    assert "[critical]" in said
    (first, _) = sorted(mails.iterdir())
    message = message_from_bytes(first.read_bytes(), policy=policy.default)
    assert message["Subject"].strip().startswith("[critical]")
    assert "alerts once" in drawn.read_text(encoding="utf-8")
    assert main([*command, "--set", "warn=-40", "--set", "critical=-50", "--json"]) == 0
    columns = json.loads(capsys.readouterr().out)
    assert [len(columns[name]["episodes"]) for name in ("shipped", "changed")] == [1, 0]
    assert main([*command, "--calm"]) == 0
    assert "beyond_warn_pct" in capsys.readouterr().out


def test_without_a_list_of_its_own_a_chart_marks_what_the_venue_and_the_metal_went_through(tmp_path: Path) -> None:
    """Export licences of 1 January are before the first day drawn, the fund that closed on 28 January is not."""
    invented = {
        "series": "event_other", "session": DAYS[25], "value": 1.0, "unit": "event", "tax_basis": "not_taxed",
        "source_url": "https://example.org/made-up", "note": "invented fair", "received_at": at(DAYS[20], 9),
    }  # fmt: skip
    warrants(tmp_path / "home", falling(), {})
    with house(tmp_path / "home", years.LOADED) as opened:
        facts.put(opened, "manual_rows", [invented], at=years.LOADED)
        opened.publish(years.LOADED)
    drawn = tmp_path / "chart.svg"
    command = ["--home", str(tmp_path / "home"), "backtest", "--check", "shfe_warrant_drop", "--chart", str(drawn)]
    assert main([*command, "--from", str(START), "--to", str(END)]) == 0
    said = drawn.read_text(encoding="utf-8")
    assert "LOF closed" in said
    assert "invented fair" in said
    assert "China licences" not in said
    assert "margin 15 %" not in said


def test_events_that_cannot_be_read_are_refused_with_their_line(tmp_path: Path) -> None:
    listed = tmp_path / "events.csv"
    listed.write_text("date,label\n2026-02-10,fine\nyesterday,not\n", encoding="utf-8")
    with pytest.raises(BullionError, match="line 3"):
        scoring.events(str(listed))
