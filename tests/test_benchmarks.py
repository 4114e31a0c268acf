"""The benchmarks run. How fast anything is, no test ever asks: the machine is never the same twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from math import isfinite

import pytest

from monitor.model import Answer
from monitor.sources.registry import discover
from monitor.validate import checked
from tests.benchmarks import _bodies
from tests.benchmarks.__main__ import main, names


@pytest.mark.slow
def test_every_benchmark_runs_and_yields_finite_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--short", "--json"]) == 0
    said = capsys.readouterr()
    rows = json.loads(said.out)
    assert [line.removesuffix(" ...") for line in said.err.splitlines()] == names()
    assert len({row["name"] for row in rows}) == len(rows) > len(names())
    for row in rows:
        assert all(isfinite(row[key]) for key in ("ours", "reference", "ratio") if row[key] is not None), row
        assert row["ours"] >= 0, row


@pytest.mark.slow
@pytest.mark.parametrize("name", _bodies.names())
def test_what_stands_in_for_a_captured_file_is_read_whole(name: str) -> None:
    """A machine without captured files measures on these."""
    source = discover()[0][name]
    file, body = _bodies.made_up(name, short=True)
    hint = source.hint_of(file) if source.hint_of else None
    report = source.parse(Answer(body, file, datetime(2026, 11, 20, 12, tzinfo=UTC), hint=hint))
    assert sum(frame.height for frame in checked(report.frames).values()) > 0
