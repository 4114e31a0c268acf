-- title = "SHFE warrants over the claims of the delivery month"
-- headline = "SHFE warrants cover {value} of the delivery month"
-- why = "In the last ten sessions of a month in Shanghai warrants no longer cover what is still open; most of it usually closes before the end."
-- unit = "ratio"
-- decimals = 2
-- direction = "below"
-- formula = "warrants_kg / (open interest of the delivery month * lot in kg), both of the same session; from the ninth session before last trade on"
-- worked = "warrants_kg / (open_interest_lots * lot_kg)"
-- enter = "2/2"
-- leave = 3
-- route = "mail"
-- reach = 30
-- needs = {shfe_warrant_rows = 2, open_interest_rows = 2}
-- sources = ["shfe_warrants", "shfe_daily"]
-- references = ["market.md 1.9 (1.2 and 0.8, last 10 sessions; cover of the main month or of all months is always far below 1)", "market.md 4 SH2"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["SHFE"]
-- warn = 1.2
-- critical = 0.8
with held as (
    select session from shfe_cover where metal = 'silver' union select session from shanghai_stocks where metal = 'silver' and shfe_warrants_t is not null
),
days as materialized (
    select c.contract, c.metal, c.delivery_month, c.lot, f.ordinal - d.t as ordinal, cast(d.t as integer) as t
    from contracts c
    join venue_sessions f on f.calendar = 'SHFE' and f.session = c.last_trade
    cross join range(-1, 10) d(t)
    where c.venue = 'SHFE' and c.metal = 'silver'
),
asked as (
    select d.* exclude (ordinal), v.session
    from days d
    join venue_sessions v on v.calendar = 'SHFE' and v.ordinal = d.ordinal
    where v.session between (select min(session) from held) and (select max(session) from held)
)
select a.contract as subject, a.session, k.cover as value, th.warn, th.critical, th.clear,
    a.t < 0 or coalesce(k.open_interest_lots = 0, false) as ended,
    greatest(k.warrants_published_at, k.open_interest_published_at) as published_at,
    case when k.open_interest_lots is null then 'open interest of this session is not held'
        when k.open_interest_status <> 'final' then 'open interest is preliminary: shown, opens and closes nothing'
        when k.warrants_kg is null then 'the page of warrants of this session is not held' else '' end as reason,
    a.metal, 'SHFE' as venue, a.delivery_month, a.t as sessions_to_last_trade,
    k.warrants_kg, case when k.warrants_kg is not null then k.session end as warrants_session, k.warrants_published_at,
    k.open_interest_lots, k.session as open_interest_session, k.open_interest_published_at,
    a.lot as lot_kg, k.warrants_sha256, k.open_interest_sha256
from asked a
join thresholds th on th.check_name = 'shfe_month_cover' and th.venue = 'SHFE' and th.metal = a.metal
    and a.session >= th.valid_from and a.session < th.valid_to
left join shfe_cover k on k.contract = a.contract and k.session = a.session
order by subject, a.session
