-- title = "Rises of the margin rate"
-- headline = "the exchange raised its margin rate {value} in 15 sessions"
-- why = "Rises in a row say that the exchange runs after the price; each one forces somebody out."
-- unit = "times"
-- decimals = 0
-- direction = "above"
-- formula = "rises of the initial margin's rate that began to apply within 15 sessions; two within 10 warn, three within 15 are the higher level"
-- enter = "1/1"
-- leave = 3
-- route = "mail"
-- reach = 30
-- cap = "warning"
-- needs = {manual_rows = 60}
-- sources = ["inbox_csv", "comex_settlements"]
-- references = ["market.md 1.13 (2 in 10, 3 in 15 sessions; rate and not dollars, the day it applies)", "market.md 4 MK4 (warning, 1 of 1)", "market.md 0a.9 (one measure a file)"]
-- [[threshold]]
-- metals = ["silver", "gold", "copper", "platinum", "palladium"]
-- venues = ["COMEX"]
-- warn = 2.0
-- critical = 3.0
-- clear = 1.0
with kinds as (select distinct product, metal, venue from contracts where venue in ('COMEX', 'NYMEX'))
select k.venue || ' ' || k.metal as subject, w.session, cast(w.rises_15 as double) as value,
    case when w.rises_10 >= th.warn then th.warn else th.critical end as warn, th.critical, th.clear, w.published_at,
    case when w.pages_differ then 'two pages entered disagree about a margin of the last 20 sessions'
        when w.sessions_since_entry >= 60 then 'no margin was entered for 60 sessions: enter again what applies'
        when w.sessions_on_file < 15 and w.rises_10 < th.warn and w.rises_15 < th.critical then 'margins are on file for less than 15 sessions'
        else '' end as reason,
    k.metal, k.venue, w.rises_10, w.rises_15, w.change_20_pct, w.steps, w.method_changed,
    w.value as margin, w.unit as margin_unit, w.applies_from as margin_session, w.published_at as margin_published_at, w.raw_sha256 as margin_sha256,
    w.before_value as before_margin, w.before_unit as before_margin_unit, w.before_applies_from as before_margin_session,
    w.before_published_at as before_margin_published_at, w.before_sha256 as before_margin_sha256,
    l.margin_pct_of_notional, l.margin_usd, l.notional_usd, l.contract as settle_contract, l.settle, case when l.settle is not null then w.session end as settle_session,
    l.settle_published_at, l.settle_sha256
from margin_windows w
join kinds k on k.product = w.product
join thresholds th on th.check_name = 'margin_hike_count' and th.venue = 'COMEX' and th.metal = k.metal
    and w.session >= th.valid_from and w.session < th.valid_to
left join margin_levels l on l.product = w.product and l.session = w.session
order by subject, w.session
