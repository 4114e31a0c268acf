"""The systemd unit: what it starts, and how little the daemon may do, by systemd's own reckoning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.service import NAME, WATCHDOG_SECONDS, unit
from tests.factories import shanghai

COMMAND = ["/opt/bullion/bin/bullion", "--home", "/var/lib/bullion", "--config", "/etc/bullion/50 %.toml", "run"]
WORST = 1.5


def test_it_starts_the_daemon_and_is_told_when_it_lives() -> None:
    lines = unit(COMMAND).splitlines()
    assert "ExecStart=/opt/bullion/bin/bullion --home /var/lib/bullion --config '/etc/bullion/50 %%.toml' run" in lines
    assert {"Type=notify", f"WatchdogSec={WATCHDOG_SECONDS}", "Restart=always"} <= set(lines)


def test_a_program_in_a_persons_home_can_be_read_there_and_no_other_is() -> None:
    assert "ProtectHome=yes" in unit(COMMAND)
    assert "ProtectHome=read-only" in unit(["/home/mary/bullion/.venv/bin/bullion", "run"])


@pytest.mark.slow
def test_the_daemon_and_its_child_work_where_memory_is_either_written_or_executed(tmp_path: Path) -> None:
    """As MemoryDenyWriteExecute has it, by the kernel's own switch and the environment of the unit."""
    inbox = tmp_path / "home" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "warrants.html").write_bytes(shanghai.shfe_warrants_html(date(2026, 2, 9)))
    os.utime(inbox / "warrants.html", (1, 1))
    variables = dict(line.removeprefix("Environment=").split("=", 1)
                     for line in unit(COMMAND).splitlines() if line.startswith("Environment=POLARS"))  # fmt: skip
    config = tmp_path / "config.toml"
    config.write_text("")
    command = ["--home", str(tmp_path / "home"), "--config", str(config), "run", "--once"]
    done = subprocess.run(
        [sys.executable, "-c", _STRICT, *command], env={**os.environ, **variables}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip("this kernel cannot forbid it (before Linux 6.3)")
    assert (done.returncode, "1 loaded" in done.stderr) == (0, True), done.stderr


_STRICT = """
import ctypes, os, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:
    sys.exit(77)
os.execv(sys.executable, [sys.executable, "-m", "monitor.cli", *sys.argv[1:]])
"""
"""PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN: inherited by every child."""


@pytest.mark.parametrize("program", ["/opt/bullion/bin/bullion", "/home/mary/.venv/bin/bullion"])
def test_its_exposure_is_small(tmp_path: Path, program: str) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    path = tmp_path / NAME
    path.write_text(unit([program, "run"]))
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", str(path)], capture_output=True, text=True, check=False
    )
    found = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= WORST


def test_the_command_prints_it_and_installs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install-service", "--print"]) == 0
    assert "\n[Service]\n" in capsys.readouterr().out
    assert main(["install-service"]) == 2
    assert "add --print" in capsys.readouterr().err
    assert main(["--home", "/srv/elsewhere", "install-service", "--print"]) == 2
