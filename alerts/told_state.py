"""Told-state and told events in the ledger: what each key was last told, and every story so far."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from alerts import audit
from alerts.ledger_db import Database, maybe, moment_of, moment_text
from alerts.letters import Letter
from monitor.clock import naive
from monitor.model import Episode, Event, Severity
from monitor.telling import Change, Told


def load(database: Database) -> dict[tuple[str, str], Told]:
    """The told-state by (check, subject)."""
    return {(row["check"], row["subject"]): _told(row) for row in database.rows("select * from told")}


def roots(letters: Sequence[Letter]) -> dict[tuple[str, str], str]:
    """(check, subject) -> the Message-ID that first tells its story, of those that open with these letters."""
    first: dict[tuple[str, str], str] = {}
    for letter in letters:
        for transition in letter.transitions:
            if transition.event in (Event.FIRING, Event.AT_START):
                first.setdefault((transition.check, transition.subject), letter.notice.message_id)
    return first


def add_event(connection: sqlite3.Connection, change: Change, at: datetime) -> None:
    """Keep one told change, once, with the reading it stands on; an escalation ends the acknowledgement."""
    said = change.transition
    story = (said.check, said.subject, said.opened.isoformat())
    inserted = connection.execute(
        """insert into events ("check", subject, opened, seq, event, severity, session, closed, note, at)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict ("check", subject, seq) do nothing""",
        (
            *story,
            change.told.seq,
            said.event.value,
            said.severity.value,
            said.session.isoformat(),
            maybe(date.isoformat, said.closed),
            change.note,
            moment_text(at),
        ),
    )
    if not inserted.rowcount:
        return
    if said.event is Event.ESCALATED:
        connection.execute(
            'update acks set ended_at = ? where "check" = ? and subject = ? and opened = ? and ended_at is null',
            (moment_text(at), *story),
        )
    body = {**asdict(said), "seq": change.told.seq, "version": change.told.version, "note": change.note}
    if change.reading:
        body["reading"] = {part.name: getattr(change.reading, part.name) for part in fields(change.reading)}
    audit.append(connection, at, "transition", body)


def add_silent(connection: sqlite3.Connection, told: Told, episode: Episode, at: datetime) -> None:
    """Tell the audit, once, of an episode nobody else hears of."""
    dealt_with = connection.execute(
        'select 1 from told where "check" = ? and subject = ? and closed_through >= ?',
        (told.check, told.subject, maybe(date.isoformat, episode.closed)),
    ).fetchone()
    if not dealt_with:
        audit.append(connection, at, "silent", {"check": told.check, "subject": told.subject, **asdict(episode)})


def store(connection: sqlite3.Connection, told: Told, roots: Mapping[tuple[str, str], str]) -> None:
    """Keep the told-state of one key, unless a newer one is there already."""
    root = told.root_message_id or roots.get(told.key, "")
    connection.execute(
        """insert into told ("check", subject, opened, severity, closed_through, seq, told_session, told_at, repeats,
               version, root_message_id)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           on conflict ("check", subject) do update set opened = excluded.opened, severity = excluded.severity,
               closed_through = excluded.closed_through, seq = excluded.seq, told_session = excluded.told_session,
               told_at = excluded.told_at, repeats = excluded.repeats, version = excluded.version,
               root_message_id = excluded.root_message_id
           where excluded.seq >= told.seq""",
        (
            told.check,
            told.subject,
            maybe(date.isoformat, told.opened),
            told.severity.value,
            maybe(date.isoformat, told.closed_through),
            told.seq,
            maybe(date.isoformat, told.told_session),
            maybe(moment_text, told.told_at),
            told.repeats,
            told.version,
            root if told.opened else "",
        ),
    )


def _told(row: sqlite3.Row) -> Told:
    return Told(
        check=row["check"],
        subject=row["subject"],
        opened=maybe(date.fromisoformat, row["opened"]),
        severity=Severity(row["severity"]),
        closed_through=maybe(date.fromisoformat, row["closed_through"]),
        seq=row["seq"],
        told_session=maybe(date.fromisoformat, row["told_session"]),
        told_at=maybe(moment_of, row["told_at"]),
        repeats=row["repeats"],
        version=row["version"],
        root_message_id=row["root_message_id"],
    )


def stories(database: Database) -> list[dict[str, Any]]:
    """Every story told, oldest first; see `Ledger.alert_rows`."""
    still_open = {(state.check, state.subject, state.opened) for state in load(database).values()}
    rows: dict[tuple[str, str, date], dict[str, Any]] = {}
    for event in database.rows("select * from events order by id"):
        story = (event["check"], event["subject"], date.fromisoformat(event["opened"]))
        row = rows.setdefault(story, {"check_name": story[0], "subject": story[1], "opened": story[2], "events": []})
        row["state"] = "open" if story in still_open else "closed"
        row["severity"] = event["severity"]
        row["closed"] = maybe(date.fromisoformat, event["closed"])
        row["told_at"] = naive(moment_of(event["at"]))
        row["events"].append(f"{event['event']} {event['session']}")
    return [{**row, "events": "; ".join(row["events"])} for row in rows.values()]


def events(database: Database, check: str = "", subject: str = "") -> list[dict[str, Any]]:
    """Everything told, oldest first: check, subject, event, severity, opened, session, closed, note, at (UTC text)."""
    rows = database.rows(
        """select "check", subject, event, severity, opened, session, closed, note, at from events
           where ? in ('', "check") and ? in ('', subject) order by id""",
        (check, subject),
    )
    return [dict(row) for row in rows]
