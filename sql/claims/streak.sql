-- title = "Falling sessions in a row"
-- unit = "count"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver", "gold", "platinum", "palladium"]
-- [metric.losing_streak]
-- words = ["losing sessions", "losing days", "losing streak", "falling sessions", "sessions down"]
-- definitions = ["settlement of the active month", "settlement of a delivering month, as delivery notices print it", "price entered by hand"]
with placed as (
    select p.*, v.ordinal,
        lag(p.price_usd_oz) over w as price_before, lag(v.ordinal) over w as ordinal_before
    from prices_by_kind p join venue_sessions v on v.calendar = 'COMEX' and v.session = p.session
    where p.metal = $metal
    window w as (partition by p.kind order by p.session)
),
moved as (
    select *, case when ordinal_before = ordinal - 1 then price_usd_oz - price_before end as change from placed
),
runs as (
    select *, sum(case when change < 0 then 0 else 1 end) over (partition by kind order by session) as run from moved
),
counted as (
    select *, count(*) filter (change < 0) over (partition by kind, run order by session) as falls,
        bool_or(change is null) over (partition by kind, run) as begins_unknown,
        first_value(session) over (partition by kind, run order by session) as run_from
    from runs
)
select session, kind as definition, cast(falls as double) as value,
    price_usd_oz as price_usd, contract as price_contract, change as price_change_usd, session as price_session, published_at as price_published_at, raw_sha256 as price_sha256
from counted
where not begins_unknown -- what fell before the first price held, or across a gap, is not known
order by session
