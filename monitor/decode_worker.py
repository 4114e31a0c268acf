"""The decoding child: reads files from its input, parses them, writes frames to its output."""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from monitor.clock import parse_moment
from monitor.errors import BadFile, Blocked, BullionError, NotPublished
from monitor.model import Answer, Batch


class Limits(NamedTuple):
    """What one file may take: MB of address space beyond what the child has already, and seconds of CPU."""

    memory_mb: int
    cpu_seconds: int


_FORMATS: Final = ((b"\xd0\xcf\x11\xe0", Limits(256, 5)), (b"%PDF", Limits(384, 10)), (b"PK", Limits(1_000, 15)))
_TEXT: Final = Limits(1_000, 10)
"""HTML, JSON, XML and CSV, of which 32 MB can be real."""
MOST_MB: Final = 1_400
"""The whole child, whatever came before; 224 MB of it is reserved before the first file is read."""


def limits_of(body: bytes) -> Limits:
    """The limits of a file by its format: a captured workbook or PDF needs less than 50 MB, histories come in zips."""
    return next((limits for opening, limits in _FORMATS if body.startswith(opening)), _TEXT)


def main(overrides: str) -> None:
    """Serve until the input ends, by the calendars with these corrections ('' for none)."""
    source = sys.stdin.buffer
    sink = sys.stdout.buffer
    sys.stdout = sys.stderr
    from monitor import sessions
    from monitor.sources.registry import discover
    from monitor.validate import checked

    sources, _ = discover()
    if overrides:
        sessions.load_overrides(Path(overrides))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    while (request := _request(source)) is not None:
        name, answer = request
        _arm(limits_of(answer.body))
        try:
            if name not in sources:
                raise BullionError(f"no source named {name}")  # noqa: TRY301 - answered like any other refusal
            batch = sources[name].parse(answer)
            reply = _frames(Batch(checked(batch.frames), batch.notes, batch.rejects))
        except Exception as error:  # noqa: BLE001 - whatever a parser does, the answer is a named refusal
            reply = _refusal(error)
        sink.write(reply)
        sink.flush()


def _arm(limits: Limits) -> None:
    """Allow this much more memory and CPU time from here on."""
    most = min(_size_mb() + limits.memory_mb, MOST_MB)
    resource.setrlimit(resource.RLIMIT_AS, (most << 20, resource.RLIM_INFINITY))
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _size_mb() -> int:
    """The address space of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize() >> 20


def _request(source: BinaryIO) -> tuple[str, Answer] | None:
    head = source.read(8)
    if len(head) < 8:
        return None
    size, blob = struct.unpack("<II", head)
    asked = json.loads(source.read(size))
    answer = Answer(
        body=source.read(blob),
        name=asked["name"],
        fetched_at=parse_moment(asked["fetched_at"]),
        url=asked["url"],
        hint=asked["hint"],
        headers=tuple((name, value) for name, value in asked["headers"]),
    )
    return asked["source"], answer


def _frames(batch: Batch) -> bytes:
    bodies = []
    for table, frame in batch.frames.items():
        buffer = io.BytesIO()
        frame.write_ipc_stream(buffer)
        bodies.append((table, buffer.getvalue()))
    header = {
        "frames": [(table, len(body)) for table, body in bodies],
        "notes": [(n.kind, n.text, n.session.isoformat() if n.session else None, n.where) for n in batch.notes],
        "rejects": [(r.message, r.where, r.raw) for r in batch.rejects],
    }
    return _packed(header, b"".join(body for _, body in bodies))


def _refusal(error: Exception) -> bytes:
    named = isinstance(error, NotPublished | Blocked | BadFile)
    kind = type(error).__name__ if named else "Unreadable"
    message = str(error) if isinstance(error, BullionError) else f"the parser failed: {type(error).__name__}: {error}"
    return _packed({"error": kind, "message": message, "where": getattr(error, "where", "")}, b"")


def _packed(header: dict[str, object], body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<II", len(text), len(body)) + text + body
