"""`bullion install-service --print`: the unit under which systemd runs the daemon with the least power."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from monitor.errors import ConfigError
from monitor.service import NAME, unit

HOME = "/var/lib/bullion"
CONFIG = "/etc/bullion/config.toml"


def run(args: argparse.Namespace) -> int:
    """Print the unit; nothing is installed, for that takes root and a look at the file."""
    if not args.print:
        raise ConfigError(f"add --print, look at the unit, and save it as /etc/systemd/system/{NAME}")
    if args.home and args.home != HOME:
        raise ConfigError(f"the service keeps its home in {HOME}; leave --home out")
    program = Path(sys.argv[0]).resolve()
    started = [str(program)] if program.name == "bullion" else [sys.executable, "-m", "monitor.cli"]
    print(unit([*started, "--home", HOME, "--config", args.config or CONFIG, "run"]), end="")
    return 0
