"""The memo as blocks, and from them as text, HTML, Markdown or the notice of one recipient: pure.

First what was held back, what changed and what is open, then the sections; one with nothing new shrinks to a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from alerts import heldback, wording
from alerts.compose import host_name, mail_id, worst
from alerts.memo import Figure, Memo, Section, Sheet, Standing, Turn
from alerts.sections import ADVICE, sender
from alerts.templates import blocks as b
from alerts.templates.hypertext import as_html
from alerts.templates.markdown import as_markdown
from alerts.templates.plain import as_text
from alerts.textual import cell, count, label, moment, one_line, quantity
from monitor.model import Notice, Severity

OLD_DAYS: Final = 7
"""A figure of a session longer ago than this, seen from the memo's day, is said to be old."""
_MOST: Final = 40
"""Rows of any table: a memo is read in two minutes."""
_STATES: Final = {Severity.WARNING: b.State.WARNING, Severity.CRITICAL: b.State.CRITICAL}


def subject(memo: Memo) -> str:
    """`[memo] 27 Feb 2026: 1 critical, 2 warnings open; 1 change; 3 held back`."""
    name = "weekly memo" if memo.kind == "weekly" else "memo"
    changes = count(len(memo.turns), "change") if memo.turns else "nothing changed"
    held = f"; {len(memo.held)} held back" if memo.held else ""
    return f"[{name}] {_day(memo.day)} {memo.day.year}: {_open_words(memo)}; {changes}{held}"


def text(memo: Memo, sent_from: str) -> str:
    """The memo as plain text."""
    return as_text(blocks(memo, sent_from))


def page(memo: Memo, sent_from: str) -> str:
    """The memo as one HTML page."""
    return as_html(subject(memo), blocks(memo, sent_from))


def markdown(memo: Memo, sent_from: str) -> str:
    """The memo as Markdown."""
    return as_markdown(blocks(memo, sent_from))


def notice(
    memo: Memo,
    recipient: str,
    *,
    message_id: str,
    host: str,
    sent_from: str,
    channel: str,
    references: Sequence[str] = (),
) -> Notice:
    """The memo as one recipient gets it, in the threads of what was held back."""
    drawn = blocks(memo, sent_from)
    title = subject(memo)
    return Notice(
        message_id=mail_id(message_id, host),
        recipient=recipient,
        channel=channel,
        subject=title,
        text=as_text(drawn),
        html=as_html(title, drawn),
        references=tuple(references),
        headers=tuple(_headers(memo, host)),
    )


def _headers(memo: Memo, host: str) -> Iterator[tuple[str, str]]:
    told = [held.told for held in memo.held]
    yield "List-Id", f"Bullion memo <memo.{host_name(host)}>"
    yield "X-Bullion-Events", f"{memo.kind} memo" + (f", {wording.counts(told)}" if told else "")
    if told:
        yield "X-Bullion-Severity", worst(told).value


def blocks(memo: Memo, sent_from: str) -> list[b.Block]:
    """The whole memo, top to bottom."""
    drawn: list[b.Block] = [
        b.Heading(f"Bullion {memo.kind} memo, {_day(memo.day)} {memo.day.year}", top=True),
        b.Line(f"{_open_words(memo)}.".capitalize(), strong=True),
        b.Line(_known(memo), quiet=True),
    ]
    drawn += heldback.blocks(memo.held, memo.held_since) + _turns(memo) + _open(memo)
    quiet: list[tuple[str, str]] = []
    for section in memo.sections:
        if section.trouble or not section.has_content or not section.is_new:
            quiet.append((section.title, _one_line_of(section)))
        else:
            drawn += _section(section, memo.day)
    if quiet:
        drawn += [b.Heading("Unchanged or not held"), b.Facts(tuple(quiet))]
    if memo.broken:
        drawn += [b.Heading("Does not run"), *(b.Line(words) for words in memo.broken)]
    return [*drawn, b.Line(sender(sent_from, memo.known_at), quiet=True), b.Line(ADVICE, quiet=True)]


def _known(memo: Memo) -> str:
    how = "the public knew it" if memo.basis == "published" else "this home held it"
    return f"As {how} at {moment(memo.known_at)}; changes are against {moment(memo.since)}."


def _open_words(memo: Memo) -> str:
    """`1 critical, 2 warnings open` of the alerts that are mailed; those of the memo alone are counted apart."""
    critical = sum(1 for s in memo.open if s.mailed and s.severity is Severity.CRITICAL)
    warnings = sum(1 for s in memo.open if s.mailed and s.severity is Severity.WARNING)
    parts = [f"{critical} critical"] if critical else []
    parts += [count(warnings, "warning")] if warnings else []
    return f"{', '.join(parts)} open" if parts else "no alert open"


def _turns(memo: Memo) -> list[b.Block]:
    if not memo.turns:
        return [b.Line("Since the last memo nothing opened and nothing closed.")]
    shown = memo.turns[:_MOST]
    return [
        b.Heading("Since the last memo"),
        b.Figures(
            rows=tuple((_name(turn.standing), turn.words, _beside_turn(turn)) for turn in shown),
            states=tuple(_state(turn) for turn in shown),
            left_out=len(memo.turns) - len(shown),
        ),
    ]


def _name(one: Standing) -> str:
    return one_line(f"{one.title}, {one.subject}", 120)


def _beside_turn(turn: Turn) -> str:
    one = turn.standing
    parts = (f"session {turn.on}", one.severity.value, f"now {one.value}" if one.value else "", _not_mailed(one))
    return "; ".join(part for part in parts if part)


def _not_mailed(one: Standing) -> str:
    return "" if one.mailed else "told in the memo only"


def _state(turn: Turn) -> b.State:
    return b.State.OK if turn.words in ("closed", "withdrawn", "opened and closed") else _STATES[turn.standing.severity]


def _open(memo: Memo) -> list[b.Block]:
    if not memo.open:
        return []
    shown = memo.open[:_MOST]
    return [
        b.Heading("Open"),
        b.Figures(
            rows=tuple((_name(one), one.value or "unknown", _beside_open(one)) for one in shown),
            states=tuple(b.State.MUTED if one.marks else _STATES[one.severity] for one in shown),
            left_out=len(memo.open) - len(shown),
        ),
    ]


def _beside_open(one: Standing) -> str:
    since = f"{', '.join((one.severity.value, *one.marks))} since {one.opened}"
    of = f"value of {one.session}" if one.session else ""
    unknown = f"unknown since then: {one.unknown}" if one.unknown else ""
    return one_line("; ".join(part for part in (since, of, unknown, _not_mailed(one)) if part), 400)


def _one_line_of(section: Section) -> str:
    """What a section says that has nothing new, holds nothing or cannot be read."""
    if section.trouble:
        return f"unknown: {section.trouble}."
    if not section.has_content:
        return f"{section.empty[:1].upper()}{section.empty[1:]}".rstrip(".") + "."
    return f"Newest: {section.session}." if section.session else "Nothing new."


def _section(section: Section, day: date) -> list[b.Block]:
    drawn: list[b.Block] = [b.Heading(section.title)]
    if section.sheet:
        drawn.append(_sheet(section.sheet, section.session))
    else:
        drawn.append(_figures(section.figures[:_MOST], len(section.figures), day))
    public = f"Newest public at {moment(section.published_at)}." if section.published_at else ""
    if words := f"{section.note} {public}".strip():
        drawn.append(b.Line(words, quiet=True))
    return drawn


def _sheet(sheet: Sheet, session: date | None) -> b.Table:
    named = [label(name) for name in sheet.head]
    units = {unit for _, unit in named if unit}
    shared = units.pop() if len(units) == 1 else ""
    return b.Table(
        caption=", ".join(part for part in (f"session {session}" if session else "", shared) if part),
        head=tuple(f"{words}, {unit}" if unit and not shared else words for words, unit in named),
        rows=tuple(tuple(_cell(value) for value in row) for row in sheet.rows[:_MOST]),
        numeric=sheet.numeric,
        left_out=max(len(sheet.rows) - _MOST, 0),
    )


def _cell(value: object) -> str:
    return "" if value is None else cell(value, 60)


def _figures(figures: tuple[Figure, ...], total: int, day: date) -> b.Block:
    if all(figure.value is None and not figure.reason for figure in figures) and not any(f.typical for f in figures):
        return b.Facts(tuple(_said(figure) for figure in figures))
    return b.Figures(
        rows=tuple(_row(figure, day) for figure in figures),
        states=tuple(b.State.UNKNOWN if figure.reason else None for figure in figures),
        left_out=max(total - len(figures), 0),
    )


def _said(figure: Figure) -> tuple[str, str]:
    """A figure that is no number: its day before the words where it has one."""
    words = "; ".join(part for part in (figure.text, figure.note) if part)
    if not figure.session:
        return one_line(figure.what, 120), words
    return (figure.session.isoformat(), one_line("; ".join(p for p in (figure.what, words) if p), 600))


def _row(figure: Figure, day: date) -> tuple[str, str, str]:
    if figure.reason:
        return one_line(figure.what, 120), "unknown", _beside(figure, day, f"{figure.reason}")
    value = figure.text if figure.value is None or figure.text else _measured(figure.value, figure.unit)
    sign = "+" if figure.signed and figure.value is not None and figure.value > 0 else ""
    return one_line(figure.what, 120), one_line(sign + value, 80), _beside(figure, day, figure.typical)


def _measured(value: float, unit: str) -> str:
    """Lots whole, anything else with four significant digits."""
    return f"{value:,.0f} lots" if unit == "lots" else quantity(value, unit, None, 4)


def _beside(figure: Figure, day: date, words: str) -> str:
    parts = [_day(figure.session) if figure.session else "", words, figure.note]
    if figure.session and (day - figure.session).days > OLD_DAYS:
        parts[0] = f"{figure.session}, {(day - figure.session).days} days old"
    return one_line("; ".join(part for part in parts if part), 400)


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
