"""How many independent families of checks warn at once: on invented facts, as known at each moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor import checks, sqlfiles
from monitor.checkfile import Check
from monitor.checks import Moment
from monitor.house import House
from monitor.model import Reading, Verdict
from monitor.published import Reader
from monitor.replay import Replay
from tests import facts
from tests.checks.shanghai import LATER, close, days, entered, proves, read, warrants
from tests.homes import house

NAME = "stress_composite"
DAY = date(2026, 3, 10)
MEMBERS = {
    "curve": "front_back", "delivery": "standing_cover", "shanghai": "shfe_warrant_drop", "funds": "fund_flow",
    "location": "regional_premium",
}  # fmt: skip


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, LATER) as found:
        yield found


def told(check: str, verdict: Verdict, day: date = DAY, *, subject: str = "", venue: str = "") -> Reading:
    """One reading of a check about silver."""
    known = verdict is not Verdict.NODATA
    inputs = {"metal": "silver", "venue": venue, "leg_session": day, "leg_sha256": f"file of {check}"}
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    value = 1.0 if known else None
    return Reading(check, subject or f"silver {venue}", day, value, verdict, published_at=at, inputs=inputs)


def composed(opened: House, readings: list[Reading]) -> dict[date, Reading]:
    with opened.store.cursor() as cur:
        checks.look(cur, Moment(LATER))
        found = checks.compose(cur, [opened.checks[NAME]], readings)
    assert found.broken == {}
    return {r.session: r for r in found.readings}


def state(verdicts: Mapping[str, Verdict]) -> list[Reading]:
    return [told(MEMBERS[family], verdict) for family, verdict in verdicts.items()]


CLEAR, WARNING, CRITICAL, NODATA = Verdict.CLEAR, Verdict.WARNING, Verdict.CRITICAL, Verdict.NODATA
CALM = dict.fromkeys(MEMBERS, CLEAR)


@pytest.mark.parametrize(
    ("changed", "value", "verdict"),
    [
        ({}, 0, CLEAR),
        ({"curve": WARNING, "funds": CRITICAL}, 2, CLEAR),
        ({"curve": WARNING, "funds": CRITICAL, "location": WARNING}, 3, WARNING),
        ({"curve": WARNING, "funds": CRITICAL, "location": WARNING, "shanghai": WARNING}, 4, CRITICAL),
        ({"curve": Verdict.BAND, "funds": CRITICAL, "location": WARNING}, 2, CLEAR),
    ],
)
def test_families_that_warn_are_counted(
    opened: House, changed: Mapping[str, Verdict], value: float, verdict: Verdict
) -> None:
    reading = composed(opened, state({**CALM, **changed}))[DAY]
    assert (reading.value, reading.verdict) == (value, verdict)
    assert opened.checks[NAME].route == "memo"


def test_several_checks_of_one_family_count_once(opened: House) -> None:
    more = [told(name, WARNING) for name in ("coverage_projected", "delivery_remaining", "vault_outflow", "roll_gap")]
    assert composed(opened, state({**CALM, "delivery": WARNING}) + more)[DAY].value == 1


def test_with_two_families_unknown_the_count_is_unknown_however_many_warn(opened: House) -> None:
    warn = dict.fromkeys(("curve", "funds", "location"), WARNING)
    reading = composed(opened, state({**warn, "delivery": NODATA, "shanghai": NODATA}))[DAY]
    assert reading.verdict is NODATA
    assert reading.reason == "fewer than four families are known: curve, funds, location"


def test_an_unknown_check_does_not_count_though_it_warned_the_day_before(opened: House) -> None:
    """Shanghai locked at its limit: its premium of yesterday is no sign of today."""
    before = told("regional_premium", WARNING, date(2026, 3, 9))
    found = composed(opened, [*state({**CALM, "location": NODATA}), before])
    assert found[DAY].value == 0
    assert found[DAY].inputs["families_known"] == "curve, delivery, funds, shanghai"


def test_what_is_older_than_a_week_is_unknown(opened: House) -> None:
    """The Spring Festival: after seven days Shanghai's last reading says nothing of New York's session."""
    old = told("shfe_warrant_drop", WARNING, date(2026, 3, 2))
    fresh = told("shfe_warrant_drop", WARNING, date(2026, 3, 3))
    calm = state({family: CLEAR for family in CALM if family != "shanghai"})
    assert composed(opened, [*calm, old])[DAY].value == 0
    assert composed(opened, [*calm, fresh])[DAY].value == 1


def test_a_subject_that_is_over_no_longer_counts(opened: House) -> None:
    """The March contract warned on its last day; the day after, the May contract alone is read."""
    march = told("standing_cover", WARNING, date(2026, 3, 9), subject="SIH26", venue="COMEX")
    may = told("standing_cover", CLEAR, DAY, subject="SIK26", venue="COMEX")
    calm = state({family: CLEAR for family in CALM if family != "delivery"})
    assert composed(opened, [*calm, march, may])[DAY].value == 0


def test_metals_are_counted_apart(opened: House) -> None:
    gold = [
        replace(r, subject="gold", inputs={**r.inputs, "metal": "gold"}) for r in state(dict.fromkeys(MEMBERS, WARNING))
    ]
    with opened.store.cursor() as cur:
        checks.look(cur, Moment(LATER))
        found = {r.subject: r.value for r in checks.compose(cur, [opened.checks[NAME]], [*state(CALM), *gold]).readings}
    assert found == {"silver": 0, "gold": 5}


def test_every_check_it_stands_on_has_a_family(opened: House) -> None:
    check = opened.checks[NAME]
    assert {name for name in check.stands_on if f"'{name}'" not in check.sql} == set()
    assert set(check.stands_on) <= set(opened.checks)


# --- from facts, as known at a moment ------------------------------------------------

WEEK = days("2026-03-02", "2026-03-13")


def market(opened: House) -> None:
    """Silver in a squeeze on 10 March: warrants fall, onshore spot is dear, Shanghai pays 20 percent, a fund bleeds."""
    months = {date(2026, 5, 1): 80.0, date(2026, 7, 1): 81.0}
    york = days("2026-02-25", "2026-03-13", "COMEX")
    facts.settle(opened, "SI", {(day, month): price for day in york for month, price in months.items()})
    for month in months:
        facts.interest(opened, "SI", month, dict.fromkeys(york, 60_000))
    facts.dollars(opened, dict.fromkeys(WEEK, 7.0))
    warrants(opened, {day: 600_000.0 if day < DAY else 400_000.0 for day in WEEK})
    for day in WEEK:
        close(opened, day, round(80.0 * 1.20 * 32.15074656862798 * 7.0))
        entered(opened, "smm_silver_over_td", day, 2_000.0, "cny_per_kg")
    rows = [
        {
            "session": day, "fund": "SLV", "measure": "ounces", "unit": "troy_oz", "as_of": day,
            "value": 500e6 if day < DAY else 480e6,
        }
        for day in days("2026-02-25", "2026-03-13", "NYSE")
    ]  # fmt: skip
    facts.put(opened, "fund_rows", rows, source="slv_trust")


def test_it_is_read_from_the_checks_of_the_same_evaluation(opened: House) -> None:
    market(opened)
    alone = read(opened, NAME)
    found = checks.evaluate(opened.store, opened.checks.values(), Moment(LATER))
    assert found.broken == {}
    among = {(r.subject, r.session): r for r in found.readings if r.check == NAME}
    assert alone == among
    reading = among[("silver", DAY)]
    assert reading.inputs["families_warning"] == "funds, location, shanghai"
    assert reading.verdict is Verdict.WARNING
    proves(opened, NAME)


def test_nothing_is_seen_before_it_was_public(opened: House) -> None:
    """What happens on the 10th is public at noon of the 11th; the evening before, nothing of it is known."""
    market(opened)
    early = read(opened, NAME, datetime(2026, 3, 10, 18, tzinfo=UTC))
    later = read(opened, NAME, datetime(2026, 3, 11, 18, tzinfo=UTC))
    assert "funds" not in str(early[("silver", DAY)].inputs["families_warning"])
    assert early[("silver", date(2026, 3, 9))].inputs["families_warning"] == "location, shanghai"
    assert "funds" in str(later[("silver", DAY)].inputs["families_warning"])


def test_a_check_that_is_switched_off_does_not_count(tmp_path: Path) -> None:
    with house(tmp_path / "off", LATER, checks={"fund_flow": {"enabled": False}}) as opened:
        market(opened)
        reading = read(opened, NAME)[("silver", DAY)]
    assert reading.inputs["funds_check"] is None


@pytest.mark.parametrize("among", ["alone", "all"])
def test_a_backtest_reads_it_as_a_batch_of_each_day_did(opened: House, among: str) -> None:
    market(opened)
    path = opened.publish(LATER)
    known: dict[str, Check] = dict(opened.checks) if among == "all" else {NAME: opened.checks[NAME]}
    values = []
    with Reader(path) as reader, Replay(reader, known) as replay:
        for moment, readings in replay.over(replay.moments(date(2026, 3, 9), date(2026, 3, 11))):
            fast = {(r.subject, r.session): r for said in readings.values() for r in said if r.check == NAME}
            plain = {(r.subject, r.session): r for r in replay.plainly(moment, [NAME]).readings}
            batch = checks.evaluate(reader, [opened.checks[NAME]], Moment(moment)).readings
            assert fast == plain == {(r.subject, r.session): r for r in batch if r.check == NAME}
            values += [r.value for r in fast.values()]
        assert not replay.broken
        assert {check for check, _ in replay.all_sessions()} <= set(known)
    assert {2, 3} <= set(values)


def test_a_check_that_stands_on_what_is_no_check_is_named_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = next(path for path in sqlfiles.folder("checks") if path.stem == NAME)
    (tmp_path / shipped.name).write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(sqlfiles, "folder", lambda name: (tmp_path / shipped.name,))
    found, broken = checks.discover({})
    assert found == {}
    assert broken == {NAME: "stress_composite.sql: it stands on carry_gap, which is no check of facts"}
