"""`bullion alerts test`: a message to everybody who would be told, sent now and past the outbox."""

from __future__ import annotations

import argparse
import json
import secrets
import socket
from datetime import datetime

from alerts.note import plain
from monitor import config, wiring
from monitor.errors import Undeliverable


def run(args: argparse.Namespace, now: datetime) -> int:
    """One line a recipient with the server's answer; 1 where anybody was not reached."""
    settings = config.load(args.config)
    channels = wiring.channels(settings, config.Folders(config.home_of(args.config, args.home)))
    host = socket.gethostname() or "bullion"
    rows = []
    for place, *_ in settings.mail.places.values():
        notice = plain(
            "[test] Bullion: this message tries the way to you",
            ["It was asked for by hand and says nothing about any metal.", "If you can read it, alerts reach you."],
            place.recipient,
            channel=place.way,
            host=host,
            message_id=f"<{secrets.token_hex(12)}@{host}>",
            now=now,
        )
        try:
            rows.append({"recipient": place.recipient, "channel": place.way, "sent": True,
                         "reply": channels[place.way](notice, now)})  # fmt: skip
        except Undeliverable as error:
            rows.append({"recipient": place.recipient, "channel": place.way, "sent": False, "reply": str(error)})
    if args.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for row in rows:
            print(f"{'sent' if row['sent'] else 'not sent'}: {row['recipient']} by {row['channel']}: {row['reply']}")
        if not rows:
            print("nobody is named in mail.recipients or mail.to")
    return 0 if rows and all(row["sent"] for row in rows) else 1
