-- title = "Net shorts of the four largest over registered"
-- headline = "the four largest are short {value} times what is registered, net"
-- why = "Few hold a large net short against little metal under warrant; some of it hedges metal owned elsewhere, and the figure is days old."
-- unit = "ratio"
-- decimals = 2
-- direction = "above"
-- formula = "open interest * share of the four largest net shorts * lot_oz / registered_oz; between 1.5 and 2.5 it counts only above the 90th percentile of the three years before"
-- worked = "positions_net4_short_oz / registered_oz"
-- enter = "1/1"
-- leave = 2
-- cap = "warning"
-- route = "memo"
-- reach = 30
-- needs = {cot_rows = 3, comex_stock_rows = 2}
-- sources = ["cftc_disaggregated", "comex_stocks"]
-- references = ["market.md 1.10 (1.5 above the 90th percentile of three years; 2.5)", "market.md 4 PO1 (weekly, three years of data, a warning at most)", "market.md 0a.8 (memo)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 1.5
-- critical = 2.5
with held as (
    select metal, max(session) as last from positioning group by metal
),
stocks as (select metal, min(session) as first from comex_flows group by metal)
select 'COMEX ' || h.metal as subject, v.session, p.net4_over_registered as value,
    case when p.net4_short_percentile >= 90 then th.warn else th.critical end as warn, th.critical,
    case when p.net4_short_percentile >= 90 then th.clear else th.critical - (th.warn - th.clear) end as clear,
    greatest(p.published_at, p.registered_published_at) as published_at,
    case when p.session is null then 'the report of this week is not held'
        when p.registered_oz is null then 'no stock report of the five days before is held'
        when p.registered_suspect then 'the stock report contradicts the session before it'
        when p.net4_short_percentile is null then 'less than three years of positions are held' else '' end as reason,
    h.metal, 'COMEX' as venue,
    p.net4_short_oz as positions_net4_short_oz, p.net4_short_pct as positions_net4_short_pct, p.open_interest_lots as positions_open_interest_lots,
    p.session as positions_session, p.published_at as positions_published_at, p.raw_sha256 as positions_sha256,
    p.net4_short_percentile as percentile_of_three_years, p.weeks_before, p.net4_over_mine_supply,
    p.registered_oz, p.registered_session, p.registered_published_at, p.registered_sha256
from held h
join stocks s on s.metal = h.metal
join venue_sessions v on v.calendar = 'CFTC' and v.session between s.first and h.last
left join positioning p on p.metal = h.metal and p.session = v.session
join thresholds th on th.check_name = 'concentration' and th.venue = 'COMEX' and th.metal = h.metal
    and v.session >= th.valid_from and v.session < th.valid_to
order by subject, v.session
