"""Damage to printed text: lines and numbers lost, doubled, moved, exchanged; and to the texts of a bulletin's pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Final

from tests.factories import comex_pdf
from tests.mutations.payloads import Mutant, times
from tests.mutations.specimens import BULLETIN, FRIDAY, Pages, Specimen

_FIGURE: Final = re.compile(r"(?<![^ |])[0-9][0-9,]*(?:\.[0-9]+)?(?![^ |AB])(?! [A-Z])")
_WORD: Final = re.compile(r"[A-Z]{3,}[A-Z ]*|[\u4e00-\u9fff]{2,}")
_MOST: Final = 34


def mutants(specimen: Specimen) -> Iterator[Mutant]:
    """(kind of damage, bytes), the same ones at every run."""
    for kind, pages in _changes(specimen.pages, Random(specimen.title)):
        yield kind, specimen.write(pages)


def _changes(pages: Pages, dice: Random) -> Iterator[tuple[str, Pages]]:
    places = [(page, at) for page, lines in enumerate(pages) for at, line in enumerate(lines) if line.strip()]
    for page, at in dice.sample(places, min(_MOST, len(places))):
        line = pages[page][at]
        yield "row dropped", _with(pages, page, at, [])
        yield "row twice", _with(pages, page, at, [line, line])
        yield "row shifted", _with(pages, page, at, [" " * 7 + line])
        figures = list(_FIGURE.finditer(line))
        for found in figures[:4]:
            yield "times 1000", _with(pages, page, at, [_replaced(line, found, times(found[0]))])
        for one, other in list(pairwise(figures))[:4]:
            yield "columns swapped", _with(pages, page, at, [_exchanged(line, one, other)])
        words = [] if figures else list(_WORD.finditer(line))
        if words:
            word = dice.choice(words)
            yield "column renamed", _with(pages, page, at, [_replaced(line, word, word[0][::-1])])
    for page in range(len(pages)):
        if len(pages) > 1:
            yield "page dropped", pages[:page] + pages[page + 1 :]


def _with(pages: Pages, page: int, at: int, lines: list[str]) -> Pages:
    return [found[:at] + lines + found[at + 1 :] if index == page else found for index, found in enumerate(pages)]


def _replaced(line: str, found: re.Match[str], text: str) -> str:
    """The line with the text in the place of what was found, ending where that ended."""
    start = max(found.end() - len(text), 0)
    if line[start : found.start()].strip():
        start = found.start()
    return line[:start] + text + line[found.end() :]


def _exchanged(line: str, one: re.Match[str], other: re.Match[str]) -> str:
    later = _replaced(line, other, one[0].rjust(len(other[0])))
    return _replaced(later, one, other[0].rjust(len(one[0])))


# --- the bulletin: texts at places -----------------------------------------------------------------


def bulletin(specimen: Specimen) -> Iterator[Mutant]:
    """As `mutants`, of the pages of the bulletin."""
    dice = Random(specimen.title)
    pages = comex_pdf.bulletin_pages(FRIDAY, BULLETIN)
    rows: dict[tuple[int, float], list[int]] = defaultdict(list)
    for page, texts in enumerate(pages):
        for at, text in enumerate(texts):
            rows[page, round(text.y, 1)].append(at)
    for (page, _), places in rows.items():
        for kind, texts in _row_changes(pages[page], places, dice):
            yield kind, comex_pdf.pdf_bytes([*pages[:page], texts, *pages[page + 1 :]])
    for page in range(len(pages)):
        yield "page dropped", comex_pdf.pdf_bytes(pages[:page] + pages[page + 1 :])


def _row_changes(page: comex_pdf.Page, places: list[int], dice: Random) -> Iterator[tuple[str, comex_pdf.Page]]:
    yield "row dropped", [text for at, text in enumerate(page) if at not in places]
    yield "row shifted", [replace(text, x=text.x + 36) if at in places else text for at, text in enumerate(page)]
    figures = [at for at in places if re.fullmatch(r"[0-9][0-9.]*[AB]?", page[at].text)]
    for at in figures:
        grown = times(page[at].text)
        moved = page[at].x - 3.6 * (len(grown) - len(page[at].text))
        yield "times 1000", [*page[:at], replace(page[at], text=grown, x=moved), *page[at + 1 :]]
    for one, other in pairwise(figures):
        yield "columns swapped", _exchanged_texts(page, one, other)
    if places:
        at = dice.choice(places)
        yield "cell dropped", page[:at] + page[at + 1 :]
        yield "column renamed", [*page[:at], replace(page[at], text=page[at].text[::-1]), *page[at + 1 :]]


def _exchanged_texts(page: comex_pdf.Page, one: int, other: int) -> comex_pdf.Page:
    found = list(page)
    for here, there in ((one, other), (other, one)):
        edge = page[here].x + 3.6 * len(page[here].text)
        found[here] = replace(page[here], text=page[there].text, x=edge - 3.6 * len(page[there].text))
    return found
