-- title = "Registered cover of those standing for delivery"
-- headline = "registered covers {value} of those standing for delivery"
-- why = "From the eve of first notice the open contracts are those who want metal: below two the warrants are few, near one they are short."
-- unit = "ratio"
-- decimals = 2
-- direction = "below"
-- formula = "registered_oz / ((notices month to date + open interest left after them) * lot_oz); until notices of the month are held, open interest on first position day stands for both"
-- worked = "registered / (standing_lots * lot_oz)"
-- enter = "1/1"
-- leave = 2
-- route = "mail"
-- reach = 60
-- needs = {comex_stock_rows = 2, open_interest_rows = 2, delivery_total_rows = 2}
-- sources = ["comex_stocks", "comex_volume", "comex_notices"]
-- references = ["market.md 0a.5 (standing cover, 2.0 and 1.2; March 2026 2.84, May 2.57)", "market.md 0a.1 (T)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 2.0
-- critical = 1.2
with asked as (
    select d.*, d.reports_held > 0 as has_notices,
        case when d.reports_held > 0 then d.standing_lots else d.first_position_open_interest end as standing
    from delivery_month d
    where d.is_active and d.first_position_open_interest > 0 and d.session <= (select max(session) from comex_stock_totals)
)
select a.contract as subject, a.session,
    case t.unit when 'troy_oz' then t.registered else t.registered * 907184.74 / 31.1034768 end / nullif(a.standing * a.lot_oz, 0) as value,
    th.warn, th.critical, th.clear, a.ended,
    greatest(t.published_at, a.oi_published_at, a.notices_published_at) as published_at,
    case when t.registered is null then 'stocks of this session are not held'
        when t.suspect then 'the stock report contradicts the session before it'
        when a.oi_suspect then 'the open-interest file of this session or of first position day contradicts the session before it'
        when a.first_position_oi_status <> 'final' then 'open interest on first position day is preliminary: shown, opens and closes nothing'
        when a.has_notices and a.delivered_before_lots is null then 'delivery notices through the session before are not held'
        when a.has_notices and a.open_interest is null then 'open interest of this session is not held'
        when a.has_notices and a.notices_suspect then 'the delivery notices contradict those before them'
        when a.has_notices and a.oi_status <> 'final' then 'open interest is preliminary: shown, opens and closes nothing'
        else '' end as reason,
    a.metal, a.venue, a.delivery_month,
    t.registered, t.session as registered_session, t.published_at as registered_published_at,
    a.standing as standing_lots, case when a.has_notices then a.session else a.first_position end as standing_session,
    greatest(a.oi_published_at, a.notices_published_at) as standing_published_at,
    case when a.has_notices then a.oi_status else a.first_position_oi_status end as standing_status,
    a.standing * a.lot_oz as standing_oz, a.lot_oz,
    case when a.has_notices then a.delivered_lots end as delivered_lots,
    case when a.has_notices then a.session end as delivered_session,
    case when a.has_notices then a.notices_published_at end as delivered_published_at,
    case when a.has_notices then a.standing_lots - a.delivered_lots end as open_interest_left_lots,
    case when a.has_notices then a.net_new_lots end as net_new_lots,
    case when a.metal <> 'silver' then 'no earlier month on file'
        when a.session >= date '2026-04-30' then 'March 2026 2.84, May 2026 2.57 on their first position days (from final open interest)'
        when a.session >= date '2026-02-27' then 'March 2026 2.84 on its first position day (from final open interest)'
        else 'no earlier month on file' end as typical,
    t.raw_sha256 as registered_sha256, coalesce(a.oi_sha256, a.first_position_sha256) as standing_sha256,
    a.notices_sha256 as delivered_sha256
from asked a
join thresholds th on th.check_name = 'standing_cover' and th.venue = a.venue and th.metal = a.metal
    and a.session >= th.valid_from and a.session < th.valid_to
left join comex_stock_totals t on t.metal = a.metal and t.session = a.session
order by subject, a.session
