-- title = "Registered metal over one session"
-- headline = "registered changed by {value:+} in one session"
-- why = "Many warrants were cancelled in a day; the metal usually stays in the vault as eligible, so this is re-classification and not an outflow."
-- unit = "%"
-- decimals = 1
-- direction = "below"
-- formula = "registered today / registered of the session before - 1, in percent; silver counts from 2 million ounces on"
-- enter = "1/1"
-- leave = 1
-- cap = "warning"
-- route = "memo"
-- reach = 21
-- needs = {comex_stock_rows = 2}
-- sources = ["comex_stocks"]
-- references = ["market.md 1.5 (-3 and -5 %, at least 2 Moz; SER-5736 moved warrants and no metal)", "memo: on the season of January to March 2026 silver fell that far on 6 of 52 sessions, too often for a mail, and registered_drop mails what lasts", "market.md 0a.7 (capped at warning: nothing was ever withdrawn from registered silver)", "market.md 4 ST1"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = -3.0
-- critical = -5.0
with known as (select metal, min(ordinal) as first from comex_flows group by metal)
select 'COMEX ' || n.metal as subject, n.session, n.registered_change_1_pct as value,
    case n.metal when 'silver' then least(th.warn, -100 * 2e6 / nullif(b.registered_oz, 0)) else th.warn end as warn,
    th.critical,
    case n.metal when 'silver' then least(th.clear, -100 * 2e6 / nullif(b.registered_oz, 0)) else th.clear end as clear,
    greatest(n.published_at, b.published_at) as published_at,
    case when n.registered_change_1_pct is null then 'the report of the session before is not held'
        when n.suspect or b.suspect then 'a stock report contradicts the session before it' else '' end as reason,
    n.metal, 'COMEX' as venue,
    n.registered_oz, n.session as registered_session, n.published_at as registered_published_at,
    b.registered_oz as registered_before_oz, b.session as registered_before_session,
    b.published_at as registered_before_published_at,
    n.registered_to_eligible_oz, n.registered_withdrawn_oz, n.outflow_oz, n.total_oz, n.raw_sha256 as registered_sha256,
    b.raw_sha256 as registered_before_sha256
from comex_flows n
join known k on k.metal = n.metal and n.ordinal > k.first
left join comex_flows b on b.metal = n.metal and b.session = n.session_1_before
join thresholds th on th.check_name = 'registered_drop_1d' and th.venue = 'COMEX' and th.metal = n.metal
    and n.session >= th.valid_from and n.session < th.valid_to
order by subject, n.session
