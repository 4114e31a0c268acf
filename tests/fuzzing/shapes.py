"""Damage that keeps a format's form and breaks its sense: JSON, marked-up text, lines, zips, old workbooks, PDFs."""

from __future__ import annotations

import copy
import io
import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final

from tests.fuzzing import damage
from tests.fuzzing.damage import TEXT, Damage

_TAG: Final = re.compile(rb"<[^<>]{1,400}>")
_STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_TEXTS: Final = re.compile(rb"\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]+>")
_VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 10**18, -(10**30), 10**400, 1e308, -0.0, 5e-324, float("nan"), float("inf"), "", " ", "-",
    [], {}, [[]], [None], {"": None}, [1, "2", None], {"d": "2026-01-05", "v": [1, 2, 3]}, "2026-02-30", "20260101",
)  # fmt: skip


def json_values(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """Values of any type anywhere, members lost, doubled or renamed; the text is JSON afterwards."""
    try:
        holder = {"": json.loads(body)}
    except ValueError:
        return damage.bits(chance, body, b"")
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = list(_places(holder))
        parent, key = chance.choice(places)
        _change(chance, parent, key, chance.choice(places))
    text = json.dumps(holder.get(""), ensure_ascii=chance.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of everything inside."""
    for key in range(len(value)) if isinstance(value, list) else list(value):
        yield value, key
        if isinstance(value[key], list | dict):
            yield from _places(value[key])


def _change(chance: random.Random, parent: Any, key: Any, other: Any) -> None:
    kind = chance.randrange(7)
    if kind == 0 and key != "":
        del parent[key]
    elif kind == 1 and isinstance(parent, list):
        parent[key:key] = [parent[key]] * chance.choice((1, 3, 400))
    elif kind == 2 and isinstance(parent, dict) and key != "":
        parent[chance.choice((*damage.TOKENS[:20], key.upper()))] = parent.pop(key)
    elif kind == 3:
        parent[key] = json.loads(json.dumps(other[0][other[1]]))
    elif kind == 4:
        parent[key] = [parent[key]] if chance.random() < 0.5 else {"x": parent[key]}
    elif kind == 5:
        parent[key] = chance.choice(damage.TOKENS)
    else:
        parent[key] = copy.deepcopy(chance.choice(_VALUES))


def tags(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """Tags lost, doubled, moved, nested, or with spans of any size."""
    found = [place.span() for place in _TAG.finditer(body)]
    for _ in range(chance.choice((1, 1, 2, 5))):
        if not found:
            return damage.bits(chance, body, b"")
        first, last = chance.choice(found)
        whole = body[first:last]
        instead = chance.choice((
            b"", whole * 2, whole * 200, b"<table>" + whole, b"</table>" + whole, b"<!--" + whole, b"<tr>" * 3 + whole,
            whole[:-1] + _span(chance) + b">", b"<td" + _span(chance) + b">" + whole, b"<script>" + whole,
            body[slice(*chance.choice(found))], whole.replace(b"=", b"=="), b"</td></tr></table></body></html>",
            whole.upper(),
        ))  # fmt: skip
        body = body[:first] + instead + body[last:]
        found = [place.span() for place in _TAG.finditer(body[:100_000])]
    return body


def _span(chance: random.Random) -> bytes:
    name = chance.choice((b"rowspan", b"colspan", b"ss:Index", b"ss:MergeAcross", b"r"))
    return (
        b" "
        + name
        + b'="'
        + chance.choice((b"0", b"-1", b"2", b"65534", b"9" * 30, b"1e9", damage.token(chance)))
        + b'"'
    )


def lines(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """Lines lost, doubled or swapped; cells likewise."""
    rows = body.split(b"\n")
    at, to = chance.randrange(len(rows)), chance.randrange(len(rows))
    kind = chance.randrange(6)
    if kind == 0:
        del rows[at]
    elif kind == 1:
        rows[at:at] = [rows[at]] * chance.choice((1, 2, 500))
    elif kind == 2:
        rows[at], rows[to] = rows[to], rows[at]
    elif kind == 3:
        rows[at] = rows[at].replace(b",", chance.choice((b";", b"\t", b",,", b'","', b"")))
    else:
        cells = rows[at].split(b",")
        cells[chance.randrange(len(cells))] = chance.choice((damage.token(chance), chance.choice(cells), b'"', b"x,y"))
        rows[at] = b",".join(cells)
    return b"\n".join(rows)


def members(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """One file of a zip damaged, renamed, doubled or lost, and all packed again."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            files = {name: package.read(name) for name in package.namelist()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        return damage.bits(chance, body, other)
    if not files:
        return damage.nonsense(chance, body, other)
    name = chance.choice(list(files))
    kind = chance.randrange(8)
    if kind == 0:
        del files[name]
    elif kind == 1:
        files[chance.choice(("../x", "/etc/x", "x" * 300, name.upper(), "a\\b", "con", name + "/"))] = files.pop(name)
    elif kind == 2:
        files[name] = body
    else:
        files[name] = chance.choice(damages_of(files[name]))(chance, files[name], other)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as package:
        for each, content in files.items():
            package.writestr(zipfile.ZipInfo(each), content, package.compression)
    return packed.getvalue()


def records(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """Records of an old workbook with other kinds, lengths or contents."""
    start = max(body.find(b"\x09\x08\x10\x00"), 0)
    places: list[int] = []
    while start + 4 <= len(body) and len(places) < 3_000:
        places.append(start)
        start += 4 + struct.unpack_from("<H", body, start + 2)[0]
    changed = bytearray(body)
    for at in chance.sample(places, min(len(places), chance.choice((1, 1, 2, 8)))):
        size = struct.unpack_from("<H", body, at + 2)[0]
        where = at + chance.choice((0, 2, 4 + chance.randrange(max(size, 1))))
        value = chance.choice((chance.randrange(65_536), 0, 0xFFFF, 0x7FFF))
        changed[where : where + 2] = struct.pack("<H", value)
    return bytes(changed[: len(body)])


def printed(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """A stream of a PDF unpacked, its printed texts changed, and packed again; lengths are left as they were."""
    streams = list(_STREAM.finditer(body))
    if not streams:
        return damage.bits(chance, body, other)
    found = chance.choice(streams)
    content = _unpacked(found[1])
    texts = [place.span() for place in _TEXTS.finditer(content)]
    for first, last in sorted(chance.sample(texts, min(len(texts), chance.choice((1, 1, 2, 6)))), reverse=True):
        inside = content[first + 1 : last - 1]
        instead = chance.choice(
            (_plain(chance), b"", inside * 3, inside[:-1], damage.other_digits(chance, inside, b""))
        )
        content = content[: first + 1] + instead + content[last - 1 :]
    if not texts or chance.random() < 0.2:
        content = chance.choice(TEXT)(chance, content, other)
    packed = zlib.compress(content, 1) if content != found[1] and b"/FlateDecode" in body else content
    return body[: found.start(1)] + packed + body[found.end(1) :]


def _plain(chance: random.Random) -> bytes:
    return re.sub(rb"[()\\]", b"", damage.token(chance))


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompress(packed)
    except zlib.error:
        return packed


_BY_START: Final[tuple[tuple[bytes, tuple[Damage, ...]], ...]] = (
    (b"PK", (members, members, members)),
    (b"%PDF", (printed, printed, printed)),
    (b"\xd0\xcf\x11\xe0", (records, records, records)),
    (b"<", (tags, tags, *TEXT)),
    (b"{", (json_values, json_values, json_values, *TEXT)),
    (b"[", (json_values, json_values, json_values, *TEXT)),
)


def damages_of(body: bytes) -> tuple[Damage, ...]:
    """What can be done to a file of this format."""
    start = body[:80].lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, chosen in _BY_START:
        if start.startswith(mark):
            return (*chosen, *damage.ANY)
    return (lines, lines, lines, *TEXT, *damage.ANY)


def damaged(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """`body` after one to three damages that suit its format; never longer than a megabyte."""
    kinds = damages_of(body)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        body = chance.choice(kinds)(chance, body, other)[:1_000_000]
    return body
