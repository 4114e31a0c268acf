"""Commitments of Traders: the columns of the two reports, the proof that they add up, and the day each was released.

Futures-only and combined figures are told by the value each row carries (FutOnly, Combined), never by the address a
file came from. The legacy text has no such column: there the name of the zip's member, or of the file, must say it.

Positions are of the report date, which is the session; when it was released is told by `cot_releases`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote, urlencode

import polars as pl

from monitor.errors import Implausible, Unreadable
from monitor.model import Answer, Ask, Batch, Note, Reject
from monitor.schema import TABLES
from monitor.sources import cot_files, histories, tables
from monitor.sources.cot_files import CODES, Rows, plain
from monitor.sources.cot_releases import HOUR, ZONE, released
from monitor.sources.tables import show

__all__ = ["HOUR", "ZONE", "Layout", "asks", "either", "hint_of", "parse", "places", "recognised"]

GRACE_MINUTES: Final = 3 * 24 * 60 + 120
"""A holiday moves the release to the Monday."""
HOSTS: Final = ("publicreporting.cftc.gov", "www.cftc.gov")
TERMS: Final = "Information of the United States government in the public domain; name the CFTC as the source."
TERMS_URL: Final = "https://www.cftc.gov/WebPolicy/index.htm"
LICENCE: Final = "public domain"
_FIRST: Final = date(1986, 1, 1)
_SCOPES: Final = {"futonly": "futures", "combined": "combined"}
_SIDES: Final = ("long", "short")
_CONCENTRATIONS: Final = tuple(
    (f"conc_{kind}_{count}_{side}", kind, count, side)
    for kind in ("gross", "net")
    for count in (4, 8)
    for side in _SIDES
)
_EITHER: Final = {
    "session": ("reportdateasyyyymmdd", "asofdateinformyyyymmdd"),
    "market_code": ("cftccontractmarketcode",),
    "open_interest": ("openinterestall",),
    "tot_rept_long": ("totreptpositionslongall", "totalreportablepositionslongall"),
    "tot_rept_short": ("totreptpositionsshort", "totreptpositionsshortall", "totalreportablepositionsshortall"),
    "nonrept_long": ("nonreptpositionslongall", "nonreportablepositionslongall"),
    "nonrept_short": ("nonreptpositionsshortall", "nonreportablepositionsshortall"),
    "traders_total": ("traderstotall", "traderstotalall"),
    **{
        name: (
            f"conc{kind}le{count}tdr{side}all",
            *((f"conc{kind}le{count}tdr{side}",) if kind == "gross" else ()),
            f"concentration{kind}lt{count}tdr{side}all",
        )
        for name, kind, count, side in _CONCENTRATIONS
    },
}
"""Our column -> the names it goes by, as `cot_files.plain` writes them; the JSON drops an `all` here and there."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One of the two reports."""

    report: str
    groups: tuple[str, ...]
    """Groups of traders with long, short and spread positions."""
    plain_groups: tuple[str, ...]
    """Groups without spreads."""
    columns: dict[str, tuple[str, ...]]
    order: dict[int, str]
    """Place -> name of the columns we read, for a text without headings."""
    fields: int
    datasets: tuple[str, ...]
    """Where the CFTC's server has it, futures-only first."""
    marks: tuple[bytes, str]
    """What only this report has: in its JSON, and in its headings as `plain` writes them."""

    @property
    def positions(self) -> tuple[str, ...]:
        """Our columns of positions, all of which a row must have."""
        own = [f"{group}_{side}" for group in self.groups for side in (*_SIDES, "spread")]
        own += [f"{group}_{side}" for group in (*self.plain_groups, "tot_rept", "nonrept") for side in _SIDES]
        return ("open_interest", *own)


def recognised(layout: Layout, body: bytes) -> bool:
    """Whether the body is this report in any of its forms; never raises."""
    if body[:1] in (b"{", b"<", b"%") or body.startswith(b"\xd0\xcf"):
        return False
    head = cot_files.head_of(body)
    if head.startswith(b"["):
        return b'"cftc_contract_market_code"' in head and layout.marks[0] in head
    names = plain(head.split(b"\n", 1)[0].decode("latin-1"))
    headed = names.startswith("marketandexchangenames") and layout.marks[1] in names
    return headed or cot_files.is_headless(head, layout.fields)


def asks(source: str, layout: Layout, start: date, end: date) -> tuple[Ask, ...]:
    """One question per dataset for the reports dated `start` to `end`, with the moment each row was stored."""
    codes = ",".join(f"'{code}'" for code in CODES)
    query = {
        "$select": ":*,*",
        "$where": f"cftc_contract_market_code in({codes}) AND report_date_as_yyyy_mm_dd between "
        f"'{start}T00:00:00.000' and '{end}T23:59:59.999'",
        "$order": "report_date_as_yyyy_mm_dd ASC, cftc_contract_market_code ASC",
        "$limit": "5000",
    }
    text = urlencode(query, safe="$", quote_via=quote)
    return tuple(
        Ask(source, end, f"https://publicreporting.cftc.gov/resource/{dataset}.json?{text}")
        for dataset in layout.datasets
    )


def parse(answer: Answer, layout: Layout) -> Batch:
    """Rows of cot_rows for the five metals.

    A row that contradicts itself is a Reject where it is one in a hundred, and otherwise Implausible. Raises besides
    NotPublished (no rows yet), Blocked (a firewall's page), Unreadable (another layout, a cut line, a scope that
    nothing tells, a value that is no number), Implausible (a date of the future, two versions of one row).
    """
    rows = cot_files.read(answer, layout.order, layout.fields)
    if not rows.rows:
        raise Unreadable("not one of our five markets is in the file")
    frame = _typed(rows, layout, answer.hint or "")
    histories.check_span(frame["session"].to_list(), _FIRST, answer, ZONE)
    frame, rejects = _proved(frame, layout)
    histories.refuse_many(rejects, frame.height + len(rejects))
    frame = _once(frame)
    notes = (*_layout_notes(rows, layout), *_absent(frame))
    stamped = released(frame, layout.report)
    names = TABLES["cot_rows"].names
    missing = [pl.lit(None, dtype=pl.Int64).alias(name) for name in names if name not in stamped.columns]
    return Batch({"cot_rows": stamped.with_columns(missing).select(names)}, notes, tuple(rejects))


# --- values ----------------------------------------------------------------------------------


def _typed(rows: Rows, layout: Layout, hint: str) -> pl.DataFrame:
    """Typed columns by our names, with `where`, `stored` and the scope of each row."""
    texts: dict[str, list[str | None]] = {}
    for name, accepted in layout.columns.items():
        found = rows.column(accepted)
        if found is None:
            raise Unreadable(f"no column for {name}; it used to be called {accepted[0]!r}")
        texts[name] = found
    frame = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))
    frame = frame.with_columns(pl.all().str.strip_chars().replace(["", "."], [None, None]))
    frame = frame.with_columns(
        pl.Series("where", rows.places, dtype=pl.String),
        pl.Series("scope", _scopes(rows, hint), dtype=pl.String),
        pl.Series("stored", rows.column(("updatedat",)) or [None] * len(rows.rows), dtype=pl.String),
    )
    for name in layout.columns:
        if name not in ("session", "market_code"):
            frame = _numbers(frame, name)
    day = pl.col("session").str.extract(r"^([12]\d{3}-\d{2}-\d{2})(?:T00:00:00(?:\.0+)?)?$").str.to_date(strict=False)
    frame = _cast(frame, "session", day, "date")
    return frame.with_columns(
        pl.col("market_code").str.zfill(6),
        pl.col("market_code").str.zfill(6).replace_strict(CODES, return_dtype=pl.String).alias("metal"),
    )


def _numbers(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    share = name.startswith("conc_")
    pattern = r"^-?\d{1,9}(?:\.\d{1,6})?$" if share else r"^-?\d{1,9}(?:\.0+)?$"
    kept = pl.when(pl.col(name).str.contains(pattern)).then(pl.col(name)).cast(pl.Float64, strict=False)
    return _cast(frame, name, kept if share else kept.cast(pl.Int64), "number", null=True)


def _cast(frame: pl.DataFrame, name: str, expression: pl.Expr, what: str, *, null: bool = False) -> pl.DataFrame:
    """The column as `expression`; Unreadable with its place where a text does not become one."""
    done = frame.with_columns(expression.alias("__new"))
    bad = done.filter(pl.col("__new").is_null() & (pl.col(name).is_not_null() if null else pl.lit(value=True)))
    if not bad.is_empty():
        first = bad.row(0, named=True)
        raise Unreadable(f"{show(first[name])} is no {what}", f"{first['where']} column {name}")
    return done.drop(name).rename({"__new": name})


def _scopes(rows: Rows, hint: str) -> list[str]:
    told = rows.column(("futonlyorcombined",))
    if told is not None:
        scopes = [_SCOPES.get(plain(text or "")) for text in told]
        for scope, text, where in zip(scopes, told, rows.places, strict=True):
            if scope is None:
                raise Unreadable(f"{show(text)} is neither FutOnly nor Combined", where)
        return [scope for scope in scopes if scope]
    known = rows.hint or hint
    if known not in _SCOPES.values():
        raise Unreadable(
            "the file does not say whether options are in it: keep the CFTC's file name (deafut, annual, deacom, "
            "annualof), put futures or combined into it, or use --product"
        )
    return [known] * len(rows.rows)


# --- proof -----------------------------------------------------------------------------------


def _problems(layout: Layout) -> list[tuple[pl.Expr, str]]:
    """(what is true of a bad row, what to say of it)."""
    found = [
        (pl.any_horizontal(pl.col(name).is_null() for name in layout.positions), "a position is missing"),
        (pl.any_horizontal(pl.col(name) < 0 for name in layout.positions), "a position below zero"),
    ]
    for side in _SIDES:
        parts = [f"{group}_{kind}" for group in layout.groups for kind in (side, "spread")]
        total = pl.sum_horizontal([*parts, *(f"{group}_{side}" for group in layout.plain_groups)])
        reportable = pl.col(f"tot_rept_{side}")
        found.append(((total - reportable).abs() > 1, f"the groups' {side}s do not add up to the reportable {side}s"))
        whole = reportable + pl.col(f"nonrept_{side}")
        found.append(((whole - pl.col("open_interest")).abs() > 1, f"the {side}s do not add up to the open interest"))
        for kind in ("gross", "net"):
            more = pl.col(f"conc_{kind}_4_{side}") > pl.col(f"conc_{kind}_8_{side}") + 0.1
            found.append((more, f"four {side}s hold more than eight ({kind})"))
        for count in (4, 8):
            more = pl.col(f"conc_net_{count}_{side}") > pl.col(f"conc_gross_{count}_{side}") + 0.1
            found.append((more, f"{count} {side}s hold more net than gross"))
    return found


def _proved(frame: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, list[Reject]]:
    """The rows whose balances hold, and a Reject for each of the others."""
    why = pl.coalesce(pl.when(bad.fill_null(value=False)).then(pl.lit(text)) for bad, text in _problems(layout))
    judged = frame.with_columns(why.alias("why"))
    bad = judged.filter(pl.col("why").is_not_null())
    rejects = [
        Reject(f"{row['metal']} {row['session']} {row['scope']}: {row['why']}", row["where"])
        for row in bad.iter_rows(named=True)
    ]
    return judged.filter(pl.col("why").is_null()).drop("why"), rejects


def _once(frame: pl.DataFrame) -> pl.DataFrame:
    """Each report once; two files bundled in one may repeat it. Implausible where the two differ."""
    key = ["scope", "market_code", "session"]
    distinct = frame.drop("where", "stored").unique(maintain_order=True)
    if distinct.height != distinct.select(key).unique().height:
        first = distinct.filter(distinct.select(key).is_duplicated()).row(0, named=True)
        raise Implausible(f"two different rows for {first['metal']} {first['scope']} of {first['session']}")
    return frame.unique(subset=key, keep="last", maintain_order=True)


# --- remarks ---------------------------------------------------------------------------------

_FAMILIES: Final = re.compile(
    r"(?:openinterest|prodmerc|swap|mmoney|otherrept|totrept|nonrept|noncomm|comm|changein|pctof|traders|conc|"
    r"cftc|marketand|asofdate|reportdate|yyyyreportweek|futonly|contract|totalreportable|nonreportable|of(?:oi|open)|id$|"
    r"createdat$|updatedat$|version$|\?)"
)


def _layout_notes(rows: Rows, layout: Layout) -> list[Note]:
    """What the headings have that the report had not when it was last looked at."""
    odd = [name for name, key in zip(rows.headings, rows.names, strict=False) if not _FAMILIES.match(key)]
    if odd:
        return list(tables.strangers(odd, (), "column"))
    is_text = bool(rows.headings) and not rows.places[0].startswith("[")
    if is_text and len(rows.names) != layout.fields:
        return [Note("layout", f"{len(rows.names)} columns; the {layout.report} report had {layout.fields}")]
    return []


def _absent(frame: pl.DataFrame) -> list[Note]:
    """A note for each metal that the newest report has not."""
    newest = frame["session"].max()
    if not isinstance(newest, date):
        return []
    there = set(frame.filter(pl.col("session") == newest)["metal"].to_list())
    return [Note("layout", f"no {metal} in this report", newest) for metal in CODES.values() if metal not in there]


def either(own: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The columns of both reports, then those of one."""
    return {**_EITHER, **own}


def places(
    columns: dict[str, tuple[str, ...]], single: dict[int, str], runs: dict[int, tuple[str, ...]], shares: int
) -> dict[int, str]:
    """Place -> name of each of our columns in a text without headings; `shares` is where the concentrations begin."""
    names = dict(single)
    for start, run in {**runs, shares: tuple(name for name, *_ in _CONCENTRATIONS)}.items():
        names |= {start + index: name for index, name in enumerate(run)}
    return {place: columns[name][0] for place, name in names.items()}


def hint_of(path_text: str) -> str | None:
    """futures or combined as a file's name says it; see `cot_files.scope_of`."""
    return cot_files.scope_of(path_text)
