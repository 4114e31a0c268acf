"""The scripted year through Prometheus Alertmanager beside ours: mails, missed episodes, ends that were none.

Alertmanager is Debian's `prometheus-alertmanager`; without it the rows of ours stand alone, and a line says so. The
same script is played to both: to ours on simulated hours, to Alertmanager in real time, a day of it to a second.

A rule evaluator does for it what an operator's Prometheus would, and better: a key's condition is what a naive search
makes of all readings known, revisions included, with the check's own n of m and its clear sessions in a row. What is
firing is posted anew four times a day with `endsAt` four sessions ahead, as Prometheus does; what is over is posted
with `endsAt` now; of a key whose newest session has no data nothing is posted, since a query without samples yields
nothing. Where the script restarts us it is stopped by SIGTERM and started again on the same folder, where the desk
is down it is down, and the mail server is down for both.

    route:
      receiver: desk
      group_by: []            # one mail for all that changed, as ours
      group_wait: 40ms        # an hour of the script
      group_interval: 250ms   # six hours: at most four mails a day, as ours
      repeat_interval: 10s    # ten sessions, as ours
    receivers: [{name: desk, email_configs: [{to: desk@example.org, send_resolved: true, require_tls: false}]}]

Lost is judged alike for both, and more mildly than our own test does: an episode is missed where the key was not said
to be open by any mail from when it could be seen until four days after it was over.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import requests

from tests.benchmarks._rows import Row
from tests.mailserver import MailServer
from tests.oracle import troubles
from tests.year import script, yardstick
from tests.year.desk import EVERYTHING, Rows, play
from tests.year.mails import lines
from tests.year.script import Key, Script, within
from tests.year.sights import sights
from tests.year.yardstick import Heard, Score

_PROGRAM: Final = "prometheus-alertmanager"
_START: Final = date(2025, 1, 6)
_STEP: Final = timedelta(hours=6)
_STEP_SECONDS: Final = 0.25
_SESSION: Final = timedelta(seconds=1)
_ENDS_AFTER: Final = 4 * _SESSION
_CONFIG: Final = """
global: {{smtp_smarthost: '127.0.0.1:{port}', smtp_from: 'am@example.org', smtp_hello: desk.example.org,
  smtp_require_tls: false, resolve_timeout: 4s}}
route: {{receiver: desk, group_by: [], group_wait: 40ms, group_interval: 250ms, repeat_interval: 10s}}
receivers:
- name: desk
  email_configs:
  - to: desk@example.org
    send_resolved: true
    html: ''
    text: '{{{{ range .Alerts }}}}{{{{ .Status }}}};{{{{ .Labels.check }}}};{{{{ .Labels.subject }}}};
      {{{{ end }}}}'
"""


def run(short: bool) -> list[Row]:
    """Three rows: ours, theirs, and whether ours is no worse."""
    written = script.write(2025, _START, 12 if short else 180, checks=6 if short else 20)
    seen = sights(written)
    ours = yardstick.score(written, seen, *_ours(written))
    name = f"{(written.end - written.start).days} scripted days"
    if not shutil.which(_PROGRAM):
        absent = Row(f"{name}: {_PROGRAM} is not installed", 0, None, "", None, "apt-get install it", None)
        return [*_rows(name, ours, None), absent]
    return _rows(name, ours, yardstick.score(written, seen, *_theirs(written)))


def _rows(name: str, ours: Score, theirs: Score | None) -> list[Row]:
    beside = "" if theirs is None else ", beside Alertmanager"
    asked = ((f"mails of {ours.episodes} episodes", "mails"), ("missed episodes", "missed"),
             ("false resolves", "false_resolves"))  # fmt: skip
    found = []
    for what, part in asked:
        one, other = getattr(ours, part), None if theirs is None else getattr(theirs, part)
        ratio, target = (one / other if other else None), "" if part == "mails" else "none"
        found.append(Row(f"{name}{beside}: {what}", one, other, "", ratio, target, one == 0 if target else None))
    return found


def _ours(written: Script) -> tuple[int, list[Heard]]:
    heard: dict[str, list[Heard]] = {}
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name, MailServer() as post:

        def after(now: datetime) -> None:
            for mail in post.mails:
                if mail.recipients == (EVERYTHING,) and mail.message_id not in heard:
                    said = sorted(lines(mail.message), key=lambda line: line.opened)
                    heard[mail.message_id] = [
                        Heard(now, line.key, line.is_open, line.opened if line.what == "missed" else None)
                        for line in said
                    ]
            post.mails.clear()

        play(written, Path(name), post.settings(), after=after)
    return len(heard), [one for mail in heard.values() for one in mail]


# --- the peer ---------------------------------------------------------------------------------


def _theirs(written: Script) -> tuple[int, list[Heard]]:
    mails: list[tuple[datetime, str]] = []
    with tempfile.TemporaryDirectory(prefix="bullion-bench-") as name, MailServer(tls="none") as post:
        peer, rules, last = _Peer(Path(name), post.port), _Rules(written), written.start
        begun = time.monotonic()
        for number in range((written.end - written.start) // _STEP):
            now = written.start + number * _STEP
            time.sleep(max(begun + number * _STEP_SECONDS - time.monotonic(), 0))
            post.script.hang_up = {"greeting"} if within(now, written.post_down) else set()
            if within(now, written.desk_down):
                peer.stop()
            else:
                if any(last < moment <= now for moment in written.restarts):
                    peer.stop()
                peer.start()
                peer.post(rules.alerts(now))
            texts = [body.get_content() for m in post.mails[len(mails) :] if (body := m.message.get_body(("plain",)))]
            mails += [(now, text) for text in texts]
            last = now
        peer.stop()
    return len(mails), [heard for at, text in mails for heard in _heard(at, text)]


def _heard(at: datetime, text: str) -> Iterator[Heard]:
    for status, check, subject in re.findall(r"(firing|resolved);\s*(\w+);\s*(\w+\s+\w+);", text):
        yield Heard(at, (check, " ".join(subject.split())), status == "firing")


class _Rules:
    """What a rule evaluator posts."""

    def __init__(self, written: Script) -> None:
        self._script, self._rows = written, Rows(written)
        self._since: dict[Key, datetime] = {}
        """When each key began to fire, real time."""
        self._over: dict[Key, tuple[datetime, datetime]] = {}
        """(began, ended) of each that is over: posted on as resolved for a session, as Prometheus does for a while."""
        self._has_data: dict[Key, bool] = {}

    def alerts(self, now: datetime) -> list[dict[str, object]]:
        real = datetime.now(UTC)
        for key in {arrival.key for arrival in self._rows.take(now)}:
            readings = sorted(self._rows.of(key, now), key=lambda one: one.session)
            found = troubles(readings, self._script.policies[key])
            self._has_data[key] = readings[-1].verdict.observed
            if found and found[-1].closed is None:
                self._since.setdefault(key, real)
                self._over.pop(key, None)
            elif key in self._since:
                self._over[key] = (self._since.pop(key), real)
        self._over = {key: span for key, span in self._over.items() if real - span[1] < _SESSION}
        firing = {key: (since, real + _ENDS_AFTER) for key, since in self._since.items() if self._has_data[key]}
        return [_alert(key, *span) for key, span in {**self._over, **firing}.items()]


def _alert(key: Key, starts: datetime, ends: datetime) -> dict[str, object]:
    labels = {"alertname": key[0], "check": key[0], "subject": key[1]}
    return {"labels": labels, "startsAt": starts.isoformat(), "endsAt": ends.isoformat()}


class _Peer:
    """One Alertmanager on a free port, its state in a folder."""

    def __init__(self, folder: Path, smtp_port: int) -> None:
        self._folder = folder
        (folder / "config.yml").write_text(_CONFIG.format(port=smtp_port), encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._address = f"127.0.0.1:{free.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is None:
            asked = [
                _PROGRAM, f"--config.file={self._folder / 'config.yml'}", f"--storage.path={self._folder / 'data'}",
                f"--web.listen-address={self._address}", "--cluster.listen-address=", "--log.level=error",
            ]  # fmt: skip
            self._process = subprocess.Popen(asked, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def post(self, alerts: list[dict[str, object]]) -> None:
        """As an evaluator: what cannot be posted is posted again the next time."""
        with suppress(requests.RequestException):
            requests.post(f"http://{self._address}/api/v2/alerts", json=alerts, timeout=1).raise_for_status()
