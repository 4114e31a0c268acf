-- title = "Realised volatility over 20 sessions"
-- headline = "realised volatility stands at {value}"
-- why = "The wilder the price, the more margin is asked for, and the less any ratio of one day says."
-- unit = "%/yr"
-- decimals = 0
-- direction = "above"
-- formula = "standard deviation of 20 daily logarithmic returns * sqrt(252) * 100; each return of one contract"
-- enter = "1/1"
-- leave = 3
-- route = "memo"
-- cap = "warning"
-- reach = 60
-- needs = {settlement_rows = 2}
-- sources = ["comex_settlements", "lbma_prices"]
-- references = ["market.md 1.13 (50 and 90; silver 2014-26: median 24.5, p95 50, p99 87)", "market.md 4 MK1 (warning)", "market.md 0a.8 (memo)", "beyond warn on 3.5 % of days from 2014 to 2024 (captured daily closes of silver): for the memo alone"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- warn = 50.0
-- critical = 90.0
with known as (select series, metal, min(ordinal) as first from price_moves group by all)
select p.metal as subject, p.session, s.volatility_20_pct as value, th.warn, th.critical, th.clear, p.published_at,
    case when p.suspect then 'the settlement report contradicts the session before it'
        when s.volatility_20_pct is null then 'fewer than 20 changes in a row are held: ' || coalesce(s.sessions_in_a_row, 0) else '' end as reason,
    p.metal, p.series, p.contract, p.unit as price_per, p.price, p.session as price_session, p.published_at as price_published_at,
    p.raw_sha256 as price_sha256, s.volatility_from_session as first_return_from, coalesce(least(s.sessions_in_a_row, 20), 0) as changes_in_a_row
from price_moves p
join known k on k.series = p.series and k.metal = p.metal and p.ordinal >= k.first + 20
join thresholds th on th.check_name = 'realised_volatility' and th.metal = p.metal
    and p.session >= th.valid_from and p.session < th.valid_to
left join price_strength s on s.series = p.series and s.metal = p.metal and s.session = p.session
where p.is_used
order by subject, p.session
