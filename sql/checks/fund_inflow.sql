-- title = "Metal taken in by a bullion fund over 5 sessions"
-- headline = "the fund's metal changed by {value:+} in 5 sessions"
-- why = "The fund takes metal in: bars leave the float of London or New York for as long as its shares stand."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "ounces today / ounces 5 sessions before - 1, in percent; fund_flow tells of the other side"
-- worked = "100 * (ounces / ounces_before - 1)"
-- enter = "2/3"
-- leave = 3
-- route = "memo"
-- reach = 30
-- needs = {fund_rows = 3}
-- sources = ["slv_trust", "gld_trust"]
-- references = ["market.md 1.11 (+5 % is reported too; +32.9 Moz from 29 January to 2 February 2026)", "market.md 0a.9 (a measure of its own)", "market.md 4 EF1"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["SLV", "PSLV"]
-- warn = 5.0
-- [[threshold]]
-- metals = ["gold"]
-- venues = ["GLD"]
-- warn = 5.0
with known as (select fund, metal, min(ordinal) as first, max(ordinal) as last from fund_flows group by all)
select k.fund || ' ' || k.metal as subject, v.session, f.flow_5_pct as value, th.warn, th.critical, th.clear,
    greatest(f.published_at, f.before_published_at) as published_at,
    case when f.session is null then 'the ounces of this session are not held'
        when f.before_ounces is null then 'the ounces of 5 sessions before are not held'
        when f.is_suspect then 'a figure of these sessions differs by more than 15 percent from the one before it: it may not be ounces'
        else '' end as reason,
    k.metal, k.fund as venue, f.ounces, f.flow_5_oz as ounces_change_oz, f.session as ounces_session, f.published_at as ounces_published_at,
    f.raw_sha256 as ounces_sha256, f.before_ounces as ounces_before, f.before_session as ounces_before_session,
    f.before_published_at as ounces_before_published_at, f.before_sha256 as ounces_before_sha256
from known k
join venue_sessions v on v.calendar = 'NYSE' and v.ordinal between k.first + 5 and k.last
left join fund_flows f on f.fund = k.fund and f.ordinal = v.ordinal
join thresholds th on th.check_name = 'fund_inflow' and th.venue = k.fund and th.metal = k.metal
    and v.session >= th.valid_from and v.session < th.valid_to
order by subject, v.session
