-- title = "Implied lease"
-- headline = "borrowing metal to a delivery month or two ahead costs {value}"
-- why = "What a borrower of metal pays beyond money is the price of having it now."
-- unit = "%/yr"
-- decimals = 2
-- direction = "above"
-- formula = "((1 + r * t) / (settle / spot_usd) - 1) / t * 100, t = days_to_delivery / 360; of the liquid months 14 days or more from delivery the one nearest to 30 days; r the money rate of about that term"
-- worked = "((1 + rate_act360_pct / 100 * days_to_delivery / 360.0) / (settle / spot_usd) - 1) * 360.0 / days_to_delivery * 100"
-- enter = "2/3"
-- leave = 3
-- route = "memo"
-- reach = 30
-- needs = {settlement_rows = 2, spot_quote_rows = 2, rate_rows = 5}
-- sources = ["comex_settlements", "spot_quotes", "fred_bills", "nyfed_sofr"]
-- references = ["market.md 1.3 (exact formula; silver 2 and 15 %, gold 1 %; never annualise a few days)", "market.md 0a.3 (days)", "market.md 0a.8 (memo until spot is timestamped)", "market.md 4 CV4"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["COMEX"]
-- warn = 2.0
-- critical = 15.0
-- clear = 1.6
-- [[threshold]]
-- metals = ["gold"]
-- venues = ["COMEX"]
-- warn = 1.0
with monthly as (
    select * from implied_forward
    where days_to_delivery >= 14
    qualify row_number() over (partition by venue, product, session order by (abs(days_to_delivery - 30), delivery_month)) = 1
)
select d.venue || ' ' || d.metal as subject, d.session, f.lease_ann_pct as value, th.warn, th.critical, th.clear,
    greatest(f.published_at, f.rate_published_at) as published_at,
    case when f.contract is null then 'no liquid active month 14 days or more from delivery'
        when f.unknown_because <> '' then f.unknown_because
        when f.rate_act360_pct is null then 'no money rate of the last five days is held'
        when d.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    d.metal, d.venue, f.contract, f.settle, case when f.settle is not null then d.session end as settle_session, f.settle_published_at, f.settle_sha256,
    f.settled_at, f.days_to_delivery, f.day_count, f.spot_usd, f.spot_bid_usd, f.spot_ask_usd,
    case when f.spot_usd is not null then d.session end as spot_session, f.spot_published_at, f.spot_sha256, f.spot_quoted_at,
    f.spot_provider, f.seconds_apart, f.quality,
    f.forward_ann_pct, f.rate_act360_pct, f.rate_series, f.rate_session, f.rate_published_at, f.rate_sha256
from settlement_days d
join thresholds th on th.check_name = 'lease' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
left join monthly f on f.venue = d.venue and f.product = d.product and f.session = d.session
order by subject, d.session
