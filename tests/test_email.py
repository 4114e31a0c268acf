"""Mail over a real SMTP server: what is sent, and what each refusal means."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.channels.email import Settings, send
from alerts.compose import compose
from alerts.mime import address, as_mail
from alerts.reach import is_loopback
from monitor.errors import ConfigError, Undeliverable
from monitor.model import Notice
from tests.factories.stories import NOW, TRANSITION, story
from tests.mailserver import MailServer, Script, Tls

LATER = datetime(2026, 5, 12, 21, 45, tzinfo=UTC)


def notice(**changes: Any) -> Notice:
    return replace(compose(story(), "desk@example.org", host="bullion.example.org", sent_from="desk"), **changes)


def refused(server: MailServer, told: Notice | None = None, **changes: Any) -> Undeliverable:
    with pytest.raises(Undeliverable) as caught:
        send(told or notice(), server.settings(**changes), LATER)
    return caught.value


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(user="desk", password="correct horse") as running:
        yield running


# --- sending -------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_goes_out_encrypted_and_signed_in(tls: Tls) -> None:
    with MailServer(tls=tls, user="desk", password="correct horse") as server:
        assert send(notice(), server.settings(), LATER) == "250 2.0.0 taken"
    [mail] = server.mails
    assert (mail.user, mail.encrypted, mail.sender) == ("desk", True, "bullion@example.org")
    assert mail.recipients == ("desk@example.org",)


def test_plain_smtp_is_for_this_machine_only() -> None:
    with MailServer(tls="none") as server:
        send(notice(), server.settings(), LATER)
    assert not server.mails[0].encrypted
    for host in ("127.0.0.1", "::1", "[::1]", "localhost"):
        assert is_loopback(host)
    with pytest.raises(ConfigError, match=r"email\.tls is none"):
        server.settings(host="mail.example.org")


def test_the_mail_carries_its_stored_identity_and_says_it_is_automatic(server: MailServer) -> None:
    told = notice(references=("<root@bullion.example.org>", "<second@bullion.example.org>"))
    send(told, server.settings(), LATER)
    message = server.mails[0].message
    assert message["Message-ID"] == told.message_id
    assert message["References"] == "<root@bullion.example.org> <second@bullion.example.org>"
    assert message["In-Reply-To"] == "<second@bullion.example.org>"
    assert message["Date"] == "Tue, 12 May 2026 21:45:00 +0000"
    assert message["From"] == "Bullion <bullion@example.org>"
    assert message["To"] == "desk@example.org"
    assert message["Subject"] == told.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Bullion-Check"] == "delivery_cover"


def test_text_comes_first_then_html_and_both_arrive_whole(server: MailServer) -> None:
    told = notice(text="Silber \u767d\u94f6 \u25a0\n.\n..dots\n", html="<p>\u25ed &amp;</p>\n")
    send(told, server.settings(), LATER)
    message = server.mails[0].message
    assert message.get_content_type() == "multipart/alternative"
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part.get_content().splitlines() for part in parts] == [told.text.splitlines(), told.html.splitlines()]


def test_a_picture_travels_inside_the_html_part(server: MailServer) -> None:
    send(notice(images=(("chart", b"\x89PNG-made-up"),)), server.settings(), LATER)
    parts = list(server.mails[0].message.walk())
    assert [part.get_content_type() for part in parts] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    assert parts[-1]["Content-ID"] == "<chart>"
    assert parts[-1].get_payload(decode=True) == b"\x89PNG-made-up"


def test_a_subject_in_any_script_arrives(server: MailServer) -> None:
    send(notice(subject="[critical] \u767d\u94f6 \u4ed3\u5355 " * 9), server.settings(), LATER)
    assert str(server.mails[0].message["Subject"]).startswith("[critical] \u767d\u94f6 \u4ed3\u5355 [critical]")


def test_the_same_notice_at_the_same_moment_is_the_same_mail() -> None:
    told = notice(images=(("chart", b"png"),))
    assert as_mail(told, "a@example.org", NOW) == as_mail(told, "a@example.org", NOW)


def test_a_long_thread_keeps_its_root_and_its_newest_and_is_never_encoded() -> None:
    """The library makes encoded words of identities longer than a line, and then no reader finds the thread."""
    thread = tuple(f"<{n:024}@a-rather-long-host-name.in.a.long.domain.example.org>" for n in range(40))
    recipient = f"{'long' * 15}@a-rather-long-host-name.in.a.long.domain.example.org"
    with MailServer(tls="none") as server:
        send(notice(references=thread, message_id=thread[-1], recipient=recipient), server.settings(), LATER)
    [mail] = server.mails
    head = mail.body.split(b"\r\n\r\n")[0].decode()
    assert "=?" not in head
    assert str(mail.message["References"]).split() == [thread[0], *thread[-9:]]
    assert mail.message_id == thread[-1]
    assert mail.message["To"] == recipient
    assert max(map(len, head.split("\r\n"))) < 140


def test_half_a_character_in_a_body_does_not_stop_the_mail(server: MailServer) -> None:
    send(notice(text="a\ud800b\n"), server.settings(), LATER)
    assert "a?b" in server.mails[0].message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


# --- refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("greeting", "connect"), ("ehlo", "connect"), ("starttls", "connect"), ("auth", "connect"), ("mail", "connect"),
        ("rcpt", "rcpt"), ("data", "data"), ("message", "data"),
    ],
)  # fmt: skip
def test_a_temporary_refusal_is_temporary_at_every_stage(server: MailServer, stage: str, told: str) -> None:
    server.script.refuse = {stage: "451 4.3.0 come back later"}
    failure = refused(server)
    assert (failure.permanent, failure.stage) == (False, told)
    assert "451 4.3.0 come back later" in str(failure)
    assert server.mails == []


@pytest.mark.parametrize(
    ("stage", "permanent", "told"),
    [
        ("greeting", False, "connect"), ("ehlo", False, "connect"), ("starttls", False, "tls"), ("auth", False, "auth"),
        ("mail", False, "mail"), ("rcpt", True, "rcpt"), ("data", True, "data"), ("message", True, "data"),
    ],
)  # fmt: skip
def test_a_lasting_refusal_blames_the_mail_only_from_rcpt_on(
    server: MailServer, stage: str, permanent: bool, told: str
) -> None:
    server.script.refuse = {stage: "550 5.7.1 no"}
    failure = refused(server)
    assert (failure.permanent, failure.stage) == (permanent, told)
    assert "550 5.7.1 no" in str(failure)
    assert server.mails == []


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("greeting", "connect"), ("ehlo", "connect"), ("starttls", "connect"), ("auth", "connect"), ("mail", "connect"),
        ("rcpt", "rcpt"), ("data", "data"),
    ],
)  # fmt: skip
def test_hanging_up_is_temporary_at_every_stage(server: MailServer, stage: str, told: str) -> None:
    server.script.hang_up = {stage}
    failure = refused(server)
    assert (failure.permanent, failure.stage) == (False, told)


def test_a_demand_for_sign_in_at_rcpt_is_no_fault_of_the_recipient(server: MailServer) -> None:
    server.script.refuse = {"rcpt": "530 5.7.0 authentication required"}
    failure = refused(server)
    assert (failure.permanent, failure.stage) == (False, "auth")


def test_a_server_that_is_not_there_is_temporary() -> None:
    with MailServer() as server:
        settings = server.settings()
    with pytest.raises(Undeliverable) as caught:
        send(notice(), replace(settings, ca_file=None), LATER)
    assert (caught.value.permanent, caught.value.stage) == (False, "connect")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_from_a_stranger_is_refused_before_the_password_is_said(tls: Tls) -> None:
    with MailServer(tls=tls, user="desk", password="correct horse") as server:
        failure = refused(server, ca_file=None)
    assert (failure.permanent, failure.stage) == (False, "tls")
    assert "certificate does not hold" in str(failure)
    assert server.mails == []


def test_a_certificate_for_another_name_is_refused() -> None:
    with MailServer(names=("other.example.org",)) as server:
        failure = refused(server)
    assert failure.stage == "tls"
    assert "certificate is not valid for '127.0.0.1'" in str(failure)


def test_a_server_without_starttls_gets_no_mail() -> None:
    with MailServer(tls="none") as server:
        failure = refused(server, tls="starttls", ca_file=None)
    assert (failure.permanent, failure.stage) == (False, "tls")
    assert server.mails == []


def test_a_server_that_speaks_no_tls_gets_no_mail() -> None:
    with MailServer(tls="none") as server:
        assert refused(server, tls="implicit", ca_file=None).stage == "tls"


def test_a_server_without_sign_in_is_told_apart_from_a_wrong_password() -> None:
    with MailServer() as server:
        failure = refused(server, user="desk", password="x")
    assert failure.stage == "auth"
    assert "AUTH extension not supported" in str(failure)


def test_a_missing_file_of_certificates_names_the_file(server: MailServer) -> None:
    failure = refused(server, ca_file="/nonexistent/ca.pem")
    assert failure.stage == "tls"
    assert "/nonexistent/ca.pem" in str(failure)


@pytest.mark.parametrize("password", ["wrong", "w\u00f6rong-secret"])
def test_the_password_is_in_no_message_and_no_representation(server: MailServer, password: str) -> None:
    server.script.refuse = {"auth": f"535 bad password {password}"} if password.isascii() else {}
    failure = refused(server, password=password)
    assert failure.stage == "auth"
    assert password not in str(failure)
    assert failure.__cause__ is None
    assert password not in repr(server.settings(password=password))


def test_an_address_that_is_none_is_never_tried(server: MailServer) -> None:
    for recipient in (
        "nobody",
        "a@b@c",
        "two@example.org, three@example.org",
        "a@example.org\r\nRCPT TO:<b@x.org>",
        "\u00e9@example.org",
    ):
        failure = refused(server, notice(recipient=recipient))
        assert (failure.permanent, failure.stage) == (True, "rcpt")
    assert server.connections == 0


# --- replies lost, replies that never end ---------------------------------------------------


def test_a_reply_lost_after_data_is_sent_again_under_the_same_identity(server: MailServer) -> None:
    server.script.lose_replies = 1
    failure = refused(server)
    assert (failure.permanent, failure.stage) == (False, "data")
    send(notice(), server.settings(), LATER)
    assert [mail.message_id for mail in server.mails] == [notice().message_id] * 2


@pytest.mark.parametrize(
    ("stage", "told"), [("greeting", "connect"), ("starttls", "connect"), ("mail", "connect"), ("message", "data")]
)
def test_a_server_that_drips_is_left_at_the_deadline(server: MailServer, stage: str, told: str) -> None:
    server.script.drip = {stage}
    began = time.monotonic()
    failure = refused(server, timeout_seconds=1.0)
    assert 0.9 < time.monotonic() - began < 1.5
    assert (failure.permanent, failure.stage) == (False, told)
    assert "no end within 1 s" in str(failure)


@pytest.mark.parametrize("tls", ["starttls", "implicit", "none"])
def test_a_server_that_says_nothing_is_left_at_the_deadline(tls: Tls) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, MailServer(tls=tls) as server:
        began = time.monotonic()
        failure = refused(server, port=silent.getsockname()[1], timeout_seconds=0.5)
    assert 0.4 < time.monotonic() - began < 1.0
    assert (failure.permanent, failure.stage) == (False, "connect")


def test_a_goodbye_that_never_ends_takes_nothing_back(server: MailServer) -> None:
    server.script.drip = {"quit"}
    assert send(notice(), server.settings(timeout_seconds=1.0), LATER) == "250 2.0.0 taken"


def test_a_reply_without_end_is_not_kept_in_memory(server: MailServer) -> None:
    server.script.refuse = {"mail": "\r\n".join(["250-" + "x" * 500] * 400)}
    failure = refused(server)
    assert (failure.permanent, failure.stage) == (False, "connect")
    assert "has no end" in str(failure)


# --- recipients and injection ---------------------------------------------------------------


def test_each_of_three_recipients_has_a_fate_of_its_own() -> None:
    script = Script(refuse={"rcpt:gone@example.org": "550 5.1.1 unknown", "rcpt:full@example.org": "452 4.2.2 full"})
    fates = {}
    with MailServer(script=script) as server:
        for name in ("ok", "gone", "full"):
            try:
                fates[name] = send(notice(recipient=f"{name}@example.org"), server.settings(), LATER)
            except Undeliverable as failure:
                fates[name] = str(failure.permanent)
    assert fates == {"ok": "250 2.0.0 taken", "gone": "True", "full": "False"}
    assert [mail.recipients for mail in server.mails] == [("ok@example.org",)]


@pytest.mark.parametrize(
    "value",
    [
        "x\r\nBcc: all@example.org", "x\n.\nMAIL FROM:<a@b.c>", "x\u2028Bcc: y", "x\x85Bcc: y", "x\x0bBcc: y",
        "=?utf-8?q?=0d=0aBcc:_a@b?=",
    ],
)  # fmt: skip
def test_a_value_in_subject_headers_and_body_adds_no_header_and_no_mail(server: MailServer, value: str) -> None:
    told = notice(
        subject=value, text=value, html=value, headers=(("X-Bullion-Check", value), ("Bcc", value), (value, "x"))
    )
    send(told, server.settings(), LATER)
    [mail] = server.mails
    assert mail.recipients == ("desk@example.org",)
    assert mail.message.keys() == [
        "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "X-Bullion-Check", "MIME-Version",
        "Content-Type",
    ]  # fmt: skip


def test_a_label_is_kept_and_cannot_hide_a_second_address() -> None:
    assert address("Metals desk <desk@example.org>") == ("Metals desk", "desk@example.org")
    assert address('"Desk, metals" <desk@example.org>') == ("Desk, metals", "desk@example.org")
    for text in ("<a@b.c> <d@e.f>", "a@b.c <d@e.f>", "a b@c.d", "<a@b.c", "a@b.c>", "@", ""):
        with pytest.raises(ValueError, match="not a mail address"):
            address(text)


@pytest.mark.parametrize(
    "change",
    [
        {"port": 0}, {"timeout_seconds": 0.0}, {"tls": "ssl"}, {"user": "x", "password": None}, {"hostname": "a b"},
        {"sender": "nobody"}, {"host": "mail.example.org", "tls": "none"},
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused_by_name(change: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "host": "127.0.0.1", "port": 25, "tls": "starttls", "user": None, "password": None, "sender": "a@example.org",
        "hostname": "desk",
    }  # fmt: skip
    Settings(**good)
    with pytest.raises(ConfigError, match=r"^email\."):
        Settings(**{**good, **change})


def test_a_grouped_story_arrives_as_one_mail(server: MailServer) -> None:
    told = compose(story(TRANSITION, replace(TRANSITION, subject="gold")), "a@example.org", host="b", sent_from="desk")
    send(told, server.settings(), LATER)
    assert str(server.mails[0].message["Subject"]).startswith("[2 new] Bullion:")
