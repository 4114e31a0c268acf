"""Anything a publisher, a file or a colleague may write, in every field that reaches a mail, sent to a real server.

5,000 values in `make soak`, 120 here, every part among them. What is looked at is what arrived: the same headers as
ever, and text as text.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from alerts import digest, note
from alerts.channels import email
from alerts.compose import CheckCard, Picture, Story, compose
from alerts.deliver import deliver
from alerts.ledger import Ledger
from alerts.letters import Letter, message_id
from alerts.memo import Figure, Memo, Section, Sheet, Standing, Turn
from alerts.textual import one_line
from monitor.model import Event, Notice, Reading, Severity, Transition, Verdict
from tests.mailserver import MailServer

VALUES = 5_000 if int(os.environ.get("BULLION_SOAK", "1")) >= 20 else 120
SEED = int(os.environ.get("BULLION_SEED", "0")) or 20260512
NOW = datetime(2026, 5, 12, 21, 40, tzinfo=UTC)
DAY = date(2026, 5, 11)
TO, HOST = "desk@example.org", "bullion.example.org"
PARTS = (
    "\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\x1b[31m", "\x7f", "\t", " ",
    "\xa0", "\ud800", "\udfff", "\u202e", "\u2066", "\u200b", "\ufeff", "\ufffe", "e\u0301" * 9, "\u767d\u94f6",
    "\U0001f600", "\r\nBcc: all@example.org\r\n", "\nSubject: other", "\r\n\r\n<html>",
    "\r\n.\r\nMAIL FROM:<a@b.c>\r\n",
    "\r\n--=_", "=?utf-8?q?=0d=0aBcc:_x?=", "=?utf-8?b?DQpCY2M6IHg=?=", "<script>alert(1)</script>",
    "</td></table><img src=x>",
    "<a href='javascript:alert(1)'>", "&lt;b&gt;", "&#x0;", "]]>", "<!--", "javascript:alert(1)", "https://x.example/\"'>",
    "{value}", "{value:+}", "%s", "$title", "cid:chart-1", ":", '"', "'", "\\", ",", ";", "(", ")", "a" * 3_000,
)  # fmt: skip


def values() -> Iterator[str]:
    rng = random.Random(SEED)
    for _ in range(VALUES):
        parts = [rng.choice(PARTS) if rng.random() < 0.7 else chr(rng.randrange(0x110000)) for _ in range(9)]
        yield "".join(parts[: rng.randrange(1, 10)])


def alert(value: str, name: str) -> tuple[Notice, tuple[Transition, ...]]:
    """Two changes of which every word is the value; a key comes from the database, which holds no half characters."""
    key = value.encode(errors="replace").decode()
    said = (
        Transition(key, key, Event.FIRING, Severity.CRITICAL, DAY, DAY),
        Transition(f"{key}2", key, Event.RECOVERED, Severity.WARNING, DAY, DAY, DAY),
    )
    keys = [(one.check, one.subject) for one in said]
    links = ((value, value), (value, f"https://{value}"))
    cards = {
        check: CheckCard(check, value, value, value, "below", value, value, (value,), value, links, 2, value)
        for check, _ in keys
    }
    reading = Reading(key, key, DAY, 0.9, Verdict.CRITICAL, 1.2, 1.0, 1.3, NOW, value, {value: value, "typical": value})
    readings = {keys[0]: reading, keys[1]: replace(reading, value=None, check=keys[1][0])}
    told = Story(
        said, readings, cards, {}, name, (value,), NOW,
        names={key: value}, pictures=(Picture(value, b"\x89PNG", value),), numbers=dict.fromkeys(keys, value),
        ahead=dict.fromkeys(keys, value), related=dict.fromkeys(keys, value), notes=(value,),
    )  # fmt: skip
    return compose(told, TO, host=HOST, sent_from=value, base_url=value), said


def memo(value: str, name: str) -> Notice:
    """A memo of which every word is the value: events, notes, reasons, whoever acknowledged."""
    standing = Standing(
        value, value, Severity.WARNING, DAY, value, DAY, value, mailed=False, marks=(value, f"acknowledged by {value}")
    )
    sections = (
        Section(value, value, value, (Figure(value, 1.0, value, DAY, value, value, value, value),), None, DAY, NOW),
        Section(value, value, value, sheet=Sheet((value, value), ((value, 1.0),), frozenset({1}))),
        Section(value, value, value, empty=value),
        Section(value, value, value, trouble=value),
    )
    told = Memo(
        "daily", DAY, NOW, NOW - timedelta(days=1), value, (Turn(value, standing, DAY),), (standing,), sections,
        (value,),
    )  # fmt: skip
    return digest.notice(told, TO, message_id=name, host=HOST, sent_from=value, channel="email")


def letters(value: str, number: int) -> list[Letter]:
    named = [message_id([(kind, str(number))], TO, HOST) for kind in ("alert", "memo", "note")]
    told, said = alert(value, named[0])
    plain = note.plain(value, (value, value), TO, channel="email", host=value, message_id=named[2], now=NOW)
    return [Letter(told, said), Letter(memo(value, named[1]), ()), Letter(plain, ())]


class Page(HTMLParser):
    """Tags, attributes and words of a page, as a browser would find them."""

    def __init__(self, mail: EmailMessage) -> None:
        super().__init__()
        self.tags, self.names, self.links, self.words = set[str](), set[str](), set[str](), ""
        part = mail.get_body(("html",))
        assert part is not None
        self.feed(part.get_content())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}

    def handle_data(self, data: str) -> None:
        self.words += data


def squeezed(words: str) -> str:
    """Without blanks: a mail may break a line, and parts `= ?` so that it is no encoded word."""
    return "".join(words.split())


@pytest.mark.slow
def test_no_value_in_any_field_adds_a_header_stops_a_mail_or_becomes_markup(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    with Ledger(tmp_path / "alerts.sqlite") as ledger, MailServer(tls="none") as post:

        def arrive(value: str, number: int) -> list[EmailMessage]:
            """The mails of one value, through the outbox and a server."""
            post.mails.clear()
            ledger.record([], letters(value, number), [], NOW)
            sent = deliver(
                ledger.outbox, {"email": lambda n, now: email.send(n, post.settings(), now)}, NOW, jitter=lambda: 0.5
            ).sent
            assert (sent, len(post.mails)) == (3, 3), repr(value)
            assert all(mail.recipients == (TO,) for mail in post.mails)
            return [mail.message for mail in post.mails]

        usual = arrive("plain words", 0)
        pages = [Page(mail) for mail in usual]
        for number, value in enumerate(values(), start=1):
            for mail, like, page in zip(arrive(value, number), usual, pages, strict=True):
                assert mail.keys() == like.keys(), repr(value)
                assert [part.get_content_type() for part in mail.walk()][:3] == [
                    part.get_content_type() for part in like.walk()
                ][:3]
                found = Page(mail)
                assert found.tags <= page.tags | {"a"}, repr(value)
                assert found.names <= page.names | {"href"}, repr(value)
                assert all(link.startswith(("https://", "http://", "cid:")) for link in found.links), repr(value)
                assert "could not be drawn" not in found.words, repr(value)
                assert squeezed(one_line(value, 30).rstrip(".…")) in squeezed(found.words), repr(value)
