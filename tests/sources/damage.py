"""Bytes overwritten anywhere, and the few ways in which a source may end on them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Final

from hypothesis import strategies as st

from monitor.errors import Blocked, Implausible, NotPublished, Unreadable

KNOWN: Final = (NotPublished, Blocked, Unreadable, Implausible)
Edits = list[tuple[int, bytes]]


def edits_of(body: bytes) -> st.SearchStrategy[Edits]:
    """One to four places of a file, and up to four bytes to write over each."""
    return st.lists(st.tuples(st.integers(0, len(body)), st.binary(max_size=4)), min_size=1, max_size=4)


def overwritten(body: bytes, edits: Iterable[tuple[int, bytes]]) -> bytes:
    """The file with these bytes in place of its own."""
    damaged = bytearray(body)
    for at, value in edits:
        damaged[at : at + len(value)] = value
    return bytes(damaged)


def endings(recognise: Callable[[bytes, str], object], read: Callable[[bytes], object]) -> Callable[[bytes], None]:
    """What reads bytes and lets pass a batch that fits the schema, or one of the four errors a source may raise."""

    def only_known_endings(body: bytes) -> None:
        recognise(body, "file")
        with contextlib.suppress(*KNOWN):
            read(body)

    return only_known_endings
