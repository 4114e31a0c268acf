-- title = "A miner's share beside its metal"
-- headline = "in 20 sessions the share moved {value} beside its metal"
-- why = "A share that leaves its metal says something of the company, or that holders of shares do not believe the price."
-- unit = "standard errors"
-- decimals = 1
-- direction = "above"
-- formula = "abs(share_20_pct - beta * metal_20_pct) / (daily_residual_pct * sqrt(20)); beta and residual of the 60 sessions before the 20, logarithmic returns from close to close, the metal being a bullion fund's close at the same hour"
-- worked = "abs(share_20_pct - beta * metal_20_pct) / (daily_residual_pct * sqrt(20))"
-- enter = "3/5"
-- leave = 3
-- route = "memo"
-- cap = "warning"
-- reach = 150
-- needs = {bar_rows = 2}
-- sources = ["yahoo_bars"]
-- references = ["market.md 1.13 (beta of 60, residual of 20 sessions, 2 and 3)", "market.md 4 MK3 (warning, 3 of 5, 80 days)", "market.md 0a.8 (memo)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- warn = 2.0
-- critical = 3.0
with known as (select symbol, min(ordinal) as first from miner_betas group by symbol)
select b.symbol as subject, b.session, abs(b.residual_z) as value, th.warn, th.critical, th.clear,
    greatest(b.published_at, b.proxy_published_at) as published_at,
    case when b.proxy_close is null then 'the close of ' || b.proxy || ', which stands for the metal, is not held'
        when b.residual_z is null then 'fewer than 80 returns of share and metal are held in a row: ' || b.sessions_in_a_row
        when b.perhaps_split then 'a split may lie between two files of prices: load one file of the whole span'
        else '' end as reason,
    b.metal, b.close as share_close, b.session as share_session, b.published_at as share_published_at, b.raw_sha256 as share_sha256,
    b.proxy as metal_fund, b.proxy_close as metal_close, case when b.proxy_close is not null then b.session end as metal_session,
    b.proxy_published_at as metal_published_at, b.proxy_sha256 as metal_sha256,
    b.beta, b.share_20_pct, b.metal_20_pct, b.residual_20_pct, b.residual_z, b.daily_residual_pct,
    b.from_session as first_return_of
from miner_betas b
join known k on k.symbol = b.symbol and b.ordinal >= k.first + 80
join thresholds th on th.check_name = 'miner_residual' and th.metal = b.metal
    and b.session >= th.valid_from and b.session < th.valid_to
order by subject, b.session
