"""Every check is shown to fire, to clear, to be unknown, and to stand a trap: cases.toml names the tests."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from monitor import checks

TESTS = Path(__file__).parents[1]
CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
KINDS = {"fires", "clears", "unknown", "trap"}


def _defined() -> dict[str, str]:
    """Every test function of this folder and of those below it, with its source."""
    found = {}
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[node.name] = text
    return found


@pytest.fixture(scope="module")
def defined() -> dict[str, str]:
    return _defined()


def test_no_check_is_without_its_cases_and_no_case_without_its_check() -> None:
    known, broken = checks.discover({})
    assert broken == {}
    assert CASES.keys() == known.keys()


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_four_cases_of_a_check_are_tests_in_a_file_that_reads_it(name: str, defined: dict[str, str]) -> None:
    assert CASES[name].keys() == KINDS
    for test in CASES[name].values():
        if not test.startswith("none: "):
            assert test in defined, f"{name}: there is no {test}"
            assert name in defined[test], f"{name}: the file of {test} never names it"
