"""The memory of an idle daemon whose store holds a million facts, and what it must never import.

The daemon is composed in a process of its own, without anyone to ask, and takes one step.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import _facts, _files
from tests.benchmarks._rows import Row, within

_PEERS = ("pandas", "pyarrow", "numpy")


def run(short: bool) -> list[Row]:
    """Anonymous resident memory after a step, and how many of the heavy peers were imported."""
    rows = 10_000 if short else _facts.MILLION
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as home:
        found = _process("fill", home, str(rows)) | _process("step", home, "0")
    return [
        within(f"idle daemon over {rows:,} facts, anonymous resident memory", found["rss_anon_mb"], "MB", most=150),
        within(f"the same daemon, of {', '.join(_PEERS)} imported", found["peers"], "modules", most=0),
    ]


def _process(*asked: str) -> dict[str, float]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.benchmarks.idle", *asked]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, check=True, text=True)
    return {name: float(value) for name, value in json.loads(done.stdout).items()}


# --- in the process that is measured ------------------------------------------------------


def _fill(home: Path, rows: int) -> dict[str, float]:
    from monitor.store import Store

    store = Store(home / "live" / "market.duckdb")
    _facts.fill(store, rows)
    store.close()
    return {}


def _step(home: Path) -> dict[str, float]:
    import apscheduler.schedulers.background  # noqa: F401 - what `bullion run` imports besides

    import monitor.commands.run  # noqa: F401
    from monitor.batch import Teller
    from monitor.config import Settings
    from monitor.daemon import Daemon
    from monitor.house import House

    house = House(Settings(), home, _files.NOW)
    teller = Teller(house)
    daemon = Daemon(house, teller)
    daemon.step(_files.NOW)
    found = {"rss_anon_mb": rss_anon_mb(), "peers": float(sum(name in sys.modules for name in _PEERS))}
    daemon.stop()
    teller.close()
    house.close()
    return found


def rss_anon_mb() -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    verb, folder, count = sys.argv[1:]
    print(json.dumps(_fill(Path(folder), int(count)) if verb == "fill" else _step(Path(folder))))
