-- title = "Carry of the two most liquid months against money"
-- headline = "the far month pays {value:+} against the money rate"
-- why = "A future that pays less than the money tied up in metal says that holders earn something else: metal is scarce before the spread turns negative."
-- unit = "pts"
-- decimals = 2
-- direction = "below"
-- formula = "(far_settle / near_settle - 1) * 360 / days_between * 100 - money rate of about that term, both percent a year, act/360; Treasury yield of 1, 3 or 6 months, else SOFR, at most five days old"
-- worked = "(far_settle / near_settle - 1) * 360 / days_between * 100 - rate_act360_pct"
-- enter = "3/5"
-- leave = 3
-- route = "mail"
-- cap = "warning"
-- reach = 30
-- needs = {settlement_rows = 2, rate_rows = 5}
-- sources = ["comex_settlements", "fred_bills", "nyfed_sofr"]
-- references = ["market.md 0.6 (the neutral level is the money rate, not zero)", "market.md 1.2 (-2 and -6 pts)", "market.md 4 CV6 (warning, 3 of 5)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = -2.0
-- critical = -6.0
select d.venue || ' ' || d.metal as subject, d.session, p.far_minus_near_ann_pct - m.act360_pct as value,
    th.warn, th.critical, th.clear, greatest(p.published_at, m.published_at) as published_at,
    case when p.far_minus_near_ann_pct is null then 'fewer than two liquid active months five sessions or more from first notice'
        when m.act360_pct is null then 'no money rate of the last five days is held'
        when d.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    d.metal, d.venue, p.near_contract, p.near_settle, d.session as near_settle_session,
    p.near_settle_published_at, p.near_sha256 as near_settle_sha256,
    p.far_contract, p.far_settle, d.session as far_settle_session,
    p.far_settle_published_at, p.far_sha256 as far_settle_sha256, p.days_between, p.far_minus_near_ann_pct,
    m.act360_pct as rate_act360_pct, m.percent as rate_percent, m.basis as rate_basis, m.series as rate_series,
    m.rate_session, m.published_at as rate_published_at, m.raw_sha256 as rate_sha256
from settlement_days d
join thresholds th on th.check_name = 'carry_gap' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
left join active_pair p on p.venue = d.venue and p.product = d.product and p.session = d.session
left join money_rates m on m.session = d.session and m.term = rate_for_days(p.days_between)
order by subject, d.session
