"""Errors, notes and rejects stay short enough for a journal, a table and a mail, whatever a file quotes of itself."""

from __future__ import annotations

import pytest

from monitor.errors import Implausible, Unreadable, cut
from monitor.model import Note, Reject

LONG = "A" * 100_000


@pytest.mark.parametrize("kind", [Unreadable, Implausible])
def test_a_refusal_is_cut_and_keeps_its_place(kind: type[Unreadable]) -> None:
    error = kind(f"no number: {LONG}", f"row {LONG}")
    assert len(str(error)) < 1_100
    assert str(error).startswith("no number: AAA")
    assert (len(error.where), error.where[:5]) == (500, "row A")


def test_notes_and_rejects_are_cut() -> None:
    note, reject = Note("layout", LONG, None, LONG), Reject(LONG, LONG, LONG)
    assert note.text == LONG[:497] + "..."
    assert {len(text) for text in (note.where, reject.message, reject.where, reject.raw)} == {500}


def test_what_is_short_is_left_as_it_is() -> None:
    assert cut(LONG[:500]) == LONG[:500]
    assert str(Unreadable("no number: 'x'", "row 3")) == "no number: 'x' (row 3)"
