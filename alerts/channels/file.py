"""Mails as files in a folder, one `.eml` each: for trying things out, and for homes without SMTP."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.mime import as_mail
from monitor.clock import stamp
from monitor.errors import Undeliverable
from monitor.model import Notice

SLUG = 60


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the files go; made when the first is written."""

    folder: Path
    sender: str = "bullion@localhost"


def send(notice: Notice, settings: Settings, now: datetime) -> str:
    """Write `<UTC stamp>-<slug of the subject>-<hash of the Message-ID>.eml`; what was done, in words.

    A mail whose Message-ID is there already is not written again, and no file is ever overwritten.
    Raises Undeliverable: permanent for a malformed address, otherwise the file system's reason (stage data).
    """
    mark = hashlib.sha256(notice.message_id.encode(errors="replace")).hexdigest()[:12]
    try:
        body = as_mail(notice, settings.sender, now)
    except ValueError as error:
        raise Undeliverable(str(error), permanent=True, stage="rcpt") from None
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        for there in settings.folder.glob(f"*-{mark}.eml"):
            return f"already written as {there.name}"
        name = f"{_compact(now)}-{slug(notice.subject)}-{mark}.eml"
        _write(settings.folder / name, body)
    except OSError as error:
        raise Undeliverable(f"{settings.folder}: {error.strerror or error}", stage="data") from error
    return f"written as {name}"


def slug(subject: str) -> str:
    """The subject as part of a file name: small ASCII letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", subject.lower())[:SLUG].strip("-") or "notice"


def _compact(moment: datetime) -> str:
    return stamp(moment).replace("-", "").replace(":", "")


def _write(path: Path, body: bytes) -> None:
    """All of it or nothing, on disk when this returns; FileExistsError rather than a second file of that name."""
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
