-- title = "Spread of the two most liquid months"
-- headline = "the far month stands {value} above the near one"
-- why = "The nearer of the two most liquid months costs more than the farther: metal now is worth more than metal later."
-- unit = "%/yr"
-- decimals = 2
-- direction = "below"
-- formula = "(far_settle / near_settle - 1) * 360 / days_between * 100, far minus near, first notice to first notice (SHFE: last trade to last trade)"
-- worked = "(far_settle / near_settle - 1) * 360 / days_between * 100"
-- enter = "2/3"
-- leave = 3
-- route = "mail"
-- reach = 21
-- needs = {settlement_rows = 2}
-- sources = ["comex_settlements", "shfe_daily"]
-- references = ["market.md 1.2 (filters, 0 and -2 %/yr)", "market.md 0a.3 (days; 67.934 -> 68.432 over 61 d = 4.326 %/yr)", "market.md 0a.7 (SHFE -2 and -8 %/yr)", "market.md 4 CV1"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["COMEX"]
-- warn = 0.0
-- critical = -2.0
-- [[threshold]]
-- metals = ["gold"]
-- venues = ["COMEX"]
-- warn = 0.0
-- clear = 0.4
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["SHFE"]
-- warn = -2.0
-- critical = -8.0
select d.venue || ' ' || d.metal as subject, d.session, p.far_minus_near_ann_pct as value, th.warn, th.critical, th.clear,
    p.published_at,
    case when p.far_minus_near_ann_pct is null then 'fewer than two liquid active months five sessions or more from first notice'
        when d.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    d.metal, d.venue, p.near_contract, p.near_settle, d.session as near_settle_session,
    p.near_settle_published_at, p.near_sha256 as near_settle_sha256,
    p.far_contract, p.far_settle, d.session as far_settle_session,
    p.far_settle_published_at, p.far_sha256 as far_settle_sha256, p.days_between, p.far_minus_near, p.currency, p.unit as price_unit,
    p.sessions_to_fnd as near_sessions_to_fnd, p.near_open_interest, p.far_open_interest, p.near_volume, p.far_volume
from settlement_days d
join thresholds th on th.check_name = 'front_back' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
left join active_pair p on p.venue = d.venue and p.product = d.product and p.session = d.session
order by subject, d.session
