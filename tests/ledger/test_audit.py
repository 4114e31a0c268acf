"""What the ledger publishes, and the audit that shows every change to it."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from alerts import audit
from alerts.ledger import Ledger
from monitor.model import Reading, Verdict
from monitor.telling import Told
from tests.ledger.saying import FULL_NOTICE, HOUR, KEY, NOW, middle, query, queued, say, spoil
from tests.ledger_worker import change_of
from tests.oracle import day


class TestPublishedRows:
    def test_each_story_is_one_row_with_all_that_was_said_of_it(self, ledger: Ledger) -> None:
        for hours, verdicts in enumerate(("CWW", "CWWX", "CWWXCCC", "CWWXCCCWW")):
            say(ledger, verdicts, NOW + hours * HOUR)
        first, second = ledger.alert_rows()
        assert first == {
            "check_name": "made_up",
            "subject": "silver",
            "opened": day(2),
            "closed": day(6),
            "state": "closed",
            "severity": "critical",
            "told_at": (NOW + 2 * HOUR).replace(tzinfo=None),
            "events": "firing 2026-01-03; escalated 2026-01-04; recovered 2026-01-07",
        }
        assert (second["state"], second["opened"], second["closed"]) == ("open", day(8), None)

    def test_a_delivery_shows_neither_recipient_nor_body_nor_an_address_in_its_error(self, ledger: Ledger) -> None:
        queued(ledger, "mary@example.org")
        (delivery,) = ledger.outbox.claim(NOW)
        ledger.outbox.dead(delivery.id, NOW, "550 <mary@example.org> and bob@example.org: unknown", "rcpt")
        (row,) = ledger.outbox.delivery_rows()
        assert row["error"] == "550 <the recipient> and an address: unknown"
        assert row["events"] == "firing made_up subject 1"
        assert not any(private in str(row) for private in ("mary", "bob", FULL_NOTICE.html, FULL_NOTICE.subject))


class TestTheAudit:
    def test_it_holds_every_step_in_order(self, ledger: Ledger, path: Path) -> None:
        say(ledger, "CWX")
        ledger.ack(*KEY, day(2), "mary", NOW)
        ledger.silence({"check": "made_up"}, "mary", "because", NOW, NOW + HOUR, NOW)
        first, second = ledger.outbox.claim(NOW)
        ledger.outbox.retry(first.id, NOW, "451", middle)
        ledger.outbox.dead(second.id, NOW, "550")
        ledger.outbox.pause("email", NOW, NOW)
        (again,) = ledger.outbox.claim(NOW + HOUR)
        ledger.outbox.sent(again.id, NOW + HOUR, "250 ok")
        kinds = [kind for (kind,) in query(path, "select kind from audit order by seq")]
        assert kinds == ["transition", "queued", "queued", "ack", "silence", "retry", "dead", "paused", "sent"]
        assert ledger.verify_audit() is None

    def test_a_transition_is_kept_with_the_reading_it_stands_on(self, ledger: Ledger, path: Path) -> None:
        inputs = MappingProxyType({"registered": 102.5, "as_of": day(1), "published": NOW})
        reading = Reading("made_up", "silver", day(1), 0.28, Verdict.WARNING, warn=0.5, inputs=inputs)
        change = replace(change_of(Told(*KEY)), reading=reading)
        ledger.record([change], [], [change.told], NOW)
        ((body,),) = query(path, "select body from audit")
        for part in ('"value": 0.28', '"warn": 0.5', '"registered": 102.5', '"as_of": "2026-01-02"'):
            assert part in str(body)

    def test_an_episode_nobody_hears_of_is_in_it(self, ledger: Ledger, path: Path) -> None:
        say(ledger, "WWCCC" + "C" * 6)
        assert query(path, "select kind from audit") == [("silent",)]

    @pytest.mark.parametrize("statement", ["update audit set body = '{}' where seq = 2", "delete from audit"])
    def test_the_file_itself_refuses_to_change_it(self, ledger: Ledger, path: Path, statement: str) -> None:
        say(ledger, "CWX")
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            spoil(path, statement)

    @pytest.mark.parametrize(
        ("trigger", "statement", "broken"),
        [
            ("audit_is_not_edited", "update audit set body = '{}' where seq = 2", 2),
            ("audit_is_not_edited", "update audit set at = '2020' where seq = 3", 3),
            ("audit_is_not_cut", "delete from audit where seq = 2", 2),
        ],
    )
    def test_an_altered_row_is_found(
        self, ledger: Ledger, path: Path, trigger: str, statement: str, broken: int
    ) -> None:
        say(ledger, "CWX")
        spoil(path, f"drop trigger {trigger}", statement)
        assert ledger.verify_audit() == broken

    def test_a_row_altered_and_sealed_again_is_found_by_the_one_after_it(self, ledger: Ledger, path: Path) -> None:
        say(ledger, "CWX")
        ((at, kind, previous),) = query(path, "select at, kind, previous from audit where seq = 2")
        seal = audit._seal(2, str(at), str(kind), "{}", str(previous))
        edit = f"update audit set body = '{{}}', hash = '{seal}' where seq = 2"
        spoil(path, "drop trigger audit_is_not_edited", edit)
        assert ledger.verify_audit() == 3
