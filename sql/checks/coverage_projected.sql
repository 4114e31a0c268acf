-- title = "Registered cover of those likely to stand"
-- headline = "registered covers {value} of those likely to stand"
-- why = "Of the largest open interest of a month about a tenth usually stands for delivery; here the warrants are few even for that."
-- unit = "ratio"
-- decimals = 2
-- direction = "below"
-- formula = "registered_oz / (largest final open interest up to the session * 8.8 % * lot_oz); 15 and 25 % are shown beside it"
-- enter = "2/2"
-- leave = 3
-- route = "mail"
-- reach = 399 # all that a check sees
-- needs = {comex_stock_rows = 2, open_interest_rows = 2}
-- sources = ["comex_stocks", "comex_volume"]
-- references = ["market.md 1.6 (1.5 and 1.0 at 8.8 %; mean stand share of silver's active months)", "market.md 4 DL2 (90 days of open interest)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- from_t = 6
-- to_t = 45
-- warn = 1.5
-- critical = 1.0
with days as materialized (
    select c.venue, c.product, c.metal, c.delivery_month, c.contract, c.calendar, f.ordinal - d.t as ordinal, cast(d.t as integer) as t
    from contracts c
    join venue_sessions f on f.calendar = c.calendar and f.session = c.first_notice
    cross join range(5, 46) d(t)
    where c.is_active and exists (from thresholds x where x.check_name = 'coverage_projected' and x.venue = c.venue and x.metal = c.metal)
),
asked as (
    select d.* exclude (calendar, ordinal), v.session
    from days d
    join venue_sessions v on v.calendar = d.calendar and v.ordinal = d.ordinal
    where v.session >= (select min(session) from comex_stock_totals)
        and v.session <= (select max(session) from open_interest_best where venue in ('COMEX', 'NYMEX'))
)
select a.contract as subject, a.session, k.projected_coverage as value, th.warn, th.critical, th.clear,
    a.t < 6 as ended,
    greatest(k.registered_published_at, k.oi_published_at) as published_at,
    case when k.raw_coverage is null then 'stocks or open interest of this session are not held'
        when k.stocks_suspect then 'the stock report contradicts the session before it'
        when k.oi_suspect then 'the open-interest file contradicts the session before it'
        when k.projected_coverage is null then 'open interest is preliminary: shown, opens and closes nothing'
        when k.days_held < 90 then 'less than 90 days of open interest are held: the largest may lie before them'
        else '' end as reason,
    a.metal, a.venue, a.delivery_month, a.t as sessions_to_fnd,
    k.registered_oz, k.session as registered_session, k.registered_published_at,
    k.peak_open_interest as largest_open_interest_lots, k.peak_session as largest_open_interest_on,
    k.open_interest as open_interest_lots, k.session as open_interest_session, k.oi_published_at as open_interest_published_at,
    k.oi_status as open_interest_status, k.projected_coverage_15 as cover_if_15_pct_stand,
    k.projected_coverage_25 as cover_if_25_pct_stand, k.raw_coverage, k.claims_per_registered_oz, k.days_held,
    k.registered_sha256, k.oi_sha256 as open_interest_sha256
from asked a
left join thresholds th on th.check_name = 'coverage_projected' and th.venue = a.venue and th.metal = a.metal
    and a.session >= th.valid_from and a.session < th.valid_to and a.t between th.from_t and th.to_t
left join coverage_family k on k.product = a.product and k.delivery_month = a.delivery_month and k.session = a.session
order by subject, a.session
