"""What the CME sources share: terms, block pages, JSON payloads, month names, update stamps.

Pure. Everything here raises only NotPublished, Blocked, Unreadable or Implausible, whatever the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from monitor.errors import Blocked, Implausible, NotPublished, Unreadable
from monitor.model import Answer
from monitor.sources.biff import OLE2
from monitor.sources.tables import believable, json_of, objects, show, text_of, whole

HOSTS: Final = ("www.cmegroup.com",)
TERMS: Final = (
    "The Data Terms of Use forbid scripts and robots without CME Group's written permission and allow personal, "
    "non-commercial use: save the file in a browser, or switch the fetch on only with that permission."
)
TERMS_URL: Final = "https://www.cmegroup.com/trading/market-data-explanation-disclaimer.html"
LICENCE: Final = "CME Group data for personal, non-commercial use; not to be passed on"
PRODUCT_IDS: Final = {"SI": "458", "GC": "437", "HG": "438", "PL": "446", "PA": "445"}
"""Exchange code -> the number CME's web services know the product by."""
_BLOCK_WORDS: Final = (
    b"ip address is blocked",
    b"suspected web scraping",
    b"website data terms of use",
    b"<title>access denied</title>",
)
_OPENINGS: Final = (
    (b"<", "an HTML page"),
    (b"PK", "a ZIP archive or .xlsx workbook"),
    (b"%PDF", "a PDF"),
    (OLE2, "an .xls workbook"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTH: Final = re.compile(r"([A-Z]{3}) (?:20)?([0-9]{2})")


def require(body: bytes, opening: bytes, wanted: str) -> None:
    """Raises Blocked for CME's refusal page and Unreadable for anything else that does not begin with `opening`."""
    head = body[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(opening):
        return
    words = b" ".join(head.lower().split())
    if any(word in words for word in _BLOCK_WORDS):
        raise Blocked("CME Group refuses us with its web-scraping page; save the file in a browser into the inbox")
    found = next((name for start, name in _OPENINGS if head.startswith(start)), f"bytes beginning {head[:8].hex(' ')}")
    raise Unreadable(f"expected {wanted}, found {found if head else 'an empty file'}; save the original file again")


def payload_of(answer: Answer, wanted: str) -> dict[str, object]:
    """The JSON object of a CmeWS answer; Blocked or Unreadable otherwise."""
    require(answer.body, b"{", wanted)
    return json_of(text_of(answer.body))


def listed(payload: Mapping[str, object], key: str, session: date) -> list[dict[str, object]]:
    """The rows under `key`; NotPublished where the payload is an empty one, as CME answers before there are any."""
    rows = objects(payload, key)
    empty = payload.get("empty")
    if empty not in (True, False, None) or (empty and rows):
        raise Unreadable(f"'empty' is {show(empty)} beside {len(rows)} rows", "empty")
    if not rows:
        raise NotPublished(f"CME has no figures for {session} yet ({key} is empty)")
    return rows


def text_under(holder: Mapping[str, object], key: str, where: str) -> str:
    """The text under `key`, trimmed; Unreadable where it is missing or no text."""
    raw = holder.get(key)
    if not isinstance(raw, str):
        raise Unreadable(f"expected a text under {key!r}, found {show(raw)}", where)
    return raw.strip()


def count_under(holder: Mapping[str, object], key: str, where: str) -> int | None:
    """The number of lots under `key`, None for a dash; Implausible below zero."""
    count = whole(text_under(holder, key, where), where)
    if count is not None and count < 0:
        raise Implausible(f"{key} is {count}, below zero; look at the file", where)
    return count


def month_of(text: str, where: str) -> date:
    """First day of the delivery month `JUL 26`, `JLY 26` or `JUL 2026`; Unreadable otherwise."""
    found = _MONTH.fullmatch(text)
    name = {"JLY": "JUL"}.get(found[1], found[1]) if found else ""
    if not found or name not in _MONTHS:
        raise Unreadable(f"{show(text)} is no delivery month such as 'JUL 26'", where)
    return date(2000 + int(found[2]), _MONTHS.index(name) + 1, 1)


def month_number(name: str) -> int | None:
    """1 for 'Jan' or 'JAN', None where it is no month."""
    return _MONTHS.index(name.upper()) + 1 if name.upper() in _MONTHS else None


def check_session(session: date, answer: Answer, where: str) -> None:
    """Raises Implausible for a session on a weekend, before 2000, or later than the day after the fetch."""
    believable(session, answer, "America/Chicago", where)
    if session.year < 2000:
        raise Implausible(f"a file of {session}, long before these reports; look at the file", where)
    if session.weekday() > 4:
        raise Implausible(f"{session} is a {session:%A}, and no session is held then; look at the file", where)


def check_update(updated: datetime, session: date, answer: Answer, where: str) -> None:
    """Raises Implausible where `updated` (aware) lies before the session or over a day after the fetch."""
    earliest = datetime(session.year, session.month, session.day, tzinfo=UTC)
    if not earliest <= updated <= answer.fetched_at + timedelta(days=1):
        raise Implausible(
            f"updated {updated:%Y-%m-%d %H:%M %Z}, which does not fit session {session} fetched "
            f"{answer.fetched_at:%Y-%m-%d}; look at the file",
            where,
        )
