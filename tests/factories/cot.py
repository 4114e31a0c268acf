"""Files in the layouts of the CFTC's Commitments of Traders, written from plain numbers, all made up.

The headings are the publisher's own; a test holds them to captured files. The figures of every row add up by default.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from monitor.sources.cftc_disaggregated import LAYOUT as DISAGGREGATED
from monitor.sources.cftc_legacy import LAYOUT as LEGACY
from monitor.sources.cot import Layout

NAMES: Final = {
    "084691": "SILVER - COMMODITY EXCHANGE INC.",
    "088691": "GOLD - COMMODITY EXCHANGE INC.",
    "076651": "PLATINUM - NEW YORK MERCANTILE EXCHANGE",
    "075651": "PALLADIUM - NEW YORK MERCANTILE EXCHANGE",
    "085692": "COPPER- #1 - COMMODITY EXCHANGE INC.",
    "088695": "MICRO GOLD - COMMODITY EXCHANGE INC.",
    "067651": "CRUDE OIL, LIGHT SWEET - NEW YORK MERCANTILE EXCHANGE",
}
METALS: Final = tuple(NAMES)[:5]
DAY: Final = date(2026, 2, 10)
WEEK: Final = tuple((code, DAY) for code in METALS)
"""The five metals of one report."""

_CROPS: Final = ("All", "Old", "Other")
_SIDES: Final = ("Long", "Short")
_SPREADS: Final = (*_SIDES, "Spread")
_DISAGG_GROUPS: Final = (
    *(("Prod_Merc", side) for side in _SIDES),
    *(("Swap", side) for side in _SPREADS),
    *(("M_Money", side) for side in _SPREADS),
    *(("Other_Rept", side) for side in _SPREADS),
    *(("Tot_Rept", side) for side in _SIDES),
    *(("NonRept", side) for side in _SIDES),
)


def _disaggregated_head() -> list[str]:
    head = [
        "Market_and_Exchange_Names", "As_of_Date_In_Form_YYMMDD", "Report_Date_as_YYYY-MM-DD",
        "CFTC_Contract_Market_Code", "CFTC_Market_Code", "CFTC_Region_Code", "CFTC_Commodity_Code",
    ]  # fmt: skip
    for crop in _CROPS:
        head.append(f"Open_Interest_{crop}")
        for group, side in _DISAGG_GROUPS:
            typo = "_" if group == "Swap" and side != "Long" else ""
            head.append(f"{group}_{typo}Positions_{side}_{crop}")
    head += ["Change_in_Open_Interest_All", *(f"Change_in_{group}_{side}_All" for group, side in _DISAGG_GROUPS)]
    for crop in _CROPS:
        head += [f"Pct_of_Open_Interest_{crop}", *(f"Pct_of_OI_{g}_{side}_{crop}" for g, side in _DISAGG_GROUPS)]
    for crop in _CROPS:
        traders = (f"Traders_{group}_{side}_{crop}" for group, side in _DISAGG_GROUPS if group != "NonRept")
        head += [f"Traders_Tot_{crop}", *traders]
    for crop in _CROPS:
        head += [f"Conc_{k}_LE_{n}_TDR_{side}_{crop}" for k in ("Gross", "Net") for n in (4, 8) for side in _SIDES]
    return [
        *head, "Contract_Units", "CFTC_Contract_Market_Code_Quotes", "CFTC_Market_Code_Quotes",
        "CFTC_Commodity_Code_Quotes", "CFTC_SubGroup_Code", "FutOnly_or_Combined",
    ]  # fmt: skip


def _legacy_head() -> list[str]:
    groups = [
        "Noncommercial{}-Long", "Noncommercial{}-Short", "Noncommercial{}-Spreading", "Commercial{}-Long",
        "Commercial{}-Short", "Total Reportable{}-Long", "Total Reportable{}-Short", "Nonreportable{}-Long",
        "Nonreportable{}-Short",
    ]  # fmt: skip
    head = [
        "Market and Exchange Names", "As of Date in Form YYMMDD", "As of Date in Form YYYY-MM-DD",
        "CFTC Contract Market Code", "CFTC Market Code in Initials", "CFTC Region Code", "CFTC Commodity Code",
    ]  # fmt: skip
    for crop in _CROPS:
        head += [f"Open Interest ({crop})", *(f"{group.format(' Positions')} ({crop})" for group in groups)]
    head += ["Change in Open Interest (All)", *(f"Change in {group.format('')} (All)" for group in groups)]
    for crop in _CROPS:
        head += [f"% of Open Interest (OI) ({crop})", *(f"% of OI-{group.format('')} ({crop})" for group in groups)]
    for crop in _CROPS:
        head += [f"Traders-Total ({crop})", *(f"Traders-{group.format('')} ({crop})" for group in groups[:7])]
    for crop in _CROPS:
        head += [
            f"Concentration-{k} LT ={n} TDR-{s} ({crop})" for k in ("Gross", "Net") for n in (4, 8) for s in _SIDES
        ]
    head = [name.replace("(OI) (Old)", "(OI)(Old)") for name in head]
    head = [name.replace("Short (Other)", "Short(Other)") if "-Gross" in name else name for name in head]
    head = [name.replace("Gross LT =4 TDR-Long (All)", "Gross LT = 4 TDR-Long (All)") for name in head]
    head = [
        name.replace("Total Reportable Positions-Long (All)", " Total Reportable Positions-Long (All)") for name in head
    ]
    return [
        *head, "Contract Units", "CFTC Contract Market Code (Quotes)", "CFTC Market Code in Initials (Quotes)",
        "CFTC Commodity Code (Quotes)",
    ]  # fmt: skip


HEADS: Final = {"disaggregated": _disaggregated_head(), "legacy": _legacy_head()}
LAYOUTS: Final[dict[str, Layout]] = {"disaggregated": DISAGGREGATED, "legacy": LEGACY}


def figures(report: str, interest: int = 150_000) -> dict[str, int | float]:
    """Our columns of one row, all balances holding."""
    parts: dict[str, int | float] = {"open_interest": interest, "traders_total": 250}
    for count, kind, share in ((4, "gross", 21.5), (8, "gross", 32.5), (4, "net", 20.5), (8, "net", 30.5)):
        parts |= {f"conc_{kind}_{count}_long": share, f"conc_{kind}_{count}_short": share + 15}
    layout = LAYOUTS[report]
    spread = sum(_set(parts, f"{group}_spread", interest // (30 + 5 * n)) for n, group in enumerate(layout.groups))
    for side, slope in (("long", 3), ("short", 7)):
        groups = (*layout.plain_groups, *layout.groups)
        total = sum(_set(parts, f"{group}_{side}", interest // (9 + slope * n)) for n, group in enumerate(groups))
        parts[f"tot_rept_{side}"] = spread + total
        parts[f"nonrept_{side}"] = interest - spread - total
    return parts


def _set(parts: dict[str, int | float], name: str, value: int) -> int:
    parts[name] = value
    return value


def cot_text(
    report: str,
    rows: Sequence[tuple[str, date]] = WEEK,
    *,
    scope: str = "FutOnly",
    head: bool = True,
    changed: Mapping[str, str] | None = None,
    ends: str = "\r\n",
    step: int = 0,
) -> bytes:
    """A text of (market code, report date) rows; `changed` replaces our columns in the first row, texts as printed.

    Each row has `step` lots of open interest more than the one before.
    """
    lines = [",".join(f'"{name}"' if report == "legacy" else name for name in HEADS[report])] if head else []
    for n, (code, day) in enumerate(rows):
        book = {**figures(report, 150_000 + n * step), **((changed or {}) if n == 0 else {})}
        lines.append(_line(report, code, day, scope, book))
    return (ends.join(lines) + ends).encode()


def _line(report: str, code: str, day: date, scope: str, book: Mapping[str, int | float | str]) -> str:
    names = HEADS[report]
    keys = [_plain(name) for name in names]
    cells = ["       0"] * len(names)
    cells[:7] = [f'"{NAMES[code]}"', f"{day:%y%m%d}", str(day), code, "CMX ", "01", "084 "]
    cells[keys.index("contractunits")] = '"(CONTRACTS OF 5,000 TROY OUNCES)"'
    if report == "disaggregated":
        cells[-1] = scope
    for name, value in book.items():
        accepted = LAYOUTS[report].columns[name]
        at = next(keys.index(key) for key in accepted if key in keys)
        cells[at] = value if isinstance(value, str) else f"{value:>8}"
    for at, name in enumerate(names):
        if name.lower().startswith("change"):
            cells[at] = "."
    return ",".join(cells)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


_JSON: Final = {
    "disaggregated": {
        "prod_merc_long": "prod_merc_positions_long", "prod_merc_short": "prod_merc_positions_short",
        "swap_long": "swap_positions_long_all", "swap_short": "swap__positions_short_all",
        "swap_spread": "swap__positions_spread_all", "m_money_long": "m_money_positions_long_all",
        "m_money_short": "m_money_positions_short_all", "m_money_spread": "m_money_positions_spread",
        "other_rept_long": "other_rept_positions_long", "other_rept_short": "other_rept_positions_short",
        "other_rept_spread": "other_rept_positions_spread",
    },
    "legacy": {
        "noncomm_long": "noncomm_positions_long_all", "noncomm_short": "noncomm_positions_short_all",
        "noncomm_spread": "noncomm_postions_spread_all", "comm_long": "comm_positions_long_all",
        "comm_short": "comm_positions_short_all",
    },
}  # fmt: skip
"""Our column -> the field of the CFTC's server, its spelling included."""
_JSON_BOTH: Final = {
    "open_interest": "open_interest_all", "tot_rept_long": "tot_rept_positions_long_all",
    "tot_rept_short": "tot_rept_positions_short", "nonrept_long": "nonrept_positions_long_all",
    "nonrept_short": "nonrept_positions_short_all", "traders_total": "traders_tot_all",
    **{f"conc_gross_{n}_{s}": f"conc_gross_le_{n}_tdr_{s}" for n in (4, 8) for s in ("long", "short")},
    **{f"conc_net_{n}_{s}": f"conc_net_le_{n}_tdr_{s}_all" for n in (4, 8) for s in ("long", "short")},
}  # fmt: skip


def cot_json(
    report: str,
    rows: Sequence[tuple[str, date]] = WEEK,
    *,
    scopes: Sequence[str] = ("FutOnly",),
    stored: str | None = None,
    **extra: str | None,
) -> bytes:
    """The server's rows, every number a text; each row once a scope. `extra` adds fields, None takes one out."""
    fields = {**_JSON_BOTH, **_JSON[report]}
    found = []
    for scope in scopes:
        for code, day in rows:
            item: dict[str, str | None] = {} if stored is None else {":updated_at": stored}
            item |= {
                "market_and_exchange_names": NAMES[code], "report_date_as_yyyy_mm_dd": f"{day}T00:00:00.000",
                "cftc_contract_market_code": code, "cftc_market_code": "CMX ", "futonly_or_combined": scope,
            }  # fmt: skip
            book = figures(report, 150_000 if scope == "FutOnly" else 190_000)
            item |= {fields[name]: str(value) for name, value in book.items()} | extra
            found.append({key: value for key, value in item.items() if value is not None})
    return json.dumps(found).encode()
