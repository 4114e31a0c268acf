"""`bullion sql`: questions to the newest published generation, each in a locked-down process of its own."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

from monitor import adhoc, dictionary, places, prompt, published, queryfile, tabular
from monitor.clock import parse_moment
from monitor.completion import Completer
from monitor.errors import BullionError, QueryRefused
from monitor.queryfile import Question, Value


def run(args: argparse.Namespace) -> int:
    """Print or write the rows, the views (--list), or open the prompt; a cut is said on stderr."""
    folders = places.Folders(places.home_of(args.config, args.home))
    if args.format == "parquet" and not args.output:
        raise QueryRefused("parquet is not text: name the file with -o FILE")
    if args.list:
        return _write(_listed(folders, args), args.output)
    question, given = _question(args)
    if question is None:
        return _converse(folders, args)
    sql, values = (f"EXPLAIN {question.sql}" if args.explain else question.sql), question.values(given)
    result = adhoc.run(
        published.newest(folders.published), sql,
        limit=args.limit, seconds=args.seconds, variables=_variables(args), parameters=values,
    )  # fmt: skip
    if args.format == "parquet":
        tabular.write_parquet(result, Path(args.output))
    else:
        _write(tabular.render(result, args.format), args.output)
    if args.format == "table" or result.truncated:
        print(tabular.footer(result), file=sys.stderr)
    print(_note(sql, args), end="", file=sys.stderr)
    return 0


def _write(text: str, output: str | None) -> int:
    if output:
        Path(output).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def _question(args: argparse.Namespace) -> tuple[Question | None, list[str]]:
    """(what is asked, the texts of its values); None where a person sits there who has not asked yet."""
    words = list(args.words)
    if args.file and args.query:
        raise QueryRefused("give either --query NAME or -f FILE, not both")
    if args.query:
        return _saved(args.query), words
    if args.file:
        if words and "=" not in words[0]:
            raise QueryRefused("give either a query or -f FILE, not both")
        return queryfile.read(Path(args.file)), words
    if words:
        return replace(queryfile.parsed("query", words[0]), name="the query"), words[1:]
    if args.interactive or sys.stdin.isatty():
        return None, []
    raise QueryRefused('nothing was asked: bullion sql "select * from coverage_now"')


def _saved(name: str) -> Question:
    known = queryfile.saved()
    if name not in known:
        raise QueryRefused(f"there is no saved query {name}; known: {', '.join(known)}")
    return known[name]


def _note(sql: str, said: argparse.Namespace | prompt.Settings) -> str:
    """What no moment moves and the statement names, where a moment is set; '' else."""
    named = dictionary.unmoved(sql) if said.as_of or said.known_at else []
    moved = "tells the state of its generation: --as-of and --known-at do not move it\n"
    return "".join(f"note: {name} {moved}" for name in named)


def _variables(said: argparse.Namespace | prompt.Settings) -> dict[str, str | None]:
    """Refuses what is no date or moment: the views would take it for the newest of everything."""
    for name, text, read in (("--as-of", said.as_of, date.fromisoformat), ("--known-at", said.known_at, parse_moment)):
        try:
            _ = text and read(text)
        except ValueError as error:
            raise QueryRefused(f"{name} is {text!r}, which is no moment: {error}") from error
    named = {"known_at": said.known_at, "as_of": said.as_of, "basis": said.basis}
    return {name: value for name, value in named.items() if value is not None}


# --- what there is ------------------------------------------------------------------------


def _views(folders: places.Folders) -> tuple[dictionary.View, ...]:
    return dictionary.views(adhoc.run(published.newest(folders.published), dictionary.SQL, limit=0).rows)


def _listed(folders: places.Folders, args: argparse.Namespace) -> str:
    shown = _wanted(_views(folders), args.words)
    questions = {} if args.words else queryfile.saved()
    if args.format == "table":
        return dictionary.text(shown) + ("\n" + _questions(questions) if questions else "")
    if args.format == "json":
        told = {"views": [asdict(view) for view in shown], "queries": [_told(q) for q in questions.values()]}
        return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    if args.format == "parquet":
        raise QueryRefused("a list is text: `bullion export DIR` writes it beside the data")
    return tabular.render(dictionary.table(shown), args.format)


def _wanted(views: Iterable[dictionary.View], names: Iterable[str]) -> list[dictionary.View]:
    known = {view.name: view for view in views}
    if strange := sorted(set(names) - set(known)):
        raise QueryRefused(f"there is no view {strange[0]}; known: {', '.join(known)}")
    return [known[name] for name in names] or list(known.values())


def _questions(questions: Mapping[str, Question]) -> str:
    lines = ["Saved queries: bullion sql --query NAME name=value"]
    for question in questions.values():
        lines.append(f"  {question.name}\n      {question.title}")
        lines += [f"      {p.name}={p.default or ''}  {p.type}: {p.about}" for p in question.parameters]
    return "\n".join(lines) + "\n"


def _told(question: Question) -> dict[str, object]:
    parameters = [asdict(parameter) for parameter in question.parameters]
    return {"name": question.name, "title": question.title, "about": question.about, "parameters": parameters}


# --- the prompt ---------------------------------------------------------------------------


class _Desk:
    """Answers for the prompt, each question from the generation that is newest then."""

    def __init__(self, folders: places.Folders, seconds: float) -> None:
        self._folders, self._seconds = folders, seconds
        self.database = published.newest(folders.published)

    def ask(self, sql: str, settings: prompt.Settings, values: Iterable[str] = ()) -> str:
        question = replace(queryfile.parsed("query", sql), name="the question")
        return self._answer(question.sql, question.values(values), settings)

    def saved(self, name: str, settings: prompt.Settings, values: Iterable[str]) -> str:
        question = _saved(name)
        return self._answer(question.sql, question.values(values), settings)

    def listed(self, names: Iterable[str]) -> str:
        return dictionary.text(_wanted(_views(self._folders), list(names)))

    def questions(self) -> str:
        return _questions(queryfile.saved())

    def _answer(self, sql: str, values: Mapping[str, Value], settings: prompt.Settings) -> str:
        newest = published.newest(self._folders.published)
        fresh = f"A newer generation is published: {newest.name}\n" if newest != self.database else ""
        self.database = newest
        result = adhoc.run(
            newest, sql,
            limit=settings.limit, seconds=self._seconds, variables=_variables(settings), parameters=values,
        )  # fmt: skip
        text = tabular.render(result, settings.format)
        return f"{fresh}{text}{tabular.footer(result)}\n{_note(sql, settings)}"


def _converse(folders: places.Folders, args: argparse.Namespace) -> int:
    if args.format == "parquet" or args.output:
        raise BullionError("the prompt answers on the screen: leave -o and parquet out, or give the query")
    desk = _Desk(folders, args.seconds)
    settings = prompt.Settings(args.as_of, args.known_at, args.basis, args.format, args.limit)
    shown = sys.stdin.isatty()
    talk = prompt.Prompt(desk, settings, sys.stdout.write, input if shown else lambda _: input())
    views = {view.name: [field.name for field in view.fields] for view in _views(folders)}
    names: dict[str, Iterable[str]] = dict.fromkeys(talk.commands, ())
    names |= {
        ".list": views,
        ".query": queryfile.saved(),
        ".format": tabular.FORMATS,
        ".basis": ("published", "loaded"),
    }
    if shown:
        print(f"Bullion on {desk.database}, read-only. End a question with ; or type .help")
    with prompt.edited(folders.home / "sql_history", Completer(views, names), lambda: talk.pending):
        talk.run()
    return 0
