-- title = "Gold over silver, change of 20 sessions"
-- headline = "the ratio moved by {value} in 20 sessions"
-- why = "One of the two metals runs away from the other; which one, the sign beside it says."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "abs(ratio / before_ratio - 1) * 100, 20 sessions apart, both ratios of one venue; the sign is beside it: below zero silver gained"
-- worked = "100 * abs((gold_usd / silver_usd) / (before_gold_usd / before_silver_usd) - 1)"
-- enter = "3/3"
-- leave = 3
-- route = "memo"
-- cap = "warning"
-- reach = 60
-- needs = {settlement_rows = 2}
-- sources = ["comex_settlements", "lbma_prices"]
-- references = ["market.md 1.13 (15 % in 20 sessions)", "market.md 4 MK2 (warning, 3 of 3)", "market.md 0a.8 (memo)", "beyond warn on 1.6 % of days from 2014 to 2024 (captured daily closes of gold and silver)"]
-- [[threshold]]
-- warn = 15.0
with known as (select venue, min(ordinal) as first from gold_silver_ratios group by venue)
select 'gold over silver' as subject, r.session, abs(r.change_20_pct) as value, th.warn, th.critical, th.clear,
    greatest(r.gold_published_at, r.silver_published_at, r.before_gold_published_at, r.before_silver_published_at) as published_at,
    case when r.change_20_pct is null then 'the prices of 20 sessions before are not both held'
        when r.suspect then 'a settlement report contradicts the session before it' else '' end as reason,
    r.venue, r.minutes_apart, r.ratio, r.before_ratio, r.change_20_pct, r.gold_contract, r.silver_contract,
    r.gold_usd, r.session as gold_usd_session, r.gold_published_at as gold_usd_published_at, r.gold_sha256 as gold_usd_sha256,
    r.silver_usd, r.session as silver_usd_session, r.silver_published_at as silver_usd_published_at, r.silver_sha256 as silver_usd_sha256,
    r.before_gold_usd, r.before_session as before_gold_usd_session, r.before_gold_published_at as before_gold_usd_published_at,
    r.before_gold_sha256 as before_gold_usd_sha256, r.before_silver_usd, r.before_session as before_silver_usd_session,
    r.before_silver_published_at as before_silver_usd_published_at, r.before_silver_sha256 as before_silver_usd_sha256
from gold_silver_ratios r
join known k on k.venue = r.venue and r.ordinal >= k.first + 20
join thresholds th on th.check_name = 'gold_silver_ratio_speed' and r.session >= th.valid_from and r.session < th.valid_to
where r.is_used
order by r.session
