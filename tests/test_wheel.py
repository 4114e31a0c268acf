"""The wheel carries SQL, calendars, tables, demo and config, and its command runs from anywhere."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]


def test_an_installed_wheel_loads_checks_and_answers(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        packed.extractall(site)
    for needed in (
        "monitor/_sql/checks/coverage_raw.sql",
        "monitor/_sql/queries/cover.sql",
        "monitor/_sql/views/10_base.sql",
        "monitor/calendars/comex.toml",
        "monitor/tables/taxes.csv",
        "monitor/_config/config.toml",
        "monitor/_sql/digest/10_comex_vaults.sql",
        "monitor/fonts/chart-regular.ttf",
        "monitor/fonts/LICENSE.txt",
        "monitor/_sql/pages/now.sql",
        "monitor/web/templates/now.html",
        "monitor/web/static/page.css",
        "monitor/web/static/vendor/htmx.min.js",
        "monitor/web/static/vendor/htmx.LICENSE",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("sql/", "tests/"))]
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from monitor import sqlfiles, cli; "
        "print(sqlfiles.root()); sys.exit(cli.main(sys.argv[2:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(site), "--home", str(tmp_path / "home"), "run", "--once"],
        cwd="/", capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == str(site / "monitor" / "_sql")
    assert (tmp_path / "home" / "published" / "market.duckdb").exists()
