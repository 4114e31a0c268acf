"""The prompt: lines until a semicolon, commands behind a dot, nothing ends it but its reader."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from monitor.completion import Completer
from monitor.errors import QueryRefused
from monitor.prompt import Prompt, Settings, ended
from tests.homes import NOW, house

VIEWS = {"coverage": ("session", "raw_coverage"), "coverage_now": ("contract",), "fx": ("rate",)}


class Desk:
    """Answers with what it was asked."""

    def ask(self, sql: str, settings: Settings, values: Iterable[str] = ()) -> str:
        if "wrong" in sql:
            raise QueryRefused("That is wrong.")
        if "slow" in sql:
            raise KeyboardInterrupt
        return f"<{sql}|{settings.known_at}|{settings.as_of}|{settings.basis}|{settings.format}|{settings.limit}>\n"

    def saved(self, name: str, settings: Settings, values: Iterable[str]) -> str:
        return f"<saved {name} {list(values)}>\n"

    def listed(self, names: Iterable[str]) -> str:
        return f"<views {list(names)}>\n"

    def questions(self) -> str:
        return "<questions>\n"


def talk(*lines: str) -> str:
    """What the prompt says to these lines."""
    said: list[str] = []
    waiting = iter(lines)

    def read(_: str) -> str:
        line = next(waiting, None)
        if line is None:
            raise EOFError
        if line == "^C":
            raise KeyboardInterrupt
        return line

    Prompt(Desk(), Settings(), said.append, read).run()
    assert next(waiting, None) is None, "it ended before its reader did"
    return "".join(said)


def test_a_question_ends_with_a_semicolon_and_may_take_several_lines() -> None:
    assert talk("", "select 1", "as a;", "") == "<select 1\nas a;|None|None|published|table|1000>\n"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("select 1;", True), ("select 1 ; -- done", True), ("select 1 /* ; */", False), ("select ';'", False),
        ("select ';", False), ("select 1 -- ;", False), ("select /* ;", False), ('select 1 as "a;', False), (";", True),
    ],
)  # fmt: skip
def test_a_semicolon_in_a_text_or_a_comment_ends_nothing(text: str, whole: bool) -> None:
    assert ended(text) is whole


def test_settings_hold_for_the_questions_after_them() -> None:
    said = talk(".known-at 2026-02-10 12:00", ".as-of 2026-02-09", ".basis loaded", ".format csv", ".limit 0", "a;")
    assert said.splitlines()[-1] == "<a;|2026-02-10T12:00:00Z|2026-02-09|loaded|csv|0>"
    assert talk(".known-at 2026-02-10", ".known-at now", "a;").endswith("<a;|None|None|published|table|1000>\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (".known-at soon", ".known-at stays as it was"),
        (".as-of", "it takes one value"),
        (".basis both", "'both' is none of published, loaded"),
        (".format pdf", "'pdf' is none of table, csv, json, markdown"),
        (".limit -1", "'-1' is no number of rows"),
        (".nosuch", "There is no .nosuch"),
        (".explain", "Nothing was asked yet"),
        ("wrong;", "That is wrong."),
        ("slow;", "stopped"),
    ],
)
def test_what_is_wrong_is_said_and_the_prompt_goes_on(line: str, said: str) -> None:
    found = talk(line, "select 2;")
    assert said in found
    assert found.endswith("<select 2;|None|None|published|table|1000>\n")


def test_an_interrupt_drops_the_half_typed_question() -> None:
    assert talk("select wrong", "^C", "select 3;").endswith("<select 3;|None|None|published|table|1000>\n")


def test_commands_list_ask_saved_questions_and_explain_the_last_one() -> None:
    assert talk(".list fx", ".query", ".query cover contract=SIH26") == (
        "<views ['fx']>\n<questions>\n<saved cover ['contract=SIH26']>\n"
    )
    assert "<EXPLAIN select 1;|" in talk("select 1;", ".explain")
    assert ".known-at TIME" in talk(".help")
    assert talk("select 1;", ".quit") == talk("select 1;")


@pytest.mark.parametrize(
    ("line", "word", "offers"),
    [
        ("select * from cov", "cov", ["coverage", "coverage_now"]),
        ("SELECT * FROM coverage JOIN f", "f", ["fx"]),
        ("select c.r from coverage c where c.r", "c.r", ["c.raw_coverage"]),
        ("select coverage.s", "coverage.s", ["coverage.session"]),
        ("from fx select ra", "ra", ["rate"]),
        ("select ra", "ra", []),
        ("sel", "sel", ["select"]),
        (".fo", ".fo", [".format"]),
        (".format c", "c", ["csv"]),
        (".list f", "f", ["fx"]),
    ],
)
def test_the_tab_key_offers_what_can_stand_there(line: str, word: str, offers: list[str]) -> None:
    commands = {".format": ("csv", "json"), ".list": tuple(VIEWS), ".limit": ()}
    assert Completer(VIEWS, commands).offers(word, line) == offers


def test_columns_are_offered_for_a_view_named_on_a_line_before() -> None:
    assert Completer(VIEWS, {}).offers("raw", "where raw", "select * from coverage") == ["raw_coverage"]


@pytest.mark.slow
def test_at_a_terminal_the_tab_key_completes_and_history_outlives_the_session(tmp_path: Path) -> None:
    pytest.importorskip("readline")
    with house(tmp_path / "home") as opened:
        opened.publish(NOW)
    first = _typed(tmp_path / "home", ["select count(*) as n from miner_c\t;\n", ".quit\n"])
    assert "from miner_costs" in first
    assert "(1 row)" in first
    assert (tmp_path / "home" / "sql_history").stat().st_mode & 0o077 == 0
    again = _typed(tmp_path / "home", ["\x1b[A\x1b[A\n", ".quit\n"])
    assert again.count("from miner_costs") == 1
    assert "(1 row)" in again


def _typed(home: Path, lines: list[str]) -> str:
    """What a terminal shows while these lines are typed, each once a prompt waits for it."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", "--home", str(home), "sql"],
        stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "TERM": "dumb", "INPUTRC": "/dev/null"},
    )  # fmt: skip
    os.close(slave)
    shown, deadline, waiting = "", time.monotonic() + 30, list(lines)
    try:
        while time.monotonic() < deadline:
            if waiting and shown.count("bullion> ") > len(lines) - len(waiting):
                os.write(master, waiting.pop(0).encode())
            if select.select([master], [], [], 0.1)[0]:
                try:
                    shown += os.read(master, 4096).decode(errors="replace")
                except OSError:
                    break
    finally:
        process.kill()
        process.wait()
        os.close(master)
    return shown
