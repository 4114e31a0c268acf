-- title = "Fresh demand for delivery inside the month"
-- headline = "{value:+} came to stand after first position day"
-- why = "Contracts are opened in the delivery month to take metal at once; a usual month loses a few claims instead."
-- unit = "%"
-- decimals = 0
-- direction = "above"
-- formula = "(notices through the session before + open interest - open interest on first position day) / open interest on first position day, in percent"
-- enter = "3/3"
-- leave = 3
-- route = "mail"
-- reach = 60
-- needs = {delivery_total_rows = 2, open_interest_rows = 2}
-- sources = ["comex_notices", "comex_volume"]
-- references = ["market.md 0a.5 (+2,783 lots or +45 % by session 23 March 2026: 8,713 + 293 - 6,223)", "market.md 1.7 (5 % of open interest on first position day; a mean month is slightly negative)", "market.md 4 DL5"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 5
select d.contract as subject, d.session, d.net_new_pct as value, th.warn, th.critical, th.clear, d.ended,
    greatest(d.notices_published_at, d.oi_published_at) as published_at,
    case when d.delivered_before_lots is null then 'delivery notices through the session before are not held'
        when d.notices_suspect then 'the delivery notices contradict those before them'
        when d.net_new_pct is null then 'open interest of this session or of first position day is not held'
        when d.oi_suspect then 'an open-interest file contradicts the session before it'
        when d.oi_status <> 'final' or d.first_position_oi_status <> 'final'
            then 'open interest is preliminary: shown, opens and closes nothing'
        else '' end as reason,
    d.metal, d.venue, d.delivery_month, d.sessions_to_fnd, d.net_new_lots, d.net_new_lots * d.lot_oz as net_new_oz,
    d.delivered_before_lots as delivered_through_session_before_lots, d.notices_published_at as delivered_published_at,
    d.open_interest as open_interest_lots, d.session as open_interest_session, d.oi_published_at as open_interest_published_at,
    d.first_position_open_interest as first_position_lots, d.first_position as first_position_session,
    d.notices_sha256 as delivered_sha256, d.oi_sha256 as open_interest_sha256, d.first_position_sha256
from delivery_month d
join thresholds th on th.check_name = 'delivery_net_new' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
where d.is_active and d.sessions_to_fnd <= 0 and d.session >= (select min(session) from delivery_totals)
order by subject, d.session
