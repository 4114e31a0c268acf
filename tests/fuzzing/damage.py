"""Damage of bytes whose format does not matter: bits, runs, cuts, splices, and tokens in the place of numbers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

Damage = Callable[[random.Random, bytes, bytes], bytes]
"""(chance, whole file, another whole file) -> a damaged one."""

TOKENS: Final = (
    "NaN", "nan", "Infinity", "-inf", "1e308", "1e-308", "1E400", "-0", "-0.0", "+0", "1.234,5", "1,234.5",
    "1,23,456", "1'234", "1 234", "0x1F", "1_000", "٣٤", "１２３．４", "９９", "²", "½", "−5", "(5)", "5-", "5%",
    "$5", "5,", ",5", ".5", "5.", "--", "-", "", " ", "\0", "\x1a", "\x7f", "\x1b[31m", "\ud800", "\udfff\ud800",
    "\u202e12", "\u200f", "\ufeff", "\u2028", "\U0001f4b0", "\"", "''", "\"\"\"", "<!--", "]]>", "&amp;", "&#0;",
    "&#xD800;", "\\u0000", "\\ud834", "\\", "null", "true", "None", "9" * 20, "9" * 400, "0" * 5_000, "-" + "8" * 30,
    "0.1" + "3" * 300, "1e99999999", "2026-02-30", "0000-00-00", "9999-12-31", "99/99/9999", "1970-01-01T00:00:00Z",
    "=1+1", "\r", "\n", "\r\n\r\n", "\t", "A" * 70_000,
)  # fmt: skip
"""What stands where a number should, sooner or later."""
_NUMBER: Final = re.compile(rb"[0-9][0-9,]*(?:\.[0-9]+)?")
_MOST_BYTES: Final = 200_000


def token(chance: random.Random) -> bytes:
    """One of the tokens; a lone surrogate as the three bytes that a careless writer makes of it."""
    return chance.choice(TOKENS).encode("utf-8", "surrogatepass")


def bits(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """One to thirty bits turned over."""
    changed = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def written_over(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """A few bytes in the place of others: random, all zero or all set."""
    at = chance.randrange(len(body) + 1)
    size = chance.choice((1, 2, 4, 8, 64))
    data = chance.choice((chance.randbytes(size), bytes(size), b"\xff" * size))
    return body[:at] + data + body[at + size :]


def without_a_run(chance: random.Random, body: bytes, other: bytes) -> bytes:
    first, last = _run(chance, body)
    return body[:first] + body[last:]


def a_run_twice(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """A run of bytes once more, or hundreds of times."""
    first, last = _run(chance, body)
    times = chance.choice((1, 1, 2, 300))
    return (body[:last] + body[first:last] * times + body[last:])[: len(body) + _MOST_BYTES]


def two_runs_swapped(chance: random.Random, body: bytes, other: bytes) -> bytes:
    one, two, three = sorted(chance.randrange(len(body) + 1) for _ in range(3))
    return body[:one] + body[two:three] + body[one:two] + body[three:]


def cut(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """The end lost, or the beginning."""
    at = chance.randrange(len(body) + 1)
    return body[at:] if chance.random() < 0.2 else body[:at]


def spliced(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """The beginning of one file and the end of another."""
    return body[: chance.randrange(len(body) + 1)] + other[chance.randrange(len(other) + 1) :]


def put_in(chance: random.Random, body: bytes, other: bytes) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + token(chance) + body[at:]


def other_numbers(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """One to three numbers replaced by tokens."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        places = [found.span() for found in _NUMBER.finditer(body[:_MOST_BYTES])]
        if places:
            first, last = chance.choice(places)
            body = body[:first] + token(chance) + body[last:]
    return body


def other_digits(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """One digit for another: the damage that is hardest to see."""
    places = [at for at, byte in enumerate(body[:_MOST_BYTES]) if 48 <= byte <= 57]
    changed = bytearray(body)
    for at in chance.sample(places, min(len(places), chance.choice((1, 1, 3)))):
        changed[at] = 48 + chance.randrange(10)
    return bytes(changed)


def nonsense(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """The first bytes, by which a file is recognised, and then nothing sensible."""
    return body[: chance.choice((0, 4, 16, 200, 2_000))] + chance.randbytes(chance.randrange(600))


def written_otherwise(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """The same text in another encoding, or behind a mark of another one."""
    text = body.decode("utf-8", "replace")
    name = chance.choice(("utf-16", "utf-16-be", "utf-32", "utf-7", "gb18030", "latin-1", "utf-8-sig"))
    return text.encode(name, "replace")


def _run(chance: random.Random, body: bytes) -> tuple[int, int]:
    first = chance.randrange(len(body) + 1)
    return first, min(len(body), first + chance.choice((1, 3, 17, 100, 1_000)))


ANY: Final[tuple[Damage, ...]] = (
    bits, written_over, without_a_run, a_run_twice, two_runs_swapped, cut, spliced, put_in, other_numbers, other_digits,
    nonsense,
)  # fmt: skip
TEXT: Final[tuple[Damage, ...]] = (other_numbers, other_numbers, other_digits, put_in, a_run_twice, written_otherwise)
