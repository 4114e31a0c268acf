"""Files and lines that survive a kill: written whole, synced, sealed; torn ones are recognised."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any


def write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def write_synced(path: Path, data: bytes) -> None:
    """A new read-only file with these bytes, on disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    try:
        write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_same(path: Path, body: bytes) -> bool:
    """Whether the file is there with exactly these bytes."""
    try:
        return path.stat().st_size == len(body) and path.read_bytes() == body
    except OSError:
        return False


def append_line(path: Path, fields: dict[str, Any], *, sync: bool) -> None:
    """Adds one line with its checksum; starts afresh where the last line was torn."""
    fresh = not path.exists()
    if fresh:
        path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        text = json.dumps(fields, separators=(",", ":"))
        line = f'{text[:-1]},"check":"{zlib.crc32(text.encode()):08x}"}}\n'.encode()
        write_all(handle, b"\n" + line if torn else line)
        if sync:
            os.fsync(handle)
    finally:
        os.close(handle)
    if fresh and sync:
        sync_folder(path.parent)


def bytes_from(path: Path, start: int = 0) -> bytes:
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(start)
        return file.read()
    return b""


def lines_of(path: Path) -> Iterator[dict[str, Any] | str]:
    """Each line's fields, or what is wrong with it."""
    data = bytes_from(path)
    for line in data.removesuffix(b"\n").split(b"\n") if data else ():
        fields = checked_line(line)
        yield "a line torn by a crash, or changed since" if fields is None else fields


def checked_line(line: bytes) -> dict[str, Any] | None:
    """The fields of a line that is as it was written, without its checksum."""
    match = re.fullmatch(rb'(\{.*),"check":"([0-9a-f]{8})"\}', line)
    if not match or zlib.crc32(match[1] + b"}") != int(match[2], 16):
        return None
    fields: dict[str, Any] = json.loads(match[1] + b"}")
    return fields


def seal(fields: dict[str, Any]) -> bytes:
    """Readable JSON that ends with a hash of all before it."""
    text = json.dumps(fields, indent=1)
    return f'{text[:-2]},\n "seal": "{hashlib.sha256(text.encode()).hexdigest()}"\n}}\n'.encode()


def unseal(data: bytes) -> dict[str, Any] | None:
    match = re.fullmatch(rb'(\{.*),\n "seal": "([0-9a-f]{64})"\n\}\n', data, re.DOTALL)
    if not match or hashlib.sha256(match[1] + b"\n}").hexdigest() != match[2].decode():
        return None
    fields: dict[str, Any] = json.loads(match[1] + b"\n}")
    return fields
