-- title = "Gold's implied forward"
-- headline = "gold's forward stands at {value}"
-- why = "Gold for later below gold for now: what London's forward rate showed in 2013 and 2014. Where money costs little this speaks before the lease does."
-- unit = "%/yr"
-- decimals = 2
-- direction = "below"
-- formula = "(settle / spot_usd - 1) * 360 / days_to_delivery * 100, future over spot; of the liquid months 14 days or more from delivery the one nearest to 30 days"
-- worked = "(settle / spot_usd - 1) * 360.0 / days_to_delivery * 100"
-- enter = "3/3"
-- leave = 3
-- route = "memo"
-- reach = 30
-- needs = {settlement_rows = 2, spot_quote_rows = 2}
-- sources = ["comex_settlements", "spot_quotes"]
-- references = ["market.md 1.3 (below zero, and -0.10 % for three sessions; July 2013, November 2014)", "market.md 3 (GOFO 2013-14)", "market.md 0a.8 (memo until spot is timestamped)"]
-- [[threshold]]
-- metals = ["gold"]
-- venues = ["COMEX"]
-- warn = 0.0
-- critical = -0.1
with monthly as (
    select * from implied_forward
    where days_to_delivery >= 14
    qualify row_number() over (partition by venue, product, session order by (abs(days_to_delivery - 30), delivery_month)) = 1
)
select d.venue || ' ' || d.metal as subject, d.session, f.forward_ann_pct as value, th.warn, th.critical, th.clear,
    f.published_at,
    case when f.contract is null then 'no liquid active month 14 days or more from delivery'
        when f.unknown_because <> '' then f.unknown_because
        when d.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    d.metal, d.venue, f.contract, f.settle, case when f.settle is not null then d.session end as settle_session, f.settle_published_at, f.settle_sha256,
    f.settled_at, f.days_to_delivery, f.day_count, f.spot_usd, f.spot_bid_usd, f.spot_ask_usd,
    case when f.spot_usd is not null then d.session end as spot_session, f.spot_published_at, f.spot_sha256, f.spot_quoted_at,
    f.spot_provider, f.seconds_apart, f.quality,
    f.lease_ann_pct, f.rate_act360_pct, f.rate_series, f.rate_session, f.rate_published_at, f.rate_sha256
from settlement_days d
join thresholds th on th.check_name = 'gold_forward' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
left join monthly f on f.venue = d.venue and f.product = d.product and f.session = d.session
order by subject, d.session
