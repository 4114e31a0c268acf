"""Made-up stories to compose mails from; no figure here was ever published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from alerts.compose import CheckCard, Story
from monitor.model import Event, Policy, Reading, Severity, Transition, Verdict

CHECK, SUBJECT = "delivery_cover", "silver comex 2026-05"
KEY = (CHECK, SUBJECT)
NOW = datetime(2026, 5, 12, 21, 40, tzinfo=UTC)
PUBLISHED = datetime(2026, 5, 12, 21, 0, tzinfo=UTC)
SESSION = date(2026, 5, 11)

CARD = CheckCard(
    name=CHECK,
    title="Delivery cover",
    why="After first notice day a cover below one is the only hard shortfall test.",
    unit="ratio",
    direction="below",
    definition="Registered ounces over the ounces still claimed in the delivery month.",
    formula="cover = registered_oz / (oi_lots * 5000)",
    references=("Registered: metal with an outstanding warrant.",),
    sql_name="delivery_cover.sql",
    source_links=(("COMEX stocks", "https://www.example.org/stocks.xls"),),
    decimals=2,
    headline="registered covers {value} of remaining deliveries",
    policy=Policy(enter_n=2, enter_m=2, leave=3),
)
TRANSITION = Transition(CHECK, SUBJECT, Event.FIRING, Severity.CRITICAL, date(2026, 5, 8), SESSION)
READING = Reading(
    CHECK,
    SUBJECT,
    SESSION,
    0.9413,
    Verdict.CRITICAL,
    warn=1.2,
    critical=1.0,
    clear=1.3,
    published_at=PUBLISHED,
    inputs={
        "registered_oz": 102_257_123.456,
        "registered_session": SESSION,
        "registered_published_at": PUBLISHED.replace(tzinfo=None),
        "oi_lots": 21_726,
        "oi_session": date(2026, 5, 8),
        "oi_published_at": datetime(2026, 5, 11, 14, 0, tzinfo=UTC),
        "claims_oz": 108_630_000,
        "status": "final",
        "typical": "the March contract at the same distance: 2.84",
    },
)
HISTORY = tuple((date(2026, 5, 1) + timedelta(days=day), 1.4 - day * 0.046) for day in range(11))


def story(*transitions: Transition, **changes: Any) -> Story:
    """A story of the given transitions, or of one made-up firing."""
    whole = Story(
        transitions=transitions or (TRANSITION,),
        readings={KEY: READING},
        cards={CHECK: CARD},
        history={KEY: HISTORY},
        message_id="<1f00aa@bullion.example.org>",
        references=(),
        now=NOW,
    )
    return replace(whole, **changes)


def transition(event: Event, **changes: Any) -> Transition:
    """The made-up transition with another event."""
    closed = SESSION if event in (Event.RECOVERED, Event.MISSED) else None
    return replace(TRANSITION, event=event, closed=closed, **changes)
