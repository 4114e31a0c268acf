-- title = "Price against its high of 52 weeks"
-- headline = "the price stands {value} from its high of 52 weeks"
-- why = "At a high of a year nobody holds a loss, and articles are written."
-- unit = "%"
-- decimals = 2
-- direction = "above"
-- formula = "100 * (price / year_high - 1); the high is the highest of 252 sessions of the same contract or auction"
-- worked = "100 * (price / year_high - 1)"
-- enter = "1/1"
-- leave = 3
-- route = "memo"
-- reach = 30
-- cap = "warning"
-- needs = {settlement_rows = 2}
-- sources = ["comex_settlements", "lbma_prices"]
-- references = ["market.md 1.13 (within 0.5 % of the maximum of 252 sessions)", "market.md 4 MK1 (warning, 252 days)", "market.md 0a.8 (memo)", "beyond warn on 2.4 % of days from 2014 to 2024 (captured daily closes of silver)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- warn = -0.5
-- clear = -1.0
select p.metal as subject, p.session, p.below_high_pct as value, th.warn, th.critical, th.clear,
    greatest(p.published_at, p.high_published_at) as published_at,
    case when p.sessions_held < 240 then 'of 252 sessions only ' || p.sessions_held || ' are held: the high may lie in the others'
        when p.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    p.metal, p.series, p.contract, p.unit as price_per, p.price, p.session as price_session, p.published_at as price_published_at,
    p.raw_sha256 as price_sha256, p.high as year_high, p.high_session as year_high_session, p.high_published_at as year_high_published_at,
    p.high_sha256 as year_high_sha256, p.sessions_held
from price_highs p
join thresholds th on th.check_name = 'high_52w' and th.metal = p.metal
    and p.session >= th.valid_from and p.session < th.valid_to
where p.is_used
order by subject, p.session
