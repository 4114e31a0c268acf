"""A new field, column, line or product in any source's file is a notice, and moves no number."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pytest

from monitor import validate
from monitor.model import Batch, Note, Source
from monitor.sources.registry import discover
from monitor.store import FileLoad
from tests.captures import CAPTURES, needs_captures
from tests.factories.world import answer
from tests.homes import house
from tests.mutations.specimens import Specimen, specimens
from tests.mutations.strangers import with_stranger

SOURCES, BROKEN = discover()
ALL: Final = specimens()
EXEMPT: Final = {
    "ecb_fx zip": "its member is the CSV, which is tried by itself",
    "lbma_vault JSON": "rows of three numbers without names: a fourth is refused",
    "inbox_csv CSV": "our own layout: a column that is not ours is a mistake of the hand that wrote it",
    "slv_trust page": "figures found by name among a page of others that are never listed",
}
"""Layouts without a place for a stranger, and why."""
GROWING: Final = [specimen for specimen in ALL if specimen.title not in EXEMPT]


def read(specimen: Specimen, body: bytes) -> Batch:
    return SOURCES[specimen.source].parse(specimen.answer(body))


def layout(batch: Batch) -> Counter[str]:
    return Counter(note.text for note in batch.notes if note.kind == "layout")


def test_every_source_has_a_specimen() -> None:
    assert BROKEN == {}
    assert {specimen.source for specimen in ALL} == set(SOURCES)


@pytest.mark.parametrize("specimen", ALL, ids=lambda specimen: specimen.title)
def test_a_sound_file_is_recognised_and_fits_the_schema(specimen: Specimen) -> None:
    assert SOURCES[specimen.source].recognise(specimen.body, "file")
    assert validate.checked(read(specimen, specimen.body).frames)


@pytest.mark.parametrize("specimen", GROWING, ids=lambda specimen: specimen.title)
def test_what_is_new_is_noted_and_moves_no_number(specimen: Specimen) -> None:
    """One note of kind layout (one a table where a page has several), and frames as before."""
    sound = read(specimen, specimen.body)
    strangers = list(with_stranger(specimen))
    assert strangers
    for what, body in strangers:
        grown = read(specimen, body)
        assert all(grown.frames[name].equals(frame) for name, frame in sound.frames.items()), what
        assert sum((layout(grown) - layout(sound)).values()) in ((1,) if specimen.kind != "page" else (1, 3)), what
        assert grown.rejects == sound.rejects


CAPTURED: Final = {
    "comex/volume_oi_json": "comex_volume",
    "comex/settlements_json": "comex_settlements",
    "comex/settle_flatfile": "comex_settle_file",
    "china/shfe": "shfe_warrants",
    "china/sge": "sge_quotes",
    "china/mcx": "mcx_bhavcopy",
    "world/fx": "ecb_fx",
    "world/fixtures": "nyfed_sofr",
    "world/etf": "gld_trust",
}


@needs_captures
@pytest.mark.captures
@pytest.mark.parametrize(("folder", "source"), CAPTURED.items())
def test_nothing_in_a_captured_file_is_called_unknown(folder: str, source: str) -> None:
    """Every extra field and column of the real files is known and passes without a word."""
    found = [path for path in sorted((CAPTURES / folder).iterdir()) if recognised(SOURCES[source], path)]
    assert found
    for path in found:
        hint_of = SOURCES[source].hint_of
        batch = SOURCES[source].parse(answer(path.read_bytes(), hint_of(path.name) if hint_of else None))
        assert not [text for text in layout(batch) if "unknown" in text or "not known" in text], path.name


def recognised(source: Source, path: Path) -> bool:
    return source.recognise(path.read_bytes(), path.name) and "empty" not in path.name


def test_notices_are_listed_once_by_source_and_text_with_the_newest_first(tmp_path: Path) -> None:
    days = {date(2026, 2, 9): 1, date(2026, 2, 10): 2, date(2026, 2, 11): 3}
    with house(tmp_path) as opened:
        for day, hour in days.items():
            notes = (Note("layout", "unknown field: 'a'", day, "Data"), Note("footer", f"Closed on {day:%A}.", day))
            at = datetime(2026, 2, 20, hour, tzinfo=UTC)
            opened.store.load(FileLoad(f"sha-{hour}", "", "made_up", "invented", 1, at, {}, notes=notes))
        listed = "select kind, text, session, position, first_seen_at, files from layout_notices"
        found = opened.store.rows(listed)
        with opened.store.cursor() as cursor:
            cursor.execute("set variable known_at = timestamp '2026-02-20 02:30:00'")
            known = cursor.execute(listed).fetchall()
    first, last = datetime(2026, 2, 20, 1), datetime(2026, 2, 20, 3)  # noqa: DTZ001 - storage form is naive UTC
    assert found[0] == ("footer", "Closed on Wednesday.", date(2026, 2, 11), "", last, 1)
    assert ("layout", "unknown field: 'a'", date(2026, 2, 9), "Data", first, 3) in found
    assert len(found) == 4
    assert [row[5] for row in known if row[0] == "layout"] == [2]
