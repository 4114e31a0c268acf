-- title = "Move of the price in one session"
-- headline = "the price moved by {value} in one session"
-- why = "After such a move margins, limits and halts decide who still trades, and other readings of the day mean less."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "abs(price / before_price - 1) * 100, the same contract on both days; the sign is beside it. LBMA auctions where held, else COMEX's active month, never the spot month"
-- worked = "100 * abs(price / before_price - 1)"
-- enter = "1/1"
-- leave = 3
-- route = "memo"
-- cap = "warning"
-- reach = 60
-- needs = {settlement_rows = 2}
-- sources = ["comex_settlements", "lbma_prices"]
-- references = ["market.md 1.13 (5 and 10 %; 2.8 % of silver's days reach 5 %)", "market.md 4 MK1 (warning)", "market.md 0a.8 (memo)", "market.md 0a.9 (one measure a file)", "beyond warn on 1.9 % of days from 2014 to 2024 (captured daily closes of silver)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- warn = 5.0
-- critical = 10.0
with known as (select series, metal, min(ordinal) as first from price_moves group by all)
select p.metal as subject, p.session, abs(p.change_pct) as value, th.warn, th.critical, th.clear,
    greatest(p.published_at, p.before_published_at) as published_at,
    case when p.change_pct is null then 'the price of the session before is not held'
        when p.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    p.metal, p.series, p.contract, p.unit as price_per, p.change_pct, p.price, p.session as price_session, p.published_at as price_published_at,
    p.raw_sha256 as price_sha256, p.before_price, p.before_session as before_price_session,
    p.before_published_at as before_price_published_at, p.before_sha256 as before_price_sha256
from price_moves p
join known k on k.series = p.series and k.metal = p.metal
join thresholds th on th.check_name = 'price_shock' and th.metal = p.metal
    and p.session >= th.valid_from and p.session < th.valid_to
where p.is_used and (p.ordinal > k.first or p.change_pct is not null)
order by subject, p.session
