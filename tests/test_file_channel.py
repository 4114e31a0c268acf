"""Mails as files: named, whole, once."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.file import Settings, send, slug
from alerts.compose import compose
from monitor.errors import Undeliverable
from monitor.model import Notice
from tests.factories.stories import story

LATER = datetime(2026, 5, 12, 21, 45, tzinfo=UTC)


def notice(**changes: Any) -> Notice:
    return replace(compose(story(), "desk@example.org", host="bullion.example.org", sent_from="desk"), **changes)


def test_a_mail_becomes_a_file_named_by_moment_and_subject(tmp_path: Path) -> None:
    told = send(notice(), Settings(tmp_path / "mail"), LATER)
    [path] = (tmp_path / "mail").iterdir()
    assert told == f"written as {path.name}"
    assert path.name.startswith("20260512T214500Z-critical-silver-comex-may-2026-registered-covers-0-94-of-re-")
    assert path.suffix == ".eml"


def test_the_file_is_the_whole_mail(tmp_path: Path) -> None:
    send(notice(), Settings(tmp_path), LATER)
    message = email.message_from_bytes(next(tmp_path.iterdir()).read_bytes(), policy=policy.default)
    assert message["Message-ID"] == notice().message_id
    assert message["To"] == "desk@example.org"
    body = message.get_body(("plain",))
    assert body is not None
    assert "Registered covers 0.94" in body.get_content()


def test_the_same_message_id_is_one_file_whenever_it_comes(tmp_path: Path) -> None:
    send(notice(), Settings(tmp_path), LATER)
    again = send(notice(subject="another subject"), Settings(tmp_path), LATER + timedelta(hours=1))
    [path] = tmp_path.iterdir()
    assert again == f"already written as {path.name}"


def test_two_messages_of_one_second_and_one_subject_are_two_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        send(notice(message_id=f"<{name}@b>"), Settings(tmp_path), LATER)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_subject_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    send(notice(subject="../../etc/passwd\x00 \u767d"), Settings(folder), LATER)
    assert [path.parent for path in tmp_path.rglob("*.eml")] == [folder]
    assert slug("../..") == "notice"


def test_a_folder_that_cannot_be_written_is_temporary_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(Undeliverable) as caught:
        send(notice(), Settings(tmp_path / "mail"), LATER)
    assert (caught.value.permanent, caught.value.stage) == (False, "data")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_malformed_recipient_is_permanent(tmp_path: Path) -> None:
    with pytest.raises(Undeliverable) as caught:
        send(notice(recipient="nobody"), Settings(tmp_path), LATER)
    assert caught.value.permanent
    assert list(tmp_path.iterdir()) == []
