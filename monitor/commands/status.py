"""`bullion status`: each source's last session, next due, state and last error, from the newest generation."""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from monitor import adhoc, config, house, published, tabular
from monitor.clock import read_clock

_SQL = """
select source, state, newest_session as last_session, newest_due_session as due_session,
    overdue_sessions as overdue, next_due_at as next_due_utc,
    case when fetches then 'asked' else 'inbox' end as how, coalesce(last_error, '') as last_error
from source_health order by source
"""


def run(args: argparse.Namespace) -> int:
    """Print the table, and who owns the home."""
    folders = config.Folders(config.home_of(args.config, args.home))
    now = read_clock()
    result = adhoc.run(
        published.newest(folders.published), _SQL, variables={"now": now.replace(tzinfo=None).isoformat()}
    )
    owner = house.owner(folders.lock)
    beat = folders.beat.read_text().strip() if folders.beat.exists() else ""
    if args.json:
        rows = json.loads(tabular.render(result, "json"))
        print(json.dumps({"home": str(folders.home), "daemon": owner, "beat": beat, "sources": rows}, indent=2))
        return 0
    print(f"home {folders.home}; " + (f"daemon: {owner}" if owner else "no daemon runs"))
    if beat:
        print(f"last round {beat}, {_ago(beat, now)} ago")
    print(tabular.render(result, "table"), end="")
    return 0


def _ago(beat: str, now: datetime) -> str:
    seconds = max(0, int((now - datetime.fromisoformat(beat)).total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
