-- title = "Registered metal at this run-rate"
-- headline = "at this run-rate registered lasts {value}"
-- why = "A steady fall of the warrants, carried on in a straight line. It never is one: read it as a speed and not as a date."
-- unit = "sessions"
-- decimals = 0
-- direction = "below"
-- formula = "registered / mean daily fall over 20 sessions; counts only where 15 of the 20 changes are not rises and registered also fell as far as registered_drop warns of"
-- enter = "5/5"
-- leave = 3
-- cap = "warning"
-- route = "mail"
-- reach = 45
-- looks_farther = ["drawdown_252_sessions_pct"]
-- needs = {comex_stock_rows = 2}
-- sources = ["comex_stocks"]
-- references = ["market.md 1.8 (45 and 20 sessions, both guards, wording)", "market.md 0 item 4 (linear days to zero: 90 d on 30 January 2026, 58 d on 17 February, and nothing ran out)", "market.md 4 ST3"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 45
-- critical = 20
with known as (select metal, min(ordinal) as first from comex_flows group by metal),
speeds as (
    select n.*, b.registered_oz as before_oz, b.published_at as before_published_at,
        b.raw_sha256 as before_sha256, f.registered_oz as five_before_oz,
        n.suspect or b.suspect as in_doubt,
        count(*) filter (n.registered_change_1_pct <= 0) over (
            partition by n.metal order by n.ordinal rows between 19 preceding and current row) as not_rises,
        regr_r2(n.registered_oz, n.ordinal) over (
            partition by n.metal order by n.ordinal rows between 20 preceding and current row) as r_squared,
        max(n.registered_oz) over (
            partition by n.metal order by n.ordinal rows between 251 preceding and current row) as peak_oz
    from comex_flows n
    left join comex_flows b on b.metal = n.metal and b.session = n.session_20_before
    left join comex_flows f on f.metal = n.metal and f.session = n.session_5_before
),
judged as (
    select s.*, th.warn, th.critical, th.clear,
        coalesce(s.not_rises >= 15 and s.registered_change_20_pct <= d.warn, false) as counts
    from speeds s
    join known k on k.metal = s.metal and s.ordinal >= k.first + 20
    join thresholds th on th.check_name = 'runway' and th.venue = 'COMEX' and th.metal = s.metal
        and s.session >= th.valid_from and s.session < th.valid_to
    left join thresholds d on d.check_name = 'registered_drop' and d.venue = 'COMEX' and d.metal = s.metal
        and s.session >= d.valid_from and s.session < d.valid_to
)
select 'COMEX ' || metal as subject, session,
    case when before_oz > registered_oz then 20 * registered_oz / (before_oz - registered_oz) end as value,
    case when counts then warn end as warn, case when counts then critical end as critical, case when counts then clear end as clear,
    coalesce(before_oz <= registered_oz and not in_doubt, false) as ended,
    greatest(published_at, before_published_at) as published_at,
    case when before_oz is null then 'a stock report of the last 20 sessions is not held'
        when in_doubt then 'a stock report contradicts the session before it'
        when before_oz <= registered_oz then 'registered did not fall over 20 sessions' else '' end as reason,
    metal, 'COMEX' as venue, registered_oz, session as registered_session, published_at as registered_published_at,
    before_oz as registered_before_oz, session_20_before as registered_before_session,
    before_published_at as registered_before_published_at, before_sha256 as registered_before_sha256,
    case when five_before_oz > registered_oz then 5 * registered_oz / (five_before_oz - registered_oz) end as runway_at_5_sessions_rate,
    r_squared, not_rises as changes_not_above_zero, registered_change_20_pct as registered_change_over_20_sessions_pct, counts as both_guards_hold,
    100 * (registered_oz / nullif(peak_oz, 0) - 1) as drawdown_252_sessions_pct, raw_sha256 as registered_sha256
from judged
order by subject, session
