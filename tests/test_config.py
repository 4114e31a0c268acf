"""config.toml: runs as shipped, every problem at once, the nearest key named, secrets kept from others."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor import config, places
from monitor.errors import ConfigError
from monitor.sources.registry import discover


def written(folder: Path, text: str) -> str:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_shipped_file_says_the_same_as_no_file_and_fetches_nothing_from_cme() -> None:
    settings = config.load(str(config.shipped()))
    assert settings.mail.channel == "file"
    assert settings.daemon == config.Daemon()
    sources, _ = discover()
    assert set(settings.sources) == set(sources)
    assert not any(settings.sources[name].fetch for name in sources if name.startswith("comex"))


def test_every_problem_is_told_at_once_with_its_key(tmp_path: Path) -> None:
    text = '[mail]\nchanel = "file"\n[daemon]\ninterval_seconds = "often"\n[sources.comex_stocks]\nfetsh = true\n'
    with pytest.raises(ConfigError) as caught:
        config.load(written(tmp_path, text))
    said = str(caught.value)
    assert "3 problem(s)" in said
    assert "mail.chanel: unknown key; did you mean 'channel'?" in said
    assert "daemon.interval_seconds" in said
    assert "'often'" in said
    assert "did you mean 'fetch'?" in said


def test_what_is_not_toml_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not TOML"):
        config.load(written(tmp_path, "home = \n"))


def test_home_comes_from_the_flag_then_the_environment_then_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, f'home = "{tmp_path}/filed"\n')
    monkeypatch.delenv(places.HOME_VARIABLE, raising=False)
    assert config.home_of(path, None) == tmp_path / "filed"
    monkeypatch.setenv(places.HOME_VARIABLE, str(tmp_path / "set"))
    assert config.home_of(path, None) == tmp_path / "set"
    assert config.home_of(path, str(tmp_path / "given")) == tmp_path / "given"


def test_a_password_file_open_to_others_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("x\n")
    secret.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        config.secret(str(secret), "")
    secret.chmod(0o600)
    assert config.secret(str(secret), "") == "x"
