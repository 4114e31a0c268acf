"""Alerts as signed JSON, to a real HTTP server on this machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import webhook
from alerts.channels.webhook import Settings, send
from alerts.deliver import deliver
from alerts.ledger import Ledger
from alerts.letters import Letter, pack, unpack
from monitor import config, wiring
from monitor.errors import ConfigError, Undeliverable
from monitor.model import Event, Notice, Severity, Transition
from tests.oracle import day
from tests.sink import Script, Sink

NOW = datetime(2026, 3, 2, 22, tzinfo=UTC)
SECRET = "sixteen letters or more"
EVENT: dict[str, str | float | None] = {
    "check": "made_up",
    "event": "firing",
    "value": 0.94,
    "unit": "ratio",
    "closed": None,
}
NOTICE = Notice(
    "<abc@bullion.test>", "ops", "webhook:ops", "[critical] Silver — 0.94", "text\n", "<p>", ("<root@bullion.test>",),
    events=(EVENT,),
)  # fmt: skip


def settings(sink: Sink, **changes: Any) -> Settings:
    address = sink.address("/alerts?team=metals")
    return Settings(
        **{"name": "ops", "url": address.url, "secret": SECRET, "ca_file": address.ca_file, **changes}
    )  # fmt: skip


@pytest.mark.parametrize("tls", [False, True])
def test_a_receiver_can_prove_the_message_with_the_shared_secret(tls: bool) -> None:
    with Sink(tls=tls) as sink:
        assert send(NOTICE, settings(sink), NOW) == "204 No Content"
    (got,) = sink.requests
    signed = got.headers["x-bullion-timestamp"].encode() + b"." + got.body
    proof = "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert (got.method, got.path, got.headers["x-bullion-signature"]) == ("POST", "/alerts?team=metals", proof)
    assert int(got.headers["x-bullion-timestamp"]) == int(NOW.timestamp())
    assert got.headers["idempotency-key"] == "<abc@bullion.test>"
    said = json.loads(got.body)
    assert said == {
        "version": 1, "id": "<abc@bullion.test>", "thread": ["<root@bullion.test>"],
        "subject": "[critical] Silver — 0.94", "text": "text\n", "events": [EVENT],
    }  # fmt: skip


def test_one_changed_byte_or_another_moment_has_another_signature() -> None:
    body = webhook.render(NOTICE)
    proofs = {
        webhook.signature(SECRET, "1", body),
        webhook.signature(SECRET, "2", body),
        webhook.signature(SECRET, "1", body + b" "),
        webhook.signature(SECRET + "x", "1", body),
    }
    assert len(proofs) == 4


@pytest.mark.parametrize(
    ("status", "stage", "permanent"),
    [
        (400, "data", True), (413, "data", True), (422, "data", True),
        (401, "auth", False), (403, "auth", False), (404, "auth", False), (410, "auth", False), (302, "auth", False),
        (408, "data", False), (429, "data", False), (500, "data", False), (503, "data", False),
    ],
)  # fmt: skip
def test_each_refusal_says_whose_fault_it_is(status: int, stage: str, permanent: bool) -> None:
    with Sink(script=Script(status=status)) as sink, pytest.raises(Undeliverable) as caught:
        send(NOTICE, settings(sink), NOW)
    assert (caught.value.stage, caught.value.permanent) == (stage, permanent)
    assert str(status) in str(caught.value)


def test_a_redirect_is_not_followed() -> None:
    with Sink() as elsewhere, Sink(script=Script(status=307, location=elsewhere.base)) as sink:
        with pytest.raises(Undeliverable, match="307"):
            send(NOTICE, settings(sink), NOW)
        assert elsewhere.requests == []


@pytest.mark.parametrize("script", [Script(drip=True), Script(hang_up=True), Script(raw=b"220 mail\r\n")])
def test_without_a_whole_answer_it_may_have_been_taken_and_goes_again_later(script: Script) -> None:
    with Sink(script=script) as sink:
        began = time.monotonic()
        with pytest.raises(Undeliverable) as caught:
            send(NOTICE, settings(sink, timeout_seconds=0.5), NOW)
        assert time.monotonic() - began < 1.5
    assert (caught.value.stage, caught.value.permanent) == ("data", False)


def test_an_interim_answer_is_passed_over() -> None:
    script = Script(raw=b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n")
    with Sink(script=script) as sink:
        assert send(NOTICE, settings(sink), NOW) == "202 Accepted"


def test_nobody_at_home_is_the_connections_fault() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(Undeliverable) as caught:
            send(NOTICE, Settings("ops", url, SECRET), NOW)
    assert (caught.value.stage, caught.value.permanent) == ("connect", False)


def test_a_certificate_of_a_stranger_is_refused() -> None:
    with Sink(tls=True) as sink:
        with pytest.raises(Undeliverable, match="certificate") as caught:
            send(NOTICE, settings(sink, ca_file=None), NOW)
        assert (caught.value.stage, sink.requests) == ("tls", [])


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"url": "http://hooks.example.org/x"}, "webhook.ops.url: http is for this machine only"),
        ({"url": "ftp://hooks.example.org/x"}, "webhook.ops.url is no address"),
        ({"url": "https://hooks.example.org/a b\r\nX: y"}, "webhook.ops.url is no address"),
        ({"url": "https://user:word@hooks.example.org/"}, "leave user and password out"),
        ({"secret": "short"}, "needs 16"),
        ({"secret": ""}, "secret_file or secret_env"),
    ],
)
def test_settings_that_make_no_sense_name_their_key(changes: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as caught:
        Settings("ops", changes.get("url", "https://hooks.example.org/x"), changes.get("secret", SECRET))
    assert "word" not in str(caught.value).replace("password", "")
    assert SECRET not in repr(Settings("ops", "https://hooks.example.org/x", SECRET))


def test_a_notice_keeps_its_events_in_the_outbox_and_an_older_one_has_none() -> None:
    assert unpack(pack(NOTICE)) == NOTICE
    older = json.loads(pack(NOTICE))
    del older["events"]
    assert unpack(json.dumps(older)).events == ()


def test_a_webhook_that_is_down_holds_up_no_other_and_gets_the_same_id_later(tmp_path: Path) -> None:
    """Two webhooks by the real outbox; one answers 503 first."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with Sink(script=Script(first=[503])) as bad, Sink() as good, Ledger(tmp_path / "alerts.sqlite") as ledger:
        named = {
            name: {"url": sink.base, "secret_file": str(secret)} for name, sink in (("bad", bad), ("good", good))
        }  # fmt: skip
        to = [{"recipient": name, "channel": "webhook"} for name in named]
        found = config.Settings.model_validate({"mail": {"to": to}, "webhook": named})
        ways = wiring.channels(found, config.Folders(tmp_path))
        said = Transition("made_up", "silver", Event.FIRING, Severity.WARNING, day(1), day(1))
        for place in found.mail.everyone:
            letter = Letter(Notice("<x@bullion.test>", place.recipient, place.way, "s", "t", "h"), (said,))
            ledger.record([], [letter], [], NOW)
        first = deliver(ledger.outbox, ways, NOW, jitter=lambda: 0.5)
        later = deliver(ledger.outbox, ways, NOW + timedelta(minutes=2), jitter=lambda: 0.5)
    assert ((first.sent, first.retried), (later.sent, len(good.requests))) == ((1, 1), (1, 1))
    assert [request.headers["idempotency-key"] for request in bad.requests] == ["<x@bullion.test>"] * 2


@pytest.mark.parametrize("recipient", ["nobody", "a@b@c", "a@example.org\r\nBcc: x@example.org"])
def test_a_recipient_that_is_no_mail_address_is_a_wrong_setting(tmp_path: Path, recipient: str) -> None:
    found = config.Settings.model_validate({"mail": {"recipients": [recipient]}})
    with pytest.raises(ConfigError, match="is not a mail address"):
        wiring.channels(found, config.Folders(tmp_path))


def test_a_recipient_without_a_section_of_that_name_is_a_wrong_setting(tmp_path: Path) -> None:
    found = config.Settings.model_validate({"mail": {"to": [{"recipient": "ops", "channel": "webhook"}]}})
    with pytest.raises(ConfigError, match=r"there is no \[webhook.ops\]"):
        wiring.channels(found, config.Folders(tmp_path))
