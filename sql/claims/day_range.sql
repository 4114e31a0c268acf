-- title = "Highest and lowest trade of a day"
-- unit = "usd_oz"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver", "gold", "platinum", "palladium"]
-- [metric.highest_trade]
-- words = ["highest trade", "intraday high", "day's high"]
-- definitions = ["highest trade of the active month", "highest trade, entered by hand"]
-- [metric.lowest_trade]
-- words = ["lowest trade", "intraday low", "day's low"]
-- definitions = ["lowest trade of the active month", "lowest trade, entered by hand"]
with ends as (
    select s.session, c.contract, s.published_at, s.raw_sha256,
        unnest(['highest trade of the active month', 'lowest trade of the active month']) as definition, unnest([s.high, s.low]) as usd
    from comex_front f
    join contracts c on c.contract = f.contract
    join settlements s on s.venue = c.venue and s.product = c.product and s.delivery_month = c.delivery_month and s.session = f.session
    where f.metal = $metal
    union all
    select session, note, published_at, raw_sha256, split_part(series, '_', 1) || 'est trade, entered by hand', value
    from manual_prices where series in ('high_' || $metal, 'low_' || $metal)
)
select session, definition, usd as value, [split_part(definition, ' ', 1) || '_trade'] as for_metrics,
    usd as trade_usd, contract as trade_contract, session as trade_session, published_at as trade_published_at, raw_sha256 as trade_sha256
from ends
where usd > 0
order by session
