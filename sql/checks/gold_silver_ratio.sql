-- title = "Gold over silver, high side"
-- headline = "an ounce of gold costs {value} ounces of silver"
-- why = "Silver is cheap against gold as it seldom was; turns from there have been sharp."
-- unit = "ratio"
-- decimals = 1
-- direction = "above"
-- formula = "gold_usd / silver_usd, both of one venue: COMEX settlements, else the London auctions of the morning and of noon"
-- worked = "gold_usd / silver_usd"
-- enter = "3/3"
-- leave = 3
-- route = "memo"
-- cap = "warning"
-- reach = 60
-- needs = {settlement_rows = 2}
-- sources = ["comex_settlements", "lbma_prices"]
-- references = ["market.md 1.13 (90 and 100; 1970-2018: p5 35.4, median 63.6, p95 85.8)", "market.md 4 MK2 (warning, 3 of 3)", "market.md 0a.8 (memo)", "beyond warn on 6.5 % of days from 2014 to 2024 (captured daily closes of gold and silver): for the memo alone"]
-- [[threshold]]
-- warn = 90.0
-- critical = 100.0
select 'gold over silver' as subject, r.session, r.ratio as value, th.warn, th.critical, th.clear,
    greatest(r.gold_published_at, r.silver_published_at) as published_at,
    case when r.suspect then 'a settlement report contradicts the session before it' else '' end as reason,
    r.venue, r.minutes_apart, r.gold_contract, r.silver_contract,
    r.gold_usd, r.session as gold_session, r.gold_published_at, r.gold_sha256,
    r.silver_usd, r.session as silver_session, r.silver_published_at, r.silver_sha256, r.change_20_pct
from gold_silver_ratios r
join thresholds th on th.check_name = 'gold_silver_ratio' and r.session >= th.valid_from and r.session < th.valid_to
where r.is_used
order by r.session
