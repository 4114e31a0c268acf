"""The parts of a mail, top to bottom: overview, one section for each transition, method, small print."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from alerts import wording
from alerts.inputs import TYPICAL, inputs_table
from alerts.story import CheckCard, Story
from alerts.templates import blocks as b
from alerts.textual import cell, count, measured, moment, one_line
from monitor.model import Transition

ADVICE = "Figures are descriptive, not advice."
_SESSIONS = 8


def blocks(story: Story, base_url: str | None, sent_from: str, size: tuple[int, int, int]) -> list[b.Block]:
    """The whole message; `size` is how many sections in full, rows of a table, rows of the summary."""
    sections, rows, summary = size
    ordered = wording.ordered(story.transitions)
    pictures = [b.Picture(picture.cid, picture.words) for picture in story.pictures]
    drawn: list[b.Block] = []
    if len(ordered) == 1:
        drawn += _illustrated(_guarded(story, ordered[0], base_url, max(rows, 10), top=True), pictures)
        drawn += _methods(story, ordered)
    else:
        drawn += [*_overview(story, ordered, summary), *pictures]
        for transition in ordered[:sections]:
            drawn += _guarded(story, transition, base_url, rows, top=False)
        drawn += _methods(story, ordered[:sections])
        if len(ordered) > sections:
            rest = count(len(ordered) - sections, "further change")
            drawn.append(b.Line(f"{rest} not shown in full, to keep this mail short.", quiet=True))
    drawn += [b.Line(one_line(note, 300), quiet=True) for note in story.notes]
    drawn.append(b.Line(sender(sent_from, story.now), quiet=True))
    drawn.append(b.Line(ADVICE, quiet=True))
    return drawn


def _illustrated(section: list[b.Block], pictures: Sequence[b.Block]) -> list[b.Block]:
    """The pictures behind the first screen's answers."""
    first = next((at for at, block in enumerate(section) if isinstance(block, b.Facts)), len(section) - 1)
    return [*section[: first + 1], *pictures, *section[first + 1 :]]


def _overview(story: Story, ordered: Sequence[Transition], limit: int) -> list[b.Block]:
    """The first screen of a grouped mail: how many of what, and one row for each."""
    return [
        b.Heading(f"Bullion: {wording.counts(ordered)}", top=True),
        b.Table(
            caption="",
            head=("state", "what", "check", "value", "level", "since"),
            rows=tuple(_row(story, transition) for transition in ordered[:limit]),
            numeric=frozenset({3, 4}),
            states=tuple(wording.state(transition) for transition in ordered[:limit]),
            left_out=max(len(ordered) - limit, 0),
        ),
    ]


def _row(story: Story, transition: Transition) -> tuple[str, ...]:
    """One change in the overview; without value and level where these cannot be drawn."""
    names = (
        one_line(wording.standing(transition), 30),
        one_line(wording.name_of(story, transition.subject), 60),
        one_line(wording.card_of(story, transition.check).title, 60),
    )
    try:
        figures = wording.figures(story, transition)
    except Exception:  # noqa: BLE001  (the section of this change says what is wrong with it)
        figures = ("", "")
    return (*names, *figures, str(transition.opened))


def _guarded(story: Story, transition: Transition, base_url: str | None, rows: int, *, top: bool) -> list[b.Block]:
    """The section, or its bare facts where a value of it cannot be drawn."""
    try:
        return _section(story, transition, base_url, rows, top=top)
    except Exception as error:  # noqa: BLE001  (one broken reading must not spoil the others' sections)
        return [
            b.Heading(bare(transition), top=top),
            b.Line(f"The details of this change could not be drawn ({type(error).__name__})."),
        ]


def _section(story: Story, transition: Transition, base_url: str | None, rows: int, *, top: bool) -> list[b.Block]:
    card = wording.card_of(story, transition.check)
    reading = story.readings.get(wording.key(transition))
    history = story.history.get(wording.key(transition), ())
    answer = wording.headline(card, reading)
    title = f"{wording.standing(transition)}: {wording.name_of(story, transition.subject)}"
    drawn: list[b.Block] = [
        b.Heading(title, wording.state(transition), top),
        b.Line(answer[:1].upper() + answer[1:] + ".", strong=True),
        b.Facts(_facts(story, transition, card)),
    ]
    if reading is not None:
        drawn.append(inputs_table(reading, card.unit, rows))
    if more := _beside(story, transition):
        drawn.append(b.Facts(more))
    if history:
        shown = history[-min(_SESSIONS, rows) :]
        drawn.append(
            b.Table(
                caption=f"Last sessions, {card.unit}" if card.unit else "Last sessions",
                head=("session", "value"),
                rows=tuple((day.isoformat(), measured(value)) for day, value in shown),
                numeric=frozenset({1}),
            )
        )
    if base_url is not None:
        drawn.append(b.Link("In Bullion", page_of(base_url, *wording.key(transition))))
    return drawn


def page_of(base_url: str, check: str, subject: str) -> str:
    """Where the page shows a check and subject."""
    name, about = (quote(part, safe="", errors="replace") for part in (check, subject))
    return f"{base_url.rstrip('/')}/checks/{name}?subject={about}"


def _beside(story: Story, transition: Transition) -> tuple[tuple[str, str], ...]:
    """The formula with numbers, what lies ahead, what other checks read, the command that names the archived files."""
    key = wording.key(transition)
    known = transition.check in story.cards
    facts = (
        ("numbers", story.numbers.get(key, "")),
        ("ahead", story.ahead.get(key, "")),
        ("related", story.related.get(key, "")),
        ("files", f"bullion explain {transition.check} {shlex.quote(transition.subject)}" if known else ""),
    )
    return tuple((name, one_line(answer, 1_200)) for name, answer in facts if answer)


def _facts(story: Story, transition: Transition, card: CheckCard) -> tuple[tuple[str, str], ...]:
    """The questions of the first screen; a question without an answer is not asked."""
    reading = story.readings.get(wording.key(transition))
    history = story.history.get(wording.key(transition), ())
    known = [(day, value) for day, value in history if value is not None]
    still_open = transition.event not in wording.CLOSING
    facts = (
        ("what", wording.happened(transition)),
        ("how much", wording.level(card, reading, known[-1] if known else None)),
        ("since", wording.since(transition, reading, history) if still_open else ""),
        ("typical", cell(reading.inputs.get(TYPICAL, ""), 600) if reading else ""),
        ("clears", wording.clears(card, reading) if still_open and transition.check in story.cards else ""),
        ("as of", wording.as_of(reading) if reading else ""),
        ("note", reading.reason if reading and reading.value is not None else ""),
        ("why", card.why),
    )
    return tuple((name, answer) for name, answer in facts if answer)


def _methods(story: Story, transitions: Sequence[Transition]) -> list[b.Block]:
    """The method of each check spoken of, once, where its card says it."""
    drawn: list[b.Block] = []
    for check in dict.fromkeys(transition.check for transition in transitions if transition.check in story.cards):
        try:
            drawn += _method(story.cards[check])
        except Exception as error:  # noqa: BLE001  (a broken card must not cost the message its figures)
            drawn.append(b.Line(f"How {check} is computed could not be drawn ({type(error).__name__})."))
    return drawn


def _method(card: CheckCard) -> list[b.Block]:
    """How the value is made, where from, and which file says so."""
    facts = [
        ("definition", one_line(card.definition, 1_500) if card.definition != card.why else ""),
        ("formula", one_line(card.formula, 1_000)),
        ("rule", wording.opens(card)),
        ("SQL", f"sql/checks/{card.sql_name}" if card.sql_name else ""),
        *(("reference", one_line(reference, 400)) for reference in card.references[:10]),
    ]
    return [
        b.Heading(f"How {wording.lowered(card.title)} is computed"),
        b.Facts(tuple((name, answer) for name, answer in facts if answer)),
        *(b.Link(name, url) for name, url in card.source_links[:10]),
    ]


def bare(transition: Transition) -> str:
    """A transition as one plain sentence, from nothing but itself."""
    words = f"[{wording.tag(transition)}] {transition.subject}: {transition.check}, session {transition.session}"
    return one_line(f"{words}, opened {transition.opened}", wording.SUBJECT_LIMIT)


def sender(sent_from: str, now: datetime) -> str:
    """Who says it, and when it was composed."""
    return f"Sent by Bullion, {one_line(sent_from, 100)}, composed {moment(now)}."
