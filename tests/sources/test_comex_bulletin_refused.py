"""What of a bulletin must add up, and bulletins that are cut, foreign, damaged or laid out otherwise.

Every bulletin here is made up by `tests.factories.comex_pdf`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import Blocked, Implausible, Unreadable
from monitor.sources.comex_bulletin import recognise
from tests.factories.comex_pdf import (
    EXAMPLES,
    Block,
    Line,
    Page,
    Text,
    bulletin_pages,
    bulletin_pdf,
    changed,
    pdf_bytes,
)
from tests.sources.bulletins import (
    ALUMINUM,
    BLOCKS,
    FRIDAY,
    GOLD,
    PLATINUM,
    SILVER,
    N,
    made,
    month_names,
    pages,
    read,
    row,
    whole,
)
from tests.sources.damage import Edits, edits_of, endings, overwritten


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (replace(SILVER.lines[0], globex=56_309), "SI: TOTAL is"),
        (replace(SILVER.lines[0], pnt=202), "SI: TOTAL is"),
        (replace(SILVER.lines[0], interest=72_646), "SI: TOTAL is"),
        (replace(SILVER.lines[0], interest_change=-1_112), "SI: TOTAL is"),
        (replace(SILVER.lines[0], interest_change=1_111), "SI: TOTAL is"),
    ],
)
def test_months_that_do_not_add_up_to_their_total_are_refused(line: Line, says: str) -> None:
    """Volume of either kind, open interest, its change and its sign."""
    honest, wrong = made_rows(SILVER), replace(SILVER, lines=[line, *SILVER.lines[1:]])
    with pytest.raises(Implausible, match=says):
        read(pdf_bytes(with_total(pages(GOLD, wrong), honest)))


def made_rows(block: Block) -> Page:
    """The TOTAL row of a block as it is printed."""
    (page,) = [page for page in bulletin_pages(FRIDAY, [block]) if any(text.text == "TOTAL" for text in page)][:1]
    (y,) = {text.y for text in page if text.text == "TOTAL" and text.x < 50}
    return [text for text in page if text.y == y]


def with_total(made: list[Page], total: Page) -> list[Page]:
    """The pages with the TOTAL of the same product replaced by another's."""
    code = total[1].text
    (place,) = {
        (number, text.y)
        for number, page in enumerate(made)
        for text in page
        if text.text == code and any(t.text == "TOTAL" and t.y == text.y for t in page)
    }
    number, y = place
    kept = [list(page) for page in made]
    at = next(at for at, text in enumerate(kept[number]) if text.y == y)
    others = [text for text in kept[number] if text.y != y]
    kept[number] = others[:at] + [replace(text, y=y) for text in total] + others[at:]
    return kept


def test_a_total_leaves_out_what_is_empty() -> None:
    """Silver's has all four, platinum's no book, a quiet product's open interest alone."""
    quiet = Block("UX", "UXC URANIUM U3O8 FUTURES", [Line("JUN26", "84.90", "UNCH", N, N, 350, 0, last_trade="06/29")])
    nothing = Block(
        "SGU", "SHANGHAI GOLD (USD) FUTURES", [Line("JUN26", "84.90", "UNCH", N, N, 0, 0, last_trade="06/26")]
    )
    assert read(made(SILVER, quiet, nothing, PLATINUM)).height == 6


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (replace(SILVER, expit_total={0: 275, 1: 2_331, 2: 116, 10: 1_460}), "SI ex-pit efp: the total is 116, .* 115"),
        (replace(SILVER, expit_total={0: 275, 1: 2_331, 10: 1_460}), "SI ex-pit efp: the total is 0"),
        (replace(SILVER, expit_total={}), "SI ex-pit deliveries_daily: the total is 0, the months add up to 275"),
        (
            replace(SILVER, expit_total={0: 275, 1: 2_331, 2: 115, 8: 85, 10: 1_460}),
            "SI ex-pit blocks: the total is 85",
        ),
        (replace(SILVER, expit={}), "SI in all: 201 privately negotiated, the kinds in the ex-pit table add up to 0"),
        (replace(SILVER, expit={"MAY26": (N, N, 114, N, N, N, N, N, 86, N, N)}), "SI May26: 201 .* add up to 200"),
        (replace(SILVER, expit={"JUL26": (N, N, 201, N, N, N, N, N, N, N, N)}), "SI May26: 201 .* add up to 0"),
        (
            replace(SILVER, expit={"MAY26": (N, N, 115, N, N, N, N, N, 86, 87, N)}),
            "more blocks at settlement than blocks",
        ),
    ],
)
def test_an_ex_pit_table_that_does_not_add_up_is_refused(block: Block, says: str) -> None:
    """Against its own totals, and against the privately negotiated volume."""
    with pytest.raises(Implausible, match=says):
        read(made(GOLD, block))


def test_blocks_at_settlement_stand_alone_where_blocks_are_blank() -> None:
    """They are private volume then, and no plain blocks."""
    block = replace(SILVER, expit={"MAY26": (N, N, 115, N, N, N, N, N, N, 86, N)})
    found = row(read(made(block), "open_interest_rows"), "SI", date(2026, 5, 1))
    assert (found["pnt_volume"], found["efp_volume"], found["block_volume"]) == (201, 115, 0)


def test_a_total_without_its_months_is_kept_and_noted() -> None:
    """As e-mini gold had it: what its private trades were is known in all, not by month."""
    batch = whole(made(GOLD, replace(SILVER, expit={}, expit_total={9: 201})))
    found = row(batch.frames["open_interest_rows"], "SI", date(2026, 5, 1))
    assert (found["block_volume"], found["efp_volume"]) == (None, None)
    assert [note.text for note in batch.notes] == ["SI: 201 privately negotiated, no month of them in the ex-pit table"]


@pytest.mark.parametrize("total", [6, 62])
def test_ex_pit_totals_like_the_section_number_are_totals(total: int) -> None:
    """62 stands at the head of every page, twice."""
    block = replace(SILVER, expit={**SILVER.expit, "JUL26": (total, total, N, N, N, N, N, N, N, N, N)})
    other = replace(
        SILVER, lines=[replace(SILVER.lines[0], pnt=N), *SILVER.lines[1:]], expit={"JUL26": block.expit["JUL26"]}
    )
    assert read(made(GOLD, other), "bulletin_expit_rows")["deliveries_daily"].sum() == 107 + total


def test_an_unknown_line_is_noted_with_its_place() -> None:
    """And the bulletin is read all the same."""
    made_pages = pages()
    made_pages[0].append(Text(18, 60, "SEE NOTICE 26-041"))
    (note,) = whole(pdf_bytes(made_pages)).notes
    assert (note.kind, note.text) == ("layout", "a line that is not known: 'SEE NOTICE 26-041'")
    assert note.where.startswith("page 1, line ")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("67.934", "67.934C", "a line of a contract month that is not understood: 'MAY26 71.505"),
        ("67.934", "67.9.4", "'67.9.4' is no number"),
        ("MAY26", "MAI26", "is no delivery month"),
        ("JUL26", "MAY26", "stands there twice|not in order"),
        ("COMEX SILVER FUTURES", "COMEX GOLD FUTURES", "stands there twice"),
        ("HIGH/LOW", "LOW/HIGH", "under no heads of columns"),
        ("EX-PIT & OTHER BREAKDOWN", "OTHER BREAKDOWN", "not understood|out of place"),
        ("SUBS", "SUBST", "an ex-pit line under no product"),
        ("FINAL", "REVISED", "no page head of Section 62"),
        ("METALS CONTRACTS LAST TRADE DATES", "X", "NOTED"),
        ("05/27", "99/99", "is no day"),
        ("05/27", "05/2705/27", "is no day"),
    ],
)
def test_a_bulletin_that_is_not_understood_says_why(old: str, new: str, says: str) -> None:
    """Figures, months, names, heads of columns; a heading that is not needed is only noted."""
    made_pages = pages()
    times = sum(text.text == old for page in made_pages for text in page)
    body = pdf_bytes(changed(made_pages, old, new, times=times))
    if says == "NOTED":
        assert [note.text for note in whole(body).notes] == ["a line that is not known: 'X'"]
        return
    with pytest.raises(Unreadable) as error:
        read(body)
    assert any(part in str(error.value) for part in says.split("|")), error.value


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("GLOBEX®", "PNT/PIT", "the columns are not in the known order OPEN, HIGH/LOW"),
        ("SETT.", "INTEREST", "under no heads of columns"),
        ("EFP", "EFS", "the columns are not in the known order DELIVERY"),
        ("BLOCKS", "TAS", "the columns are not in the known order DELIVERY"),
    ],
)
def test_columns_in_another_order_are_unreadable(one: str, other: str, says: str) -> None:
    """Told by where their heads stand, not by the order of print."""
    swapped = [[replace(t, text={one: other, other: one}.get(t.text, t.text)) for t in page] for page in pages()]
    with pytest.raises(Unreadable, match=says):
        read(pdf_bytes(swapped))


def test_an_ex_pit_line_of_an_unknown_product_is_unreadable() -> None:
    """It must not fall to the product above it."""
    made_pages = pages()
    page = next(p for p in made_pages if any(t.text == "EFP" for t in p))
    at = next(at for at, t in enumerate(page) if t.text == "NYMEX PLATINUM FUTURES")
    page[at] = replace(page[at], text="NYMEX RHODIUM FUTURES")
    with pytest.raises(Unreadable, match="an ex-pit line under no product"):
        read(pdf_bytes(made_pages))


def test_a_bulletin_without_a_page_never_passes() -> None:
    """The first, one of the months, the dates, the ex-pit table, the closing page."""
    lines = [Line(month, "4400.00", "UNCH", at + 1, N, at) for at, month in enumerate(month_names(150))]
    many = pages(replace(GOLD, lines=lines, expit={}), SILVER, PLATINUM)
    assert len(many) == 5
    for missing in range(5):
        with pytest.raises(Unreadable, match=r"cut|no page head"):
            read(pdf_bytes(many[:missing] + many[missing + 1 :]))


@pytest.mark.parametrize("missing", range(4))
def test_a_bulletin_whose_pages_were_renumbered_still_lacks_a_part(missing: int) -> None:
    """Even where the sides run on: TOTAL, dates, ex-pit names and the closing page are each needed."""
    many = pages()
    kept = many[:missing] + many[missing + 1 :]
    renumbered = [
        [replace(t, text=f"Side {side:02}") if t.text.startswith("Side ") else t for t in page]
        for side, page in enumerate(kept, 1)
    ]
    with pytest.raises((Unreadable, Implausible)):
        read(pdf_bytes(renumbered))


def test_a_block_without_its_total_never_passes() -> None:
    """The next product must not take its months over."""
    made_pages = pages()
    total = made_rows(SILVER)
    page = made_pages[0]
    y = next(t.y for t in page if t.text == "SI" and any(u.text == "TOTAL" and u.y == t.y for u in page))
    made_pages[0] = [text for text in page if text.y != y]
    assert total
    with pytest.raises(Unreadable, match="SI is cut: no TOTAL before the next part"):
        read(pdf_bytes(made_pages))


def test_a_product_without_its_place_in_the_later_tables_never_passes() -> None:
    """Its last trade dates, or its name among the ex-pit products, where it has nothing else."""
    quiet = Block("UX", "UXC URANIUM U3O8 FUTURES", [Line("JUN26", "84.90", "UNCH", N, N, 350, 0, last_trade="06/29")])
    head, dates, expit, last = pages(quiet, SILVER)
    y = next(text.y for text in dates if text.text == "UX")
    undated = [text for text in dates if text.y != y]
    unnamed = [text for text in expit if text.text != quiet.name]
    with pytest.raises(Unreadable, match="the bulletin is cut: UX without its last trade dates"):
        read(pdf_bytes([head, undated, expit, last]))
    with pytest.raises(Unreadable, match="the bulletin is cut: UX without its name in the ex-pit table"):
        read(pdf_bytes([head, dates, unnamed, last]))


def test_a_product_whose_months_are_all_far_off_needs_no_last_trade_dates() -> None:
    """The table has fourteen columns."""
    near = [Line(month, "1.00", "UNCH", 1, N, 1, last_trade="01/29") for month in month_names(14)]
    far = Block("UX", "UXC URANIUM U3O8 FUTURES", [Line("JUN29", "84.90", "UNCH", N, N, 350, 0)])
    head, dates, expit, last = pages(replace(ALUMINUM, lines=near, expit={}), far)
    y = next(text.y for text in dates if text.text == "UX")
    undated = [text for text in dates if text.y != y]
    assert read(pdf_bytes([head, undated, expit, last])).height == 15


def test_pages_of_two_editions_are_refused() -> None:
    """A preliminary one with a final page in it."""
    made_pages = pages()
    made_pages[1] = bulletin_pages(FRIDAY, BLOCKS, status="PRELIMINARY")[1]
    with pytest.raises(Implausible, match="the pages are of different bulletins"):
        read(pdf_bytes(made_pages))


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (date(2026, 2, 28), "is a Saturday"),
        (date(2026, 3, 6), "a file of the future"),
    ],
)
def test_a_date_that_cannot_be_is_refused(day: date, says: str) -> None:
    """A weekend, the future."""
    with pytest.raises(Implausible, match=says):
        read(bulletin_pdf(day, BLOCKS))


def test_a_weekday_that_is_not_the_dates_is_refused() -> None:
    """A date that was mended by hand."""
    made_pages = pages()
    body = pdf_bytes(changed(made_pages, "Fri, Feb 27, 2026 PG62", "Thu, Feb 27, 2026 PG62", times=len(made_pages)))
    with pytest.raises(Implausible, match="2026-02-27 is no Thu"):
        read(body)


@pytest.mark.parametrize("body", [b"<title>Access Denied</title>", b"suspected web scraping"])
def test_the_refusal_page_is_blocked(body: bytes) -> None:
    """Never taken for a day without trades."""
    with pytest.raises(Blocked):
        read(body)


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"{}", b"<html></html>"])
def test_anything_else_is_unreadable(body: bytes) -> None:
    """Empty, cut, another kind of file."""
    with pytest.raises(Unreadable):
        read(body)
    assert not recognise(body, "Section62_Metals_Futures_Products.pdf")


PLAIN = pdf_bytes(pages(), packed=False)

EDITS = edits_of(PLAIN)

TEXTS = st.text(st.sampled_from("TOTAL FUTSIGCMY2678.-+ /AB"), max_size=40)


only_known_endings = endings(recognise, whole)


@settings(max_examples=EXAMPLES)
@given(EDITS)
def test_a_damaged_bulletin_gives_a_batch_or_a_named_error(edits: Edits) -> None:
    """Bytes overwritten anywhere, also in the text, which is not packed."""
    only_known_endings(overwritten(PLAIN, edits))


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 120), TEXTS), min_size=1, max_size=4))
def test_any_text_anywhere_gives_a_batch_or_a_named_error(changes: Sequence[tuple[int, int, str]]) -> None:
    """Words of the bulletin's own characters in the place of others."""
    made_pages = pages()
    for number, at, text in changes:
        page = made_pages[number]
        page[at % len(page)] = replace(page[at % len(page)], text=text)
    only_known_endings(pdf_bytes(made_pages))
