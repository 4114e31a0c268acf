"""CME's list of margins, CSV and JSON, as others' programs describe it. No original was seen: every file is made up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.clock import naive
from monitor.errors import Blocked, Implausible, Unreadable
from monitor.model import Answer, Batch
from monitor.sources.cme_margins import SOURCE, asks, parse, recognise
from tests.factories.comex_margins import CORN, GOLD, HEADS, KEYS, PLATINUM, ROWS, SILVER, made, made_json
from tests.factories.comex_pdf import EXAMPLES
from tests.homes import house, offer
from tests.sources.damage import Edits, edits_of, endings, overwritten

NOW = datetime(2026, 6, 12, 18, tzinfo=UTC)


def whole(body: bytes, name: str = "OUTRIGHT.csv", at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, name, at))
    validate.checked(batch.frames)
    return batch


def read(body: bytes, name: str = "OUTRIGHT.csv", at: datetime = NOW) -> pl.DataFrame:
    return whole(body, name, at).frames["margin_rows"]


# --- rows ---


@pytest.mark.parametrize("body", [made(), made_json()])
def test_both_layouts_give_the_metals_alone(body: bytes) -> None:
    """Thousands separators, a currency behind the number, a percent sign; corn is not ours."""
    columns = ("venue", "product", "start_month", "end_month", "kind", "value", "unit", "volatility_scan_pct")
    assert read(body).select(columns).rows() == [
        ("COMEX", "GC", date(2026, 6, 1), date(2032, 6, 1), "maintenance", 24_881.0, "usd_per_contract", 25.0),
        ("COMEX", "SI", date(2026, 6, 1), date(2026, 8, 1), "maintenance", 45_417.0, "usd_per_contract", 45.0),
        ("COMEX", "SI", date(2026, 9, 1), date(2030, 12, 1), "maintenance", 18.0, "pct_notional", None),
        ("NYMEX", "PL", date(2026, 7, 1), date(2028, 12, 1), "maintenance", 5_300.0, "usd_per_contract", None),
    ]


def test_a_volatility_scan_is_no_margin() -> None:
    """45 percent beside 45,417 dollars: the margin is the dollars."""
    row = read(made()).filter(pl.col("product") == "SI").row(0, named=True)
    assert (row["value"], row["unit"], row["volatility_scan_pct"]) == (45_417.0, "usd_per_contract", 45.0)


@pytest.mark.parametrize(
    ("name", "at", "session", "published"),
    [
        ("OUTRIGHT.csv", NOW, date(2026, 6, 12), NOW),
        (
            "OUTRIGHT.csv",
            datetime(2026, 6, 14, 18, tzinfo=UTC),
            date(2026, 6, 12),
            datetime(2026, 6, 14, 18, tzinfo=UTC),
        ),
        ("margins/OUTRIGHT_2026-06-10.csv", NOW, date(2026, 6, 10), datetime(2026, 6, 10, 22, tzinfo=UTC)),
        ("20260610/OUTRIGHT.csv", NOW, date(2026, 6, 12), NOW),
        ("OUTRIGHT_20260607.csv", NOW, date(2026, 6, 5), datetime(2026, 6, 7, 22, tzinfo=UTC)),
    ],
)
def test_the_day_is_in_the_name_or_that_of_the_fetch(
    name: str, at: datetime, session: date, published: datetime
) -> None:
    """The list carries none; of a weekend it is that of the session before; always assumed."""
    row = read(made(), name, at).row(0, named=True)
    assert (row["session"], row["published_at"], row["published_assumed"]) == (session, naive(published), True)


def test_a_day_in_the_future_is_refused() -> None:
    """A name that lies, or a clock that does."""
    with pytest.raises(Implausible, match="a file of the future"):
        read(made(), "OUTRIGHT_2026-06-20.csv")
    with pytest.raises(Unreadable, match="is no date"):
        read(made(), "OUTRIGHT_2026-02-30.csv")


@pytest.mark.parametrize("written", ["06/2026", "2026-06", "202606"])
def test_a_month_is_read_as_others_saw_it_and_as_it_might_be(written: str) -> None:
    """Month and year in either order."""
    gold = (*GOLD[:4], written, *GOLD[5:])
    assert read(made([gold, SILVER])).row(0, named=True)["start_month"] == date(2026, 6, 1)


def test_the_order_of_columns_does_not_matter_and_a_new_one_is_noted() -> None:
    """Columns are found by their headings."""
    order = [3, 0, 1, 2, 4, 5, 8, 7, 6]
    heads = [*(HEADS[at] for at in order), "Initial"]
    batch = whole(made([[*(row[at] for at in order), "9"] for row in ROWS], heads))
    assert batch.frames["margin_rows"].equals(read(made()))
    assert [(note.kind, note.text) for note in batch.notes] == [("layout", "a column that is not known: 'Initial'")]


def test_a_row_twice_is_one_row() -> None:
    """Word for word."""
    assert read(made([*ROWS, GOLD])).equals(read(made()))


# --- rows that are not understood ---


@pytest.mark.parametrize(
    ("at", "text", "says"),
    [
        (0, "LME", "the exchange 'LME' is not known"),
        (3, "", "no product code or name"),
        (4, "June 2026", "is no range of months"),
        (4, "13/2026", "is no range of months"),
        (6, "", "is no margin in dollars or percent"),
        (6, "n/a", "is no margin in dollars or percent"),
        (6, "-5", "is no margin in dollars or percent"),
        (7, "EUR", "24,881 EUR|is no margin"),
    ],
)
def test_a_row_that_is_not_understood_is_rejected_alone(at: int, text: str, says: str) -> None:
    """With its place and its words; the others are kept."""
    odd = list(PLATINUM if at != 7 else GOLD)
    if at == 7:
        odd[3] = "GCK"
    odd[at] = text
    batch = whole(made([GOLD, SILVER, odd]))
    assert batch.frames["margin_rows"].height == 2
    (reject,) = batch.rejects
    assert reject.where == "line 4"
    assert any(part in reject.message for part in says.split("|"))


def test_a_scan_that_is_not_understood_is_stored_as_unknown() -> None:
    """And said."""
    batch = whole(made([(*GOLD[:8], "much"), SILVER]))
    assert batch.frames["margin_rows"]["volatility_scan_pct"].to_list() == [None, 45.0]
    assert [reject.raw for reject in batch.rejects] == ["much"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([GOLD, SILVER, (*GOLD[:6], "24,882", *GOLD[7:])], "two margins for GC 06/2026"),
        ([GOLD, SILVER, (*PLATINUM[:5], "06/2026", *PLATINUM[6:])], "PL: a range from 2026-07-01 to 2026-06-01"),
        ([GOLD, SILVER, (*PLATINUM[:6], "101%", *PLATINUM[7:])], "PL: a margin of 101 percent"),
    ],
)
def test_what_cannot_be_is_refused(rows: Sequence[Sequence[str]], says: str) -> None:
    """Two values for one thing, a range backwards, more than the whole value."""
    with pytest.raises(Implausible, match=says):
        read(made(rows))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (made()[:-30], "cells under 9 headings; the file may be cut"),
        (made([CORN, GOLD, PLATINUM]), "the list is cut or partial: no margin of SI"),
        (made([CORN]), "no margin of a metal in the list"),
        (made([]), "no margin of a metal in the list"),
        (made(ROWS, [*HEADS[:6], "Initial", *HEADS[7:]]), "the heading 'Maintenance' is there 0 times"),
        (made([[*row, ""] for row in ROWS], [*HEADS, "Currency"]), "the heading 'Currency' is there 2 times"),
        (made() + b'"Q', "the CSV does not parse|cells under"),
        (made_json(total=9), "5 of 9 rows: one page of several"),
        (made_json()[:-40], "the JSON does not parse"),
        (made_json(marginRates=[{"id": 1}], total=1), "no 'exchange'"),
        (made_json(marginRates={}), "no list of objects"),
        (b"Exchange,Code\n1,2", "is there 0 times"),
        (b"", "found an empty file"),
        (b"%PDF-1.4", "found a PDF"),
        (b'{"message":"Bad Request"}', "found JSON"),
    ],
)
def test_what_is_not_the_whole_list_is_unreadable(body: bytes, says: str) -> None:
    """Cut, partial, another layout, another file."""
    with pytest.raises(Unreadable) as error:
        read(body)
    assert any(part in str(error.value) for part in says.split("|")), error.value


@pytest.mark.parametrize(
    "body",
    [b"<title>Access Denied</title>", b'{"error":"This IP address is blocked due to suspected web scraping activity"}'],
)
def test_the_refusal_is_blocked_also_in_json(body: bytes) -> None:
    """Never taken for an empty list."""
    with pytest.raises(Blocked):
        read(body)


def test_one_product_asked_for_alone_is_a_list_too() -> None:
    """A search for gold gives gold, one for NYMEX gives no COMEX."""
    assert read(made_json([GOLD])).height == 1
    assert read(made_json([PLATINUM, (*PLATINUM[:2], "PALLADIUM FUTURES", "PA", *PLATINUM[4:])])).height == 2


def test_the_margins_in_force_are_in_a_view(tmp_path: Path) -> None:
    """Both lists of two days, through the whole pipeline."""
    raised = (*SILVER[:6], "48,000", *SILVER[7:])
    files = [("OUTRIGHT_2026-06-10.csv", made()), ("OUTRIGHT_2026-06-11.csv", made([GOLD, raised]))]
    with house(tmp_path, NOW) as opened:
        assert [outcome.status for outcome in offer(opened, files, NOW)] == ["loaded", "loaded"]
        found = opened.store.rows(
            "select session, value from margins where product = 'SI' and start_month = '2026-06-01' order by session"
        )
    assert found == [(date(2026, 6, 10), 45_417.0), (date(2026, 6, 11), 48_000.0)]


BODY = made()
EDITS = edits_of(BODY)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


only_known_endings = endings(recognise, whole)


@settings(max_examples=EXAMPLES)
@given(EDITS, st.booleans())
def test_a_damaged_list_gives_a_batch_or_a_named_error(edits: Edits, as_json: bool) -> None:
    """Bytes overwritten anywhere."""
    only_known_endings(overwritten(made_json() if as_json else BODY, edits))


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(["total", "marginRates", *KEYS]), JSON)
def test_any_json_under_any_key_gives_a_batch_or_a_named_error(key: str, value: object) -> None:
    """Types that the service never sent."""
    payload = json.loads(made_json())
    holder = payload if key in payload else payload["marginRates"][1]
    holder[key] = value
    only_known_endings(json.dumps(payload).encode())


def test_the_source_recognises_its_two_layouts_and_is_never_late() -> None:
    """By the headings; whatever the name."""
    assert recognise(made(), "x")
    assert recognise(made_json(), "x")
    assert not recognise(b"Exchange,Product,Maintenance\n", "OUTRIGHT.csv")
    assert [ask.url for ask in asks(date(2026, 6, 12))] == ["https://www.cmegroup.com/CmeWS/mvc/Margins/OUTRIGHT.csv"]
    assert SOURCE.due.grace_minutes > 50 * 365 * 24 * 60
    assert SOURCE.verified.startswith("Nothing:")
