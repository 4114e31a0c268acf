-- title = "Registered cover of the front month"
-- headline = "registered covers {value} of front-month claims"
-- why = "Open interest of an active month usually rolls away before first notice; here more of it than usual is left for the metal on warrant."
-- unit = "ratio"
-- decimals = 3
-- direction = "below"
-- formula = "registered_oz / (open_interest * lot_oz), both of the same session, open interest final"
-- worked = "registered_oz / (open_interest_lots * lot_oz)"
-- enter = "2/2"
-- leave = 3
-- cap = "warning"
-- route = "mail"
-- reach = 21
-- looks_farther = ["typical"]
-- needs = {comex_stock_rows = 2, open_interest_rows = 2}
-- sources = ["comex_stocks", "comex_volume"]
-- references = ["market.md 1.6 (thresholds by T, reasons for the cap)", "market.md 0a.1 (T)", "market.md 0a.2 (two readings)", "market.md 0a.4 (typical)", "market.md 4 DL1"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- from_t = 6
-- to_t = 14
-- warn = 0.20
-- critical = 0.12
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- from_t = 3
-- to_t = 5
-- warn = 0.40
-- critical = 0.25
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- from_t = -3
-- to_t = 2
-- warn = 1.0
-- critical = 0.75
with days as materialized (
    select c.venue, c.product, c.metal, c.delivery_month, c.contract, c.lot_oz, c.calendar, f.ordinal - d.t as ordinal, cast(d.t as integer) as t
    from contracts c
    join venue_sessions f on f.calendar = c.calendar and f.session = c.first_notice
    cross join range(-3, 15) d(t)
    where c.is_active and exists (from thresholds x where x.check_name = 'coverage_raw' and x.venue = c.venue and x.metal = c.metal)
),
asked as (
    select d.* exclude (calendar, ordinal), v.session
    from days d
    join venue_sessions v on v.calendar = d.calendar and v.ordinal = d.ordinal
    where v.session >= (select min(session) from comex_stock_totals)
        and v.session <= (select max(session) from open_interest where venue in ('COMEX', 'NYMEX'))
)
select a.contract as subject, a.session, k.raw_coverage as value, th.warn, th.critical, th.clear,
    a.t < 0 as ended,
    greatest(k.registered_published_at, k.oi_published_at) as published_at,
    case when k.raw_coverage is null then 'stocks or open interest of this session are not held'
        when k.stocks_suspect then 'the stock report contradicts the session before it'
        when k.oi_suspect then 'the open-interest file contradicts the session before it'
        when k.oi_status <> 'final' then 'open interest is preliminary: shown, opens and closes nothing'
        else '' end as reason,
    a.metal, a.venue, a.delivery_month, a.t as sessions_to_fnd,
    k.registered_oz, k.session as registered_session, k.registered_published_at,
    k.open_interest as open_interest_lots, k.session as open_interest_session, k.oi_published_at as open_interest_published_at,
    k.oi_status as open_interest_status, k.oi_proof as open_interest_proof, k.claims_oz, a.lot_oz, k.deliverable_supply_coverage,
    coalesce(
        (select string_agg(r.contract || ' ' || round(r.raw_coverage, 3), ', ' order by r.delivery_month desc)
            from roll_points r where r.product = a.product and r.sessions_to_fnd = a.t
            and r.delivery_month < a.delivery_month and r.valid_from <= a.session and r.raw_coverage is not null),
        'no earlier month on file at this distance' || coalesce('; published: ' ||
            (select string_agg(round(r.raw_coverage, 3) || ' at T-' || r.sessions_to_fnd || ' (' || r.contract || ')', ', ' order by r.delivery_month desc)
            from roll_points r where r.product = a.product and r.origin <> 'own history'
            and r.delivery_month < a.delivery_month and r.valid_from <= a.session and r.sessions_to_fnd = 6) || ', neither failed', '')
    ) as typical,
    k.registered_sha256, k.oi_sha256 as open_interest_sha256
from asked a
join thresholds th on th.check_name = 'coverage_raw' and th.venue = a.venue and th.metal = a.metal
    and a.session >= th.valid_from and a.session < th.valid_to and a.t between th.from_t and th.to_t
left join coverage k on k.product = a.product and k.delivery_month = a.delivery_month and k.session = a.session
order by subject, a.session
