-- title = "SHFE warrants over 5 sessions"
-- headline = "SHFE warrants changed by {value:+} in 5 sessions"
-- why = "Metal is leaving the exchange's warehouses in Shanghai, or its warrants are being cancelled."
-- unit = "%"
-- decimals = 1
-- direction = "below"
-- formula = "warrants today / warrants 5 sessions before - 1, in percent, from the page's own totals"
-- worked = "100 * (warrants_kg / warrants_before_kg - 1)"
-- enter = "1/1"
-- leave = 3
-- route = "mail"
-- reach = 30
-- needs = {shfe_warrant_rows = 2}
-- sources = ["shfe_warrants"]
-- references = ["market.md 1.9 (5 sessions, -10 and -20 %; 3-9 Feb 2026 449.65 -> 318.55 t)", "market.md 4 SH1"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["SHFE"]
-- warn = -10.0
-- critical = -20.0
with totals as (
    select w.session, w.metal, w.quantity, w.change, w.published_at, w.raw_sha256, v.ordinal
    from shfe_warrants w
    join venue_sessions v on v.calendar = 'SHFE' and v.session = w.session
    where w.level = 'total' and w.warehouse = '总计' and w.unit = 'kg'
),
known as (select metal, min(ordinal) as first, max(ordinal) as last from totals group by metal)
select 'SHFE ' || k.metal as subject, v.session, 100 * (n.quantity / nullif(b.quantity, 0) - 1) as value,
    th.warn, th.critical, th.clear, greatest(n.published_at, b.published_at) as published_at,
    case when n.quantity is null then 'the page of this session is not held'
        when b.quantity is null then 'the page of 5 sessions before is not held' else '' end as reason,
    k.metal, 'SHFE' as venue,
    n.quantity as warrants_kg, n.session as warrants_session, n.published_at as warrants_published_at,
    b.quantity as warrants_before_kg, b.session as warrants_before_session, b.published_at as warrants_before_published_at,
    n.change as warrants_change_printed_kg, n.raw_sha256 as warrants_sha256, b.raw_sha256 as warrants_before_sha256
from known k
join venue_sessions v on v.calendar = 'SHFE' and v.ordinal between k.first + 5 and k.last
left join totals n on n.metal = k.metal and n.ordinal = v.ordinal
left join totals b on b.metal = k.metal and b.ordinal = v.ordinal - 5
join thresholds th on th.check_name = 'shfe_warrant_drop' and th.venue = 'SHFE' and th.metal = k.metal
    and v.session >= th.valid_from and v.session < th.valid_to
order by subject, v.session
