-- title = "Co-basis of the nearest month not in its roll"
-- headline = "selling metal and buying the future back pays {value}"
-- why = "Metal sold now and bought back by a future pays more than it costs, and holders do not do it: they doubt the future, or have no metal."
-- unit = "%/yr"
-- decimals = 2
-- direction = "above"
-- formula = "(spot_bid_usd - settle) / spot_bid_usd * 360 / days_to_delivery * 100, spot minus future; spot with both sides within 15 minutes of the settlement, its mid beyond 60 seconds; the nearest liquid month ten sessions or more from first notice"
-- worked = "(spot_bid_usd - settle) / spot_bid_usd * 360 / days_to_delivery * 100"
-- enter = "3/3"
-- leave = 3
-- route = "memo"
-- reach = 30
-- needs = {settlement_rows = 2, spot_quote_rows = 2}
-- sources = ["comex_settlements", "spot_quotes"]
-- references = ["market.md 1.1 (0 and 2 %/yr for three sessions; what may be paired; roll selling lifts the expiring month)", "market.md 0a.3 (days)", "market.md 0a.8 (memo until spot is timestamped)", "market.md 4 CV2"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 0.0
-- critical = 2.0
with later as (
    select * from implied_forward
    where sessions_to_fnd >= 10
    qualify row_number() over (partition by venue, product, session order by delivery_month) = 1
)
select d.venue || ' ' || d.metal as subject, d.session, f.cobasis_ann_pct as value, th.warn, th.critical, th.clear,
    f.published_at,
    case when f.contract is null then 'no liquid active month ten sessions or more from first notice'
        when f.unknown_because <> '' then f.unknown_because
        when d.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    d.metal, d.venue, f.contract, f.settle, case when f.settle is not null then d.session end as settle_session, f.settle_published_at, f.settle_sha256,
    f.settled_at, f.days_to_delivery, f.day_count, f.spot_usd, f.spot_bid_usd, f.spot_ask_usd,
    case when f.spot_usd is not null then d.session end as spot_session, f.spot_published_at, f.spot_sha256, f.spot_quoted_at,
    f.spot_provider, f.seconds_apart, f.quality,
    f.fut_minus_spot_usd, f.basis_ann_pct
from settlement_days d
join thresholds th on th.check_name = 'cobasis' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
left join later f on f.venue = d.venue and f.product = d.product and f.session = d.session
order by subject, d.session
