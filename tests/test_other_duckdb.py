"""A published generation opens in other releases of DuckDB, by its stable link, and every view answers the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from monitor import published
from tests.facts import dollars, interest, settle, stocks
from tests.homes import house, offer
from tests.test_published_views import FILES, NOW

pytestmark = pytest.mark.slow
DAYS = (date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 11))
MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)
ASK = """
import json, sys
if sys.argv[1]: sys.path.insert(0, sys.argv[1])
import duckdb
con = duckdb.connect(sys.argv[2], read_only=True)
con.execute("set TimeZone = 'UTC'")
con.execute("set variable now = timestamp '2026-11-20 18:00:00'")
told = {"version": duckdb.__version__}
for (view,) in con.execute("select view_name from duckdb_views() where not internal order by 1").fetchall():
    try:
        told[view] = sorted(str(row) for row in con.execute(f"select * from {view}").fetchall())
    except Exception as error:
        told[view] = f"{type(error).__name__}: {error}"
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The stable link of a home with a file of every source and three invented sessions."""
    with house(tmp_path_factory.mktemp("others"), NOW) as opened:
        named = ((f"{name}.{'csv' if name == 'inbox_csv' else 'bin'}", body) for name, body in FILES.items())
        offer(opened, named, NOW)
        stocks(opened, {day: 102e6 - number * 1e6 for number, day in enumerate(DAYS)})
        for month, lots in ((MARCH, 73_000), (MAY, 40_000)):
            interest(opened, "SI", month, {day: lots - number * 1_000 for number, day in enumerate(DAYS)})
        settle(opened, "SI", {(day, month): 80.0 for day in DAYS for month in (MARCH, MAY)})
        dollars(opened, dict.fromkeys(DAYS, 6.9))
        opened.publish(NOW)
        yield opened.folders.published / published.LINK


def _installed(version: str) -> str:
    """Folder with this release of DuckDB alone, kept beside the packages of this environment."""
    folder = Path(sys.prefix) / "others" / f"duckdb-{version}"
    if not (folder / "duckdb").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run(
            [*command, "--target", str(folder), f"duckdb=={version}"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"pip cannot install duckdb {version}: {done.stderr.strip().splitlines()[-1:]}")
    return str(folder)


def _told(folder: str, link: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", ASK, folder, str(link)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("version", ["1.5.5", "2.0.1"])
def test_another_release_reads_every_view_and_gets_the_same_rows(version: str, link: Path) -> None:
    if version == duckdb.__version__:
        pytest.skip("that is the release in use")
    theirs = _told(_installed(version), link)
    ours = _told("", link)
    assert theirs.pop("version") == version
    assert ours.pop("version") == duckdb.__version__
    assert {name: rows for name, rows in theirs.items() if isinstance(rows, str)} == {}
    assert sum(bool(rows) for rows in ours.values()) > 40, "most views have rows to compare"
    assert [name for name in ours if ours[name] != theirs.get(name)] == []
