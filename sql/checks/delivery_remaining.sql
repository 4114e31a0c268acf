-- title = "Registered cover of the claims left after first notice"
-- headline = "registered covers {value} of the claims left"
-- why = "After first notice whoever is still open wants metal: below one there is less on warrant than is still claimed."
-- unit = "ratio"
-- decimals = 2
-- direction = "below"
-- formula = "registered_oz / (final open interest of the delivery month * lot_oz), both of the same session, from first notice day to the last trade day"
-- enter = "1/1"
-- leave = 2
-- route = "mail"
-- reach = 60
-- needs = {comex_stock_rows = 2, open_interest_rows = 2}
-- sources = ["comex_stocks", "comex_volume"]
-- references = ["market.md 1.6 (1.2 and 1.0 after first notice: the only hard shortfall test)", "market.md 4 DL4"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 1.2
-- critical = 1.0
select d.contract as subject, d.session, k.remaining_coverage as value, th.warn, th.critical, th.clear,
    d.ended or coalesce(d.open_interest = 0 and d.oi_status = 'final', false) as ended,
    greatest(k.registered_published_at, k.oi_published_at) as published_at,
    case when d.open_interest = 0 and d.oi_status = 'final' then 'no claims are left'
        when k.remaining_coverage is null then 'stocks or open interest of this session are not held'
        when k.stocks_suspect then 'the stock report contradicts the session before it'
        when k.oi_suspect then 'the open-interest file contradicts the session before it'
        when k.oi_status <> 'final' then 'open interest is preliminary: shown, opens and closes nothing'
        else '' end as reason,
    d.metal, d.venue, d.delivery_month, d.sessions_to_fnd,
    k.registered_oz, k.session as registered_session, k.registered_published_at,
    d.open_interest as claims_left_lots, d.session as claims_left_session, k.oi_published_at as claims_left_published_at,
    d.oi_status as claims_left_status, d.delivered_before_lots as delivered_through_session_before_lots,
    k.registered_sha256, k.oi_sha256 as claims_left_sha256
from delivery_month d
join thresholds th on th.check_name = 'delivery_remaining' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
left join coverage_family k on k.venue = d.venue and k.product = d.product and k.delivery_month = d.delivery_month
    and k.session = d.session
where d.is_active and d.sessions_to_fnd <= 0
order by subject, d.session
