"""What no price and no rate has ever been, and where each source asks for it; every figure is made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from monitor.errors import Implausible, Unreadable
from monitor.model import Batch
from monitor.sources import plausible
from monitor.sources.registry import discover
from tests.factories import asia, comex_margins, ecb, shanghai, world
from tests.mutations.specimens import AUTUMN, BILLS, FRANKFURTER, Specimen, specimens

SOURCES, _ = discover()
BY_TITLE: Mapping[str, Specimen] = {specimen.title: specimen for specimen in specimens()}


def read(title: str, body: bytes) -> Batch:
    specimen = BY_TITLE[title]
    return SOURCES[specimen.source].parse(specimen.answer(body))


def with_field(title: str, path: tuple[Any, ...], value: Any) -> bytes:
    """The sound JSON with one value changed."""
    payload = json.loads(BY_TITLE[title].body)
    holder = payload
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return json.dumps(payload).encode()


@pytest.mark.parametrize(
    ("code", "dollars"), [("SI", 82.3), ("SIL", 4.1), ("GC", 255.0), ("HG", 5.8), ("ALI", 3_031.0)]
)
def test_a_price_of_the_metal_passes_and_a_thousandfold_one_does_not(code: str, dollars: float) -> None:
    assert plausible.price(code, dollars) == ""
    assert plausible.price(code, dollars * 1_000) == f"{dollars * 1_000:g} dollars is no price of {code}"


def test_a_product_that_is_not_known_has_no_range() -> None:
    assert plausible.price("AUP", 1.08) == plausible.price("AUP", 1e9) == ""


@pytest.mark.parametrize(
    ("prices", "problem"),
    [
        ({"open": 81.0, "high": 83.0, "low": 80.0, "close": 82.0}, ""),
        ({"open": None, "high": 83.0, "low": None, "close": None}, ""),
        ({"open": 79.0, "high": 83.0, "low": 80.0}, "open 79 below the low of 80"),
        ({"open": 81.0, "high": 80.5, "low": 80.0}, "open 81 above the high of 80.5"),
        ({"high": 79.0, "low": 80.0}, "high 79 below the low of 80"),
    ],
)
def test_open_close_and_high_lie_between_low_and_high(prices: dict[str, float | None], problem: str) -> None:
    assert plausible.order(prices) == problem


def test_a_price_three_times_another_of_its_day_is_too_far() -> None:
    assert plausible.apart({"high": 240.0, "low": 30.0, "open": None}, 82.0) == ""
    assert plausible.apart({"high": 250.0}, 82.0) == "high 250 is too far from 82"


@pytest.mark.parametrize(
    ("base", "quote", "rate"), [("EUR", "USD", 1.13), ("USD", "CNY", 6.75), ("JPY", "CNY", 0.0428), ("CNY", "MYR", 0.6)]
)
def test_a_rate_passes_and_a_thousandfold_one_does_not(base: str, quote: str, rate: float) -> None:
    assert plausible.rate(base, quote, rate) == ""
    assert plausible.rate(base, quote, rate * 1_000)
    assert plausible.rate(base, "XDR", rate * 1_000) == ""


VOLUME = "comex_volume payload"
KX = "shfe_daily JSON"


@pytest.mark.parametrize(
    ("title", "path", "value", "problem"),
    [
        (VOLUME, ("monthData", 0, "globex"), "39,791", "the book, the pit and private trades make 40001"),
        (VOLUME, ("monthData", 0, "blockVolume"), "211", "211 in blocks and exchanges, 210 privately negotiated"),
        (VOLUME, ("monthData", 0, "change"), "99,999", "less than none before"),
        (VOLUME, ("monthData", 1, "change"), "2,312", "change is -3278 in all, but the months add up to -3277"),
        (VOLUME, ("totals", "efpVol"), "1", "efpVol is 1 in all, but the months add up to 0"),
        ("comex_settlements payload", ("settlements", 0, "settle"), "82,317", "dollars is no price of SI"),
        ("comex_settlements payload", ("settlements", 0, "high"), "83,100", "high 83100 is too far from 82.317"),
        ("comex_settlements payload", ("settlements", 0, "change"), "+81.250", "previous settlement 1.067 is too far"),
        ("comex_settlements payload", ("settlements", 0, "low"), "81.9", "open 81 below the low of 81.9"),
        (KX, ("o_curinstrument", 0, "OPENINTERESTCHG"), 110_989, "110988 open after a change of \\+110989"),
        (KX, ("o_curinstrument", 0, "HIGHESTPRICE"), 9e7, "high 9e\\+07 is too far from 108910"),
        ("shfe_ranking JSON", ("o_cursor", 0, "CJ1_CHG"), 1_001, "rank 1 has 1000 lots after a change of \\+1001"),
        ("sge_benchmark JSON", ("zp", 0, 1), 16_010_000, "CNY|morning"),
        ("gld_trust JSON", ("data", "close_usd", "value"), "US$ 382,130.00", "a close of 382130"),
        ("gld_trust JSON", ("data", "daily_volume", "value"), "3,835,594,000", "a volume of 3.83559e\\+09"),
        ("spot_quotes gold-api", ("price",), 1, "silver at 1 USD an ounce"),
        ("frankfurter_fx one day", ("rates", "USD"), 1117.2, "1117.2 USD for one EUR"),
        ("cfets_fx JSON", ("records", 1, "price"), "7663.1", "7663.1 CNY for one EUR"),
    ],
)
def test_a_figure_that_no_day_has_had_is_implausible(
    title: str, path: tuple[Any, ...], value: Any, problem: str
) -> None:
    with pytest.raises(Implausible, match=problem):
        read(title, with_field(title, path, value))


def test_volume_is_never_taken_for_zero_because_its_field_is_gone() -> None:
    body = BY_TITLE[KX].body.replace(b'"VOLUME"', b'"VOLUMES"')
    with pytest.raises(Unreadable, match="no VOLUME"):
        read(KX, body)


def test_a_field_of_the_daily_file_that_is_gone_is_noted() -> None:
    body = BY_TITLE[KX].body.replace(b'"OPENPRICE"', b'"FIRSTPRICE"')
    assert [note.text for note in read(KX, body).notes] == [
        "unknown field: 'FIRSTPRICE'",
        "no field 'OPENPRICE' any more",
    ]


def test_silver_in_the_column_of_gold_is_seen_in_the_vaults() -> None:
    exchanged = [(month, silver, gold) for month, gold, silver in world.VAULTS]
    with pytest.raises(Implausible, match="are they exchanged"):
        read("lbma_vault JSON", world.vault_json(exchanged))


def test_amounts_without_their_month_are_unreadable() -> None:
    specimen = BY_TITLE["lbma_vault workbook"]
    rows = [*specimen.rows[:-1], [None, *specimen.rows[-1][1:]]]
    with pytest.raises(Unreadable, match="amounts without their month"):
        read(specimen.title, specimen.write(rows))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ((*comex_margins.PLATINUM[:6], "5,300,000", "USD", "-"), "a margin of 5,300,000 dollars"),
        ((*comex_margins.PLATINUM[:6], "4", "USD", "-"), "a margin of 4 dollars"),
        ((*comex_margins.PLATINUM[:2], "COPPER FUTURES", *comex_margins.PLATINUM[3:]), "PL called 'COPPER FUTURES'"),
    ],
)
def test_a_margin_of_no_such_size_or_name_is_implausible(row: tuple[str, ...], problem: str) -> None:
    with pytest.raises(Implausible, match=problem):
        read("cme_margins CSV", comex_margins.made([comex_margins.GOLD, comex_margins.SILVER, row]))


def test_a_warehouse_that_holds_more_than_all_ever_did_is_implausible() -> None:
    """Gold is one row without a total: nothing else in the page could say so."""
    page = shanghai.shfe_warrants_html(AUTUMN, gold=(("", "上期所指定交割金库", 115_000_000, -12_000),))
    with pytest.raises(Implausible, match="黄金: more than 5e\\+06 kg under warrant"):
        read("shfe_warrants page", page)
    with pytest.raises(Implausible, match="黄金: more than 5e\\+06 kg"):
        read("shfe_weekly page", asia.shfe_weekly_html(date(2026, 11, 13), gold=(115_012_000, 115_000_000)))


def test_a_rate_of_the_ecb_in_another_currencys_column_is_implausible() -> None:
    rates = {date(2026, 10, 30): {"USD": 177.5, "JPY": 1.13}}
    with pytest.raises(Implausible, match=r"177\.5 USD for one EUR|1\.13 JPY for one EUR"):
        read("ecb_fx history", ecb.ecb_hist_csv(rates))


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("fred_bills CSV", world.fred_csv(BILLS[:1])),
        ("gld_trust CSV", BY_TITLE["gld_trust CSV"].body),
        ("mcx_bhavcopy CSV", BY_TITLE["mcx_bhavcopy CSV"].body),
        ("cme_margins CSV", BY_TITLE["cme_margins CSV"].body),
    ],
)
def test_a_last_line_that_does_not_end_may_be_a_number_cut(title: str, body: bytes) -> None:
    with pytest.raises(Unreadable, match="its last line does not end"):
        read(title, body.rstrip(b"\r\n"))


def test_frankfurters_three_forms_hold_rates_in_range() -> None:
    for layout in FRANKFURTER:
        assert read(f"frankfurter_fx {layout}", BY_TITLE[f"frankfurter_fx {layout}"].body).frames["fx_rows"].height
