"""A batch tells the difference once: news as news, the past as state at start, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor import sessions
from monitor.batch import Teller
from monitor.house import House
from monitor.model import Event
from tests import facts
from tests.homes import house, only, published

NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)
DAYS = sessions.sessions("SHFE", date(2026, 1, 5), date(2026, 2, 13))

ONE = only("shfe_warrant_drop")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[House]:
    mail = {"recipients": ["desk@example.org"], "channel": "file"}
    with house(tmp_path, NOW, mail=mail, checks=ONE) as found:
        yield found


def warrants(opened: House, levels: dict[date, float]) -> None:
    rows = [
        {
            "session": day,
            "metal": "silver",
            "region": "",
            "warehouse": "总计",
            "level": "total",
            "quantity": kg,
            "unit": "kg",
        }
        for day, kg in levels.items()
    ]
    facts.put(opened, "shfe_warrant_rows", rows)


def falling(days: tuple[date, ...], low: float, since: date) -> dict[date, float]:
    return {day: low if day >= since else 450_000.0 for day in days}


def events(teller: Teller, now: datetime) -> list[tuple[str, str]]:
    return [(c.transition.event.value, c.transition.subject) for c in teller.turn(now).changes]


def test_what_is_open_when_a_check_is_first_read_is_told_once_as_state_at_start(opened: House) -> None:
    warrants(opened, falling(DAYS[:26], 300_000.0, DAYS[22]))
    teller = Teller(opened)
    assert events(teller, NOW) == [("at_start", "SHFE silver")]
    assert events(teller, NOW + timedelta(hours=7)) == []
    teller.close()


def test_news_about_a_known_key_is_firing_and_its_end_is_recovered(opened: House) -> None:
    warrants(opened, dict.fromkeys(DAYS[:20], 450_000.0))
    teller = Teller(opened)
    assert events(teller, NOW) == []
    warrants(opened, {DAYS[20]: 300_000.0})
    assert events(teller, NOW) == [("firing", "SHFE silver")]
    later = datetime(2026, 2, 14, tzinfo=UTC)
    warrants(opened, dict.fromkeys(DAYS[21:28], 300_000.0))
    assert events(teller, later) == [("recovered", "SHFE silver")]
    teller.close()


def test_a_restatement_that_takes_the_opening_back_is_retracted(opened: House) -> None:
    warrants(opened, dict.fromkeys(DAYS[:20], 450_000.0))
    teller = Teller(opened)
    teller.turn(NOW)
    warrants(opened, {DAYS[20]: 300_000.0})
    assert events(teller, NOW) == [("firing", "SHFE silver")]
    corrected = {
        "session": DAYS[20], "metal": "silver", "region": "", "warehouse": "总计", "level": "total",
        "quantity": 449_000.0, "unit": "kg", "published_at": datetime(2026, 2, 8, 9),  # noqa: DTZ001 - storage form
    }  # fmt: skip
    facts.put(opened, "shfe_warrant_rows", [corrected], sha="zz-later")
    assert events(teller, NOW) == [("retracted", "SHFE silver")]
    teller.close()


def test_old_files_of_another_subject_are_state_at_start_and_no_news(opened: House) -> None:
    warrants(opened, dict.fromkeys(DAYS[:20], 450_000.0))
    teller = Teller(opened)
    teller.turn(NOW)
    gold = [
        {"session": day, "metal": "gold", "region": "", "warehouse": "总计", "level": "total", "unit": "kg",
         "quantity": kg * 0.8 ** place}
        for place, (day, kg) in enumerate(dict.fromkeys(DAYS[:20], 90_000.0).items())
    ]  # fmt: skip
    facts.put(opened, "shfe_warrant_rows", gold)
    assert events(teller, NOW) == [(Event.AT_START.value, "SHFE gold")]
    teller.close()


def test_a_batch_cut_before_its_record_is_told_by_the_next(opened: House, tmp_path: Path) -> None:
    warrants(opened, falling(DAYS[:25], 300_000.0, DAYS[24]))
    first = Teller(opened)
    first.close()
    second = Teller(opened)
    assert events(second, NOW) == [("at_start", "SHFE silver")]
    assert published(tmp_path, "select state, events from alerts")[0][0] == "open"
    assert published(tmp_path, "select state from deliveries") == [("QUEUED",)]
    second.close()
