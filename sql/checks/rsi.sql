-- title = "Relative strength of 14 sessions"
-- headline = "relative strength stands at {value}"
-- why = "Few days lie above 80; articles quote it. It says how one-sided the moves were, nothing about metal."
-- unit = "points"
-- decimals = 1
-- direction = "above"
-- formula = "100 * mean rise / (mean rise + mean fall), Wilder's means of 14 over the last 250 changes in USD, each of one contract"
-- enter = "1/1"
-- leave = 3
-- route = "memo"
-- cap = "warning"
-- needs = {settlement_rows = 2}
-- reach = 370
-- sources = ["comex_settlements", "lbma_prices"]
-- references = ["market.md 1.13 (80 on 1.0 % of days, clear below 60; 80.0 on 26 January 2026)", "market.md 4 MK1 (warning)", "market.md 0a.8 (memo)", "beyond warn on 1.0 % of days from 2014 to 2024 (captured daily closes of silver)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- warn = 80.0
-- clear = 60.0
with known as (select series, metal, min(ordinal) as first from price_moves group by all)
select p.metal as subject, p.session, s.rsi_14 as value, th.warn, th.critical, th.clear, p.published_at,
    case when p.suspect then 'the settlement report contradicts the session before it'
        when s.rsi_14 is null then 'fewer than 100 changes in a row are held: ' || coalesce(s.sessions_in_a_row, 0) else '' end as reason,
    p.metal, p.series, p.contract, p.unit as price_per, p.price, p.session as price_session, p.published_at as price_published_at,
    p.raw_sha256 as price_sha256, s.rsi_from_session as first_change_from, coalesce(least(s.sessions_in_a_row, 250), 0) as changes_in_a_row
from price_moves p
join known k on k.series = p.series and k.metal = p.metal and p.ordinal >= k.first + 20
join thresholds th on th.check_name = 'rsi' and th.metal = p.metal
    and p.session >= th.valid_from and p.session < th.valid_to
left join price_strength s on s.series = p.series and s.metal = p.metal and s.session = p.session
where p.is_used
order by subject, p.session
