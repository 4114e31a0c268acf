-- title = "Registered metal over 20 sessions"
-- headline = "registered changed by {value:+} in 20 sessions"
-- why = "Warrants are being cancelled; the metal usually stays in the vault as eligible, so this is re-classification and not an outflow."
-- unit = "%"
-- decimals = 1
-- direction = "below"
-- formula = "registered today / registered 20 sessions before - 1, in percent"
-- worked = "100 * (registered_oz / registered_before_oz - 1)"
-- enter = "2/3"
-- leave = 3
-- cap = "warning"
-- route = "mail"
-- reach = 45
-- needs = {comex_stock_rows = 2}
-- sources = ["comex_stocks"]
-- references = ["market.md 1.5 (20 sessions, -12 and -20 %)", "market.md 0a.7 (capped at warning: nothing was ever withdrawn from registered silver)", "market.md 4 ST1"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = -12.0
-- critical = -20.0
with placed as (
    select t.*, v.ordinal from comex_stock_totals t
    join venue_sessions v on v.calendar = 'COMEX' and v.session = t.session
),
known as (select metal, min(ordinal) as first from placed group by metal)
select 'COMEX ' || n.metal as subject, n.session, 100 * (n.registered / nullif(b.registered, 0) - 1) as value,
    th.warn, th.critical, th.clear, greatest(n.published_at, b.published_at) as published_at,
    case when b.registered is null then 'the report of 20 sessions before is not held'
        when n.suspect or b.suspect then 'a stock report contradicts the session before it' else '' end as reason,
    n.metal, 'COMEX' as venue,
    n.registered as registered_oz, n.session as registered_session, n.published_at as registered_published_at,
    b.registered as registered_before_oz, b.session as registered_before_session, b.published_at as registered_before_published_at,
    n.eligible as eligible_oz, n.total as total_oz, n.total - b.total as total_change_oz,
    n.raw_sha256 as registered_sha256, b.raw_sha256 as registered_before_sha256
from placed n
join known k on k.metal = n.metal and n.ordinal >= k.first + 20
left join placed b on b.metal = n.metal and b.ordinal = n.ordinal - 20
join thresholds th on th.check_name = 'registered_drop' and th.venue = 'COMEX' and th.metal = n.metal
    and n.session >= th.valid_from and n.session < th.valid_to
order by subject, n.session
