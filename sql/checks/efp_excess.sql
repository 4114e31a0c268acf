-- title = "Future over spot beyond carry"
-- headline = "the future is {value} of spot away from its carry"
-- why = "Metal that can move keeps the future within its cost of carry; a gap that lasts says it cannot reach one of the two cities."
-- unit = "%"
-- decimals = 2
-- direction = "above"
-- formula = "abs(settle / spot_usd - 1 - rate_act360_pct / 100 * days_to_delivery / 360) * 100; future minus spot and the sign are beside it"
-- worked = "100 * abs(settle / spot_usd - 1 - rate_act360_pct / 100 * days_to_delivery / 360.0)"
-- enter = "2/3"
-- leave = 3
-- route = "memo"
-- reach = 30
-- needs = {settlement_rows = 2, spot_quote_rows = 2, rate_rows = 5}
-- sources = ["comex_settlements", "spot_quotes", "fred_bills", "nyfed_sofr"]
-- references = ["market.md 1.4 (silver 0.75 and 2 %, gold 0.3 and 1 %; direction in words)", "market.md 0a.8 (memo until spot is timestamped)", "market.md 4 CV5"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["COMEX"]
-- warn = 0.75
-- critical = 2.0
-- [[threshold]]
-- metals = ["gold"]
-- venues = ["COMEX"]
-- warn = 0.3
-- critical = 1.0
select d.venue || ' ' || d.metal as subject, d.session, abs(f.excess_pct) as value, th.warn, th.critical, th.clear,
    greatest(f.published_at, f.rate_published_at) as published_at,
    case when f.contract is null then 'no liquid active month five sessions or more from first notice'
        when f.unknown_because <> '' then f.unknown_because
        when f.rate_act360_pct is null then 'no money rate of the last five days is held'
        when d.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    case when f.excess_pct > 0 then 'future above spot and carry: New York is short of deliverable bars, or a tariff stands between'
        when f.excess_pct < 0 then 'future below spot and carry: London is short of metal' end as meaning,
    d.metal, d.venue, f.contract, f.settle, case when f.settle is not null then d.session end as settle_session, f.settle_published_at, f.settle_sha256,
    f.settled_at, f.days_to_delivery, f.day_count, f.spot_usd, f.spot_bid_usd, f.spot_ask_usd,
    case when f.spot_usd is not null then d.session end as spot_session, f.spot_published_at, f.spot_sha256, f.spot_quoted_at,
    f.spot_provider, f.seconds_apart, f.quality,
    f.fut_minus_spot_usd, f.carry_usd, f.excess_usd, f.excess_pct, f.rate_act360_pct, f.rate_series, f.rate_session, f.rate_published_at, f.rate_sha256
from settlement_days d
join thresholds th on th.check_name = 'efp_excess' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
left join implied_forward f on f.venue = d.venue and f.product = d.product and f.session = d.session and f.liquidity_rank = 1
order by subject, d.session
