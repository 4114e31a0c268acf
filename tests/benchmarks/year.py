"""A made-up year of alerts, 30 checks and five metals, with everything that breaks in it: how long, how much memory.

Readings are made up and handed to what folds, tells, queues and sends them; the checks' SQL is measured elsewhere. The
year is played in a process of its own, and a real mail server takes its mails in this one. Memory is what the process
holds after a quarter of the year against what it holds at the end.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path
from time import perf_counter

import psutil

from alerts.channels import email
from monitor.memory import give_back_large_buffers
from tests.benchmarks._rows import Row, within
from tests.mailserver import MailServer
from tests.year import script
from tests.year.desk import play

_MODULE = "tests.benchmarks.year"
_START = date(2025, 1, 6)


def run(short: bool) -> list[Row]:
    """Seconds for the year, and the change of memory in percent; mails a recipient beside them."""
    days, checks = (20, 4) if short else (365, 30)
    with MailServer() as post:
        asked = [sys.executable, "-m", _MODULE, str(days), str(checks), str(post.port), post.ca_file]
        root = Path(__file__).parents[2]
        done = subprocess.run(asked, cwd=root, stdout=subprocess.PIPE, check=True, text=True)
        found = json.loads(done.stdout)
        mails = len({mail.message_id for mail in post.mails})
    name = f"{days} simulated days, {checks} checks of five metals, faults on"
    return [
        within(name, found["seconds"], "s", most=300),
        within(f"{name}: memory drift", found["drift"], "%", most=5),
        within(f"{name}: mails to two recipients", mails, "mails"),
    ]


def _measure(days: int, checks: int, port: int, ca_file: str) -> dict[str, float]:
    give_back_large_buffers()
    settings = email.Settings(
        host="127.0.0.1", port=port, tls="starttls", user=None, password=None,
        sender="Bullion <bullion@example.org>", hostname="desk.example.org", timeout_seconds=10.0, ca_file=ca_file,
    )  # fmt: skip
    written = script.write(2025, _START, days, checks=checks, history=script.WINDOW)
    quarter = written.start + (written.end - written.start) / 4
    held: list[int] = []

    def after(now: datetime) -> None:
        if now >= quarter and (not held or now.hour == 0):
            held.append(psutil.Process().memory_info().rss)

    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name:
        begun = perf_counter()
        play(written, Path(name), settings, after=after)
        return {"seconds": perf_counter() - begun, "drift": max(100 * (held[-1] / held[0] - 1), 0.0)}


if __name__ == "__main__":
    print(json.dumps(_measure(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])))
