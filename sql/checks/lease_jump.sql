-- title = "Implied lease, change of 5 sessions"
-- headline = "borrowing metal costs {value:+} against 5 sessions before"
-- why = "A lease that jumps says that metal was called for at once, whatever its level."
-- unit = "pts"
-- decimals = 2
-- direction = "above"
-- formula = "lease_ann_pct - before_lease_ann_pct, each as the check lease has it, 5 sessions apart; the month may be another by then, both are named"
-- worked = "lease_ann_pct - before_lease_ann_pct"
-- enter = "2/3"
-- leave = 3
-- route = "memo"
-- reach = 30
-- needs = {settlement_rows = 2, spot_quote_rows = 2, rate_rows = 5}
-- sources = ["comex_settlements", "spot_quotes", "fred_bills", "nyfed_sofr"]
-- references = ["market.md 1.3 (+3 pts in 5 sessions)", "market.md 4 CV4 (2 of 3)", "market.md 0a.9 (one measure a file)", "market.md 0a.8 (memo until spot is timestamped)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 3.0
with known as (select venue, product, min(ordinal) as first from settlement_days group by all),
monthly as (
    select f.*, v.ordinal from implied_forward f
    join venue_sessions v on v.calendar = 'COMEX' and v.session = f.session
    where f.days_to_delivery >= 14
    qualify row_number() over (partition by f.venue, f.product, f.session order by (abs(f.days_to_delivery - 30), f.delivery_month)) = 1
)
select d.venue || ' ' || d.metal as subject, d.session, n.lease_ann_pct - b.lease_ann_pct as value, th.warn, th.critical, th.clear,
    greatest(n.published_at, n.rate_published_at, b.published_at, b.rate_published_at) as published_at,
    case when n.contract is null then 'no liquid active month 14 days or more from delivery'
        when n.unknown_because <> '' then n.unknown_because
        when b.contract is null then 'the curve of 5 sessions before is not held'
        when b.unknown_because <> '' then '5 sessions before: ' || b.unknown_because
        when n.rate_act360_pct is null or b.rate_act360_pct is null then 'no money rate of the last five days is held'
        when d.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    d.metal, d.venue, n.lease_ann_pct, b.lease_ann_pct as before_lease_ann_pct,
    n.contract, n.days_to_delivery, n.settle, case when n.settle is not null then d.session end as settle_session,
    n.settle_published_at, n.settle_sha256, n.spot_usd, case when n.spot_usd is not null then d.session end as spot_session,
    n.spot_published_at, n.spot_sha256, n.spot_quoted_at, n.quality,
    n.rate_act360_pct, n.rate_session, n.rate_published_at, n.rate_sha256,
    b.contract as before_contract, b.days_to_delivery as before_days_to_delivery,
    b.settle as before_settle, case when b.settle is not null then b.session end as before_settle_session,
    b.settle_published_at as before_settle_published_at, b.settle_sha256 as before_settle_sha256,
    b.spot_usd as before_spot_usd, case when b.spot_usd is not null then b.session end as before_spot_session,
    b.spot_published_at as before_spot_published_at, b.spot_sha256 as before_spot_sha256,
    b.rate_act360_pct as before_rate_act360_pct, b.rate_session as before_rate_session,
    b.rate_published_at as before_rate_published_at, b.rate_sha256 as before_rate_sha256
from settlement_days d
join known k on k.venue = d.venue and k.product = d.product and d.ordinal >= k.first + 5
join thresholds th on th.check_name = 'lease_jump' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
left join monthly n on n.venue = d.venue and n.product = d.product and n.session = d.session
left join monthly b on b.venue = d.venue and b.product = d.product and b.ordinal = d.ordinal - 5
order by subject, d.session
