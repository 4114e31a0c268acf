-- title = "Largest short seat in the delivery month over SHFE warrants"
-- headline = "the largest short seat holds {value} times all SHFE warrants"
-- why = "One seat is short more of the delivery month than all warrants; a seat is a broker with all its clients, hedges look the same, and most of it closes before delivery."
-- unit = "ratio"
-- decimals = 2
-- direction = "above"
-- formula = "largest of (short - long) lots of one seat in the delivery month * lot in kg / warrants in kg; a side not among the twenty printed makes it an interval, both ends must pass"
-- enter = "2/3"
-- leave = 3
-- cap = "warning"
-- route = "mail"
-- reach = 30
-- needs = {shfe_warrant_rows = 2, member_position_rows = 2}
-- sources = ["shfe_ranking", "shfe_warrants"]
-- references = ["market.md 1.9 (1.0 and 1.5, delivery month alone; the ranking is a broker's seat)", "market.md 4 SH3 (a warning at most)", "market.md 6 (450/318.54 = 1.4127)"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["SHFE"]
-- warn = 1.0
-- critical = 1.5
with held as (select min(session) as first, max(session) as last from member_net where metal = 'silver'),
days as materialized (
    select c.contract, c.metal, c.delivery_month, f.ordinal - d.t as ordinal, cast(d.t as integer) as t
    from contracts c
    join venue_sessions f on f.calendar = 'SHFE' and f.session = c.last_trade
    cross join range(-1, 10) d(t)
    where c.venue = 'SHFE' and c.metal = 'silver'
),
asked as (
    select d.* exclude (ordinal), v.session
    from days d
    join venue_sessions v on v.calendar = 'SHFE' and v.ordinal = d.ordinal
    join held h on v.session between h.first and h.last
),
worst as (
    select contract, session, arg_max(m, (m.net_short_low_kg, m.member_id)) as w, count(*) as seats,
        max(net_short_high_kg) as most_kg
    from member_net m
    where metal = 'silver'
    group by all
)
select a.contract as subject, a.session, w.w.over_warrants_low as value,
    w.w.over_warrants_low as low, w.most_kg / nullif(w.w.warrants_kg, 0) as high, th.warn, th.critical, th.clear,
    a.t < 0 as ended, greatest(w.w.published_at, w.w.warrants_published_at) as published_at,
    case when w.w is null then 'no ranking of this month and session is held; small months are not printed'
        when w.w.warrants_kg is null then 'the page of warrants of this session is not held' else '' end as reason,
    a.metal, 'SHFE' as venue, a.delivery_month, a.t as sessions_to_last_trade,
    w.w.net_short_low_lots as seat_net_short_lots_at_least, w.w.net_short_high_lots as seat_net_short_lots_at_most,
    w.w.net_short_low_kg as seat_net_short_kg_at_least,
    w.w.session as seat_session, w.w.published_at as seat_published_at, w.w.raw_sha256 as seat_sha256,
    w.seats as seats_printed, w.w.warrants_kg,
    case when w.w.warrants_kg is not null then w.w.session end as warrants_session, w.w.warrants_published_at,
    w.w.warrants_sha256
from asked a
join thresholds th on th.check_name = 'member_short_over_warrants' and th.venue = 'SHFE' and th.metal = a.metal
    and a.session >= th.valid_from and a.session < th.valid_to
left join worst w on w.contract = a.contract and w.session = a.session
order by subject, a.session
