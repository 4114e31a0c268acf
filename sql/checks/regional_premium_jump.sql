-- title = "Shanghai's premium over 5 sessions"
-- headline = "Shanghai's price over New York moved {value:+} in 5 sessions"
-- why = "The level depends on how tax is counted, the change does not: Shanghai began to pay more in a week."
-- unit = "pts"
-- decimals = 1
-- direction = "above"
-- formula = "headline premium (tax as quoted) today less that of 5 sessions before, in points, as an interval over the New York settlements around each close; both ends must pass"
-- enter = "1/1"
-- leave = 3
-- route = "memo"
-- reach = 45
-- needs = {settlement_rows = 2, fx_rows = 5}
-- sources = ["comex_settlements", "shfe_daily", "sge_quotes", "ecb_fx"]
-- references = ["market.md 1.12 (+6 points in 5 sessions)", "market.md 0a.9 (a measure of its own)", "market.md 0a.6 (bracket, limit lock)"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["SHFE", "SGE"]
-- warn = 6.0
with placed as (
    select r.*, v.ordinal from regional_premium r join venue_sessions v on v.calendar = r.venue and v.session = r.session
),
known as (select venue, metal, min(ordinal) as first from placed group by all)
select n.venue || ' ' || n.metal as subject, n.session, n.headline_pct - b.headline_pct as value,
    n.headline_low_pct - b.headline_high_pct as low, n.headline_high_pct - b.headline_low_pct as high,
    th.warn, th.critical, th.clear, greatest(n.published_at, b.published_at) as published_at,
    case when n.unknown_because <> '' then n.unknown_because
        when b.session is null then 'the premium of 5 sessions before is not held'
        when b.unknown_because <> '' then '5 sessions before: ' || b.unknown_because else '' end as reason,
    n.metal, n.venue, n.headline_low_pct, n.headline_high_pct, b.headline_low_pct as headline_low_5_before_pct, b.headline_high_pct as headline_high_5_before_pct,
    n.price_cny, n.contract as price_contract, n.price_unit, n.session as price_session, n.price_published_at, n.price_sha256,
    b.price_cny as earlier_price_cny, b.contract as earlier_price_contract, b.session as earlier_price_session,
    b.price_published_at as earlier_price_published_at, b.price_sha256 as earlier_price_sha256,
    n.usdcny, n.fx_session as usdcny_session, n.fx_published_at as usdcny_published_at, n.fx_sha256 as usdcny_sha256,
    b.usdcny as earlier_usdcny, b.fx_session as earlier_usdcny_session, b.fx_published_at as earlier_usdcny_published_at, b.fx_sha256 as earlier_usdcny_sha256,
    n.before_usd as new_york_before_usd, n.before_session as new_york_before_session, n.before_published_at as new_york_before_published_at, n.before_sha256 as new_york_before_sha256,
    n.after_usd as new_york_after_usd, n.after_session as new_york_after_session, n.after_published_at as new_york_after_published_at, n.after_sha256 as new_york_after_sha256,
    b.before_usd as earlier_new_york_before_usd, b.before_session as earlier_new_york_before_session,
    b.before_published_at as earlier_new_york_before_published_at, b.before_sha256 as earlier_new_york_before_sha256,
    b.after_usd as earlier_new_york_after_usd, b.after_session as earlier_new_york_after_session,
    b.after_published_at as earlier_new_york_after_published_at, b.after_sha256 as earlier_new_york_after_sha256
from placed n
join known k on k.venue = n.venue and k.metal = n.metal and n.ordinal >= k.first + 5
left join placed b on b.venue = n.venue and b.metal = n.metal and b.ordinal = n.ordinal - 5
join thresholds th on th.check_name = 'regional_premium_jump' and th.venue = n.venue and th.metal = n.metal
    and n.session >= th.valid_from and n.session < th.valid_to
order by subject, n.session
