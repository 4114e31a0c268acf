-- title = "Metal in the vaults over 20 sessions"
-- headline = "the vaults' total changed by {value:+} in 20 sessions"
-- why = "Metal has left the exchange's vaults, warrants and the rest together; unlike a fall of registered this is no re-classification."
-- unit = "%"
-- decimals = 1
-- direction = "below"
-- formula = "total today / total 20 sessions before - 1, in percent; the report of every session in between is held"
-- enter = "2/3"
-- leave = 3
-- route = "mail"
-- reach = 45
-- needs = {comex_stock_rows = 2}
-- sources = ["comex_stocks"]
-- references = ["market.md 1.5 (20 sessions, -7 and -12 %; worst of January to March 2026 -13.5 %)", "market.md 0a.7 (keeps critical; 21 sessions are history enough)", "market.md 4 ST2"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = -7.0
-- critical = -12.0
with known as (select metal, min(ordinal) as first from comex_flows group by metal)
select 'COMEX ' || n.metal as subject, n.session, n.total_change_20_pct as value, th.warn, th.critical, th.clear,
    greatest(n.published_at, b.published_at) as published_at,
    case when n.total_change_20_pct is null then 'a stock report of the last 20 sessions is not held'
        when n.suspect or b.suspect then 'a stock report contradicts the session before it' else '' end as reason,
    n.metal, 'COMEX' as venue,
    n.total_oz, n.session as total_session, n.published_at as total_published_at,
    b.total_oz as total_before_oz, b.session as total_before_session, b.published_at as total_before_published_at,
    n.outflow_oz as total_withdrawn_minus_received_oz, n.total_change_5_pct as total_change_over_5_sessions_pct,
    n.registered_oz, n.session as registered_session, n.published_at as registered_published_at,
    n.registered_change_20_pct as registered_change_over_20_sessions_pct, n.raw_sha256 as registered_sha256,
    n.raw_sha256 as total_sha256, b.raw_sha256 as total_before_sha256
from comex_flows n
join known k on k.metal = n.metal and n.ordinal >= k.first + 20
left join comex_flows b on b.metal = n.metal and b.session = n.session_20_before
join thresholds th on th.check_name = 'vault_outflow' and th.venue = 'COMEX' and th.metal = n.metal
    and n.session >= th.valid_from and n.session < th.valid_to
order by subject, n.session
