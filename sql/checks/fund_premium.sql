-- title = "Price of a fund's share against the metal behind it"
-- headline = "a share is {value} away from what lies behind it"
-- why = "A price far from what lies behind a share says that shares cannot be made or handed in freely: often a queue for the fund, not a lack of metal."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "abs(price / value behind a share at the same minute - 1), in percent; a value struck at noon in London is marked to the spot of the close or is unknown; signed_pct says which side"
-- worked = "100 * abs(price / behind - 1)"
-- enter = "2/3"
-- leave = 3
-- route = "mail"
-- reach = 30
-- needs = {fund_rows = 3}
-- sources = ["slv_trust", "gld_trust", "spot_quotes", "inbox_csv"]
-- references = ["market.md 1.11 (1 and 3 %; Chinese and Indian funds 10 and 30 %; a value struck at London noon)", "market.md 0a.9 (a measure of its own)", "market.md 4 EF1"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["SLV", "PSLV"]
-- warn = 1.0
-- critical = 3.0
-- [[threshold]]
-- metals = ["gold"]
-- venues = ["GLD"]
-- warn = 1.0
-- critical = 3.0
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["161226", "India"]
-- warn = 10.0
-- critical = 30.0
with spans as (
    select fund, metal, case fund when '161226' then 'SHFE' when 'India' then 'MCX' else 'NYSE' end as calendar,
        min(session) as first, max(session) as own_last
    from fund_premiums
    group by all
),
ends as (
    select 'NYSE' as calendar, max(session) as last from fund_holdings
    union all select 'SHFE', max(session) from shanghai_stocks where shfe_warrants_t is not null
    union all select 'MCX', max(session) from india_premium
)
select s.fund || ' ' || s.metal as subject, v.session, abs(p.premium_pct) as value, th.warn, th.critical, th.clear,
    greatest(p.price_published_at, p.behind_published_at, p.spot_published_at) as published_at,
    coalesce(p.unknown_because, 'no price of this session is held') as reason,
    s.metal, s.fund as venue, p.premium_pct as signed_pct, p.over_struck_nav_pct,
    p.price, case when p.price is not null then p.session end as price_session, p.price_published_at, p.price_sha256,
    p.behind, case when p.behind is not null then p.behind_kind end as behind_kind, p.behind_session, p.behind_published_at, p.behind_sha256,
    p.spot, p.spot_kind, cast(p.spot_quoted_at as date) as spot_session, p.spot_published_at, p.spot_sha256
from spans s
left join ends e on e.calendar = s.calendar
join venue_sessions v on v.calendar = s.calendar and v.session between s.first and greatest(s.own_last, e.last)
left join fund_premiums p on p.fund = s.fund and p.session = v.session
join thresholds th on th.check_name = 'fund_premium' and th.venue = s.fund and th.metal = s.metal
    and v.session >= th.valid_from and v.session < th.valid_to
order by subject, v.session
