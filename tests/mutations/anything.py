"""Damage that fits every file: cut, empty, a web page in its place, another report; and two layouts of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Final

from tests.factories.shanghai import BLOCK_PAGE
from tests.mutations import pages, payloads, prints, tables
from tests.mutations.payloads import Mutant, times
from tests.mutations.specimens import Specimen

_PAGE: Final = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Please sign in</h1></body></html>"
_REFUSAL: Final = b"<html><head><title>Access Denied</title></head><body>Access Denied. Reference 18.2</body></html>"
_CUTS: Final = 12


def mutants(specimen: Specimen, others: list[Specimen]) -> Iterator[Mutant]:
    """(kind of damage, bytes) of one specimen, each different from the sound file, the same ones at every run."""
    for maker in (_any(specimen, others), _MAKERS[specimen.kind](specimen)):
        yield from ((kind, body) for kind, body in maker if body != specimen.body)


def _any(specimen: Specimen, others: list[Specimen]) -> Iterator[Mutant]:
    body, dice = specimen.body, Random(specimen.title)
    for at in sorted(dice.sample(range(1, len(body) - 1), _CUTS)):
        yield "cut", body[:at]
    for tail in (1, 2, 3, 4, 9, 40):
        yield "cut", body[: -min(tail, len(body) - 1)]
    yield "empty", b""
    for page in (_PAGE, _REFUSAL, BLOCK_PAGE):
        yield "HTML with status 200", page
    for other in dice.sample([one for one in others if one.source != specimen.source], 4):
        yield "another report", other.body


def _nothing(specimen: Specimen) -> Iterator[Mutant]:
    return iter(())


def _facts(specimen: Specimen) -> Iterator[Mutant]:
    """The fund's page: the texts of its figures and of their dates."""
    text = specimen.body.decode()
    figures = list(re.finditer(r'(webqc-datapoint="keyFundFacts-\w+">)([^<]+)', text))
    for found in figures:
        yield "times 1000", (text[: found.start(2)] + times(found[2]) + text[found.end(2) :]).encode()
        yield "column dropped", (text[: found.start(2)] + text[found.end(2) :]).encode()
        yield "column renamed", (text[: found.start(1)] + found[1].upper() + text[found.end(1) :]).encode()
    for one in figures:
        for other in figures:
            if one.start() < other.start():
                between = text[one.end(2) : other.start(2)]
                changed = text[: one.start(2)] + other[2] + between + one[2] + text[other.end(2) :]
                yield "columns swapped", changed.encode()


def _xml(specimen: Specimen) -> Iterator[Mutant]:
    """The rates of the XML file."""
    text = specimen.body.decode()
    rates = list(re.finditer(r"<Cube currency='(\w+)' rate='([0-9.]+)'/>\n", text))
    for found in rates:
        yield "times 1000", (text[: found.start(2)] + times(found[2]) + text[found.end(2) :]).encode()
        yield "row dropped", (text[: found.start()] + text[found.end() :]).encode()
        yield "row twice", (text[: found.end()] + text[found.start() :]).encode()
        yield "column renamed", (text[: found.start(1)] + found[1].lower() + text[found.end(1) :]).encode()


_MAKERS: Final = {
    "json": payloads.mutants,
    "table": tables.mutants,
    "page": pages.mutants,
    "lines": prints.mutants,
    "bulletin": prints.bulletin,
    "facts": _facts,
    "xml": _xml,
    "bytes": _nothing,
}
