-- title = "India against New York, duty taken off"
-- headline = "India is {value} away from New York, duty taken off"
-- why = "Beyond freight a lasting gap means that metal cannot come in fast enough (above) or that nobody there wants it (below)."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "abs(price_inr_kg / content / (32.1507 * USDINR) / (1 + duty) / New York settlement - 1), as an interval over the settlements around the day; both ends must pass; signed_low_pct and signed_high_pct say which side"
-- enter = "2/3"
-- leave = 3
-- route = "mail"
-- reach = 30
-- needs = {settlement_rows = 2, fx_rows = 5}
-- sources = ["mcx_bhavcopy", "ibja_rates", "comex_settlements", "ecb_fx"]
-- references = ["market.md 1.12 (3 and 8 % either way; 15 % of duty in 2023; 6 % since July 2024 is not confirmed)", "market.md 0a.6 (bracket of settlements, more than 3 points apart is unknown)", "market.md 4 RG1"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["MCX", "IBJA"]
-- warn = 3.0
-- critical = 8.0
with known as (
    select venue, metal, min(session) as first, max(session) as last from india_premium group by all
),
sized as (
    select *, case when ex_duty_low_pct > 0 then ex_duty_low_pct when ex_duty_high_pct < 0 then -ex_duty_high_pct else 0 end as nearest,
        greatest(abs(ex_duty_low_pct), abs(ex_duty_high_pct)) as farthest
    from india_premium
)
select k.venue || ' ' || k.metal as subject, v.session, abs(p.ex_duty_low_pct + p.ex_duty_high_pct) / 2 as value,
    p.nearest as low, p.farthest as high, th.warn, th.critical, th.clear, p.published_at,
    coalesce(p.unknown_because, 'no price of this session is held') as reason,
    k.metal, k.venue, case when p.ex_duty_low_pct + p.ex_duty_high_pct < 0 then 'below New York' when p.session is not null then 'above New York' end as side,
    p.ex_duty_low_pct as signed_low_pct, p.ex_duty_high_pct as signed_high_pct,
    p.price_inr_kg, p.contract as price_contract, p.content as price_content, p.duty as price_duty, p.duty_origin as price_duty_origin,
    p.session as price_session, p.price_published_at, p.price_sha256,
    p.usdinr, case when p.usdinr is not null then p.fx_session end as usdinr_session, p.fx_published_at as usdinr_published_at, p.fx_sha256 as usdinr_sha256,
    p.before_usd as new_york_before_usd, p.before_session as new_york_before_session,
    p.before_published_at as new_york_before_published_at, p.before_sha256 as new_york_before_sha256,
    p.after_usd as new_york_after_usd, p.after_session as new_york_after_session,
    p.after_published_at as new_york_after_published_at, p.after_sha256 as new_york_after_sha256
from known k
join venue_sessions v on v.calendar = 'MCX' and v.session between k.first and k.last
left join sized p on p.venue = k.venue and p.metal = k.metal and p.session = v.session
join thresholds th on th.check_name = 'india_premium' and th.venue = k.venue and th.metal = k.metal
    and v.session >= th.valid_from and v.session < th.valid_to
order by subject, v.session
