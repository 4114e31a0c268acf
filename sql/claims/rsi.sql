-- title = "Relative strength index of the price"
-- unit = "ratio"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver", "gold", "platinum", "palladium"]
-- [metric.rsi]
-- words = ["rsi", "relative strength index"]
-- definitions = ["settlement of the active month", "settlement of a delivering month, as delivery notices print it", "price entered by hand"]
with placed as (
    -- Wilder's of 14 sessions: the first mean of gains and of losses is plain, each later one takes 13 parts of the one
    -- before and one of the session; both means share one factor, so growing weights do
    select p.*, v.ordinal, v.ordinal - row_number() over (partition by p.kind order by p.session) as run
    from prices_by_kind p join venue_sessions v on v.calendar = 'COMEX' and v.session = p.session
    where p.metal = $metal
),
moved as (
    select *, price_usd_oz - lag(price_usd_oz) over w as change, row_number() over w - 1 as number
    from placed window w as (partition by kind, run order by session)
),
weighed as (
    select *, case when number between 1 and 14 then pow(14.0 / 13, 14) else pow(14.0 / 13, number) end as weight
    from (from moved where number < 2000)
),
summed as (
    select *, sum(greatest(change, 0) * weight) over w as gains, sum(greatest(-change, 0) * weight) over w as losses
    from weighed window w as (partition by kind, run order by session)
)
select session, kind as definition, 100 * gains / nullif(gains + losses, 0) as value,
    price_usd_oz as price_usd, contract as price_contract, number as price_changes_held, session as price_session, published_at as price_published_at, raw_sha256 as price_sha256
from summed
where number >= 100 -- until then the first mean still weighs
order by session
