"""What docs/sql.md and the README's notebook print is what the demo's home answers."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
from pathlib import Path

import pytest

from monitor import cli
from tests import pages

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]
BLOCKS = re.findall(r"```console\n(.*?)```", (ROOT / "docs" / "sql.md").read_text(encoding="utf-8"), re.DOTALL)
EXAMPLES = [
    (command, said)
    for block in BLOCKS
    for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's home, played to its end."""
    return pages.demo_home(tmp_path_factory.mktemp("docs"))


def answer(home: Path, command: str) -> str:
    """What the command prints, on both outputs in one."""
    words = shlex.split(command)
    assert words[0] == "bullion"
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        cli.main(["--home", str(home), *words[1:]])
    return shown.getvalue().replace("\r\n", "\n")


def as_pattern(said: str) -> str:
    """`...` alone stands for any lines, inside a line for anything."""
    lines = [
        "(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n" for line in said.splitlines()
    ]
    return "".join(lines)


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 9


@pytest.mark.parametrize(("command", "said"), EXAMPLES, ids=[command[:60] for command, _ in EXAMPLES])
def test_an_example_of_the_page_prints_what_it_says(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = "".join(line for line in answer(home, command).splitlines(keepends=True) if not line.startswith("("))
    assert re.fullmatch(as_pattern(said) + ("(?:.*\n)*" if said.rstrip().endswith("\n...") else ""), told), told


def test_the_saved_question_the_page_shows_is_one(home: Path, tmp_path: Path) -> None:
    (shown,) = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "sql.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "left.sql").write_text(shown, encoding="utf-8")
    told = answer(home, f"bullion sql -f {tmp_path / 'left.sql'} ounces=3e6 --format csv")
    assert told.startswith("session,outflow_oz\n2026-")


def test_the_notebook_of_the_readme_runs_and_prints_what_it_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "BULLION_HOME", str(home))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    notebook = doctest.DocTestParser().get_doctest(text, {}, "README", "README.md", 0)
    assert len(notebook.examples) >= 6
    shown = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(notebook, out=shown.write)
    assert runner.summarize(verbose=False).failed == 0, shown.getvalue()
