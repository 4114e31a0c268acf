-- title = "Registered cover of those standing for delivery"
-- headline = "registered covers {value} of those standing for delivery"
-- why = "From the eve of first notice the open contracts are those who want metal: below two the warrants are few, near one they are short."
-- unit = "ratio"
-- decimals = 2
-- direction = "below"
-- formula = "registered_oz / (open interest on first position day * lot_oz); until delivery notices are loaded, open interest on first position day stands for deliveries to date plus open interest left"
-- worked = "registered / (standing_lots * lot_oz)"
-- enter = "1/1"
-- leave = 2
-- route = "mail"
-- reach = 60
-- needs = {comex_stock_rows = 2, open_interest_rows = 2}
-- sources = ["comex_stocks"]
-- references = ["market.md 0a.5 (standing cover, 2.0 and 1.2; March 2026 2.84, May 2.57)", "market.md 0a.1 (T)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 2.0
-- critical = 1.2
with standing as (
    select c.venue, c.calendar, c.product, c.metal, c.delivery_month, c.contract, c.first_position, c.last_trade, c.lot_oz,
        o.open_interest, o.status, o.proof, o.published_at, o.raw_sha256, coalesce(h.suspect, false) as oi_suspect
    from contracts c
    join open_interest_best o on o.venue = c.venue and o.product = c.product
        and o.delivery_month = c.delivery_month and o.session = c.first_position
    left join open_interest_chain h on h.venue = o.venue and h.product = o.product and h.session = o.session
    where c.is_active and o.open_interest > 0
),
spans as (
    select s.*, p.ordinal as first_ordinal, l.ordinal + 2 as last_ordinal
    from standing s
    join venue_sessions p on p.calendar = s.calendar and p.session = s.first_position
    join venue_sessions l on l.calendar = s.calendar and l.session = s.last_trade
),
asked as (
    select s.*, v.session, v.session > s.last_trade as ended
    from spans s
    join venue_sessions v on v.calendar = s.calendar and v.ordinal between s.first_ordinal and s.last_ordinal
    where v.session <= (select max(session) from comex_stock_totals)
)
select a.contract as subject, a.session,
    case t.unit when 'troy_oz' then t.registered else t.registered * 907184.74 / 31.1034768 end / (a.open_interest * a.lot_oz) as value,
    th.warn, th.critical, th.clear, a.ended,
    greatest(t.published_at, a.published_at) as published_at,
    case when t.registered is null then 'stocks of this session are not held'
        when t.suspect then 'the stock report contradicts the session before it'
        when a.oi_suspect then 'the open-interest file of first position day contradicts the session before it'
        when a.status <> 'final' then 'open interest on first position day is preliminary: shown, opens and closes nothing'
        else '' end as reason,
    a.metal, a.venue, a.delivery_month,
    t.registered, t.session as registered_session, t.published_at as registered_published_at,
    a.open_interest as standing_lots, a.first_position as standing_session, a.published_at as standing_published_at,
    a.status as standing_status, a.proof as standing_proof, a.open_interest * a.lot_oz as standing_oz, a.lot_oz,
    'March 2026 2.84, May 2026 2.57 on their first position days (from final open interest)' as typical,
    t.raw_sha256 as registered_sha256, a.raw_sha256 as standing_sha256
from asked a
join thresholds th on th.check_name = 'standing_cover' and th.venue = a.venue and th.metal = a.metal
    and a.session >= th.valid_from and a.session < th.valid_to
left join comex_stock_totals t on t.metal = a.metal and t.session = a.session
order by subject, a.session
