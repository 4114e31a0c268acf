"""The drawing of the house is executed: layers hold, and no room is left off the plan."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SMALL = {"__init__.py", "__main__.py"}


def modules() -> set[str]:
    found = set()
    for package in ("monitor", "alerts"):
        for path in (ROOT / package).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found.add(name.removesuffix(".__init__"))
    return found


def layers() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (drawing,) = [
        c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers" and "containers" not in c
    ]
    return {name.strip() for layer in drawing["layers"] for name in layer.replace(":", "|").split("|")}


def test_every_module_has_its_place_in_the_layers() -> None:
    drawn = layers()
    homeless = {
        name
        for name in modules() - {"monitor", "alerts"}
        if not any(name == d or name.startswith(d + ".") for d in drawn)
    }
    assert homeless == set()


@pytest.mark.slow
def test_data_flows_one_way() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_clock_is_read_at_the_roots_alone() -> None:
    allowed = {"monitor/clock.py", "monitor/daemon.py", "monitor/cli.py"}
    for package in ("monitor", "alerts"):
        for path in (ROOT / package).rglob("*.py"):
            where = path.relative_to(ROOT).as_posix()
            text = path.read_text(encoding="utf-8")
            if where in allowed or where.startswith("monitor/commands/"):
                continue
            for word in ("read_clock(", "datetime.now(", "utcnow(", "date.today("):
                assert word not in text, f"{where}: {word}"
