"""Chat rooms by Apprise, against its own JSON notifier and a real HTTP server; skipped where Apprise is not there."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from alerts.channels.chat import LONGEST, Settings, send
from monitor.errors import ConfigError, Undeliverable
from monitor.model import Notice
from tests.sink import Script, Sink

pytest.importorskip("apprise", reason="the extra `chat` is not installed")
NOW = datetime(2026, 3, 2, 22, tzinfo=UTC)
NOTICE = Notice("<abc@bullion.test>", "room", "chat:room", "[critical] Silver", "x" * 9_000, "<p>")
pytestmark = pytest.mark.filterwarnings("default")  # Apprise's own are not ours to mend


def room(sink: Sink, seconds: float = 10.0) -> Settings:
    return Settings("room", sink.base.replace("http://", "json://") + "/hook", seconds)


def test_a_room_gets_the_subject_and_the_beginning_of_the_text() -> None:
    with Sink(script=Script(status=200)) as sink:
        assert send(NOTICE, room(sink), NOW) == "taken by the service"
    (got,) = sink.requests
    said = json.loads(got.body)
    assert (said["title"], said["message"]) == ("[critical] Silver", "x" * LONGEST)


def test_a_refusal_is_tried_again_later() -> None:
    with Sink(script=Script(status=500)) as sink, pytest.raises(Undeliverable, match="did not take it") as caught:
        send(NOTICE, room(sink), NOW)
    assert (caught.value.stage, caught.value.permanent) == ("data", False)


def test_a_service_that_never_ends_its_answer_does_not_hold_us_up() -> None:
    with Sink(script=Script(drip=True)) as sink:
        began = time.monotonic()
        with pytest.raises(Undeliverable, match="no end within"):
            send(NOTICE, room(sink, 0.5), NOW)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("url", ["", "nonsense", "gopher://x"])
def test_an_address_nobody_knows_is_a_wrong_setting_and_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match=r"chat.room: url_file or url_env holds no address") as caught:
        Settings("room", url)
    assert not url or url not in str(caught.value)
