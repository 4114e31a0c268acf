"""Every source says who publishes it, under which terms, since when, and on what it is verified; a page repeats it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor import cli, config, declared
from monitor.commands.sources import page
from monitor.model import Ask, Proof, Source
from monitor.sources import comex_stocks
from monitor.sources.registry import discover

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)
SOUND = comex_stocks.SOURCE


def said(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    """Exit code and output of `bullion sources ARGS` under the shipped settings."""
    code = cli.main(["--config", str(config.shipped()), "sources", *args])
    return code, capsys.readouterr().out


def test_every_source_of_this_build_declares_all_it_must() -> None:
    found, broken = discover()
    assert broken == {}
    assert {name: declared.faults(source, NOW) for name, source in found.items()} == dict.fromkeys(found, ())


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"publisher": ""}, "publisher is empty"),
        ({"page": ""}, "page is empty"),
        ({"terms": ""}, "terms is empty"),
        ({"licence": ""}, "licence is empty"),
        ({"unit": ""}, "unit is empty"),
        ({"verified": ""}, "verified is empty"),
        ({"tables": ()}, "tables is empty"),
        ({"tables": ("comex_stock_row",)}, "there is no table comex_stock_row"),
        ({"history_start": ""}, "history_start is empty"),
        ({"history_start": "long ago"}, "history_start 'long ago' is no date, and neither 'none: ...' nor 'not known'"),
        ({"venue": "LME"}, "there is no calendar LME"),
        ({"cadence": "hourly"}, "the cadence 'hourly' is none of daily, weekly, monthly"),
        ({"hosts": ()}, "hosts is empty"),
        ({"hosts": ("cmegroup.com",)}, "it asks www.cmegroup.com, which is not among its hosts"),
    ],
)
def test_what_a_declaration_lacks_or_contradicts_is_named(changed: dict[str, Any], fault: str) -> None:
    assert declared.faults(SOUND, NOW) == ()
    assert declared.faults(replace(SOUND, **changed), NOW) == (fault,)


def test_a_backlog_that_leaves_the_hosts_is_named() -> None:
    def backlog(start: date, end: date) -> tuple[Ask, ...]:
        return (Ask("comex_stocks", end, "https://elsewhere.example/all.csv"),)

    (fault,) = declared.faults(replace(SOUND, backlog=backlog), NOW)
    assert "elsewhere.example" in fault


@pytest.mark.parametrize("since", ["2013", "2016-07", "1999-01-04", "not known", "none: only the newest can be had"])
def test_a_history_begins_at_a_day_month_or_year_or_says_why_not(since: str) -> None:
    assert declared.faults(replace(SOUND, history_start=since), NOW) == ()


def test_due_times_read_as_words() -> None:
    found, _ = discover()
    assert declared.due_words(SOUND) == "17:00 America/New_York, 1 session later"
    assert declared.due_words(found["cftc_legacy"]) == "15:30 America/New_York, 3 days later"
    assert declared.due_words(found["cme_margins"]).endswith("; its absence is not told")
    assert declared.due_words(found["inbox_csv"]) == "never"
    assert [name for name, source in found.items() if not declared.is_awaited(source)] == [
        "cme_margins", "comex_notices_mtd", "comex_notices_ytd", "comex_settle_file", "inbox_csv",
    ]  # fmt: skip


def test_the_page_in_the_repository_is_what_the_sources_declare() -> None:
    """Where this fails: `make sources-page`."""
    written = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert written == page(discover()[0], config.load(str(config.shipped())))


def test_the_page_is_printed_whatever_settings_are_in_force(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    own = tmp_path / "config.toml"
    own.write_text('contact = "me@example.org"\n[sources.comex_stocks]\nfetch = true\n')
    assert cli.main(["--config", str(own), "sources", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")


def test_the_check_is_one_line_a_source_with_what_it_is_verified_on(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "--check")
    found, _ = discover()
    lines = text.splitlines()
    assert (code, len(lines)) == (0, len(found) + 2)
    assert lines[0].split() == ["source", "verified", "how", "cadence", "since", "unit", "licence"]
    assert max(len(line) for line in lines) < 140
    by_name = {line.split()[0]: line.split()[1] for line in lines[2:]}
    assert by_name == {name: source.proof.value for name, source in found.items()}


def test_the_check_fails_and_says_why_where_a_declaration_lacks_something(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comex_stocks, "SOURCE", replace(SOUND, licence="", unit=""))
    code, text = said(capsys, "--check")
    assert code == 1
    assert text.splitlines()[-2:] == ["comex_stocks: licence is empty", "comex_stocks: unit is empty"]
    assert said(capsys, "--check", "ecb_fx")[0] == 0
    assert said(capsys, "comex_stocks")[0] == 0


def test_sources_can_be_named_and_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "ecb_fx", "sge_quotes", "--json")
    rows = json.loads(text)
    assert (code, [row["source"] for row in rows]) == (0, ["ecb_fx", "sge_quotes"])
    assert [row["proof"] for row in rows] == ["captures", "captures"]
    assert [row["faults"] for row in rows] == [[], []]
    assert said(capsys, "nobody")[0] == cli.FAILED


def test_only_a_source_that_speaks_of_captures_claims_to_be_proved_on_them() -> None:
    """The word and the sentence beside it may not contradict each other."""
    found, _ = discover()

    def sentence(source: Source) -> str:
        return source.verified.lower()

    for name, source in found.items():
        if source.proof is Proof.CAPTURES:
            assert "captured" in sentence(source) or name == "ecb_fx", name
        if source.proof is Proof.DOCUMENTS:
            assert any(word in sentence(source) for word in ("documents", "documented", "descri", "others")), name
