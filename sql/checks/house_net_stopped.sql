-- title = "Houses that take metal for themselves"
-- headline = "house accounts took {value} of the month's deliveries, net"
-- why = "Clearing houses on their own account took more metal than they delivered; a house account may still hold for a client or a hedge."
-- unit = "%"
-- decimals = 0
-- direction = "above"
-- formula = "(stopped by house accounts - issued by house accounts) / notices month to date, in percent, as an interval: notices of missing daily reports could be all for or all against; both ends must pass"
-- enter = "3/3"
-- leave = 3
-- route = "mail"
-- reach = 60
-- needs = {delivery_notice_rows = 2, delivery_total_rows = 2}
-- sources = ["comex_notices"]
-- references = ["market.md 1.7 (30 % of the month)", "market.md 4 DL5"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 30
select d.contract as subject, d.session, 100 * d.house_net_lots / nullif(d.delivered_lots, 0) as value,
    100 * (d.house_net_lots - (d.delivered_lots - d.firm_lots)) / nullif(d.delivered_lots, 0) as low,
    100 * (d.house_net_lots + (d.delivered_lots - d.firm_lots)) / nullif(d.delivered_lots, 0) as high,
    th.warn, th.critical, th.clear, d.ended, d.notices_published_at as published_at,
    case when d.delivered_lots is null then 'delivery notices through this session are not held'
        when d.notices_suspect then 'the delivery notices contradict those before them'
        when d.firm_lots > d.delivered_lots then 'the notices by firm are more than the month to date'
        when d.house_net_lots is null then 'no notices by firm are held' else '' end as reason,
    d.metal, d.venue, d.delivery_month, -d.sessions_to_fnd as sessions_since_fnd,
    d.house_net_lots, d.delivered_lots, d.session as delivered_session, d.notices_published_at as delivered_published_at,
    d.delivered_lots - d.firm_lots as lots_of_missing_reports, d.top3_stopper_share_pct, d.notices_sha256 as delivered_sha256
from delivery_month d
join thresholds th on th.check_name = 'house_net_stopped' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
where d.is_active and d.sessions_to_fnd <= 0 and d.session >= (select min(session) from delivery_totals)
order by subject, d.session
