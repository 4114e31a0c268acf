"""Parsing in one long-lived capped child, so that a hostile file ends the child and not the daemon.

Messages are length-prefixed: a JSON header, then raw bytes. Frames come back as Arrow IPC.
"""

from __future__ import annotations

import io
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from monitor.clock import stamp
from monitor.errors import BadFile, Blocked, BullionError, Implausible, NotPublished, Unreadable
from monitor.model import Answer, Batch, Note, Reject

WALL_SECONDS: Final = 20.0
START_SECONDS: Final = 20.0
_KINDS: Final = {kind.__name__: kind for kind in (NotPublished, Blocked, Unreadable, Implausible)}


class Decoder:
    """The child in which `parse` runs. Started at the first file, ended by `close` or when it misbehaves.

    It counts sessions by the same calendars as we do: `overrides` are the operator's corrections to them.
    """

    def __init__(self, wall_seconds: float = WALL_SECONDS, overrides: Path | None = None) -> None:
        self._wall = wall_seconds
        self._overrides = str(overrides) if overrides else ""
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the child ahead of the first file; does not wait for it."""
        with self._lock:
            self._begin()

    def parse(self, source: str, answer: Answer) -> Batch:
        """What the file says. Raises NotPublished, Blocked, Unreadable or Implausible.

        A file that takes longer than the wall limit, or more memory than the child has, is Unreadable.
        """
        with self._lock:
            child = self._begin()
            try:
                _send(child, source, answer)
                limit = self._wall + (0 if self._ready else START_SECONDS)
                reply = _receive(child, time.monotonic() + limit)
            except _Gone as gone:
                self._end()
                raise Unreadable(f"{answer.name}: parsing was stopped: {gone}") from gone
            self._ready = True
        return _batch(reply)

    def close(self) -> None:
        """End the child; the next file starts another."""
        with self._lock:
            self._end()

    def _begin(self) -> subprocess.Popen[bytes]:
        """The child, started where there is none or it has died."""
        if self._child is None or self._child.poll() is not None:
            self._child, self._ready = _start(self._overrides), False
        return self._child

    def _end(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                _close_quietly(pipe)
        self._child.wait()
        self._child = None


class _Gone(Exception):
    """The child died or was too slow; says which."""


def _start(overrides: str) -> subprocess.Popen[bytes]:
    """A child with a bare environment: one allocator arena and one thread keep it inside its address space.

    The parent has checked the processor for both; that check needs memory it may execute, which a unit may forbid.
    It is in a session of its own: a Ctrl-C is for us, and must not make a good file look like one that kills it.
    """
    env = {"MALLOC_ARENA_MAX": "1", "POLARS_MAX_THREADS": "1", "PYTHONUTF8": "1", "POLARS_SKIP_CPU_CHECK": "1"}
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH120, PTH100 - no Path at start-up
    code = f"import sys; sys.path.insert(0, {root!r}); from monitor.decode_worker import main; main({overrides!r})"
    return subprocess.Popen(
        [sys.executable, "-I", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, close_fds=True,
        start_new_session=True,
    )  # fmt: skip


def _send(child: subprocess.Popen[bytes], source: str, answer: Answer) -> None:
    header = {
        "source": source,
        "name": answer.name,
        "url": answer.url,
        "hint": answer.hint,
        "fetched_at": stamp(answer.fetched_at),
        "headers": list(answer.headers),
    }
    text = json.dumps(header).encode()
    if child.stdin is None:
        raise _Gone("it has no input")
    try:
        child.stdin.write(struct.pack("<II", len(text), len(answer.body)) + text + answer.body)
        child.stdin.flush()
    except OSError as error:
        raise _Gone("the parser died") from error


def _receive(child: subprocess.Popen[bytes], until: float) -> tuple[dict[str, Any], bytes]:
    """The header of a reply and the bytes after it."""
    size, blob = struct.unpack("<II", _read(child, 8, until))
    return json.loads(_read(child, size, until)), _read(child, blob, until)


def _batch(reply: tuple[dict[str, Any], bytes]) -> Batch:
    """What a reply says; raises the refusal where it is one."""
    header, body = reply[0], memoryview(reply[1])
    if "error" in header:
        kind = _KINDS.get(header["error"], Unreadable)
        error: BullionError = kind(header["message"])
        if isinstance(error, BadFile):
            error.where = header.get("where", "")
        raise error
    frames = {}
    at = 0
    for table, length in header["frames"]:
        frames[table] = pl.read_ipc_stream(io.BytesIO(body[at : at + length]))
        at += length
    return Batch(
        frames,
        tuple(Note(k, t, date.fromisoformat(s) if s else None, w) for k, t, s, w in header["notes"]),
        tuple(Reject(*row) for row in header["rejects"]),
    )


def _read(child: subprocess.Popen[bytes], count: int, until: float) -> bytes:
    """Exactly `count` bytes before `until` on the monotonic clock."""
    if child.stdout is None:
        raise _Gone("it has no output")
    handle = child.stdout.fileno()
    parts = []
    while count:
        left = until - time.monotonic()
        if left <= 0 or not select.select([handle], [], [], left)[0]:
            raise _Gone("it took too long")
        part = os.read(handle, min(count, 1 << 20))
        if not part:
            raise _Gone("the parser died, most likely for lack of memory or time")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _close_quietly(pipe: io.IOBase | object) -> None:
    try:
        pipe.close()  # type: ignore[union-attr]
    except OSError:
        return  # unsent bytes of a dead child
