"""The benchmarks run. How fast anything is, no test ever asks: the machine is never the same twice."""

from __future__ import annotations

import json
from math import isfinite

import pytest

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
