-- title = "A miner's or a fund's price"
-- unit = "usd"
-- calendar = "NYSE"
-- dated = "session"
-- [metric.year_high]
-- words = ["year high", "year's high", "high of the year"]
-- definitions = ["highest close of 252 sessions", "highest trade of 252 sessions"]
-- [metric.below_year_high]
-- words = ["below year high", "below the year's high", "under its year high"]
-- unit = "percent"
-- definitions = ["close under the highest trade of 252 sessions"]
-- [metric.share_move]
-- words = ["share move", "move of the share"]
-- unit = "percent"
-- definitions = ["close against the close before"]
-- signed = true
-- [metric.miner_beta]
-- words = ["miner beta", "beta"]
-- unit = "ratio"
-- definitions = ["slope of 60 sessions on the silver trust"]
-- signed = true
with bars_of as (
    select b.*, count(*) over w as sessions, max(close) over w as high_close, max(coalesce(high, close)) over w as high_trade,
        lag(close) over (order by session) as close_before
    from bars b where symbol = $symbol
    window w as (order by session rows between 251 preceding and current row)
),
moves as (
    select session, ln(close / nullif(lag(close) over (order by session), 0)) as move, published_at, raw_sha256 from bars where symbol = $symbol
),
metal as (
    select session, ln(close / nullif(lag(close) over (order by session), 0)) as move, published_at, raw_sha256 from bars where symbol = 'SLV'
),
slopes as (
    select m.session, regr_slope(m.move, s.move) over w as slope, count(m.move) over w as pairs, m.published_at, m.raw_sha256,
        s.published_at as metal_published_at, s.raw_sha256 as metal_sha256
    from moves m join metal s on s.session = m.session
    where m.move is not null and s.move is not null
    window w as (order by m.session rows between 59 preceding and current row)
),
kinds as (
    select session, close, published_at, raw_sha256, unnest([
        {'definition': 'highest close of 252 sessions', 'metric': 'year_high', 'amount': case when sessions = 252 then high_close end},
        {'definition': 'highest trade of 252 sessions', 'metric': 'year_high', 'amount': case when sessions = 252 then high_trade end},
        {'definition': 'close under the highest trade of 252 sessions', 'metric': 'below_year_high', 'amount': case when sessions = 252 then 100 * (1 - close / high_trade) end},
        {'definition': 'close against the close before', 'metric': 'share_move', 'amount': 100 * (close / close_before - 1)}]) as kind
    from bars_of
)
select session, kind.definition as definition, kind.amount as value, [kind.metric] as for_metrics, close as share_close_usd, session as share_session, published_at as share_published_at, raw_sha256 as share_sha256
from kinds
union all by name
select session, 'slope of 60 sessions on the silver trust' as definition, slope as value, ['miner_beta'] as for_metrics,
    session as share_session, published_at as share_published_at, raw_sha256 as share_sha256,
    session as metal_session, metal_published_at, metal_sha256
from slopes where pairs = 60
order by session
