"""London, positioning, money and funds through the whole pipeline: each file has one owner, and the views say what
the public knew."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sources.registry import discover
from tests.factories.cot import DAY, cot_json, cot_text
from tests.factories.ecb import ecb_hist_csv
from tests.factories.world import (
    EXAMPLES,
    answer,
    ccpr_json,
    fred_csv,
    gld_csv,
    gld_json,
    gld_line,
    gld_xlsx,
    lbma_json,
    nyfed_json,
    outcome,
    slv_page,
    slv_workbook,
    vault_json,
    vault_xlsx,
    zipped,
)
from tests.homes import house, offer

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
FRANKFURTER = b'{"amount":1.0,"base":"EUR","date":"2026-10-30","rates":{"CNY":7.5,"USD":1.1}}'
FILES = {
    "silver.json": ("lbma_prices", lbma_json()),
    "vault.json": ("lbma_vault", vault_json()),
    "vault.xlsx": ("lbma_vault", vault_xlsx()),
    "disaggregated.json": ("cftc_disaggregated", cot_json("disaggregated", scopes=("FutOnly", "Combined"))),
    "f_disagg.txt": ("cftc_disaggregated", cot_text("disaggregated", head=False)),
    "f_year.zip": ("cftc_disaggregated", zipped({"f_year.txt": cot_text("disaggregated", step=3)})),
    "deafut.txt": ("cftc_legacy", cot_text("legacy", head=False)),
    "deahistfo2026.zip": ("cftc_legacy", zipped({"annualof.txt": cot_text("legacy")})),
    "ccpr.json": ("cfets_fx", ccpr_json({"USD/CNY": "6.7489"}, "2026-10-30 9:15")),
    "frankfurter.json": ("frankfurter_fx", FRANKFURTER),
    "ecb.csv": ("ecb_fx", ecb_hist_csv()),
    "sofr.json": ("nyfed_sofr", nyfed_json({"2026-02-12": 4.3})),
    "fredgraph.csv": ("fred_bills", fred_csv([["2026-02-12", "4.31", "4.35", "4.20", "4.30"]])),
    "slv.xls": ("slv_trust", slv_workbook()),
    "slv.html": ("slv_trust", slv_page()),
    "gld.csv": ("gld_trust", gld_csv([gld_line("20-Nov-2025")])),
    "gld.xlsx": ("gld_trust", gld_xlsx([gld_line("21-Nov-2025")])),
    "gld.json": ("gld_trust", gld_json()),
}


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_claimed_by_its_own_source_alone(name: str) -> None:
    sources, broken = discover()
    assert not broken
    owner, body = FILES[name]
    assert [source.name for source in sources.values() if source.recognise(body, "download.bin")] == [owner]


def test_every_file_dropped_into_a_home_is_loaded_and_shown(tmp_path: Path) -> None:
    with house(tmp_path, NOW) as opened:
        outcomes = offer(opened, ((name, body) for name, (_, body) in FILES.items()), NOW)
        assert [(o.name, o.status, o.message) for o in outcomes if o.status != "loaded"] == []
        assert {o.name: o.source for o in outcomes} == {name: owner for name, (owner, _) in FILES.items()}
        for view in ("lbma_prices", "vault_holdings", "cot", "rates", "fund_holdings"):
            (count,) = opened.store.rows(f"select count(*) from {view}")[0]
            assert count > 0, view


def test_a_yuan_rate_stands_once_under_each_publisher(tmp_path: Path) -> None:
    with house(tmp_path, NOW) as opened:
        offer(opened, [(name, FILES[name][1]) for name in ("ccpr.json", "frankfurter.json", "ecb.csv")], NOW)
        found = opened.store.rows(
            "select source, derivation, round(rate, 4) from fx "
            "where base = 'USD' and quote = 'CNY' and session = '2026-10-30' order by source"
        )
        assert found == [
            ("cfets_fx", "published", 6.7489),
            ("ecb_fx", "cross over EUR", round(7.42 / 1.13, 4)),
            ("frankfurter_fx", "cross over EUR", round(7.5 / 1.1, 4)),
        ]


def test_a_report_is_not_known_before_its_release(tmp_path: Path) -> None:
    with house(tmp_path, NOW) as opened:
        offer(opened, [("disaggregated.json", FILES["disaggregated.json"][1])], NOW)
        for moment, count in (("2026-02-13 20:29:00", 0), ("2026-02-13 20:31:00", 5)):
            with opened.store.cursor() as cur:
                cur.execute(f"set variable known_at = timestamp '{moment}'")
                sql = "select count(*) from cot where scope = 'futures' and session = ?"
                assert cur.execute(sql, [DAY]).fetchall() == [(count,)]


def test_futures_and_combined_never_stand_in_one_row(tmp_path: Path) -> None:
    with house(tmp_path, NOW) as opened:
        offer(opened, [("disaggregated.json", FILES["disaggregated.json"][1])], NOW)
        sql = "select scope, open_interest, m_money_net = m_money_long - m_money_short from cot where metal = 'silver'"
        assert sorted(opened.store.rows(sql)) == [("combined", 190_000, True), ("futures", 150_000, True)]


def test_a_vault_holding_is_shown_in_ounces_too(tmp_path: Path) -> None:
    with house(tmp_path, NOW) as opened:
        offer(opened, [("vault.json", FILES["vault.json"][1])], NOW)
        sql = "select quantity, unit, quantity_troy_oz from vault_holdings where metal = 'silver' and session = ?"
        assert opened.store.rows(sql, [date(2026, 1, 30)]) == [(891_000.0, "koz", 891_000_000.0)]


def test_a_rate_of_two_publishers_stands_under_each(tmp_path: Path) -> None:
    with house(tmp_path, NOW) as opened:
        offer(opened, [(name, FILES[name][1]) for name in ("sofr.json", "fredgraph.csv")], NOW)
        sql = "select source, percent, basis from rates where series = 'SOFR' order by source"
        assert opened.store.rows(sql) == [("fred_bills", 4.3, "ACT/360"), ("nyfed_sofr", 4.3, "ACT/360")]


# --- extremes --------------------------------------------------------------------------------

PARSERS = {name: source.parse for name, source in discover()[0].items()}
TEXTS = {name: (owner, body.decode()) for name, (owner, body) in FILES.items() if body[:2] != b"PK"}
DATES = (
    "9999-12-31", "0001-01-01", "0000-01-01", "-0-10-28", "2026-02-30", "Dec 31, 9999", "Jan 01, 0001", "31-Dec-9999",
    "December 31, 9999",
)  # fmt: skip
NUMBERS = (
    "1e308", "99999999999999999999", "-0", "1e-400", "NaN", "Infinity", "-1", "4102444799999", "253402300799999",
    "null", "true", "[]", "{}", '""', ".", "１２",
)  # fmt: skip
DATED = re.compile(r"\d{4}-\d{2}-\d{2}|[A-Z][a-z]{2,8} \d{1,2}, \d{4}|\d{2}-[A-Z][a-z]{2}-\d{4}")
COUNTED = re.compile(r"-?\d+(?:\.\d+)?")
HINTS = {"lbma_prices": "silver", "cftc_legacy": "futures"}


@given(st.sampled_from(sorted(TEXTS)), st.integers(0, 10_000), st.sampled_from([*DATES, *NUMBERS]))
@settings(max_examples=3 * EXAMPLES, database=None)
def test_the_ends_of_time_and_of_numbers_give_a_batch_or_a_named_error(name: str, place: int, odd: str) -> None:
    owner, text = TEXTS[name]
    found = list((DATED if odd in DATES else COUNTED).finditer(text)) or list(COUNTED.finditer(text))
    at = found[place % len(found)]
    body = text[: at.start()] + odd + text[at.end() :]
    given_up = outcome(PARSERS[owner], answer(body, HINTS.get(owner)))
    assert given_up in {"Batch", "Unreadable", "Implausible", "NotPublished"}
