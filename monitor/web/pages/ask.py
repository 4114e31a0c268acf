"""*Ask*: a question in SQL or a saved one, answered as table, drawing, CSV or JSON; and the dictionary of the views.

Each question runs in a locked-down process like that of `bullion sql`, in one line for all readers. Addresses hold the
whole question, so they can be mailed: `/ask?q=cover&contract=SIH26`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from monitor import dictionary, queryfile, tabular
from monitor.adhoc_queue import Queue
from monitor.clock import parse_moment
from monitor.dictionary import View
from monitor.errors import QueryRefused, QueueFull
from monitor.queryfile import Question
from monitor.tabular import Result
from monitor.web import plot
from monitor.web.look import Look, NoSuch, Refused
from monitor.web.page import RETRY_SECONDS, Download, Page, Said

SECONDS: Final = 5.0
MEMORY_MB: Final = 900
ROWS: Final = 1_000
"""Rows on a page; a download holds SAVED_ROWS."""
BYTES: Final = 2 << 20
SAVED_ROWS: Final = 100_000
SAVED_BYTES: Final = 16 << 20
LONGEST: Final = 8_000
"""Characters of a question."""
RESERVED: Final = ("q", "sql", "as_of", "known_at")
"""Names in the address that are none of a question's parameters."""
OFF: Final = (
    "no questions are answered here: this page can be reached from other machines. "
    'With ask = "always" under [page] in config.toml they are'
)
_PLAN: Final = ["explain_key", "explain_value"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the template shows it; cells are text, every hidden character visible."""

    heads: tuple[tuple[str, bool], ...]
    """(name, is a number)."""
    rows: tuple[tuple[str | None, ...], ...]
    """None where it is NULL."""
    plan: str
    """A query's plan in lines; '' where the answer is no plan."""
    panels: tuple[plot.Panel, ...]
    is_cut: bool
    elapsed: float


@dataclass(frozen=True, slots=True)
class Ask:
    """What the page shows."""

    question: Question | None
    is_saved: bool
    given: Mapping[str, str]
    """What stands in each field: the parameters', as_of, known_at."""
    sql: str
    answer: Answer | None
    complaint: str
    """Why there is no answer; '' where there is one, or nothing was asked."""
    notes: tuple[str, ...]
    """What a reader has to know of the question: hidden characters, views that no moment moves."""
    saved: tuple[Question, ...]
    views: tuple[View, ...]
    named: tuple[View, ...]
    """The views that the question names."""
    tail: str
    """The question as it stands behind the ? of an address."""
    limits: str


@dataclass(frozen=True, slots=True)
class Views:
    """The dictionary: every view, with its columns."""

    views: tuple[View, ...]


def view(look: Look) -> Ask | Said:
    """The page; 400 with the reason where a question is refused, 429 where too many wait."""
    _line(look)
    try:
        question = _question(look)
    except QueryRefused as error:
        return Said(_page(look, None, None, str(error)), 400)
    if question is None or not question.sql.strip():
        return _page(look, None, None, "")
    try:
        result = _asked(look, question, limit=ROWS, max_bytes=BYTES)
    except QueueFull as error:
        return Said(_page(look, question, None, str(error)), 429, {"retry-after": RETRY_SECONDS})
    except QueryRefused as error:
        return Said(_page(look, question, None, str(error)), 400)
    return _page(look, question, _shown(result), "")


def views(look: Look) -> Views:
    """The dictionary by itself."""
    return Views(_dictionary(look))


def as_csv(look: Look) -> Download:
    """The same answer as CSV."""
    return _download(look, "csv", "text/csv; charset=utf-8")


def as_json(look: Look) -> Download:
    """The same answer as JSON, one object a row."""
    return _download(look, "json", "application/json")


def _download(look: Look, fmt: str, media_type: str) -> Download:
    """Whole or not at all: a file that lacks rows looks like one that has them."""
    question = _question(look)
    if question is None:
        raise NoSuch("nothing was asked")
    result = _asked(look, question, limit=SAVED_ROWS, max_bytes=SAVED_BYTES)
    if result.truncated:
        raise Refused(
            f"that answer has more than {SAVED_ROWS:,} rows or {SAVED_BYTES >> 20} MB; "
            "`bullion sql --limit 0 --format csv -o FILE` writes it whole"
        )
    name = question.name if "q" in look.query else "answer"
    return Download(tabular.render(result, fmt).encode("utf-8", "replace"), media_type, f"{name}.{fmt}")


# --- asking ------------------------------------------------------------------------------------


def _line(look: Look) -> Queue:
    if look.tools.questions is None:
        raise NoSuch(OFF)
    return look.tools.questions


def _question(look: Look) -> Question | None:
    """What is asked: a saved question, or SQL; None for nothing. Raises QueryRefused."""
    query = look.query
    if name := query.get("q", ""):
        known = _saved(look)
        if name not in known:
            raise QueryRefused(f"There is no saved question of that name; known: {', '.join(known)}.")
        return known[name]
    sql = query.get("sql", "")
    if len(sql) > LONGEST:
        raise QueryRefused(
            f"A question here has at most {LONGEST:,} characters; `bullion sql -f FILE` takes longer ones."
        )
    if not sql.strip():
        return None
    question = replace(queryfile.parsed("question", sql), name="the question")
    if taken := sorted(question.declared.keys() & set(RESERVED)):
        raise QueryRefused(f"${taken[0]} cannot be a parameter here: the page uses that name. Give it another one.")
    return question


def _asked(look: Look, question: Question, **limits: Any) -> Result:
    given = [f"{name}={value}" for name, value in look.query.items() if name not in RESERVED and value]
    values, variables = question.values(given), _variables(look.query)
    path = look.generation.path
    line = _line(look)
    with line.turn():
        if not path.exists():  # a few generations are kept, and the line may be longer than that
            raise QueueFull("Newer figures were published while the question waited: ask again.")
        return line.answer(
            path, question.sql, seconds=SECONDS, memory_mb=MEMORY_MB, variables=variables, parameters=values, **limits
        )


def _variables(query: Mapping[str, str]) -> dict[str, str | None]:
    """Refuses what is no date or moment: the views would take it for the newest of everything."""
    found = {}
    for name, read in (("as_of", date.fromisoformat), ("known_at", parse_moment)):
        if text := query.get(name, "").strip():
            try:
                read(text)
            except ValueError as error:
                raise QueryRefused(f"{name} is {text!r}, which is no moment: {error}") from error
            found[name] = text
    return dict(found)


# --- showing -----------------------------------------------------------------------------------


def _shown(result: Result) -> Answer:
    is_plan = [column.name for column in result.columns] == _PLAN
    return Answer(
        heads=tuple((tabular.printable(column.name), tabular.is_number(column.type)) for column in result.columns),
        rows=tuple(tuple(None if cell is None else tabular.shown(cell) for cell in row) for row in result.rows),
        plan=tabular.render(result, "table") if is_plan else "",
        panels=plot.panels(result),
        is_cut=result.truncated,
        elapsed=result.elapsed,
    )


def _page(look: Look, question: Question | None, answer: Answer | None, complaint: str) -> Ask:
    sql = question.sql if question else look.query.get("sql", "")[:LONGEST]
    every = _dictionary(look)
    words = set(re.findall(r"\w+", sql.lower()))
    is_moved = bool(look.query.get("as_of") or look.query.get("known_at"))
    return Ask(
        question=question,
        is_saved="q" in look.query and question is not None,
        given=_given(question, look.query),
        sql=sql,
        answer=answer,
        complaint="\n".join(map(tabular.printable, complaint.splitlines())),
        notes=(*_hidden(sql), *(_unmoved(sql) if is_moved else ())),
        saved=tuple(_saved(look).values()),
        views=every,
        named=tuple(view for view in every if view.name in words),
        tail=urlencode({name: value for name, value in look.query.items() if value}),
        limits=f"{SECONDS:g} s, {ROWS:,} rows or {BYTES >> 20} MB on the page, {SAVED_ROWS:,} rows or "
        f"{SAVED_BYTES >> 20} MB in a file, {MEMORY_MB} MB of memory",
    )


def _hidden(sql: str) -> list[str]:
    """Right-to-left marks and their like make a question read as another one."""
    plain = [tabular.printable(line) for line in sql.expandtabs().splitlines()]
    return [] if plain == sql.expandtabs().splitlines() else ["It has hidden characters: " + " ".join(plain)]


def _unmoved(sql: str) -> list[str]:
    said = "tells the state of its generation: as-of and known-at do not move it."
    return [f"{name} {said}" for name in dictionary.unmoved(sql)]


def _given(question: Question | None, query: Mapping[str, str]) -> dict[str, str]:
    defaults = {one.name: one.default or "" for one in question.parameters} if question else {}
    return {name: query.get(name) or default for name, default in (defaults | {"as_of": "", "known_at": ""}).items()}


def _saved(look: Look) -> Mapping[str, Question]:
    return look.remember("saved questions", queryfile.saved)


def _dictionary(look: Look) -> tuple[View, ...]:
    def read() -> tuple[View, ...]:
        with look.generation.cursor(look.now) as cur:
            return dictionary.views(cur.execute(dictionary.SQL).fetchall())

    return look.remember("dictionary", read)


PAGES: Final = (
    Page("/ask", "Ask", "ask.html", view, key="q"),
    Page("/ask/views", "Views", "views.html", views),
    Page("/ask.csv", "Ask", "ask.html", as_csv),
    Page("/ask.json", "Ask", "ask.html", as_json),
)
