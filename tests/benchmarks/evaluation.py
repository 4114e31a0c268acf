"""All checks over ten made-up years of five metals, as one process on one core, against the same checks run by dbt.

The peer is a dbt project with one model a check over the same published generation, on the same core: what a desk that
knows SQL would build. `make bench` installs it in an environment of its own; without that its line is left out. Ours
reads the last 400 days, as every batch does; the line "every session" reads the ten years whole, as dbt does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from monitor import checks, published
from monitor.checkfile import Check
from tests import years
from tests.benchmarks._reading import read
from tests.benchmarks._rows import Row, compared, faster, in_turns, seconds, within
from tests.homes import house

_ROOT = Path(__file__).parents[2]
_DBT = _ROOT / ".venv-dbt" / "bin" / "dbt"
_END = date(2026, 3, 31)
_ALL = ("SI", "GC", "HG", "PL", "PA", "ag", "au", "cu")


def run(short: bool) -> list[Row]:
    """The process, the history ten times as long, and the peer where it is installed."""
    rounds = 1 if short else 5
    many, products = (timedelta(days=30), ("SI", "ag")) if short else (timedelta(days=3_653), _ALL)
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name:
        long, brief = Path(name, "long"), Path(name, "brief")
        _fill(long, _END - many, products)
        _fill(brief, _END - many / 10, products)
        ours, whole, once, tenfold = in_turns(
            rounds,
            lambda: seconds(lambda: _process(long, 400)),
            lambda: seconds(lambda: _process(long, many.days)),
            lambda: _evaluation(brief, rounds),
            lambda: _evaluation(long, rounds),
        )
        years_held = f"{many.days / 365.25:.1f} made-up years of {len(products)} products"
        return [
            within(f"all checks over {years_held}, one process on one core", 1e3 * median(ours), "ms", most=1_000),
            compared("reading the checks, ten times the history", tenfold, once, most=1.3),
            *(_against_dbt(long, Path(name), ours, whole) if _DBT.exists() and not short else ()),
        ]


def _fill(home: Path, start: date, products: tuple[str, ...]) -> None:
    with house(home, years.LOADED) as opened:
        years.fill(opened, start, _END, products=products)
        opened.publish(years.LOADED)


def _process(home: Path, days: int) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks._reading", str(home), years.LOADED.isoformat(), str(_since(days))],
        cwd=_ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _evaluation(home: Path, rounds: int) -> float:
    """Seconds to read all checks over the last 400 days in a warm process; the first reading is not timed."""
    with published.Reader(published.newest(home / "published")) as reader:
        read(reader, years.LOADED, _since(400))
        return min(seconds(lambda: read(reader, years.LOADED, _since(400))) for _ in range(min(rounds, 3)))


def _since(days: int) -> date:
    return _END - timedelta(days=days)


def _against_dbt(home: Path, folder: Path, ours: Sequence[float], whole: Sequence[float]) -> list[Row]:
    known, _ = checks.discover({})
    project = _project(folder / "dbt", home, known)
    taken = [seconds(lambda: _dbt(project)) for _ in range(2)]
    reference = [median(taken)] * len(ours)
    return [
        faster("all checks, against the same run by dbt with DuckDB", ours, reference, times=5),
        faster("every session of the ten years, against dbt", whole, reference, times=5),
    ]


def _project(folder: Path, home: Path, known: dict[str, Check]) -> Path:
    """A dbt project with one model a check; the generation is copied, since dbt writes into it."""
    (folder / "models").mkdir(parents=True)
    market = folder / "market.duckdb"
    shutil.copyfile(published.newest(home / "published"), market)
    market.chmod(0o644)
    (folder / "dbt_project.yml").write_text(
        "name: peer\nversion: '1.0'\nprofile: peer\nmodels:\n  peer:\n    +materialized: table\n    +schema: readings\n"
    )
    (folder / "profiles.yml").write_text(
        f"peer:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: {market}\n      threads: 1\n"
    )
    for name, check in known.items():
        (folder / "models" / f"{name}.sql").write_text("{% raw %}" + check.sql + "{% endraw %}", encoding="utf-8")
    return folder


def _dbt(project: Path) -> None:
    quiet = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
    done = subprocess.run(
        ["taskset", "-c", "0", str(_DBT), "run", "--project-dir", str(project), "--profiles-dir", str(project)],
        check=False, capture_output=True, text=True, env=quiet,
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(done.stdout[-2_000:])
