"""`bullion backfill` over history, killed with -9 and resumed: nothing lost, nothing twice, nobody hurried."""

from __future__ import annotations

import os
import random
import re
import secrets
import time
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from monitor import sessions
from tests.captures import CAPTURES
from tests.exchange_town import SOURCES
from tests.past import Past, pages
from tests.test_backfill_process import SPACING, configured, facts, finished, started
from tests.test_run import until

pytestmark = pytest.mark.slow
SEED = int(os.environ.get("BULLION_SEED", "0")) or secrets.randbelow(10**6)
KILLS = 5


def history() -> tuple[str, dict[str, bytes], date, date]:
    """(source, reports, first and last session): CME's payloads where they are captured, else made-up SHFE pages."""
    if not CAPTURES.is_dir():
        first, last = date(2026, 1, 5), date(2026, 3, 31)
        days = sessions.sessions("SHFE", first, last)
        return "shfe_warrants", pages(day for place, day in enumerate(days) if place % 5 < 3), first, last
    first, last = date(2026, 1, 5), date(2026, 1, 30)
    reports, folder = {}, CAPTURES / "comex" / "volume_oi_json"
    for day in sessions.sessions("COMEX", first, last):
        for ask in SOURCES["comex_volume"].asks(day):
            metal = {"SI": "silver", "GC": "gold"}.get(str(ask.hint), "")
            if (path := folder / f"{metal}_{day}.json").is_file():
                reports[ask.url] = path.read_bytes()
    return "comex_volume", reports, first, last


def test_killed_and_resumed_five_times_it_equals_one_straight_run(tmp_path: Path) -> None:
    """Done when: `bullion backfill` over captured history, killed and resumed five times, equals one straight run."""
    print(f"seed {SEED}; BULLION_SEED={SEED} plays these kills again")
    rng = random.Random(SEED)
    name, reports, first, last = history()
    config = configured(tmp_path, name)
    command = ("backfill", name, "--from", str(first), "--to", str(last))
    wanted = [ask.url for day in sessions.sessions(SOURCES[name].venue, first, last) for ask in SOURCES[name].asks(day)]
    with Past(reports) as past:
        code, said, complaint = finished(tmp_path / "straight", past, config, *command)
        assert (code, past.asked()) == (0, wanted), complaint
        assert all(re.fullmatch(rf"{name} \d+/{len(wanted)} at .*", line) for line in complaint.splitlines()), complaint
        assert f"{len(wanted)} asked, {len(reports)} loaded, 0 held, {len(wanted) - len(reports)} not published" in said
        turns = turns_of(tmp_path / "straight")
        assert len(turns) == len(past.log)
        assert all(seen.at >= turn for seen, turn in zip(past.log, turns, strict=True)), "one left before its turn"
    with Past(reports) as past:
        for _ in range(KILLS):
            child, target = (
                started(tmp_path / "killed", past, config, *command),
                len(past.log) + rng.randint(1, len(wanted) // 6),
            )
            until(lambda target=target, child=child: len(past.log) >= target or child.poll() is not None)  # type: ignore[misc]
            time.sleep(rng.random() * 2 * SPACING)
            assert child.poll() is None, "it was over before it could be killed"
            child.kill()
            child.communicate()
        code, said, complaint = finished(tmp_path / "killed", past, config, *command)
        assert code == 0, complaint
        asked = Counter(past.asked())
    assert set(asked) == set(wanted)
    assert sum(asked.values()) <= len(wanted) + KILLS, "more was asked again than the kills can account for"
    assert len(turns_of(tmp_path / "killed")) >= sum(asked.values())
    assert facts(tmp_path / "killed") == facts(tmp_path / "straight")
    print(f"{name}: {len(wanted)} questions, {sum(asked.values()) - len(wanted)} of them asked again; {said.strip()}")


def turns_of(home: Path) -> list[float]:
    """From when each question of a home could leave; no two are closer than the spacing, kills or not."""
    turns = [float(line) for line in Path(f"{home}.turns").read_text().splitlines()]
    gaps = [later - turn for turn, later in pairwise(turns)]
    print(f"{len(gaps)} gaps between turns: least {min(gaps):.6f} s, median {median(gaps):.4f} s")
    assert min(gaps) >= SPACING - 1e-6
    return turns
