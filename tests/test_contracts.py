"""Contract rules: the dates of 2026 as published, sizes, names, and what captured reports prove of them."""

import csv
from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import contracts, sessions, units
from tests.captures import CAPTURES, needs_captures

CODES = st.sampled_from(sorted(contracts.PRODUCTS))
MONTHS = st.builds(date, st.integers(2000, 2099), st.integers(1, 12), st.just(1))
COMEX_METALS = ("SI", "GC", "HG", "PL", "PA")
SHFE_METALS = ("ag", "au", "cu")
MARCH, MAY, JULY = date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1)


def rows(path: str) -> list[dict[str, str]]:
    with (CAPTURES / path).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- sizes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "troy_oz"),
    [("SI", 5_000), ("GC", 100), ("PL", 50), ("PA", 100), ("ag", 482.2612), ("au", 32.15075)],
)
def test_a_lot_of_precious_metal_has_its_ounces(code: str, troy_oz: float) -> None:
    product = contracts.PRODUCTS[code]
    assert units.convert(product.lot, product.unit, "troy_oz") == pytest.approx(troy_oz, rel=1e-6)


def test_a_lot_of_copper_is_25000_pounds_in_new_york_and_five_tonnes_in_shanghai() -> None:
    york, shanghai = contracts.PRODUCTS["HG"], contracts.PRODUCTS["cu"]
    assert units.convert(york.lot, york.unit, "pound") == pytest.approx(25_000)
    assert units.convert(shanghai.lot, shanghai.unit, "tonne") == pytest.approx(5)


def test_450_tonnes_of_silver_are_30000_lots_in_shanghai() -> None:
    product = contracts.PRODUCTS["ag"]
    assert units.convert(450, "tonne", product.unit) / product.lot == pytest.approx(30_000)


@pytest.mark.parametrize("product", contracts.PRODUCTS.values(), ids=lambda product: product.code)
def test_a_product_speaks_in_known_metals_units_and_months(product: contracts.Product) -> None:
    assert product.metal in units.METALS
    assert {product.unit, product.price_unit} <= units.GRAMS.keys()
    assert set(product.active_months) <= set(contracts.MONTH_LETTERS)
    assert product.currency == ("CNY" if product.venue == "SHFE" else "USD")
    assert product.tick > 0


def test_nymex_metals_keep_comex_days() -> None:
    assert [contracts.calendar_of(code) for code in ("SI", "PL", "PA", "ag")] == ["COMEX", "COMEX", "COMEX", "SHFE"]


def test_an_unknown_product_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match=r"'XX'.*SI, GC"):
        contracts.calendar_of("XX")


# --- names ------------------------------------------------------------------------------------


@given(CODES, MONTHS)
@settings(max_examples=100)
def test_a_contract_name_reads_back_as_its_product_and_month(code: str, month: date) -> None:
    name = contracts.contract_name(code, month)
    assert contracts.parse_contract(name) == (code, month)
    assert contracts.parse_contract(f" {name.lower()} ") == (code, month)


def test_each_exchange_writes_contracts_in_its_own_way() -> None:
    assert contracts.contract_name("SI", MARCH) == "SIH26"
    assert contracts.contract_name("ag", MARCH) == "ag2603"
    assert contracts.month_code(date(2026, 12, 1)) == "Z26"


@pytest.mark.parametrize(
    "text", ["", "SI", "SIH6", "SIA26", "XXH26", "SI2603", "agH26", "ag2613", "ag2600", "SIH26.CMX"]
)
def test_a_text_that_names_no_contract_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no contract we know"):
        contracts.parse_contract(text)


@given(st.text(max_size=8))
@settings(max_examples=200)
def test_any_text_either_names_a_contract_or_is_refused(text: str) -> None:
    try:
        code, month = contracts.parse_contract(text)
    except ValueError:
        return
    assert contracts.contract_name(code, month).upper() == text.strip().upper()


@pytest.mark.parametrize(
    ("code", "letters"),
    [("SI", "HKNUZ"), ("GC", "GJMQZ"), ("HG", "HKNUZ"), ("PL", "FJNV"), ("PA", "HMUZ"), ("au", "GJMQVZ")],
)
def test_active_months_are_those_that_gather_open_interest(code: str, letters: str) -> None:
    months = [date(2026, number, 1) for number in range(1, 13)]
    active = [month for month in months if contracts.is_active(code, month)]
    assert "".join(contracts.month_code(month)[0] for month in active) == letters


# --- days -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", COMEX_METALS)
def test_comex_last_trade_days_of_2026_are_those_of_the_bulletin(code: str) -> None:
    months = [date(2026, number, 1) for number in range(5, 13)]
    printed = [f"{contracts.last_trade(code, month):%m/%d}" for month in months]
    assert printed == ["05/27", "06/26", "07/29", "08/27", "09/28", "10/28", "11/25", "12/29"]


def test_first_notice_is_the_last_session_before_the_delivery_month() -> None:
    assert contracts.first_notice("SI", MARCH) == date(2026, 2, 27)
    assert contracts.first_notice("SI", MAY) == date(2026, 4, 30)
    assert contracts.first_notice("GC", date(2021, 5, 1)) == date(2021, 4, 30)
    assert contracts.first_notice("GC", date(2024, 4, 1)) == date(2024, 3, 28)  # Good Friday on the 29th


@pytest.mark.parametrize(
    ("month", "position", "delivery"),
    [
        (date(2026, 2, 1), date(2026, 1, 29), date(2026, 2, 2)),
        (MARCH, date(2026, 2, 26), date(2026, 3, 2)),
        (MAY, date(2026, 4, 29), date(2026, 5, 1)),
    ],
)
def test_the_first_intent_is_two_sessions_before_the_first_delivery(
    month: date, position: date, delivery: date
) -> None:
    assert contracts.first_position("SI", month) == position
    assert contracts.first_delivery("SI", month) == delivery


@given(st.sampled_from(COMEX_METALS), MONTHS)
@settings(max_examples=200)
def test_a_comex_delivery_month_runs_position_notice_delivery_last_trade(code: str, month: date) -> None:
    position, notice = contracts.first_position(code, month), contracts.first_notice(code, month)
    delivery, last = contracts.first_delivery(code, month), contracts.last_trade(code, month)
    assert position is not None
    assert notice is not None
    assert position < notice < month <= delivery < last < contracts.last_trade(code, _next(month))
    assert sessions.between("COMEX", position, delivery) == 2
    assert sessions.between("COMEX", last, date(_next(month).year, _next(month).month, 1)) in (2, 3)
    assert contracts.delivery_anchor(code, month) == notice


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@pytest.mark.parametrize(
    ("month", "last", "delivery"),
    [
        (date(2026, 1, 1), date(2026, 1, 15), date(2026, 1, 16)),
        (date(2026, 2, 1), date(2026, 2, 24), date(2026, 2, 25)),  # the 15th is a Sunday before the Spring Festival
        (date(2026, 8, 1), date(2026, 8, 17), date(2026, 8, 18)),
    ],
)
def test_shfe_trades_last_on_the_fifteenth_or_the_next_session(month: date, last: date, delivery: date) -> None:
    assert contracts.last_trade("ag", month) == last
    assert contracts.first_delivery("ag", month) == delivery
    assert contracts.delivery_anchor("ag", month) == last


@pytest.mark.parametrize("code", SHFE_METALS)
def test_shfe_has_no_notice_days(code: str) -> None:
    assert contracts.first_notice(code, MARCH) is None
    assert contracts.first_position(code, MARCH) is None


def test_a_day_inside_the_month_stands_for_the_month() -> None:
    for rule in (contracts.last_trade, contracts.first_notice, contracts.first_delivery, contracts.first_position):
        assert rule("SI", date(2026, 3, 17)) == rule("SI", MARCH)


# --- distance ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("session", "left"),
    [
        (date(2026, 2, 5), 15),
        (date(2026, 2, 6), 14),
        (date(2026, 2, 9), 13),
        (date(2026, 2, 17), 8),
        (date(2026, 2, 26), 1),
        (date(2026, 2, 27), 0),
        (date(2026, 3, 2), -1),
    ],
)
def test_sessions_to_first_notice_of_march_2026_silver(session: date, left: int) -> None:
    assert contracts.sessions_to_first_notice("SI", MARCH, session) == left


def test_sessions_to_first_notice_of_a_shfe_contract_run_to_its_last_trade() -> None:
    assert contracts.sessions_to_first_notice("ag", date(2026, 2, 1), date(2026, 2, 13)) == 1
    assert contracts.sessions_to_first_notice("ag", MARCH, date(2026, 3, 12)) == 2


def test_may_to_july_is_61_days_and_67_934_to_68_432_is_4_326_percent_a_year() -> None:
    near, far = contracts.first_notice("SI", MAY), contracts.first_notice("SI", JULY)
    assert near is not None
    assert far is not None
    days = (far - near).days
    assert days == 61
    assert 100 * (68.432 / 67.934 - 1) * 360 / days == pytest.approx(4.326, abs=5e-4)


# --- the reference table ------------------------------------------------------------------------


def test_the_reference_table_has_one_row_per_product_and_calendar_month() -> None:
    table = contracts.contracts_between(date(2025, 12, 31), date(2026, 2, 1))
    keys = {(row["product"], row["delivery_month"]) for row in table}
    assert keys == {
        (code, month)
        for code in contracts.PRODUCTS
        for month in (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))
    }
    assert len(table) == len(keys) == 24


def test_a_row_of_the_reference_table_says_all_of_its_contract() -> None:
    table = contracts.contracts_between(MARCH, MARCH)
    assert next(row for row in table if row["contract"] == "SIH26") == {
        "venue": "COMEX",
        "product": "SI",
        "metal": "silver",
        "delivery_month": MARCH,
        "contract": "SIH26",
        "first_position": date(2026, 2, 26),
        "first_notice": date(2026, 2, 27),
        "last_trade": date(2026, 3, 27),
        "first_delivery": date(2026, 3, 2),
        "is_active": True,
        "lot": 5_000,
        "unit": "troy_oz",
        "currency": "USD",
        "price_unit": "troy_oz",
    }
    assert {len(row) for row in table} == {14}


# --- the rules against captured reports ---------------------------------------------------------

NOTICE_PRODUCTS = {
    "COMEX 5000 SILVER FUTURES": "SI",
    "COMEX 100 GOLD FUTURES": "GC",
    "COMEX COPPER FUTURES": "HG",
    "PLATINUM FUTURES NYMEX": "PL",
    "PALLADIUM FUTURES NYMEX": "PA",
}
MONTH_NAMES = ("JANUARY", "FEBRUARY", "MARCH")
"""Those the captured notices name."""


def american(text: str) -> date:
    month, day, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def notices() -> list[tuple[str, date, dict[str, str]]]:
    found = []
    for row in rows("comex/expected/issues_stops_contracts.csv"):
        name, year, product = row["contract"].split(" ", 2)
        if product in NOTICE_PRODUCTS:
            found.append((NOTICE_PRODUCTS[product], date(int(year), MONTH_NAMES.index(name) + 1, 1), row))
    return found


@needs_captures
def test_every_captured_notice_delivers_two_sessions_after_its_intent_and_after_the_last_one_at_month_end() -> None:
    """The last intent, on the session after last trade, is delivered on the last session of the month."""
    found = notices()
    assert {code for code, _, _ in found} == set(COMEX_METALS)
    assert len(found) > 150
    for code, month, row in found:
        intent, delivery = american(row["intent_date"]), american(row["delivery_date"])
        position = contracts.first_position(code, month)
        assert position is not None
        assert position <= intent
        last = intent > contracts.last_trade(code, month)
        assert delivery == sessions.shift("COMEX", intent, 1 if last else 2)
        assert contracts.first_delivery(code, month) <= delivery < _next(month)


@needs_captures
def test_the_first_captured_intent_of_march_2026_is_its_first_position_day() -> None:
    """A notice whose total equals its month to date is the first of its contract."""
    firsts = {
        (code, month): american(row["intent_date"])
        for code, month, row in notices()
        if row["month_to_date"] == row["total_issued"]
    }
    assert firsts == {(code, MARCH): contracts.first_position(code, MARCH) for code in COMEX_METALS}


@needs_captures
def test_a_settlement_stands_still_from_the_last_trade_day_on() -> None:
    """January silver printed 113.111 on its last trade day, 28 January 2026, and on the day after."""
    prices: dict[tuple[str, date], dict[date, str]] = defaultdict(dict)
    for code, month, row in notices():
        prices[code, month][american(row["business_date"])] = row["settlement"]
    assert prices["SI", date(2026, 1, 1)][date(2026, 1, 29)] == "113.111000000"
    ended = 0
    for (code, month), days in prices.items():
        after = {price for day, price in days.items() if day >= contracts.last_trade(code, month)}
        assert len(after) <= 1
        ended += len(after)
    assert ended == 7


@needs_captures
def test_no_captured_contract_trades_after_its_last_trade_day() -> None:
    for row in rows("comex/expected/volume_oi_by_month.csv"):
        if float(row["total_volume"]) > 0:
            month = date.fromisoformat(row["contract_month"] + "-01")
            assert date.fromisoformat(row["trade_date"]) <= contracts.last_trade(row["product"], month)


@needs_captures
def test_the_month_with_the_most_open_interest_is_always_an_active_one() -> None:
    most: dict[tuple[str, str], tuple[int, str]] = {}
    for row in rows("comex/expected/bulletin62_metals_by_month.csv"):
        if row["product"] in COMEX_METALS:
            key = row["product"], row["bulletin_date"]
            most[key] = max(most.get(key, (0, "")), (int(row["open_interest"] or 0), row["contract_month"]))
    assert len(most) >= 5 * 12
    for (code, _), (_, month) in most.items():
        assert contracts.is_active(code, date.fromisoformat(month + "-01"))
