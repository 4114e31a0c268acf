"""Where things are: the config file in force, the home, and what lies in it. Imports nothing heavy."""

from __future__ import annotations

import os
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from monitor.errors import ConfigError

HOME_VARIABLE: Final = "BULLION_HOME"
USUAL_HOME: Final = "~/bullion"


class Folders:
    """Where everything Bullion writes lies: one folder, named here and nowhere else."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.archive = home / "archive"
        self.inbox = home / "inbox"
        self.live = home / "live" / "market.duckdb"
        self.published = home / "published"
        self.mail = home / "mail"
        self.ledger = home / "alerts.sqlite"
        self.lock = home / "lock"
        self.spool = home / "spool"
        self.turns = home / "turns"
        self.beat = home / "beat"


def shipped() -> Path:
    """The annotated config.toml this build ships with."""
    packed = Path(str(files("monitor").joinpath("_config", "config.toml")))
    return packed if packed.is_file() else Path(__file__).resolve().parents[1] / "config.toml"


def find(given: str | None) -> Path:
    """The config file in force: as given, ./config.toml, ~/.config/bullion/config.toml, or the shipped one."""
    if given:
        path = Path(given).expanduser()
        if not path.is_file():
            raise ConfigError(f"there is no config file {path}")
        return path
    for path in (Path("config.toml"), Path("~/.config/bullion/config.toml").expanduser()):
        if path.is_file():
            return path
    return shipped()


def home_of(config: str | None, given: str | None) -> Path:
    """The home folder alone, without checking the rest: --home, then BULLION_HOME, then the config's `home`."""
    chosen = given or os.environ.get(HOME_VARIABLE)
    if not chosen:
        chosen = str(read_toml(find(config)).get("home", USUAL_HOME))
    return Path(chosen).expanduser().resolve()


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; ConfigError where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
