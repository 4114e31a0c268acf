"""Hand-entered figures: what a row must say, how each mistake is named, and the documented examples."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import duetimes, validate
from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch, Reject
from monitor.schema import TABLES
from monitor.sources.inbox_csv import HEADER, QUOTE, SOURCE, TAX_BASES, known_series, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories import shanghai
from tests.factories.prices import EXAMPLES, QUOTED, ROW, entered
from tests.homes import house, offer

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
GOOD = ROW | {"source_url": "https://example.org/good"}
"""A second row that is always right, so that a mistake in another does not refuse the file."""
DOCS = Path(__file__).resolve().parents[2] / "docs" / "inbox_csv.md"


def read(body: bytes, at: datetime = NOW) -> Batch:
    batch = parse(Answer(body, "figures.csv", at))
    validate.checked(batch.frames)
    return batch


def rows(batch: Batch) -> Sequence[Mapping[str, Any]]:
    return batch.frames["manual_rows"].rows(named=True)


def one(row: Mapping[str, str], at: datetime = NOW) -> Mapping[str, Any]:
    """The one row of a file of one row, without a Reject."""
    batch = read(entered(row), at)
    assert batch.rejects == ()
    (found,) = rows(batch)
    return found


def refused(row: Mapping[str, str]) -> tuple[Reject, ...]:
    """The Rejects of a row in line 3, behind one that is right and loaded."""
    batch = read(entered(GOOD, row))
    assert [found["source_url"] for found in rows(batch)] == [GOOD["source_url"]]
    return batch.rejects


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- rows that are right ---


def test_a_row_is_stored_as_written_with_its_unit_tax_basis_and_address() -> None:
    row = one(ROW)
    assert (row["series"], row["session"], row["value"], row["unit"]) == (
        "iron_ore_62", date(2026, 1, 30), 104.5, "usd_per_tonne"
    )  # fmt: skip
    assert (row["tax_basis"], row["source_url"], row["note"]) == ("not_taxed", "https://example.org/ore", "made up")
    assert (row["published_at"], row["published_assumed"]) == (utc("2026-01-30T18:00"), False)
    assert (row["bid"], row["ask"], row["received_at"]) == (None, None, utc("2026-02-10T12:00"))


def test_a_dealers_bid_and_ask_give_their_mid() -> None:
    """91.60 and 136.80 on a Saturday: the mid is 114.2, the spread 39.6 percent of it."""
    row = one(QUOTED)
    assert (row["bid"], row["ask"], row["value"]) == (91.6, 136.8, pytest.approx(114.2))
    assert (row["ask"] - row["bid"]) / row["value"] == pytest.approx(0.3958, abs=1e-4)
    assert row["published_at"] == utc("2026-01-31T10:00")


def test_a_file_without_the_columns_bid_and_ask_is_read_too() -> None:
    (row,) = rows(read(entered(ROW, header=HEADER)))
    assert (row["value"], row["bid"]) == (104.5, None)


def test_a_value_between_bid_and_ask_is_kept() -> None:
    assert one(QUOTED | {"value": "100"})["value"] == 100.0


def test_windows_lines_a_byte_order_mark_blank_lines_and_quoted_commas_are_read() -> None:
    body = b"\xef\xbb\xbf" + entered(ROW | {"note": "a, b"}, end="\r\n").replace(
        b"\r\niron", b"\r\n\r\n,,,,,,,,,\r\niron"
    )
    (row,) = rows(read(body))
    assert row["note"] == "a, b"


@pytest.mark.parametrize("value", ["-3500", "3.50", "0"])
def test_plain_numbers_are_read_also_below_zero(value: str) -> None:
    row = ROW | {"series": "smm_silver_over_td", "unit": "cny_per_kg", "tax_basis": "inclusive", "value": value}
    assert one(row)["value"] == float(value)


def test_a_date_alone_counts_as_known_at_its_end_and_a_blank_when_the_file_came_in() -> None:
    day, blank = one(ROW | {"published_at": "2026-02-02"}), one(ROW | {"published_at": ""})
    assert (day["published_at"], day["published_assumed"]) == (utc("2026-02-02T23:59:59"), True)
    assert (blank["published_at"], blank["published_assumed"]) == (utc("2026-02-10T12:00"), True)


def test_todays_date_alone_is_known_now_and_not_at_midnight() -> None:
    assert one(ROW | {"published_at": "2026-02-10"})["published_at"] == utc("2026-02-10T12:00")


def test_a_margin_may_apply_from_a_day_to_come_and_be_known_before_it() -> None:
    row = ROW | {
        "series": "margin_comex_si_initial", "session": "2026-03-02", "unit": "pct_of_notional", "value": "18",
        "published_at": "2026-02-06T17:00-06:00",
    }  # fmt: skip
    assert (one(row)["session"], one(row)["published_at"]) == (date(2026, 3, 2), utc("2026-02-06T23:00"))


# --- mistakes, each with its line and column ---


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"series": "shuibei_copper"}, "series", "'shuibei_copper' is no series we know"),
        ({"session": "30.01.2026"}, "session", "is no date such as 2026-01-31"),
        ({"session": "2026-02-30"}, "session", "is no date"),
        ({"session": "2026-02-12"}, "session", "not between 1970-01-01 and 2026-02-11"),
        ({"session": ""}, "session", "is no date"),
        ({"value": ""}, "value", "a blank where a number should be"),
        ({"value": "n/a"}, "value", "is no number"),
        ({"value": "104500"}, "value", "is not between 10 and 500: look at the unit"),
        ({"unit": ""}, "unit", "a blank is not one of usd_per_tonne"),
        ({"unit": "usd_per_ton"}, "unit", "'usd_per_ton' is not one of usd_per_tonne"),
        ({"tax_basis": ""}, "tax_basis", "a blank is not one of not_taxed"),
        ({"tax_basis": "inclusive"}, "tax_basis", "not one of not_taxed"),
        ({"source_url": ""}, "source_url", "a blank is no address"),
        ({"source_url": "a friend"}, "source_url", "is no address"),
        ({"source_url": "https://user:word@example.org/"}, "source_url", "is no address"),
        ({"source_url": "ftp://example.org/a"}, "source_url", "is no address"),
        ({"source_url": "https://[::1"}, "source_url", "is no address"),
        ({"published_at": "2026-01-30T18:00"}, "published_at", "has no zone"),
        ({"published_at": "30 January"}, "published_at", "is no moment"),
        ({"published_at": "2026-02-30"}, "published_at", "is no moment"),
        ({"published_at": "2026-02-12T12:01Z"}, "published_at", "after the moment the file came in"),
        ({"published_at": "2026-01-28T12:00Z"}, "published_at", "lies before 2026-01-30"),
        ({"note": "x" * 501}, "note", "501 characters"),
        ({"bid": "104", "ask": "105"}, "bid", "one figure, without bid and ask"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_column(change: dict[str, str], column: str, words: str) -> None:
    (reject,) = refused(ROW | change)
    assert reject.where == f"line 3, column {column}"
    assert words in reject.message


@pytest.mark.parametrize("text", ["1,234.5", "1.234,5", "1 234.5", "1234,5", "1'234", "1\u00a0234"])
def test_separators_are_refused_as_ambiguous(text: str) -> None:
    (reject,) = refused(ROW | {"value": text})
    assert "is ambiguous: write plain digits and a point, such as 1234.5" in reject.message
    assert (reject.where, reject.raw) == ("line 3, column value", text)


@pytest.mark.parametrize("text", ["1e3", "+5", "0x10", "nan", "inf", ".5", "5.", "١٢", "--5", "9" * 16])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    (reject,) = refused(ROW | {"value": text})
    assert reject.where == "line 3, column value"


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"bid": ""}, "bid", "needs both bid and ask"),
        ({"ask": ""}, "ask", "needs both bid and ask"),
        ({"bid": "136.80", "ask": "91.60"}, "bid", "a bid of 136.8 above the ask of 91.6"),
        ({"value": "91"}, "value", "91 lies outside bid 91.6 and ask 136.8"),
        ({"ask": "1,36"}, "ask", "ambiguous"),
        ({"bid": "0.5"}, "bid", "is not between 1 and 1500"),
    ],
)
def test_a_mistake_in_a_dealers_two_sides_is_named(change: dict[str, str], column: str, words: str) -> None:
    (reject,) = refused(QUOTED | change)
    assert reject.where == f"line 3, column {column}"
    assert words in reject.message


def test_every_mistake_of_a_row_is_named_at_once() -> None:
    problems = refused(ROW | {"unit": "pounds", "tax_basis": "", "source_url": "", "value": "1,5"})
    assert {reject.where.partition("column ")[2] for reject in problems} == {"value", "unit", "tax_basis", "source_url"}


def test_an_event_needs_its_note_and_the_value_one() -> None:
    event = ROW | {"series": "event_trading_halt", "unit": "event", "value": "1"}
    assert one(event)["value"] == 1.0
    assert "needs a note" in refused(event | {"note": ""})[0].message
    assert "is not between 1 and 1" in refused(event | {"value": "2"})[0].message


def test_a_cell_too_many_or_too_few_refuses_its_row_alone() -> None:
    batch = read(entered(GOOD) + b"iron_ore_62,2026-01-30,104.5,usd_per_tonne,not_taxed,https://example.org/,,a, b,,\n")
    assert [(reject.where, reject.message) for reject in batch.rejects] == [
        ("line 3", "11 cells under 10 headings: quote a cell that has a comma")
    ]
    assert len(rows(batch)) == 1


def test_rows_with_one_key_are_all_refused_because_nobody_knows_which_is_meant() -> None:
    batch = read(entered(ROW, GOOD, ROW | {"value": "110"}))
    assert [reject.where for reject in batch.rejects] == ["line 2, column series", "line 4, column series"]
    assert "stands 2 times from one address" in batch.rejects[0].message
    assert len(rows(batch)) == 1


def test_the_same_day_from_two_addresses_gives_two_rows() -> None:
    assert len(rows(read(entered(ROW, GOOD)))) == 2


# --- files that are refused ---


@pytest.mark.parametrize(
    "header",
    [
        ("series", "date", "value", "unit", "tax_basis", "source_url", "published_at", "note"),
        ("session", "series", "value", "unit", "tax_basis", "source_url", "published_at", "note"),
        (*HEADER, "bid"),
        (*HEADER, *QUOTE, "low"),
        HEADER[:-1],
        tuple(name.upper() for name in HEADER),
    ],
)
def test_a_wrong_header_refuses_the_file_and_says_the_right_one(header: tuple[str, ...]) -> None:
    body = entered(ROW, header=header)
    assert recognise(body, "x")
    with pytest.raises(Unreadable, match=re.escape(f"it must be {','.join(HEADER)} or {','.join(HEADER + QUOTE)}")):
        read(body)


def test_semicolons_as_a_german_spreadsheet_writes_them_are_refused_with_the_right_header() -> None:
    body = entered(ROW).replace(b",", b";")
    assert recognise(body, "x")
    with pytest.raises(Unreadable, match="it must be series,session,value"):
        read(body)


def test_utf_16_is_recognised_and_refused() -> None:
    body = entered(ROW).decode().encode("utf-16")
    assert recognise(body, "x")
    with pytest.raises(Unreadable, match="not UTF-8"):
        read(body)


def test_a_header_without_rows_and_a_file_without_one_good_row_are_refused() -> None:
    with pytest.raises(Unreadable, match="a header and no row"):
        read(entered())
    with pytest.raises(Unreadable, match=r"not one row can be loaded.*ambiguous.*line 2, column value"):
        read(entered(ROW | {"value": "1,5"}))


def test_a_quote_that_never_ends_refuses_the_file_with_its_line() -> None:
    with pytest.raises(Unreadable, match=r"does not parse.*line 3"):
        read(entered(ROW) + b'iron_ore_62,"2026-01-30\n')


def test_more_rows_than_a_person_enters_are_refused() -> None:
    with pytest.raises(Unreadable, match="more than 20000 rows"):
        read(entered(*[ROW] * 20_001))


def test_other_csv_files_are_not_taken() -> None:
    assert not recognise(b"Date,Open,High,Low,Close,Volume\n2026-01-01,1,1,1,1,1\n", "inbox.csv")
    assert not recognise(b"series,value\nx,1\n", "inbox.csv")


@needs_captures
@pytest.mark.captures
def test_no_captured_file_is_taken_for_a_hand_entered_one() -> None:
    claimed = [path for path in CAPTURES.rglob("*") if path.is_file() and recognise(path.read_bytes(), path.name)]
    assert claimed == []


# --- the list of series and its documentation ---


def documented() -> bytes:
    """The CSV block of the documentation."""
    found = re.search(r"```csv\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1].encode()


def test_every_documented_example_is_read_and_every_series_has_one() -> None:
    batch = read(documented(), datetime(2026, 11, 20, tzinfo=UTC))
    assert batch.rejects == ()
    assert [row["series"] for row in rows(batch)] == list(documented_series())
    assert set(documented_series()) == set(known_series())


def documented_series() -> tuple[str, ...]:
    return tuple(re.findall(r"^\| `([a-z0-9_]+)` \| [^|]+ \| `", DOCS.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_documented_unit_range_and_tax_basis_is_the_tables() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for name, series in known_series().items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{name}` |")]
        units = "<br>".join(f"`{unit}` ({low:,.10g} to {high:,.10g})" for unit, (low, high) in series.ranges.items())
        assert line == f"| `{name}` | {series.meaning} | {units} | {', '.join(series.tax_bases)} | {series.quote} |"


def test_the_table_of_series_holds_together() -> None:
    for name, series in known_series().items():
        assert re.fullmatch(r"[a-z0-9_]+", name), name
        assert series.ranges, name
        assert all(low <= high and re.fullmatch(r"[a-z0-9_]+", unit) for unit, (low, high) in series.ranges.items())
        assert set(series.tax_bases) <= set(TAX_BASES), name
        assert series.quote in ("required", "optional", "none"), name
        assert series.days_ahead >= 0, name
        assert series.meaning, name
    assert TABLES["manual_rows"].column("tax_basis").among == TAX_BASES


# --- through the house ---


def test_a_later_file_corrects_a_figure_and_two_pages_stay_two_rows(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        later = datetime(2026, 2, 20, 13, tzinfo=UTC)
        for body, at in (
            (entered(ROW), NOW),
            (entered(ROW | {"value": "105.25"}), later),
            (entered(GOOD), NOW),
        ):
            (outcome,) = opened.collector.offer([Answer(body, "ore.csv", at)], at)
            assert (outcome.status, outcome.source) == ("loaded", "inbox_csv")
        found = opened.store.rows("select value, source_url from manual_prices order by source_url")
        assert found == [(104.5, "https://example.org/good"), (105.25, "https://example.org/ore")]


def test_rejects_of_a_half_good_file_are_kept_with_their_place(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        offer(opened, [("figures.csv", entered(GOOD, ROW | {"unit": ""}))], NOW)
        assert opened.store.rows("select position, message from rejects") == [
            ("line 3, column unit", "a blank is not one of usd_per_tonne")
        ]


def test_no_report_of_hand_entered_figures_is_ever_awaited() -> None:
    """Nothing of the last 90 days and the next 400 can be late: the check of freshness looks at no more."""
    day = NOW.date()
    assert SOURCE.asks(day) == ()
    assert duetimes.newest_due(SOURCE, NOW) < date(2025, 2, 1)


# --- anything at all ---


def only_known_endings(body: bytes) -> None:
    """A batch that passes the schema, or one of the four errors a source may raise."""
    recognise(body, "file")
    with contextlib.suppress(NotPublished, Blocked, Unreadable, Implausible):
        read(body)


EDITS = st.lists(
    st.tuples(st.sampled_from(shanghai.DAMAGE), st.integers(0, 100_000), st.binary(max_size=8)), min_size=1, max_size=4
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        name: st.text(max_size=12)
        | st.sampled_from(["2026-01-30", "1", "unknown", "0001-01-01T00:00+14:00", "https://a/"])
        for name in HEADER + QUOTE
    },
)


@given(st.binary(max_size=1_000), st.sampled_from([b"", ",".join(HEADER).encode() + b"\n"]))
@settings(max_examples=EXAMPLES)
def test_arbitrary_bytes_give_a_batch_or_a_named_error(body: bytes, start: bytes) -> None:
    only_known_endings(start + body)


@given(EDITS)
@settings(max_examples=EXAMPLES)
def test_damaged_files_give_a_batch_or_a_named_error(edits: list[tuple[str, int, bytes]]) -> None:
    only_known_endings(shanghai.damage(entered(GOOD, ROW, QUOTED), edits))


@given(CELLS, st.sampled_from([ROW, QUOTED]))
@settings(max_examples=EXAMPLES)
def test_any_text_in_any_cell_gives_a_row_or_rejects(cells: dict[str, str], row: dict[str, str]) -> None:
    only_known_endings(entered(GOOD, row | cells))
