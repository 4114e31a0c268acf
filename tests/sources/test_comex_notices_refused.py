"""Reports of notices that do not add up, are cut, foreign or damaged.

Every report here is made up by `tests.factories.comex_pdf`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import Blocked, Implausible, Unreadable
from monitor.sources import comex_bulletin, comex_notices_mtd, comex_notices_ytd
from monitor.sources.comex_notices import SOURCE, recognise
from tests.factories.comex_pdf import (
    EXAMPLES,
    Firm,
    Section,
    YearFirm,
    mtd_pages,
    notices_pages,
    notices_pdf,
    printed,
    ytd_pdf,
)
from tests.sources.damage import Edits, edits_of, endings, overwritten
from tests.sources.notices import FRIDAY, PLATINUM, SILVER, made, read


@pytest.mark.parametrize(
    ("section", "says"),
    [
        (replace(SILVER, total=(1_241, 1_241)), "TOTAL issued is 1241, the firms add up to 1240"),
        (replace(SILVER, total=(1_240, 1_239)), "TOTAL stopped is 1239, the firms add up to 1240"),
        (replace(SILVER, firms=SILVER.firms[:3]), "1220 issued and 1237 stopped"),
        (replace(SILVER, to_date=1_239), "1239 in the month to date, 1240 in one day"),
        (replace(SILVER, delivery=FRIDAY), "intent 2026-02-27, delivery 2026-02-27"),
        (replace(SILVER, firms=[*SILVER.firms, SILVER.firms[0]], total=(1_240, 1_241)), "1240 issued and 1241 stopped"),
    ],
)
def test_a_contract_that_does_not_add_up_is_refused(section: Section, says: str) -> None:
    """Issues, stops and TOTAL are one number; the month holds the day; metal moves after intent."""
    with pytest.raises(Implausible, match=says) as error:
        read(made(section))
    assert error.value.where == "page 1, line 4"


def test_a_firm_that_stands_twice_is_refused() -> None:
    """The same number and account in one contract."""
    twice = [Firm("072", "C", "A", 5), Firm("072", "C", "A", None, 5)]
    with pytest.raises(Implausible, match="the same key twice"):
        read(made(replace(SILVER, firms=twice)))


def test_intent_of_another_day_is_noted() -> None:
    """Every captured report is of one intent day, its business date."""
    batch = read(made(replace(SILVER, intent=date(2026, 2, 26))))
    assert [note.text for note in batch.notes] == [
        "MARCH 2026 COMEX 5000 SILVER FUTURES: intent 2026-02-26 in a report of 2026-02-27"
    ]


@pytest.mark.parametrize("last", range(1, 21))
def test_a_report_without_its_last_lines_never_passes(last: int) -> None:
    """Wherever it is cut, the end mark is gone."""
    (page,) = notices_pages(FRIDAY, [SILVER])
    kept = [line for line in page if line][:-last]
    with pytest.raises(Unreadable):
        read(printed([kept]))


def test_a_report_without_a_page_never_passes() -> None:
    """The first, one between, the last."""
    pages = notices_pages(FRIDAY, [SILVER, PLATINUM], most=15)
    assert len(pages) == 4
    for missing in range(4):
        with pytest.raises((Unreadable, Implausible)):
            read(printed(pages[:missing] + pages[missing + 1 :]))


def test_pages_of_two_evenings_are_refused() -> None:
    """Two runs put together."""
    pages = notices_pages(FRIDAY, [SILVER], most=15)
    pages[1] = notices_pages(FRIDAY, [SILVER], run="21:14:30", most=15)[1]
    with pytest.raises(Implausible, match="the pages are of different reports"):
        read(printed(pages))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("PRODUCT GROUP: METALS", "PRODUCT GROUP: ENERGY", "of the product group 'ENERGY', not METALS"),
        ("BUSINESS DATE: 02/27/2026", "BUSINESS DATE: 02/30/2026", "'02/30/2026' is no date"),
        ("BUSINESS DATE: 02/27/2026", "BUSINESS DATE: 27.02.2026", "'27.02.2026' is no date"),
        ("RUN TIME: 20:14:30", "RUN TIME: 20:14   ", "RUN TIME that is no time"),
        ("RUN TIME: 20:14:30", "RUN TIME: 25:14:30", "is no time"),
        ("RUN TIME: 20:14:30", "RUN TIME: 00:14:30AM", "is no time"),
        ("RUN TIME: 20:14:30", "                  ", "the head has no RUN TIME"),
        ("DAILY DELIVERY NOTICES", "OTHER  DELIVERY NOTICE", "expected a page head with BUSINESS DATE"),
        ("MARCH 2026", "MARTS 2026", "'MARTS 2026 COMEX 5000 SILVER FUTURES' is no contract"),
        ("92.682000000      USD", "92.682000000      EUR", "a settlement in EUR, not USD"),
        ("92.682000000", "92.682000.00", "'92.682000.00' is no number"),
        ("EXCHANGE:      COMEX", "EXCHANGE:      NYMEX", "under the exchange 'NYMEX'"),
        ("EXCHANGE:      COMEX", "EXCHANGE:      LME  ", "under the exchange 'LME'"),
        ("4,580", "45,80", "'45,80' is no number of lots"),
        ("1,240        1,240", "1240           ----", "'----' is no number of lots"),
        ("1220         37", "1220   12    37", "a firm without one number in ISSUED or STOPPED"),
        ("FIRM NAME", "NAME     ", "is cut: a label, its TOTAL"),
        ("MONTH TO DATE", "WEEK TO DATE ", "is cut: a label, its TOTAL"),
        ("EXCHANGE:      COMEX", "                    ", "it begins in the middle of a contract"),
    ],
)
def test_a_report_that_is_not_understood_says_why(old: str, new: str, says: str) -> None:
    """Wrong heads, labels, numbers."""
    pages = notices_pages(FRIDAY, [SILVER])
    assert any(old in line for line in pages[0])
    body = printed([[line.replace(old, new) for line in page] for page in pages])
    with pytest.raises(Unreadable, match=says):
        read(body)


@pytest.mark.parametrize(
    ("day", "run", "ran", "says"),
    [
        (date(2026, 2, 28), "20:14:30", None, "is a Saturday"),
        (date(1999, 2, 26), "20:14:30", None, "long before"),
        (date(2026, 3, 4), "20:14:30", None, "a file of the future"),
        (FRIDAY, "20:14:30", date(2026, 2, 26), "does not fit session 2026-02-27"),
        (FRIDAY, "20:14:30", date(2026, 3, 9), "does not fit session 2026-02-27"),
    ],
)
def test_a_date_that_cannot_be_is_refused(day: date, run: str, ran: date | None, says: str) -> None:
    """A weekend, long ago, the future; a run before its day or after the fetch."""
    with pytest.raises(Implausible, match=says):
        read(notices_pdf(day, [SILVER], run=run, ran=ran))


@pytest.mark.parametrize(
    "body", [b"<title>Access Denied</title>", b"This IP address is blocked due to suspected web scraping activity"]
)
def test_the_refusal_page_is_blocked(body: bytes) -> None:
    """Never taken for an evening without notices."""
    with pytest.raises(Blocked):
        read(body)


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4", b"{}", b"<html></html>", b"\xd0\xcf\x11\xe0" * 9])
def test_anything_else_is_unreadable(body: bytes) -> None:
    """Empty, cut, another kind of file."""
    with pytest.raises(Unreadable):
        read(body)
    assert not recognise(body, "MetalsIssuesAndStopsReport.pdf")


def test_each_report_is_claimed_by_its_own_source() -> None:
    """Daily, month to date and year to date are of one family."""
    bodies = (
        made(),
        printed(mtd_pages(FRIDAY, {"MARCH 2026 COMEX 5000 SILVER FUTURES": [(FRIDAY, 5)]})),
        ytd_pdf(FRIDAY, {"COMEX 5000 SILVER FUTURES": [YearFirm("072", "C", "A", {1: (0, 0)})]}),
    )
    sources = (SOURCE, comex_notices_mtd.SOURCE, comex_notices_ytd.SOURCE, comex_bulletin.SOURCE)
    assert [[source.recognise(body, "x") for source in sources] for body in bodies] == [
        [True, False, False, False],
        [False, True, False, False],
        [False, False, True, False],
    ]


PLAIN = printed(notices_pages(FRIDAY, [SILVER, PLATINUM], most=20), packed=False)

EDITS = edits_of(PLAIN)

TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=90)


only_known_endings = endings(recognise, read)


@settings(max_examples=EXAMPLES)
@given(EDITS)
def test_a_damaged_report_gives_a_batch_or_a_named_error(edits: Edits) -> None:
    """Bytes overwritten anywhere, also in the text, which is not packed."""
    only_known_endings(overwritten(PLAIN, edits))


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(st.integers(0, 60), TEXTS), min_size=1, max_size=4))
def test_any_line_anywhere_gives_a_batch_or_a_named_error(lines: Sequence[tuple[int, str]]) -> None:
    """Lines of text put among the others."""
    (page,) = notices_pages(FRIDAY, [SILVER, PLATINUM], most=99)
    for at, line in lines:
        page.insert(at, line)
    only_known_endings(printed([page]))


@settings(max_examples=EXAMPLES)
@given(st.binary(max_size=500))
def test_arbitrary_bytes_give_a_named_error(body: bytes) -> None:
    """Also behind the first bytes of a PDF."""
    only_known_endings(body)
    only_known_endings(b"%PDF-1.4\n" + body + b"\n%%EOF\n")
