"""What the tests of the archive keep and ask."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

from monitor.archive import Archive, AskLine, LoadLine
from monitor.model import Answer

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 2, 10, 23, 30, 0, 123456, tzinfo=UTC)
SEED = 20260210
ANSWER = Answer(
    b"\xd0\xcf\x11\xe0 a workbook", "银 Silver.xls", NOW, "https://a.org/x", "silver", (("etag", '"7"'), ("date", "x"))
)
LINE = LoadLine("a" * 64, "comex_stocks", None, 1, NOW, "loaded")
ASK = AskLine(NOW, "comex_stocks", date(2026, 2, 10), "https://a.org/x", "answered", "", "", '"7"', "Tue")


def sha_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def kinds(archive: Archive) -> list[str]:
    return [problem.kind for problem in archive.verify()]


def change(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)
