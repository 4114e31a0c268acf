"""The systemd unit: what it starts, and how little the daemon may do, by systemd's own reckoning."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.service import NAME, WATCHDOG_SECONDS, unit

COMMAND = ["/opt/bullion/bin/bullion", "--home", "/var/lib/bullion", "--config", "/etc/bullion/50 %.toml", "run"]
WORST = 1.5


def test_it_starts_the_daemon_and_is_told_when_it_lives() -> None:
    lines = unit(COMMAND).splitlines()
    assert "ExecStart=/opt/bullion/bin/bullion --home /var/lib/bullion --config '/etc/bullion/50 %%.toml' run" in lines
    assert {"Type=notify", f"WatchdogSec={WATCHDOG_SECONDS}", "Restart=always"} <= set(lines)


def test_a_program_in_a_persons_home_can_be_read_there_and_no_other_is() -> None:
    assert "ProtectHome=yes" in unit(COMMAND)
    assert "ProtectHome=read-only" in unit(["/home/mary/bullion/.venv/bin/bullion", "run"])


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
