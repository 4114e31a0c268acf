"""The journal and the log of asks come back line by line, whatever was torn."""

import os
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.archive import Archive, LoadLine
from tests.archive.samples import ANSWER, ASK, LINE, NOW, kinds

texts = st.text(max_size=20)
load_lines = st.builds(
    LoadLine,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    source=texts,
    hint=st.none() | texts,
    parser_version=st.integers(1, 99),
    loaded_at=st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    outcome=st.sampled_from(["loaded", "refused"]),
    error=texts,
)


def test_the_journal_comes_back_in_its_order(archive: Archive) -> None:
    lines = [replace(LINE, parser_version=n, error='工作簿\n\u2028 "x"' * n) for n in range(1, 9)]
    for line in lines:
        archive.journal(line)
    assert list(archive.journal_lines()) == lines


@settings(max_examples=150)
@given(before=st.lists(load_lines, max_size=4), torn=load_lines, after=st.lists(load_lines, max_size=3), data=st.data())
def test_a_line_torn_anywhere_costs_only_itself(
    before: list[LoadLine], torn: LoadLine, after: list[LoadLine], data: st.DataObject
) -> None:
    """Cut at any byte of the last line; what was written before and what is written later both come back."""
    with tempfile.TemporaryDirectory() as folder:
        archive, path = Archive(Path(folder)), Path(folder) / "loads.jsonl"
        for line in before:
            archive.journal(line)
        start = path.stat().st_size if path.exists() else 0
        archive.journal(torn)
        end = path.stat().st_size
        cut = data.draw(st.integers(start, end), label="cut at")
        os.truncate(path, cut)
        survives = [torn] if cut >= end - 1 else []
        assert list(archive.journal_lines()) == before + survives
        for line in after:
            archive.journal(line)
        assert list(archive.journal_lines()) == before + survives + after
        told = [problem.where for problem in archive.verify() if problem.kind == "line"]
        assert told == ([f"loads.jsonl:{len(before) + 1}"] if start < cut < end - 1 else [])


def test_a_zero_filled_tail_costs_only_the_line_it_replaced(archive: Archive) -> None:
    """What ext4 may leave after a power cut."""
    archive.journal(LINE)
    with (archive.folder / "loads.jsonl").open("ab") as file:
        file.write(bytes(200))
    archive.journal(replace(LINE, parser_version=2))
    assert [line.parser_version for line in archive.journal_lines()] == [1, 2]
    assert "line" in kinds(archive)


def test_the_last_ask_of_each_source_and_url_is_known(archive: Archive) -> None:
    archive.log_ask(ASK)
    archive.log_ask(replace(ASK, at=NOW + timedelta(hours=1), etag='"8"'))
    archive.log_ask(replace(ASK, source="other", outcome="blocked", error="HTTP 403", etag="", last_modified=""))
    last = archive.last_asks()
    assert last["comex_stocks", "https://a.org/x"] == replace(ASK, at=NOW + timedelta(hours=1), etag='"8"')
    assert last["other", "https://a.org/x"].outcome == "blocked"
    assert last["other", "https://a.org/x"].validators == {}


def test_a_refusal_in_between_does_not_forget_what_we_hold(archive: Archive) -> None:
    sha = archive.keep(ANSWER, "s").sha256
    archive.log_ask(replace(ASK, sha256=sha))
    for outcome in ("unchanged", "blocked", "unreachable"):
        archive.log_ask(replace(ASK, outcome=outcome, etag="", last_modified="", error=outcome))
    line = archive.last_asks()[ASK.source, ASK.url]
    assert (line.outcome, line.error, line.sha256) == ("unreachable", "unreachable", sha)
    assert line.validators == {"etag": '"7"', "last_modified": "Tue"}


def test_an_answer_without_validators_ends_the_old_ones(archive: Archive) -> None:
    archive.log_ask(ASK)
    archive.log_ask(replace(ASK, etag="", last_modified=""))
    assert archive.last_asks()[ASK.source, ASK.url].validators == {}


def test_asks_of_another_process_and_torn_ones_do_not_disturb(archive: Archive) -> None:
    archive.log_ask(ASK)
    assert len(archive.last_asks()) == 1
    path = archive.folder / "asks.jsonl"
    with path.open("ab") as file:
        file.write(b'{"at":"20')
    assert len(archive.last_asks()) == 1
    other = Archive(archive.folder)
    other.log_ask(replace(ASK, url="https://a.org/y"))
    assert len(archive.last_asks()) == 2
    assert len(Archive(archive.folder).last_asks()) == 2


def test_a_line_seen_half_written_is_read_when_it_is_whole(archive: Archive) -> None:
    archive.log_ask(ASK)
    Archive(archive.folder).log_ask(replace(ASK, outcome="blocked"))
    path = archive.folder / "asks.jsonl"
    whole = path.read_bytes()
    os.truncate(path, len(whole) - 50)
    assert archive.last_asks()[ASK.source, ASK.url].outcome == "answered"
    with path.open("ab") as file:
        file.write(whole[-50:])
    assert archive.last_asks()[ASK.source, ASK.url].outcome == "blocked"
