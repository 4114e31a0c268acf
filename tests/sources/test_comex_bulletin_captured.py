"""The captured editions of the metals bulletin against their answers, and against the volume service."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import polars as pl
import pytest

from monitor import contracts
from monitor.errors import NotPublished
from monitor.model import Answer, Batch
from monitor.sources import comex_volume
from monitor.sources.bulletin import EXPIT
from monitor.sources.comex_bulletin import recognise
from tests.captures import CAPTURES, answers, differing, needs_captures
from tests.sources.bulletins import number, whole

LATER = datetime(2026, 4, 20, tzinfo=UTC)

FOLDER = CAPTURES / "comex" / "bulletin62"


@cache
def captured() -> dict[str, Batch]:
    return {path.name: whole(path.read_bytes(), LATER) for path in sorted(FOLDER.iterdir())}


@needs_captures
@pytest.mark.captures
def test_every_contract_month_equals_the_answers() -> None:
    """2,787 rows of twelve products in 18 editions, every printed column with its letters; 4,606 more of the others."""
    wanted = {
        (r["source_file"], r["bulletin_date"], r["status"], r["product"], r["contract_month"]): (
            number(r["open"]), number(r["high"]), r["high_flag"], number(r["low"]), r["low_flag"], number(r["settle"]),
            "NEW" if r["pt_change"] == "NEW" else number(r["pt_change"]), int(r["globex_volume"]),
            int(r["pnt_volume"]), int(r["open_interest"]), int(r["oi_change"]),
        )
        for r in answers("bulletin62_metals_by_month")
    }  # fmt: skip
    products = {key[3] for key in wanted}
    found = {
        (name, str(r["session"]), r["status"].upper(), r["product"], f"{r['delivery_month']:%Y-%m}"): (
            r["open"], r["high"], r["high_flag"], r["low"], r["low_flag"], r["settle"],
            "NEW" if r["is_new"] else r["change"], r["globex_volume"], r["pnt_volume"], r["open_interest"],
            r["open_interest_change"],
        )
        for name, batch in captured().items()
        for r in batch.frames["bulletin_rows"].rows(named=True)
    }  # fmt: skip
    ours = {key: value for key, value in found.items() if key[3] in products}
    assert differing(wanted, ours) == []
    assert (len(ours), len(found), len(products)) == (2_787, 7_393, 12)


@needs_captures
@pytest.mark.captures
def test_every_line_of_the_ex_pit_table_equals_the_answers() -> None:
    """342 rows of five products, all eleven columns; dashes are nothing."""
    wanted = {
        (r["bulletin_date"], r["status"], r["product"], r["contract_month"]): tuple(
            int(r[column]) if r[column] else None for column in EXPIT
        )
        for r in answers("bulletin62_expit")
    }
    found = {
        (str(r["session"]), r["status"].upper(), r["product"], f"{r['delivery_month']:%Y-%m}"): tuple(
            r[column] for column in EXPIT
        )
        for batch in captured().values()
        for r in batch.frames["bulletin_expit_rows"].rows(named=True)
    }
    ours = {key: value for key, value in found.items() if key[2] in contracts.PRODUCTS}
    assert differing(wanted, ours) == []
    assert (len(ours), len(found)) == (342, 1_031)


@needs_captures
@pytest.mark.captures
def test_every_edition_equals_the_index() -> None:
    """Date, status and number, whatever the file's name says; 63 stands on two days, and on both editions of each."""
    wanted = {
        r["file"]: (r["bulletin_date"], r["status"], int(r["bulletin_number"])) for r in answers("bulletin62_index")
    }
    found = {
        name: batch.frames["bulletin_rows"].select("session", "status", "bulletin_number").unique().rows()
        for name, batch in captured().items()
    }
    assert differing(wanted, {name: (str(d), s.upper(), n) for name, ((d, s, n),) in found.items()}) == []
    assert {day for day, _, number in wanted.values() if number == 63} == {"2026-04-02", "2026-04-03"}


@needs_captures
@pytest.mark.captures
def test_the_captured_editions_hold_nothing_unknown_but_e_mini_gold() -> None:
    """Twice its private trades stand in a total without a month; every last trade date is that of our rule."""
    notes = {name: [note.text for note in batch.notes] for name, batch in captured().items() if batch.notes}
    assert notes == {
        "Section62_Metals_Futures_2026-04-02.pdf": [
            "QO: 200 privately negotiated, no month of them in the ex-pit table"
        ],
        "Section62_Metals_Futures_2026-04-11.pdf": [
            "QO: 1600 privately negotiated, no month of them in the ex-pit table"
        ],
    }
    dates = {
        (r["product"], r["delivery_month"]): r["last_trade"]
        for batch in captured().values()
        for r in batch.frames["bulletin_rows"].rows(named=True)
        if r["product"] in contracts.PRODUCTS and r["last_trade"]
    }
    assert len(dates) > 40
    assert all(contracts.last_trade(*key) == day for key, day in dates.items())


@cache
def volume_service() -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of the captured volume payloads, gold and silver, by session, product and month."""
    found = {}
    for path in (CAPTURES / "comex" / "volume_oi_json").iterdir():
        with contextlib.suppress(NotPublished):
            answer = Answer(path.read_bytes(), path.name, LATER, hint=comex_volume.hint_of(path.name))
            for r in comex_volume.parse(answer).frames["open_interest_rows"].rows(named=True):
                found[r["session"], r["product"], r["delivery_month"]] = r
    return found


def shared_rows() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(bulletin, volume service) for every contract month that both have."""
    return [
        (r, volume_service()[key])
        for batch in captured().values()
        for r in batch.frames["open_interest_rows"].rows(named=True)
        if (key := (r["session"], r["product"], r["delivery_month"])) in volume_service()
    ]


@needs_captures
@pytest.mark.captures
def test_volumes_are_those_of_the_volume_service() -> None:
    """All of gold and silver on the days that both have: total, book, private, blocks, exchange for physical."""
    columns = ("volume", "globex_volume", "pnt_volume", "block_volume", "efp_volume")
    differ = [(ours, theirs) for ours, theirs in shared_rows() if any(ours[c] != theirs[c] for c in columns)]
    assert differ == []
    assert len(shared_rows()) == 415


@needs_captures
@pytest.mark.captures
def test_open_interest_is_that_of_the_volume_service_where_the_version_is_the_same() -> None:
    """150 final and 60 preliminary contract months, their changes too; and neither lists a month the other has not."""
    columns = ("open_interest", "open_interest_change")
    same = [(ours, theirs) for ours, theirs in shared_rows() if ours["status"] == theirs["status"]]
    assert [(ours, theirs) for ours, theirs in same if any(ours[c] != theirs[c] for c in columns)] == []
    assert sorted(ours["status"] for ours, _ in same) == ["final"] * 150 + ["preliminary"] * 60
    ours = {
        (r["session"], r["product"], r["delivery_month"])
        for batch in captured().values()
        for r in batch.frames["open_interest_rows"].rows(named=True)
    }
    days = {key[:2] for key in ours} & {key[:2] for key in volume_service()}
    assert {k for k in ours if k[:2] in days} == {k for k in volume_service() if k[:2] in days}
    assert len(days) == 12


@needs_captures
@pytest.mark.captures
def test_preliminary_and_final_differ_in_open_interest_alone() -> None:
    """On the four days that were captured twice; the fall of April gold is 40,398 before and more after."""
    editions: dict[Any, dict[str, Any]] = {}
    for batch in captured().values():
        for r in batch.frames["bulletin_rows"].rows(named=True):
            key = (r["session"], r["product"], r["delivery_month"])
            editions.setdefault(key, {})[r["status"]] = r
    both = [pair for pair in editions.values() if len(pair) == 2]
    same = ("open", "high", "low", "settle", "globex_volume", "pnt_volume")
    assert len({pair["final"]["session"] for pair in both}) == 4
    assert all(pair["preliminary"][name] == pair["final"][name] for pair in both for name in same)
    moved = [p for p in both if p["preliminary"]["open_interest"] != p["final"]["open_interest"]]
    assert len(moved) > 20
    april = editions[date(2026, 3, 26), "GC", date(2026, 4, 1)]
    assert (april["preliminary"]["open_interest"], april["final"]["open_interest"]) == (63_034, 51_572)


@needs_captures
@pytest.mark.captures
def test_final_editions_leave_the_daily_deliveries_blank() -> None:
    """The preliminary ones of session days have them, of the business day before."""
    daily: dict[tuple[date, str], int] = {}
    for batch in captured().values():
        frame = batch.frames["bulletin_expit_rows"]
        day, status = frame["session"][0], frame["status"][0]
        daily[day, status] = frame["deliveries_daily"].drop_nulls().len()
    assert all(count == 0 for (_, status), count in daily.items() if status == "final")
    assert daily[date(2026, 3, 26), "preliminary"] > 0


@needs_captures
@pytest.mark.captures
def test_good_friday_has_an_edition_without_volume() -> None:
    """Every settlement is that of the day before; open interest was put right by 560 lots in a million."""
    frame = captured()["Section62_Metals_Futures_2026-04-07.pdf"].frames["bulletin_rows"]
    assert frame["session"].unique().to_list() == [date(2026, 4, 3)]
    assert (frame["globex_volume"].sum(), frame["pnt_volume"].sum()) == (0, 0)
    assert set(frame["change"].drop_nulls()) == {0.0}
    assert (frame["open_interest"].sum(), frame["open_interest_change"].abs().sum()) == (1_041_091, 560)


@needs_captures
@pytest.mark.captures
def test_an_expired_month_stays_listed_and_its_last_trade_tells() -> None:
    """March 2026 on the two sessions after its last day: open interest 0, and a settlement that no longer moves."""
    for name in ("Section62_Metals_Futures_2026-04-01.pdf", "Section62_Metals_Futures_2026-04-02.pdf"):
        frame = captured()[name].frames["bulletin_rows"]
        expired = frame.filter(
            (pl.col("last_trade") < pl.col("session")) & pl.col("product").is_in(list(contracts.PRODUCTS))
        )
        assert expired.select("product", "settle", "open_interest", "last_trade").rows() == [
            ("GC", 4_492.0, 0, date(2026, 3, 27)),
            ("HG", 5.467, 0, date(2026, 3, 27)),
            ("SI", 69.545, 0, date(2026, 3, 27)),
            ("PA", 1_390.9, 0, date(2026, 3, 27)),
        ]


@needs_captures
@pytest.mark.captures
def test_only_bulletins_are_recognised() -> None:
    """Not the delivery reports, whatever the names."""
    assert all(recognise(path.read_bytes(), "x.xls") for path in FOLDER.iterdir())
    others = [path for name in ("issues_stops", "issues_stops_ytd") for path in (CAPTURES / "comex" / name).iterdir()]
    assert not any(recognise(path.read_bytes(), "Section62.pdf") for path in others)
