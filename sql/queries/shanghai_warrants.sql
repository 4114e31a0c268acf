-- title = "SHFE warrants: total of each session and its change over some sessions"
-- about = "Printed totals, never a sum of ours; changes count sessions held, and say from which one."
-- parameters.metal = { type = "text", default = "silver", about = "silver, gold or copper" }
-- parameters.sessions = { type = "integer", default = "5", about = "how many sessions back" }
with held as (
    select session, quantity, unit, published_at, row_number() over (order by session) as ordinal
    from shfe_warrants where metal = $metal and level = 'total'
)
select a.session, a.quantity, a.unit, b.session as compared_with, 100 * (a.quantity / nullif(b.quantity, 0) - 1) as change_pct, a.published_at
from held a left join held b on b.ordinal = a.ordinal - $sessions
order by a.session
