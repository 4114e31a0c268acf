-- title = "Deliveries that come late"
-- headline = "{value} of those who stood has been delivered"
-- why = "Two weeks into the month most of what stood on first position day is usually delivered; late metal is hard to find metal, or a short who waits."
-- unit = "%"
-- decimals = 0
-- direction = "below"
-- formula = "notices month to date / open interest on first position day, in percent, from ten sessions after first notice to the last trade day"
-- enter = "3/3"
-- leave = 3
-- route = "mail"
-- reach = 60
-- needs = {delivery_total_rows = 2, open_interest_rows = 2}
-- sources = ["comex_notices", "comex_volume"]
-- references = ["market.md 1.7 (60 % ten sessions after first notice; 77.6 % by the 16th was the slowest since 2020)", "market.md 4 DL5"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 60
select d.contract as subject, d.session, d.delivered_pct as value, th.warn, th.critical, th.clear, d.ended,
    greatest(d.notices_published_at, d.oi_published_at) as published_at,
    case when d.delivered_lots is null then 'delivery notices through this session are not held'
        when d.notices_suspect then 'the delivery notices contradict those before them'
        when d.delivered_pct is null then 'open interest of first position day is not held'
        when d.oi_suspect then 'an open-interest file contradicts the session before it'
        when d.first_position_oi_status <> 'final' then 'open interest on first position day is preliminary: shown, opens and closes nothing'
        else '' end as reason,
    d.metal, d.venue, d.delivery_month, -d.sessions_to_fnd as sessions_since_fnd,
    d.delivered_lots, d.session as delivered_session, d.notices_published_at as delivered_published_at,
    d.first_position_open_interest as first_position_lots, d.first_position as first_position_session,
    d.issued_lots as notices_of_the_day_lots, d.first_day_share_pct, d.top3_stopper_share_pct,
    d.notices_sha256 as delivered_sha256, d.first_position_sha256
from delivery_month d
join thresholds th on th.check_name = 'delivery_pace' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
where d.is_active and d.sessions_to_fnd <= -10 and d.session >= (select min(session) from delivery_totals)
order by subject, d.session
