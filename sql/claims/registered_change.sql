-- title = "Change of registered metal between two dates"
-- unit = "percent"
-- calendar = "COMEX"
-- dated = "published"
-- [metric.registered_change]
-- words = ["registered change", "change of registered"]
-- definitions = ["registered against the newest report of the first date", "registered against a figure others printed of the quarter before the first date"]
-- signed = true
-- span = true
with base as (
    select registered, total, unit, session, published_at, raw_sha256, 'registered against the newest report of the first date' as definition
    from comex_stock_totals where metal = $metal and session <= $since::date qualify session = max(session) over ()
    union all
    select registered_oz, total_oz, 'troy_oz', session, cast(known_from as timestamp), null, 'registered against a figure others printed of the quarter before the first date'
    from published_stocks where metal = $metal and session <= $since::date and session >= $since::date - 92 qualify session = max(session) over ()
)
select n.session, b.definition,
    100 * (n.registered / nullif(b.registered, 0) - 1) as value,
    n.registered as registered_in_unit, n.session as registered_session, n.published_at as registered_published_at, n.raw_sha256 as registered_sha256,
    b.registered as before_registered, b.total as before_total, n.unit as before_unit,
    b.session as before_session, b.published_at as before_published_at, b.raw_sha256 as before_sha256
from comex_stock_totals n join base b on n.session > b.session and n.unit = b.unit
where n.metal = $metal
order by n.session
