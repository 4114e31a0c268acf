"""One figure taken apart: its numbers, its legs, and the archived files a reader who doubts it can open."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor import apart, checks, cli, explain
from monitor.apart import Explanation
from monitor.checks import Moment
from monitor.collect import gather
from monitor.demo import stage
from monitor.errors import BullionError
from monitor.house import House
from monitor.model import Answer, Verdict
from monitor.sources.registry import discover
from tests.captures import CAPTURES, needs_captures
from tests.homes import house

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ABOUT_THE_BOOKS = {"source_stale", "calendar_expiring", "source_disagreement"}
"""Checks of what was loaded and when, or of pairs, which the squeeze has none of."""
UNFED = {
    "carry_gap", "cobasis", "efp_excess", "gold_forward", "gold_silver_ratio", "gold_silver_ratio_low",
    "gold_silver_ratio_speed", "lease", "lease_jump", "miner_residual",
}  # fmt: skip
"""Checks that stand on rates, spot, gold or shares, which the squeeze has none of; see tests/checks."""

NOT_IN_THE_SQUEEZE = {
    "shfe_month_cover", "onshore_spot", "dealer_spread", "fund_flow", "fund_inflow", "fund_premium",
    "concentration",
}  # fmt: skip
"""Checks of what the demo has no files of: their arithmetic is tried on invented facts (tests/checks)."""


@pytest.fixture(scope="module")
def squeeze(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home that holds every file of the demo, read after the season and published."""
    with house(tmp_path_factory.mktemp("explain"), NOW) as opened:
        list(opened.collector.offer(gather(sorted(stage.BUNDLED.glob("files/*/*")), NOW), NOW))
        opened.publish(NOW)
        yield opened


def explained(opened: House, name: str, subject: str, day: str, known_at: str | None = None) -> Explanation:
    known = datetime.fromisoformat(known_at).replace(tzinfo=UTC) if known_at else None
    when = explain.moment(date.fromisoformat(day), known, "published", NOW)
    check = {**explain.readings(), **opened.checks}[name]
    return explain.explain(opened.store, check, subject, when, opened.archive)


def figures_of(told: Explanation) -> dict[str, object]:
    return {name: value for leg in told.legs for name, value in leg.figures.items()}


def test_the_coverage_of_10_february_is_explained_down_to_lots_and_ounces(squeeze: House) -> None:
    """73,142 lots preliminary against 102.257 Moz: 0.2796, each leg with its session and published moment."""
    told = explained(squeeze, "coverage", "SIH26", "2026-02-10")
    said = apart.text(told)
    for part in (
        "value    0.2796",
        "numbers  102,256,628.854 / (73,142 * 5,000) = 0.2796",
        "registered 102,256,628.854 oz (102.257 Moz)",
        "open interest 73,142 lots",
        "open interest status preliminary",
        "registered: session 2026-02-06, published 2026-02-09 22:00 UTC",
        "open interest: session 2026-02-09, published 2026-02-10 06:20 UTC",
        "typical  May 2024 0.143 at T-6, May 2023 0.1 at T-6",
        "verdict  none: shown, no level judges it",
    ):
        assert part in said
    assert told.holds


def test_the_file_behind_a_leg_holds_the_very_figure(squeeze: House) -> None:
    """Each path is opened and read with its own source: the same lots and ounces stand in it."""
    told = explained(squeeze, "coverage", "SIH26", "2026-02-10")
    sources, _ = discover()
    found = {}
    for leg in told.legs:
        assert leg.file is not None
        body = Path(leg.file.path).read_bytes()
        name = Path(leg.file.name).name
        hint = "SI" if leg.file.source == "comex_volume" else None
        found[leg.name] = sources[leg.file.source].parse(Answer(body, name, NOW, hint=hint)).frames
    (sums,) = [frame for table, frame in found["registered"].items() if table == "comex_stock_sums"]
    registered = [r["total_today"] for r in sums.to_dicts() if r["category"] == "registered"]
    assert figures_of(told)["registered_oz"] in registered
    lots = [
        row["open_interest"]
        for row in found["open_interest"]["open_interest_rows"].to_dicts()
        if row["delivery_month"] == date(2026, 3, 1)
    ]
    assert lots == [figures_of(told)["open_interest_lots"]] == [73_142]


def test_a_file_that_no_longer_has_its_bytes_is_named_as_doubtful(squeeze: House, tmp_path: Path) -> None:
    from monitor.archive import Archive

    folder = tmp_path / "archive"
    shutil.copytree(squeeze.folders.archive, folder)
    sound = explained(squeeze, "coverage", "SIH26", "2026-02-10")
    leg = next(leg for leg in sound.legs if leg.name == "registered")
    assert leg.file is not None
    path = Archive(folder).path(leg.file.sha256)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    check = explain.readings()["coverage"]
    when = explain.moment(date(2026, 2, 10), None, "published", NOW)
    said = apart.text(explain.explain(squeeze.store, check, "SIH26", when, Archive(folder)))
    assert "DOUBT  archived file" in said


def test_the_hour_decides_what_is_explained(squeeze: House) -> None:
    """At the end of the season the figure of 9 February is final; at noon of the 10th it was preliminary."""
    noon = explained(squeeze, "coverage_raw", "SIH26", "2026-02-09", "2026-02-10T12:00")
    later = explained(squeeze, "coverage_raw", "SIH26", "2026-02-09", "2026-03-01T00:00")
    assert noon.reading.verdict is Verdict.NODATA
    assert "registered: not held" in apart.text(noon)
    assert later.reading.verdict is Verdict.CLEAR
    assert figures_of(later)["open_interest_lots"] == 73_128


def test_every_reading_follows_from_the_numbers_printed(squeeze: House) -> None:
    """Of every check with arithmetic and every reading with a value, the arithmetic gives the value."""
    found = checks.evaluate(squeeze.store, squeeze.checks.values(), Moment(NOW))
    assert found.broken == {}
    done = set()
    with squeeze.store.cursor() as cur:
        for reading in found.readings:
            check = squeeze.checks[reading.check]
            if check.worked and reading.value is not None:
                _, again = apart.worked(cur, check.worked, reading.inputs)
                assert again == pytest.approx(reading.value, rel=1e-9), reading
                done.add(check.name)
    fed = ABOUT_THE_BOOKS | NOT_IN_THE_SQUEEZE | UNFED
    assert {name for name, check in squeeze.checks.items() if check.worked} - done <= fed
    assert len(done) >= 6


def test_every_leg_of_every_check_has_its_session_moment_and_file(squeeze: House) -> None:
    """Of every check of figures, the newest reading with a value."""
    found = checks.evaluate(squeeze.store, squeeze.checks.values(), Moment(NOW))
    newest = {(r.check, r.subject): r for r in found.readings if r.value is not None and r.check not in ABOUT_THE_BOOKS}
    assert len({check for check, _ in newest}) >= 6
    for (name, subject), reading in newest.items():
        told = explained(squeeze, name, subject, reading.session.isoformat(), "2026-03-02T12:00")
        assert told.legs, name
        for leg in told.legs:
            if all(figure is None for figure in leg.figures.values()):
                continue  # said to be not held
            assert leg.session is not None, (name, leg.name)
            assert leg.published_at is not None, (name, leg.name)
            assert leg.file is not None, (name, leg.name)
            assert leg.file.trouble == ""
            assert Path(leg.file.path).is_file()


def test_arithmetic_that_does_not_give_the_value_is_called_doubtful(squeeze: House) -> None:
    from dataclasses import replace

    check = replace(explain.readings()["coverage"], worked="registered_oz / open_interest_lots")
    when = explain.moment(date(2026, 2, 10), None, "published", NOW)
    told = explain.explain(squeeze.store, check, "SIH26", when, squeeze.archive)
    assert not told.holds
    assert "DOUBT    the numbers do not give the value" in apart.text(told)


def test_a_subject_that_is_not_there_is_answered_with_those_that_are(squeeze: House) -> None:
    with pytest.raises(BullionError, match=r"has no reading of SIX99 .*; it has .*SIH26"):
        explained(squeeze, "coverage", "SIX99", "2026-02-10")


def test_the_command_prints_the_path_and_json_says_the_same(squeeze: House, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--home", str(squeeze.folders.home), "explain", "coverage", "sih26", "--as-of", "2026-02-10"]
    assert cli.main(command) == 0
    said = capsys.readouterr().out
    assert cli.main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["value"] == pytest.approx(0.2796, abs=0.00005)
    for leg in told["legs"]:
        assert f"path   {leg['file']['path']}" in said
        assert leg["file"]["page"].startswith("https://")


def test_the_command_names_the_checks_it_knows(squeeze: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--home", str(squeeze.folders.home), "explain", "coverge", "SIH26"]) == 1
    assert "coverage_raw" in capsys.readouterr().err


@needs_captures
@pytest.mark.captures
@pytest.mark.slow
def test_the_captured_season_explains_the_same_coverage(tmp_path: Path) -> None:
    """From the captured files of February: 73,142 lots, 102.257 Moz, 0.2796."""
    files = [
        path
        for folder in ("stocks", "volume_oi_json")
        for path in sorted((CAPTURES / "comex" / folder).iterdir())
        if "ilver" in path.name and "2026-02" in path.name
    ]
    assert files
    with house(tmp_path, NOW) as opened:
        list(opened.collector.offer(gather(files, NOW), NOW))
        told = explained(opened, "coverage", "SIH26", "2026-02-10")
    assert figures_of(told)["open_interest_lots"] == 73_142
    assert figures_of(told)["open_interest_status"] == "preliminary"
    assert f"{told.reading.value:.4f}" == "0.2796"
    assert "102.257 Moz" in apart.text(told)
