"""*Alerts*: what is told open, acknowledging and silencing it, what was ever told, and the mails as they were sent.

All of it is the ledger's, read and written through the desk that the composition root hands in.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from monitor.web.generations import Row
from monitor.web.look import Look, NoSuch, Refused
from monitor.web.page import Download, Form, Page

SHOWN: Final = 100
"""Rows of the history and of the mails on one page; `?all=1` shows all."""
LONGEST_TEXT: Final = 300
MATCHED: Final = ("check", "subject", "severity", "metal", "venue")
LENGTHS: Final[Mapping[str, timedelta]] = {
    "8 hours": timedelta(hours=8),
    "1 day": timedelta(days=1),
    "3 days": timedelta(days=3),
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
}
DONE: Final[Mapping[str, str]] = {
    "ack": "Acknowledged: no reminders for 10 sessions.",
    "silence": "Silenced. What it holds back and is still open is told when it ends.",
    "unsilence": "The silence is over.",
}
MAIL_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""For the HTML of a mail, a document of its own: no script, no form, nothing from elsewhere, no origin."""
_CONTENT_ID: Final = re.compile(r"cid:([^\"'\s)>]+)")


@dataclass(frozen=True, slots=True)
class Alerts:
    """What the list shows; rows are those of `bullion alerts ... --json` and `listing.letters`."""

    open: Sequence[Row]
    silences: Sequence[Row]
    history: Sequence[Row]
    earlier: int
    """How many events come before the oldest one shown."""
    letters: Sequence[Row]
    earlier_letters: int
    done: str
    """What a form has just done, in words; '' for nothing."""
    lengths: Sequence[str]
    checks: Sequence[str]


@dataclass(frozen=True, slots=True)
class Story:
    """One check and subject: everything told of it."""

    story: Row


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it was queued."""

    letter: Row


def view(look: Look) -> Alerts:
    """The page."""
    history, letters = look.desk.history()[::-1], look.desk.letters()
    shown = None if "all" in look.query else SHOWN
    return Alerts(
        open=look.desk.open_alerts(look.at),
        silences=look.desk.silences(look.at),
        history=history[:shown],
        earlier=len(history[shown:]) if shown else 0,
        letters=letters[:shown],
        earlier_letters=len(letters[shown:]) if shown else 0,
        done=DONE.get(look.query.get("done", ""), ""),
        lengths=tuple(LENGTHS),
        checks=tuple(look.tools.checks),
    )


def story(look: Look) -> Story:
    """Everything told of one check and subject. Raises NoSuch where nothing ever was."""
    found = look.desk.story(look.query.get("check", ""), look.query.get("subject", ""))
    if found is None:
        raise NoSuch("nothing was ever told of that")
    return Story(found)


def mail(look: Look) -> Mail:
    """One mail. Raises NoSuch where there is none of that number."""
    return Mail(_letter(look))


def mail_html(look: Look) -> Download:
    """The HTML part of a mail as a document of its own, its pictures inside, allowed nothing but to be looked at."""
    letter = _letter(look)
    html = _CONTENT_ID.sub(lambda found: _picture(letter["images"].get(found[1])), letter["html"])
    return Download(html.encode(), "text/html; charset=utf-8", policy=MAIL_POLICY)


def _letter(look: Look) -> Row:
    letter = look.desk.letter(int(look.path["number"]))
    if letter is None:
        raise NoSuch("there is no mail of that number")
    return letter


def _picture(content: bytes | None) -> str:
    return f"data:image/png;base64,{b64encode(content).decode()}" if content else "data:,"


def act(look: Look, form: Form) -> str:
    """What a form on the page says: acknowledge, silence, or end a silence. Raises Refused."""
    action = _ACTIONS.get(form.get("do", ""))
    if action is None:
        raise Refused("that form says nothing that can be done here")
    try:
        action(look, form)
    except (LookupError, ValueError) as error:
        raise Refused(str(error.args[0]) if error.args else "that cannot be done") from error
    return "/alerts?" + urlencode({"done": form["do"]})


def _ack(look: Look, form: Form) -> None:
    look.desk.ack(_said(form, "check"), _said(form, "subject"), _said(form, "author"), look.at)


def _silence(look: Look, form: Form) -> None:
    matcher = {name: form[name].strip() for name in MATCHED if form.get(name, "").strip()}
    length = LENGTHS.get(form.get("length", ""))
    if length is None:
        raise Refused(f"a silence lasts {', '.join(LENGTHS)}")
    if not matcher:
        raise Refused("say what to silence: a check, a metal, a venue, a subject or a severity")
    look.desk.silence(matcher, _said(form, "author"), _said(form, "reason"), look.at + length, look.at)


def _unsilence(look: Look, form: Form) -> None:
    number = _said(form, "number")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise Refused("that is no number of a silence")
    look.desk.unsilence(int(number), _said(form, "author"), look.at)


def _said(form: Form, name: str) -> str:
    """A field that has to be filled in."""
    text = form.get(name, "").strip()
    if not text:
        raise Refused(f"{name} is empty")
    if len(text) > LONGEST_TEXT:
        raise Refused(f"{name} is longer than {LONGEST_TEXT} characters")
    return text


_ACTIONS: Final[Mapping[str, Callable[[Look, Form], None]]] = {
    "ack": _ack,
    "silence": _silence,
    "unsilence": _unsilence,
}
PAGES: Final = (
    Page("/alerts", "Alerts", "alerts.html", view, key="a", act=act, has_form=True),
    Page("/alerts/of", "Alert", "story.html", story, has_form=True),
    Page("/alerts/mail/{number:int}", "Mail", "mail.html", mail),
    Page("/alerts/mail/{number:int}/html", "Mail", "mail.html", mail_html),
)
