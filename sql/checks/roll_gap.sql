-- title = "Open interest that does not roll away"
-- headline = "{value:+} more of the month is still open than usual"
-- why = "A month's holders usually leave before first notice; those who stay longer than the holders of earlier months may want metal."
-- unit = "points"
-- decimals = 1
-- direction = "above"
-- formula = "100 * (open interest / its largest up to the session - median of the same share at the same sessions to first notice in up to 8 earlier active months, of the 400 days a check sees); critical from 4 months on"
-- enter = "2/2"
-- leave = 3
-- route = "mail"
-- reach = 399 # all that a check sees
-- needs = {open_interest_rows = 2}
-- sources = ["comex_volume"]
-- references = ["market.md 1.6 (12 and 20 points, 15 and 25 from T-5; the two published curves)", "market.md 0a.4 (a curve is valid from its own first notice)", "market.md 0a.7 (band per metal: gold alone spans .66 to .84 at T-13)", "market.md 4 DL3"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["COMEX"]
-- from_t = 6
-- to_t = 14
-- warn = 12
-- critical = 20
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["COMEX"]
-- from_t = 3
-- to_t = 5
-- warn = 15
-- critical = 25
-- [[threshold]]
-- metals = ["gold"]
-- venues = ["COMEX"]
-- from_t = 3
-- to_t = 14
-- warn = 20
-- critical = 30
with days as materialized (
    select c.venue, c.product, c.metal, c.delivery_month, c.contract, c.calendar, f.ordinal - d.t as ordinal, cast(d.t as integer) as t
    from contracts c
    join venue_sessions f on f.calendar = c.calendar and f.session = c.first_notice
    cross join range(2, 15) d(t)
    where c.is_active and exists (from thresholds x where x.check_name = 'roll_gap' and x.venue = c.venue and x.metal = c.metal)
),
asked as (
    select d.* exclude (calendar, ordinal), v.session
    from days d
    join venue_sessions v on v.calendar = d.calendar and v.ordinal = d.ordinal
    where v.session between (select min(session) from open_interest_best where venue = 'COMEX')
        and (select max(session) from open_interest_best where venue = 'COMEX')
),
earlier as (
    select a.contract, a.session, r.contract as named, r.delivery_month, r.peak_share
    from asked a
    join roll_points r on r.product = a.product and r.sessions_to_fnd = a.t and r.delivery_month < a.delivery_month
        and r.valid_from <= a.session and r.peak_share is not null
    qualify row_number() over (partition by a.contract, a.session order by r.delivery_month desc) <= 8
),
usual as (
    select contract, session, count(*) as months, median(peak_share) as share, min(peak_share) as lowest, max(peak_share) as highest,
        string_agg(named || ' ' || round(peak_share, 3), ', ' order by delivery_month desc) as typical
    from earlier group by all
)
select a.contract as subject, a.session, 100 * (r.peak_share - u.share) as value,
    th.warn, case when u.months >= 4 then th.critical end as critical, th.clear,
    a.t < 3 as ended, o.published_at,
    case when o.open_interest is null then 'open interest of this session is not held'
        when coalesce(h.suspect, false) then 'the open-interest file contradicts the session before it'
        when r.open_interest is null then 'open interest is preliminary: shown, opens and closes nothing'
        when not r.peak_is_known then 'the month is not held from 60 days before first notice: its largest open interest is not known'
        when u.share is null then 'no earlier month on file at this distance' else '' end as reason,
    a.metal, a.venue, a.delivery_month, a.t as sessions_to_fnd,
    o.open_interest as open_interest_lots, o.session as open_interest_session, o.published_at as open_interest_published_at,
    o.status as open_interest_status, r.peak_open_interest as largest_open_interest_lots,
    r.peak_session as largest_open_interest_on, r.peak_share as share, u.share as usual_share,
    u.lowest as lowest_share, u.highest as highest_share, u.months as months_compared, u.typical,
    o.raw_sha256 as open_interest_sha256
from asked a
left join thresholds th on th.check_name = 'roll_gap' and th.venue = a.venue and th.metal = a.metal
    and a.session >= th.valid_from and a.session < th.valid_to and a.t between th.from_t and th.to_t
left join open_interest_best o on o.venue = a.venue and o.product = a.product and o.delivery_month = a.delivery_month
    and o.session = a.session
left join open_interest_chain h on h.venue = a.venue and h.product = a.product and h.session = a.session
left join roll_curve r on r.venue = a.venue and r.product = a.product and r.delivery_month = a.delivery_month
    and r.session = a.session
left join usual u on u.contract = a.contract and u.session = a.session
order by subject, a.session
