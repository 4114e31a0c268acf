"""What the demo says at each moment, filled from the published generation of that moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

Ask = Callable[[str], list[tuple[Any, ...]]]
"""SQL on the newest generation, its rows."""

ROLL: Final = (
    "select sessions_to_fnd, session, open_interest, registered_oz, raw_coverage from coverage "
    "where contract = 'SIH26' and oi_status = 'final' and sessions_to_fnd in (14, 13, 11, 8, 6, 5, 4, 3, 2, 1) "
    "order by session"
)


def first_load(ask: Ask) -> Iterator[str]:
    """The stock history a new home begins with."""
    ((number, first, last, before, now),) = ask(
        "select count(*), min(session), max(session), arg_min(registered, session), arg_max(registered, session) "
        "from comex_stock_totals"
    )
    yield (
        f"{number} COMEX stock reports loaded, activity {first} to {last}: registered silver "
        f"{before / 1e6:.1f} -> {now / 1e6:.1f} Moz. Nothing is mailed: 20-session changes need 21 reports."
    )


def limit_lock(ask: Ask) -> Iterator[str]:
    """2 February: a price at its limit is no price."""
    ((close, before, low, high, reason),) = ask(
        "select price_cny, c.previous_settle, headline_low_pct, headline_high_pct, unknown_because "
        "from regional_premium p join shanghai_closes c using (session, venue, metal) "
        "where session = '2026-02-02' and venue = 'SHFE'"
    )
    yield (
        f"Shanghai closed at its limit on 2 February: {close:,.0f} CNY/kg, {100 * (close / before - 1):.1f} % from the "
        f"settlement of {before:,.0f}. Over New York that reads {low:+.1f} to {high:+.1f} %, tax included, "
        f"and is unknown ({reason}). No mail."
    )


def bracket(ask: Ask) -> Iterator[str]:
    """4 February: beyond the critical level once; one session opens nothing."""
    for session, low, high, verdict, reason in ask(
        "select session, cast(inputs ->> 'ex_tax_low_pct' as double), cast(inputs ->> 'ex_tax_high_pct' as double), "
        "verdict, reason from readings where check_name = 'regional_premium' and subject = 'SHFE silver' "
        "and session >= '2026-02-03' order by session"
    ):
        why = f"unknown: {reason}" if reason else f"{verdict}, of which two in three observed sessions would open"
        yield f"Shanghai's premium of {session}, tax taken off, is {low:+.1f} to {high:+.1f} %: {why}."


def drop(ask: Ask) -> Iterator[str]:
    """Registered over 20 sessions: where it went."""
    ((first, last, before, now, withdrawn, moved),) = ask(
        "select min(session), max(session), arg_min(prev_total, session), arg_max(total_today, session), "
        "sum(withdrawn), sum(adjustment) from comex_stock_totals_long where category = 'registered' "
        "and session > (select min(session) from comex_stock_totals_long)"
    )
    yield (
        f"COMEX registered silver {before / 1e6:.1f} -> {now / 1e6:.1f} Moz, activity {first} to {last}: withdrawn "
        f"{withdrawn / 1e6:.1f}, re-classified {moved / 1e6:+.1f} Moz. None was withdrawn as registered, so that is "
        "a warning at most."
    )
    yield from vaults(ask)


def vaults(ask: Ask) -> Iterator[str]:
    """The total over 20 sessions: metal that did leave, out of eligible."""
    ((session, change, verdict),) = ask(
        "select session, value, verdict from readings where check_name = 'vault_outflow' order by session desc limit 1"
    )
    yield f"Registered and eligible together changed by {change:+.1f} % in 20 sessions to {session}: {verdict}."


def overdue(ask: Ask) -> Iterator[str]:
    """6 February: a page that does not come (late on purpose)."""
    for source, newest, state in ask(
        "select source, newest_session, state from source_health where state in ('stale', 'late') order by source"
    ):
        yield f"{source} is {state}: it ends with {newest} (the page of 6 February is held back, which is invented)."


def arrived(ask: Ask) -> Iterator[str]:
    """9 February: the missing page."""
    ((total, value),) = ask(
        "select quantity / 1000, r.value from shfe_warrants w join readings r using (session) "
        "where session = '2026-02-06' and w.level = 'total' and r.check_name = 'shfe_warrant_drop'"
    )
    yield (
        f"The page of 6 February is found: {total:.2f} t, {value:+.1f} % in 5 sessions, so the alert opens a session "
        "earlier. It is the same story: no second mail."
    )


def refilled(ask: Ask) -> Iterator[str]:
    """25 February: the third session without a fall."""
    rows = ask(
        "select session, value from readings where check_name = 'shfe_warrant_drop' and session >= '2026-02-13' "
        "order by session"
    )
    told = ", ".join(f"{value:+.1f} % on {session}" for session, value in rows)
    yield f"SHFE warrants over 5 sessions: {told} (the totals of 24 and 25 February are interpolated: invented)."


def warrants_again(ask: Ask) -> Iterator[str]:
    """27 February: Shanghai's warrants fall again."""
    ((before, now),) = ask(
        "select cast(inputs ->> 'warrants_before_kg' as double) / 1e3, cast(inputs ->> 'warrants_kg' as double) / 1e3 "
        "from readings where check_name = 'shfe_warrant_drop' and session = '2026-02-27'"
    )
    yield f"SHFE warrants again: {before:.1f} t on 12 February, {now:.1f} t on 27 February, both reported."


def first_notice(ask: Ask) -> Iterator[str]:
    """27 February itself, with the newest of each leg."""
    for t, session, lots, ounces, ratio, status, stocks in ask(
        "select sessions_to_fnd, oi_session, open_interest, registered_oz, raw_coverage, oi_status, registered_session "
        "from coverage_now where contract = 'SIH26'"
    ):
        yield (
            f"{t:>3}  {session!s:<10}  {lots:>9,}  {ounces / 1e6:>14.2f}  {ratio:>8.3f}  {status}, stocks of {stocks}"
        )


def bracket_closed(ask: Ask) -> Iterator[str]:
    """6 February: the settlements before and after the Shanghai close agree."""
    ((low, high, x_low, x_high, before, after),) = ask(
        "select headline_low_pct, headline_high_pct, ex_tax_low_pct, ex_tax_high_pct, before_usd, after_usd "
        "from regional_premium where session = '2026-02-06' and venue = 'SHFE'"
    )
    yield (
        f"6 February: New York settled at {before:.2f} before the Shanghai close and at {after:.2f} after it, so the "
        f"premium is known: {low:+.1f} to {high:+.1f} % as quoted, {x_low:+.1f} to {x_high:+.1f} % without tax. Clear."
    )


def warrants(ask: Ask) -> Iterator[str]:
    """9 February: Shanghai's warrants."""
    ((total, change, value),) = ask(
        "select quantity / 1000, change / 1000, r.value from shfe_warrants w join readings r using (session) "
        "where session = '2026-02-09' and w.level = 'total' and r.check_name = 'shfe_warrant_drop'"
    )
    yield (
        f"SHFE's page of 9 February: {total - change:.2f} -> {total:.2f} t under warrant ({change:+.1f} t, "
        f"{100 * change / (total - change):+.2f} %); {value:+.1f} % in 5 sessions. The page of 6 February is missing."
    )


def article(ask: Ask) -> Iterator[str]:
    """10 February, noon: 366 million ounces claimed against 102."""
    ((lots, claims, ounces, ratio, status, oi_session, stock_session, differ, t),) = ask(
        "select open_interest, claims_oz, registered_oz, raw_coverage, oi_status, oi_session, registered_session, "
        "legs_differ, sessions_to_fnd from coverage_now where contract = 'SIH26'"
    )
    yield (
        f"What the articles quote: March silver {lots:,} lots ({claims / 1e6:.0f} Moz) open on {oi_session}, "
        f"{status}, against {ounces / 1e6:.3f} Moz registered on {stock_session}: coverage {ratio:.4f} at T-{t}"
        f"{', legs differ' if differ else ''}. Shown, never judged."
    )
    ((reason,),) = ask(
        "select reason from readings where check_name = 'coverage_raw' and subject = 'SIH26' order by session desc "
        "limit 1"
    )
    yield f"coverage_raw opens nothing: {reason}."


def restatement(ask: Ask) -> Iterator[str]:
    """The final open interest of 9 February beside the preliminary one."""
    versions = ask(
        "select status, open_interest from open_interest_versions where session = '2026-02-09' "
        "and delivery_month = '2026-03-01' order by published_at"
    )
    ((ratio, t, warn, verdict),) = ask(
        "select value, cast(inputs ->> 'sessions_to_fnd' as integer), warn, verdict from readings "
        "where check_name = 'coverage_raw' and subject = 'SIH26' and session = '2026-02-09'"
    )
    told = ", then ".join(f"{lots:,} {status}" for status, lots in versions)
    yield (
        f"Restated: March open interest of 9 February is {told}; both are kept. On final figures of one session "
        f"coverage is {ratio:.3f} at T-{t}, level {warn:.2f}: {verdict}. No mail."
    )


def holiday(ask: Ask) -> Iterator[str]:
    """Shanghai closed: what is not due is not late."""
    rows = ask(
        "select source, newest_session, state from source_health "
        "where calendar in ('SHFE', 'SGE') and newest_session is not null"
    )
    newest = max(session for _, session, _ in rows)
    late = [source for source, _, state in rows if state == "stale"]
    yield (
        f"Shanghai is closed from 16 to 23 February; its pages end with {newest} and "
        f"{'overdue are ' + ', '.join(late) if late else 'nothing is overdue'}."
    )
    yield from vaults(ask)


def mended(ask: Ask) -> Iterator[str]:
    """The sound copy of the refused report."""
    ((ounces,),) = ask("select registered from comex_stock_totals where session = '2026-02-17'")
    yield f"The sound copy is loaded: {ounces / 1e6:.3f} Moz registered on 17 February."


def near_the_level(ask: Ask) -> Iterator[str]:
    """20 February: five sessions to first notice, a hair above the level."""
    ((ratio, warn, verdict),) = ask(
        "select value, warn, verdict from readings where check_name = 'coverage_raw' and subject = 'SIH26' "
        "and session = '2026-02-20'"
    )
    yield f"Coverage of March at T-5 is {ratio:.4f} against a level of {warn:.2f}: not below it ({verdict}). No mail."


def standing(ask: Ask) -> Iterator[str]:
    """The eve of first notice: who is left wants metal."""
    ((ratio, lots, ounces),) = ask(
        "select value, cast(inputs ->> 'standing_lots' as integer), cast(inputs ->> 'registered' as double) "
        "from readings where check_name = 'standing_cover' and session = '2026-02-26'"
    )
    yield (
        f"On the eve of first notice {lots:,} lots stand for delivery; {ounces / 1e6:.2f} Moz registered cover them "
        f"{ratio:.2f} times. Opens below 2.0: no mail."
    )
