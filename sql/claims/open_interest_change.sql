-- title = "Change of COMEX open interest from the session before"
-- unit = "percent"
-- calendar = "COMEX"
-- dated = "session"
-- [metric.open_interest_change]
-- words = ["open interest change", "change of open interest"]
-- definitions = ["open interest of all months, or of the month asked for"]
-- signed = true
with sums as (
    select o.session, sum(o.open_interest) as lots, min(o.status) as status, max(o.published_at) as published_at, arg_max(o.raw_sha256, o.published_at) as raw_sha256
    from open_interest_best o
    join contracts c on c.venue = o.venue and c.product = o.product and c.delivery_month = o.delivery_month
    where c.metal = $metal and o.product in ('SI', 'GC', 'HG', 'PL', 'PA') and coalesce(o.delivery_month = $month::date, true)
    group by o.session
),
placed as (
    select s.*, v.ordinal from sums s join venue_sessions v on v.calendar = 'COMEX' and v.session = s.session
)
select n.session, 'open interest of all months, or of the month asked for' as definition, 100 * (n.lots / nullif(b.lots, 0) - 1) as value,
    n.lots as open_interest_lots, n.status as open_interest_status, n.session as open_interest_session, n.published_at as open_interest_published_at, n.raw_sha256 as open_interest_sha256,
    b.lots as before_lots, b.status as before_status, b.session as before_session, b.published_at as before_published_at, b.raw_sha256 as before_sha256
from placed n join placed b on b.ordinal = n.ordinal - 1
order by n.session
