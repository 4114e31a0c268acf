-- The stocks of one metal by session, newest last, in the report's own unit; transfers are what left registered for eligible.
select f.session, f.registered, f.eligible, f.pledged, f.total, f.received, f.withdrawn, f.withdrawn - f.received as outflow,
    0.0 - l.adjustment as to_eligible, f.registered_change_5_pct, f.total_change_5_pct, f.session_5_before,
    case when f.session_5_before is not null then (f.registered - first_value(f.registered) over five) / 5 end as registered_a_session,
    case when f.session_5_before is not null then (f.total - first_value(f.total) over five) / 5 end as total_a_session,
    f.unit, f.ordinal, f.suspect, f.published_at
from comex_flows f
left join comex_stock_totals_long l on l.metal = f.metal and l.session = f.session and l.category = 'registered'
where f.metal = $metal
window five as (order by f.session rows between 5 preceding and 5 preceding)
order by f.session
