"""The views people build on: each is there under its name, with these columns, and filled by its sources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from monitor.house import House
from monitor.sources.registry import discover
from tests.factories import comex_margins
from tests.factories.asia import pm_json
from tests.factories.comex_pdf import Firm, Section, notices_pdf
from tests.factories.cot import cot_json
from tests.factories.prices import ROW, entered, gold_api
from tests.factories.world import fred_csv, gld_json, nyfed_json, slv_page, vault_json
from tests.homes import house, offer
from tests.sources import test_comex_notices_mtd

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)

VERSION = ["published_at", "published_assumed", "loaded_at", "raw_sha256"]
VIEWS = {
    "delivery_notices": (
        "session venue contract product delivery_month firm_id firm account issued stopped intent_date delivery_date "
        "run_time",
        "delivery_notice_rows", {"comex_notices"},
    ),
    "delivery_totals": (
        "session venue contract product delivery_month settlement issued stopped month_to_date intent_date "
        "delivery_date run_time source",
        "delivery_total_rows", {"comex_notices", "comex_notices_mtd"},
    ),
    "cot": (
        "session report scope market_code metal open_interest prod_merc_long prod_merc_short swap_long swap_short "
        "m_money_long m_money_short noncomm_long noncomm_short comm_long comm_short conc_gross_4_long "
        "traders_total source",
        "cot_rows", {"cftc_disaggregated", "cftc_legacy"},
    ),
    "member_positions": (
        "session venue product contract delivery_month rank side member_id member lots change_lots is_total",
        "member_position_rows", {"shfe_ranking"},
    ),
    "fund_holdings": ("session fund measure value unit as_of source", "fund_rows", {"gld_trust", "slv_trust"}),
    "spot_quotes": (
        "session metal provider quoted_at bid ask price spot_kind currency unit source",
        "spot_quote_rows", {"spot_quotes"},
    ),
    "rates": ("session series percent basis revision source", "rate_rows", {"fred_bills", "nyfed_sofr"}),
    "margins": (
        "session venue product product_name start_month end_month kind value unit volatility_scan_pct",
        "margin_rows", {"cme_margins"},
    ),
    "vault_holdings": (
        "session venue metal quantity unit quantity_troy_oz source", "vault_holding_rows", {"lbma_vault"},
    ),
    "manual_prices": (
        "series session value bid ask unit tax_basis source_url note received_at source",
        "manual_rows", {"inbox_csv"},
    ),
    "settlements": (
        "venue product delivery_month session settle currency unit status source",
        "settlement_rows",
        {"comex_bulletin", "comex_settle_file", "comex_settlements", "ine_copper", "shfe_daily"},
    ),
    "open_interest_versions": (
        "venue product delivery_month session status open_interest open_interest_change volume source",
        "open_interest_rows", {"comex_bulletin", "comex_volume", "ine_copper", "shfe_daily"},
    ),
}  # fmt: skip
"""View -> columns, the fact table it shows, the sources that fill it."""


FILES = {
    "comex_notices": notices_pdf(
        date(2026, 4, 29), [Section("MAY 2026 COMEX 5000 SILVER FUTURES", [Firm("661", "C", "A", 5, 5)], 5)]
    ),
    "comex_notices_mtd": test_comex_notices_mtd.made(),
    "cftc_disaggregated": cot_json("disaggregated", scopes=("FutOnly", "Combined")),
    "cftc_legacy": cot_json("legacy", scopes=("FutOnly", "Combined")),
    "shfe_ranking": pm_json(date(2026, 11, 13)),
    "gld_trust": gld_json(),
    "slv_trust": slv_page(),
    "spot_quotes": gold_api(),
    "fred_bills": fred_csv([["2026-02-12", "4.31", "4.35", "4.20", "4.30"]]),
    "nyfed_sofr": nyfed_json({"2026-02-13": 4.3}),
    "cme_margins": comex_margins.made(),
    "lbma_vault": vault_json(),
    "inbox_csv": entered(ROW),
}
"""One file by source."""
ISSUE = (
    "delivery_notices", "delivery_totals", "cot", "member_positions", "fund_holdings", "spot_quotes", "rates",
    "margins", "vault_holdings", "manual_prices",
)  # fmt: skip


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home that was given every file."""
    with house(tmp_path_factory.mktemp("views"), NOW) as found:
        suffix = {"fred_bills": "csv", "cme_margins": "csv", "inbox_csv": "csv"}
        named = ((f"{source}.{suffix.get(source, 'bin')}", body) for source, body in FILES.items())
        outcomes = offer(found, named, NOW)
        assert [(o.source, o.status, o.message) for o in outcomes] == [(name, "loaded", "") for name in FILES]
        yield found


@pytest.mark.parametrize("view", VIEWS)
def test_the_view_has_these_columns_and_the_stamps(opened: House, view: str) -> None:
    found = [
        name for (name,) in opened.store.rows("select column_name from duckdb_columns() where table_name = ?", [view])
    ]
    assert {*VIEWS[view][0].split(), *VERSION} - set(found) == set()


@pytest.mark.parametrize("view", VIEWS)
def test_these_sources_and_no_other_fill_the_view(view: str) -> None:
    _, table, names = VIEWS[view]
    sources, _ = discover()
    assert {name for name, source in sources.items() if table in source.tables} == names


@pytest.mark.parametrize("view", ISSUE)
def test_a_file_of_each_of_its_sources_is_seen_in_the_view(opened: House, view: str) -> None:
    found = opened.store.rows(f"select distinct l.source from {view} v join loads l on l.raw_sha256 = v.raw_sha256")
    assert {source for (source,) in found} == VIEWS[view][2]


def test_every_view_answers_a_question_for_a_few_rows(opened: House) -> None:
    for (view,) in opened.store.rows("select view_name from duckdb_views() where not internal"):
        opened.store.rows(f"select * from {view} limit 3")
