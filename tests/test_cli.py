"""The command line as a person uses it: real processes, real files, plain answers."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from tests.factories import ecb, shanghai
from tests.homes import furnish, only_toml

pytestmark = pytest.mark.slow
DAY = date(2026, 2, 9)


def bullion(home: Path, *args: str, config: str = "") -> subprocess.CompletedProcess[str]:
    """`bullion --home HOME ARGS` in a process of its own, away from the checkout."""
    command = [sys.executable, "-m", "monitor.cli", "--home", str(home)]
    if config:
        command += ["--config", config]
    return subprocess.run([*command, *args], capture_output=True, text=True, check=False, cwd=home.parent, timeout=60)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two made-up reports and one file nobody knows."""
    folder = tmp_path_factory.mktemp("cli")
    files = folder / "files"
    files.mkdir()
    (files / "warrants.html").write_bytes(shanghai.shfe_warrants_html(DAY))
    (files / "rates.csv").write_bytes(ecb.ecb_hist_csv())
    (files / "notes.txt").write_text("nothing to see")
    furnish(folder / "home", datetime.now(UTC))
    done = bullion(folder / "home", "load", str(files))
    assert done.returncode == 1, done.stderr
    assert "3 files: 2 loaded, 1 refused" in done.stdout
    return folder / "home"


def test_load_says_one_line_a_file_and_leaves_the_originals(home: Path) -> None:
    again = bullion(home, "load", str(home.parent / "files" / "warrants.html"))
    assert again.returncode == 0
    assert again.stdout.splitlines()[0].startswith("held")
    assert sorted(path.name for path in (home.parent / "files").iterdir()) == [
        "notes.txt",
        "rates.csv",
        "warrants.html",
    ]


def test_everything_written_lies_under_the_home(home: Path) -> None:
    assert {"archive", "live", "published", "alerts.sqlite"} <= {path.name for path in home.iterdir()}
    assert {path.name for path in home.parent.iterdir()} == {"files", "home"}


@pytest.mark.parametrize("fmt", ["table", "csv", "json", "markdown"])
def test_sql_answers_in_every_text_format(home: Path, fmt: str) -> None:
    done = bullion(
        home, "sql", "select session, metal, quantity from shfe_warrants where level = 'total'", "--format", fmt
    )
    assert done.returncode == 0, done.stderr
    assert "2026-02-09" in done.stdout


def test_sql_writes_parquet_and_reads_a_query_from_a_file(home: Path, tmp_path: Path) -> None:
    query = tmp_path / "q.sql"
    query.write_text("select * from fx where quote = 'CNY' order by session, base")
    out = tmp_path / "fx.parquet"
    assert bullion(home, "sql", "-f", str(query), "--format", "parquet", "-o", str(out)).returncode == 0
    with duckdb.connect() as con:
        assert con.execute("select count(*), min(rate) > 0 from read_parquet(?)", [str(out)]).fetchall() == [(6, True)]


def test_a_cut_is_visible_and_limit_0_lifts_it(home: Path) -> None:
    cut = bullion(home, "sql", "select * from venue_sessions", "--limit", "5", "--format", "csv")
    assert len(cut.stdout.splitlines()) == 6
    assert "truncated" in cut.stderr
    whole = bullion(home, "sql", "select count(*) as n from range(2000)", "--limit", "0")
    assert "2000" in whole.stdout


def test_sql_that_is_no_question_is_refused_with_exit_1(home: Path) -> None:
    done = bullion(home, "sql", "delete from alerts")
    assert done.returncode == 1
    assert done.stderr.startswith("bullion: ")


def test_sql_lists_views_with_units_and_saved_queries(home: Path) -> None:
    text = bullion(home, "sql", "--list").stdout
    assert "\ncoverage\n  Registered metal over open claims" in text
    assert "    registered_oz" in text
    assert "Saved queries" in text
    told = json.loads(bullion(home, "sql", "--list", "--format", "json").stdout)
    assert {"coverage", "alerts"} <= {view["name"] for view in told["views"]}
    assert {"cover", "curve"} <= {question["name"] for question in told["queries"]}
    one = bullion(home, "sql", "--list", "fx", "--format", "csv").stdout.splitlines()
    assert one[0] == "view,column,type,unit,meaning"
    assert {line.split(",")[0] for line in one[1:]} == {"fx"}
    assert "there is no view nosuch" in bullion(home, "sql", "--list", "nosuch").stderr


def test_sql_runs_saved_queries_and_files_with_named_values(home: Path, tmp_path: Path) -> None:
    saved = bullion(home, "sql", "--query", "shanghai_warrants", "metal=silver", "--format", "json")
    assert [row["session"] for row in json.loads(saved.stdout)] == ["2026-02-09"]
    assert (
        json.loads(bullion(home, "sql", "--query", "shanghai_warrants", "metal=mercury", "--format", "json").stdout)
        == []
    )
    file = tmp_path / "rates.sql"
    file.write_text("select count(*) as n from fx_reference where quote = $quote and session >= $since")
    assert bullion(home, "sql", "-f", str(file), "quote=CNY", "since=2999-01-01", "--format", "csv").stdout == "n\n0\n"
    assert "needs a value for quote" in bullion(home, "sql", "-f", str(file)).stderr
    assert "there is no saved query nosuch" in bullion(home, "sql", "--query", "nosuch").stderr


def test_values_of_sql_may_stand_behind_options_and_nothing_else_may(home: Path) -> None:
    done = bullion(home, "sql", "select $a + $b as n", "a=1", "--json", "b=2")
    assert json.loads(done.stdout) == [{"n": 3}]
    assert bullion(home, "sql", "select 1", "--json", "two").returncode == 2
    assert bullion(home, "sql", "select 1", "--jsn", "a=1").returncode == 2
    assert bullion(home, "due", "a=1").returncode == 2


@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
def test_a_moment_that_is_none_is_refused_and_never_read_as_now(home: Path, option: str) -> None:
    done = bullion(home, "sql", "select 1", option, "soon")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{option} is 'soon', which is no moment" in done.stderr


def test_sql_explains_instead_of_running(home: Path) -> None:
    plan = bullion(home, "sql", "select * from fx where quote = $q", "q=CNY", "--explain")
    assert plan.returncode == 0, plan.stderr
    assert "2026" not in plan.stdout
    assert "Filter" in plan.stdout or "FILTER" in plan.stdout


def test_sql_without_a_terminal_and_a_query_is_refused_and_the_prompt_takes_a_script(home: Path) -> None:
    command = [sys.executable, "-m", "monitor.cli", "--home", str(home), "sql"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, "nothing was asked" in done.stderr) == (1, True)
    script = ".format csv\nselect 1 as a,\n 2 as b;\nselect nosuch;\nselect 3 as c;\n"
    told = subprocess.run([*command, "-i"], input=script, capture_output=True, text=True, check=True).stdout
    assert told.startswith("a,b\n1,2\n(1 row)\n")
    assert "nosuch" in told
    assert told.endswith("c\n3\n(1 row)\n")


def test_known_at_hides_what_came_later(home: Path) -> None:
    question = "select count(*) as n from shfe_warrants"
    assert bullion(home, "sql", question, "--known-at", "2026-02-08T00:00", "--format", "csv").stdout.split()[-1] == "0"
    assert bullion(home, "sql", question, "--format", "csv").stdout.split()[-1] != "0"
    held = bullion(home, "sql", question, "--known-at", "2026-03-01T00:00", "--basis", "loaded", "--format", "csv")
    assert held.stdout.split()[-1] == "0"


def test_status_names_every_source_and_its_state(home: Path) -> None:
    rows = json.loads(bullion(home, "status", "--json").stdout)["sources"]
    states = {row["source"]: row["state"] for row in rows}
    assert states["comex_stocks"] == "never loaded"
    assert states["shfe_warrants"] == "stale"
    assert "no daemon runs" in bullion(home, "status").stdout


def test_due_says_what_to_save_and_is_no_failure(home: Path) -> None:
    done = bullion(home, "due")
    assert (done.returncode, done.stderr) == (0, "")
    assert "shfe_warrants: SHFE daily warrants" in done.stdout
    assert f"save into {home}/inbox" in done.stdout
    said = json.loads(bullion(home, "due", "--json").stdout)
    assert {"shfe_warrants", "ecb_fx"} == {row["source"] for row in said["due"]}
    assert "comex_stocks" in said["never_loaded"]
    assert bullion(home.parent / "nowhere", "due").returncode == 0


def test_sources_print_terms_and_how_far_they_are_verified(home: Path) -> None:
    rows = {row["source"]: row for row in json.loads(bullion(home, "sources", "--json").stdout)}
    assert len(rows) >= 7
    assert rows["comex_stocks"]["fetch"] is False
    for row in rows.values():
        assert row["terms"], row["source"]
        assert row["verified"], row["source"]
        has_a_page = row["source"] not in ("inbox_csv", "comex_settle_file")  # ours; a history
        assert row["page"].startswith("https://") or not has_a_page, row["source"]


def test_check_prints_the_newest_reading_of_each_subject(home: Path) -> None:
    done = bullion(home, "check", "--format", "json")
    assert done.returncode == 0, done.stdout
    assert {"source_stale"} <= {row["check"] for row in json.loads(done.stdout)}
    assert bullion(home, "check", "no_such_check").returncode == 1


def test_archive_verify_finds_a_flipped_byte(home: Path) -> None:
    assert bullion(home, "archive", "verify").returncode == 0
    raw = next(path for path in (home / "archive" / "raw").rglob("*") if path.is_file() and path.suffix == "")
    body = raw.read_bytes()
    raw.chmod(0o644)
    raw.write_bytes(bytes([body[0] ^ 1]) + body[1:])
    found = bullion(home, "archive", "verify")
    raw.write_bytes(body)
    assert found.returncode == 1
    assert raw.name[:12] in found.stdout


def test_rebuild_and_reparse_say_what_they_read(home: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(only_toml("source_stale"))
    assert "files read again: 2 loaded" in bullion(home, "rebuild", config=str(config)).stdout
    assert "1 files read again: 1 loaded" in bullion(home, "reparse", "ecb_fx", config=str(config)).stdout
    assert bullion(home, "reparse", "nobody").returncode == 1


def test_a_wrong_key_in_config_stops_with_exit_2_and_the_nearest_key(home: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[daemon]\nintervall_seconds = 5\n")
    done = bullion(home, "load", str(home.parent / "files"), config=str(config))
    assert done.returncode == 2
    assert "did you mean 'interval_seconds'" in done.stderr


def test_help_imports_nothing_heavy() -> None:
    heavy = ("duckdb", "polars", "requests", "pydantic")
    code = f"import sys, monitor.cli; monitor.cli._parser(); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pandas_pyarrow_and_numpy_are_never_imported(home: Path) -> None:
    code = (
        "import sys; from monitor.cli import main; main(['--home', sys.argv[1], 'load', sys.argv[2]]);"
        "print([m for m in ('pandas', 'pyarrow', 'numpy') if m in sys.modules])"
    )
    files = str(home.parent / "files" / "warrants.html")
    done = subprocess.run([sys.executable, "-c", code, str(home), files], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
