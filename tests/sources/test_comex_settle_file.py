"""Settlement files of fixed width: the captured parts of 2015, columns by place, made-up files of both widths.

Every file that is not read from the captures is made up here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import validate
from monitor.clock import naive
from monitor.errors import Blocked, Implausible, Unreadable
from monitor.model import Answer
from monitor.sources.comex_settle_file import SOURCE, asks, parse, recognise
from tests.captures import CAPTURES, needs_captures
from tests.factories.comex_pdf import EXAMPLES
from tests.factories.comex_settle import NARROW, SILVER, D, added, made, row, settle_file
from tests.sources.damage import Edits, edits_of, endings, overwritten

FOLDER = CAPTURES / "comex" / "settle_flatfile"
NOW = datetime(2026, 9, 30, tzinfo=UTC)


def read(body: bytes, at: datetime = NOW) -> pl.DataFrame:
    batch = parse(Answer(body, "stlcomex.txt", at))
    validate.checked(batch.frames)
    return batch.frames["settlement_rows"]


def silver(body: bytes, month: date) -> dict[str, Any]:
    return read(body).filter((pl.col("product") == "SI") & (pl.col("delivery_month") == month)).row(0, named=True)


# --- captured files ---


@cache
def captured() -> pl.DataFrame:
    return pl.concat(read(path.read_bytes()) for path in sorted(FOLDER.iterdir()))


@needs_captures
@pytest.mark.captures
def test_the_captured_files_add_up_to_their_totals() -> None:
    """Volume and prior open interest of 2015-10-29, as the TOTAL lines print them."""
    sums = captured().group_by("venue", "product").agg(pl.len(), pl.sum("volume"), pl.sum("prior_open_interest"))
    assert sorted(sums.rows()) == [
        ("COMEX", "ALI", 12, 20, 171),
        ("COMEX", "GC", 21, 163_884, 470_525),
        ("COMEX", "HG", 39, 62_086, 167_286),
        ("COMEX", "MGC", 11, 2_238, 2_313),
        ("COMEX", "QC", 38, 10, 140),
        ("COMEX", "QI", 12, 28, 88),
        ("COMEX", "QO", 11, 216, 1_205),
        ("COMEX", "SI", 19, 66_974, 176_038),
        ("COMEX", "SIL", 7, 332, 1_983),
        ("NYMEX", "PA", 7, 3_288, 26_229),
        ("NYMEX", "PL", 7, 9_426, 71_123),
    ]


@needs_captures
@pytest.mark.captures
def test_every_captured_line_of_our_products_is_there_token_by_token() -> None:
    """The lines read a second way: every number of a line is in its row, and no row is without a line."""
    for path in sorted(FOLDER.iterdir()):
        frame, product, seen = read(path.read_bytes()), "", 0
        for line in path.read_text().splitlines()[3:]:
            tokens = line.split()
            if tokens and tokens[0][:3].isalpha() and tokens[0][3:].isdigit() and len(tokens) > 7:
                found = frame.filter((pl.col("product") == product) & (pl.col("delivery_month") == month_of(tokens[0])))
                if found.is_empty():
                    continue
                values = {value for value in found.row(0) if isinstance(value, int | float)}
                printed = {float(t.rstrip("AB")) for t in tokens[1:6] if t != "----"}
                assert printed <= values, line
                seen += 1
            elif tokens and tokens[0] != "TOTAL":
                product = tokens[0]
        assert seen == frame.height


def month_of(text: str) -> date:
    names = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JLY", "AUG", "SEP", "OCT", "NOV", "DEC")
    return date(2000 + int(text[3:]), names.index(text[:3]) + 1, 1)


@needs_captures
@pytest.mark.captures
def test_the_captured_evening_is_known_although_it_says_cst_in_october() -> None:
    """22:33 in Chicago is 03:33 UTC of the next day; INT belongs to the session before."""
    row = (
        captured()
        .filter((pl.col("product") == "SI") & (pl.col("delivery_month") == date(2015, 12, 1)))
        .row(0, named=True)
    )
    assert (row["session"], row["prior_session"]) == (date(2015, 10, 29), date(2015, 10, 28))
    assert row["published_at"] == naive(datetime(2015, 10, 30, 3, 33, tzinfo=UTC))
    assert (row["settle"], row["close"], row["previous_settle"]) == (15.55, 15.575, 16.293)
    assert (row["volume"], row["prior_open_interest"]) == (63_010, 114_593)


# --- columns ---


@pytest.mark.parametrize("wide", [False, True])
def test_lines_are_cut_where_the_heads_stand(wide: bool) -> None:
    """Letters behind a price are left off, blanks are no number; both widths of the file."""
    row = silver(
        made(wide=wide, head="01/06/2017 10:33 PM (CST)" if wide else "01/06/17 10:33 PM (CST)"), date(2017, 3, 1)
    )
    assert row == {
        "venue": "COMEX",
        "product": "SI",
        "delivery_month": date(2017, 3, 1),
        "session": date(2017, 1, 6),
        "status": "final",
        "settle": 16.519,
        "open": 16.5,
        "high": 16.7,
        "low": 16.4,
        "close": 16.6,
        "previous_settle": 16.639,
        "volume": 30,
        "prior_session": date(2017, 1, 5),
        "prior_open_interest": 114_593,
        "currency": "USD",
        "unit": "troy_oz",
        "published_at": naive(datetime(2017, 1, 7, 4, 33, tzinfo=UTC)),
        "published_assumed": False,
    }


def test_a_blank_between_numbers_moves_nothing() -> None:
    """July is JLY; its prior volume of 12 is no volume of the day, which is blank."""
    row = silver(made(), date(2017, 7, 1))
    assert (row["volume"], row["prior_open_interest"], row["open"], row["close"]) == (None, 5_909, None, None)


def test_a_month_without_change_has_no_prior_settlement() -> None:
    """Just listed: dashes in both."""
    row = silver(made(), date(2018, 12, 1))
    assert (row["settle"], row["previous_settle"], row["prior_open_interest"]) == (17.0, None, None)


def test_products_without_a_known_unit_and_options_are_passed_over() -> None:
    """Variance futures without TOTAL, options by strike, a spot product that trades by the day."""
    body = made().decode()
    body += "VGA Gold Annual Variance Futures\n" + row(
        "DEC15", (D,) * 4 + ("209.95", "+1.03", "", "208.92", "", ""), NARROW, False
    )
    body += "\nSO MAR17 COMEX SILVER OPTIONS CALL\n1600" + " " * 40 + "1.234\n" + "05JAN17" + " " * 40 + "1.0\n"
    assert set(read(body.encode())["product"]) == {"GC", "HG", "SI"}


def test_an_option_under_the_name_of_a_future_is_not_its_future() -> None:
    """A month behind the code tells it."""
    body = made().decode() + "SI MAR17 SOMETHING ELSE\n" + row("MAR17", SILVER["MAR17"], NARROW, False) + "\n"
    assert read(body.encode()).filter(pl.col("product") == "SI").height == 3


def test_platinum_and_palladium_belong_to_nymex() -> None:
    """A real inversion of 2017-01-06: February palladium above March."""
    body = settle_file(
        {
            "PA Palladium Futures": {
                "FEB17": (D, D, D, D, "758.40", "+16.75", "1", "741.65", "", "5"),
                "MAR17": (D, D, D, D, "758.35", "+16.75", "9", "741.60", "2", "25000"),
            },
            "PL Platinum Futures": {"APR17": (D, D, D, D, "971.9", "-11.3", "1", "983.2", "", "1")},
        }
    )
    found = read(body)
    assert set(found.select("venue", "product").rows()) == {("NYMEX", "PA"), ("NYMEX", "PL")}
    assert found.filter(pl.col("product") == "PA")["settle"].to_list() == [758.40, 758.35]


# --- what does not add up, is cut or foreign ---


@pytest.mark.parametrize(
    ("at", "text", "says"),
    [
        (4, "16.520", "SI Mar17: 16.52 less -0.12 is not the prior settlement 16.639"),
        (5, "+.120", "is not the prior settlement"),
        (6, "31", "TOTAL volume is 30, the months add up to 31"),
        (9, "114594", "TOTAL interest is 120502, the months add up to 120503"),
    ],
)
def test_what_does_not_add_up_is_refused(at: int, text: str, says: str) -> None:
    """A settlement less its change, the months against TOTAL."""
    cells = list(SILVER["MAR17"])
    cells[at] = text
    with pytest.raises(Implausible, match=says):
        read(made({**SILVER, "MAR17": cells}, totals={"SI Silver Futures": added(SILVER)}))


@pytest.mark.parametrize("last", range(1, 16))
def test_a_file_without_its_last_lines_never_passes(last: int) -> None:
    """Silver comes last here: its TOTAL, its months, its name, copper's, gold's."""
    lines = made().decode().splitlines()
    assert len(lines) == 3 + 2 + 4 + 6 or len(lines) > 12
    with pytest.raises((Unreadable, Implausible)):
        read("\n".join(lines[:-last]).encode())


@pytest.mark.parametrize("cut", [1, 2, 5, 20, 60, 100])
def test_a_file_cut_inside_its_last_line_never_passes(cut: int) -> None:
    """The TOTAL of silver is then shorter than its months."""
    body = made().rstrip()
    with pytest.raises((Unreadable, Implausible)):
        read(body[:-cut])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("FINAL POST-CLEARING", "FINAL PRE-CLEARING", "expected FINAL POST-CLEARING"),
        ("01/06/17 10:33 PM", "01/06/17 10:33 AM", "is no evening"),
        ("01/06/17", "02/30/17", "is no moment"),
        ("10:33", "10:99", "is no moment"),
        ("CHGE", "DIFF", "expected the heads STRIKE OPEN HIGH"),
        ("HG Copper", "HX Copper", "the file is cut: HG missing beside the others"),
        ("16.519", "16.5x9", "'16.5x9' is no number"),
        ("MAR17    16.500", "MAR17    ......", "is no number"),
        ("JLY17", "MAR17", "SI MAR17 stands there twice"),
        ("JLY17", "JLX17", "is no delivery month"),
    ],
)
def test_what_is_not_understood_says_why(old: str, new: str, says: str) -> None:
    """The head, the columns, a missing metal, a cell."""
    text = made().decode()
    assert old in text
    with pytest.raises(Unreadable, match=says):
        read(text.replace(old, new).encode())


def test_a_product_that_stands_twice_is_unreadable() -> None:
    """Two files in one."""
    with pytest.raises(Unreadable, match="GC stands there twice"):
        read(made() + b"\n".join(made().splitlines()[3:]))


def test_text_behind_the_last_column_is_unreadable() -> None:
    """A column that was not there before."""
    lines = made().decode().splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("MAR17    16.5"))
    lines[at] += "   77"
    with pytest.raises(Unreadable, match="text behind the last column"):
        read("\n".join(lines).encode())


def test_a_file_of_another_exchange_is_unreadable() -> None:
    """None of our metals in it."""
    with pytest.raises(Unreadable, match="no gold, silver, copper, platinum or palladium"):
        read(settle_file({"C Corn Futures": {"MAR17": (D, D, D, D, "358.0", "UNCH", "", "358.0", "", "")}}))


@pytest.mark.parametrize(
    ("head", "says"),
    [("01/07/17 10:33 PM (CST)", "is a Saturday"), ("01/06/97 10:33 PM (CST)", "a file of the future")],
)
def test_a_date_that_cannot_be_is_refused(head: str, says: str) -> None:
    """A weekend; two digits of a year are of this century."""
    with pytest.raises(Implausible, match=says):
        read(made(head=head))


def test_the_refusal_page_is_blocked_and_anything_else_unreadable() -> None:
    """Never taken for a file."""
    with pytest.raises(Blocked):
        read(b"<title>Access Denied</title>")
    for body in (b"", b"FINAL", b"FINAL \xff", b"{}"):
        with pytest.raises(Unreadable):
            read(body)


BODY = made()
EDITS = edits_of(BODY)


only_known_endings = endings(recognise, read)


@settings(max_examples=EXAMPLES)
@given(EDITS)
def test_a_damaged_file_gives_a_batch_or_a_named_error(edits: Edits) -> None:
    """Bytes overwritten anywhere."""
    only_known_endings(overwritten(BODY, edits))


@settings(max_examples=EXAMPLES)
@given(st.text(st.sampled_from("0123456789 .-+ABCHSIGTOLUNJYM\n"), max_size=300))
def test_any_lines_behind_the_head_give_a_batch_or_a_named_error(text: str) -> None:
    """Of the file's own characters."""
    only_known_endings(BODY + text.encode())
    only_known_endings(b"\n".join(BODY.splitlines()[:3]) + b"\n" + text.encode())


def test_nothing_is_asked_and_nothing_is_late() -> None:
    """No such file is public any more."""
    assert asks(date(2026, 2, 9)) == ()
    assert SOURCE.due.grace_minutes > 50 * 365 * 24 * 60
    assert recognise(BODY, "x")
    assert not recognise(b"FINAL REPORT", "stlcomex")
