-- A delivery month from the eve of first notice on: notices, what still stands, what came new, and who delivers and takes.
-- A day without a section for a contract had no notices; a day without its evening's report is unknown.

create or replace view delivery_month as
with open_months as materialized (
    select o.venue, o.product, o.delivery_month, o.session, o.open_interest, o.status, o.published_at, o.raw_sha256
    from open_interest_best o
    join contracts c on c.venue = o.venue and c.product = o.product and c.delivery_month = o.delivery_month
    where c.venue in ('COMEX', 'NYMEX') and o.session >= c.first_position
),
spans as (
    select c.venue, c.product, c.metal, c.delivery_month, c.contract, c.is_active, c.first_position, c.last_trade,
        c.lot_oz, p.ordinal as first_ordinal, f.ordinal as fnd_ordinal, l.ordinal + 2 as last_ordinal
    from contracts c
    join venue_sessions p on p.calendar = 'COMEX' and p.session = c.first_position
    join venue_sessions f on f.calendar = 'COMEX' and f.session = c.first_notice
    join venue_sessions l on l.calendar = 'COMEX' and l.session = c.last_trade
    where exists (from open_months o where o.venue = c.venue and o.product = c.product and o.delivery_month = c.delivery_month)
),
newest as (
    select max(session) as session from (
        select session from open_interest_best where venue in ('COMEX', 'NYMEX')
        union all select session from comex_stock_totals
        union all select session from delivery_totals)
),
totals as (
    select session, venue, product, delivery_month, sum(issued) as issued, sum(month_to_date) as month_to_date,
        max(published_at) as published_at, max(raw_sha256) as raw_sha256
    from delivery_totals
    group by session, venue, product, delivery_month
),
broken as (select distinct session, venue, product, delivery_month from delivery_chain where contradicts),
days as (
    select s.*, v.session, v.ordinal, t.issued as printed, t.month_to_date as printed_to_date,
        t.published_at as notices_published, t.raw_sha256 as notices_sha,
        t.issued is not null or coalesce(d.is_held, false) as is_held, b.session is not null as contradicts
    from spans s
    join venue_sessions v on v.calendar = 'COMEX' and v.ordinal between s.first_ordinal and s.last_ordinal
    left join totals t on t.venue = s.venue and t.product = s.product and t.delivery_month = s.delivery_month
        and t.session = v.session
    left join delivery_days d on d.session = v.session
    left join broken b on b.venue = s.venue and b.product = s.product and b.delivery_month = s.delivery_month
        and b.session = v.session
    where v.session <= (select session from newest)
),
counted as (
    select *, count(*) filter (not is_held) over so_far as missing,
        count(*) filter (is_held) over so_far as reports_held,
        max(notices_published) over so_far as notices_published_at,
        last_value(notices_sha ignore nulls) over so_far as notices_sha256
    from days
    window so_far as (
        partition by venue, product, delivery_month order by ordinal rows between unbounded preceding and current row)
),
chained as (
    select *, coalesce(lag(missing) over month, 0) as missing_before, first_value(printed) over month as printed_first,
        coalesce(last_value(printed_to_date ignore nulls) over before, 0) as last_to_date,
        coalesce(last_value(case when printed is not null then missing end ignore nulls) over before, 0) as missing_then,
        coalesce(last_value(case when printed is not null then contradicts end ignore nulls) over so_far, false) as notices_suspect
    from counted
    window month as (partition by venue, product, delivery_month order by ordinal),
        so_far as (partition by venue, product, delivery_month order by ordinal
            rows between unbounded preceding and current row),
        before as (partition by venue, product, delivery_month order by ordinal
            rows between unbounded preceding and 1 preceding)
),
delivered as (
    select *, coalesce(printed_to_date - printed, case when missing_before = missing_then then last_to_date end) as to_date_before
    from chained
),
firms as (
    select d.venue, d.product, d.delivery_month, d.session, n.firm_id,
        sum(n.stopped) as stopped, sum(n.stopped - n.issued) filter (n.account = 'house') as house_net
    from days d
    join delivery_notices n on n.venue = d.venue and n.product = d.product and n.delivery_month = d.delivery_month
        and n.session between d.first_position and d.session
    group by all
),
takers as (
    select venue, product, delivery_month, session, sum(stopped) as lots, sum(coalesce(house_net, 0)) as house_net,
        list_sum(list_slice(list(stopped order by stopped desc), 1, 3)) as top3
    from firms
    group by all
)
select d.session, d.venue, d.product, d.metal, d.delivery_month, d.contract, d.is_active,
    cast(d.fnd_ordinal - d.ordinal as integer) as sessions_to_fnd, d.session > d.last_trade as ended,
    d.is_held as report_held, cast(d.reports_held as integer) as reports_held,
    coalesce(d.printed, case when d.is_held then 0 end) as issued_lots,
    coalesce(d.printed, case when d.is_held then 0 end) as stopped_lots,
    coalesce(d.printed_to_date, case when d.is_held then d.to_date_before end) as delivered_lots,
    d.to_date_before as delivered_before_lots,
    o.open_interest, o.status as oi_status,
    b.open_interest as first_position_open_interest, b.status as first_position_oi_status, d.first_position,
    d.to_date_before + o.open_interest as standing_lots,
    d.to_date_before + o.open_interest - b.open_interest as net_new_lots,
    100 * (d.to_date_before + o.open_interest - b.open_interest) / nullif(b.open_interest, 0) as net_new_pct,
    100 * coalesce(d.printed_to_date, case when d.is_held then d.to_date_before end) / nullif(b.open_interest, 0) as delivered_pct,
    100 * d.printed_first / nullif(coalesce(d.printed_to_date, case when d.is_held then d.to_date_before end), 0) as first_day_share_pct,
    k.lots as firm_lots, k.house_net as house_net_lots, 100 * k.top3 / nullif(k.lots, 0) as top3_stopper_share_pct,
    d.lot_oz, d.notices_suspect, coalesce(h.suspect, false) or coalesce(g.suspect, false) as oi_suspect,
    d.notices_published_at, greatest(o.published_at, b.published_at) as oi_published_at,
    d.notices_sha256, o.raw_sha256 as oi_sha256, b.raw_sha256 as first_position_sha256
from delivered d
left join open_months o on o.venue = d.venue and o.product = d.product and o.delivery_month = d.delivery_month
    and o.session = d.session
left join open_months b on b.venue = d.venue and b.product = d.product and b.delivery_month = d.delivery_month
    and b.session = d.first_position
left join open_interest_chain h on h.venue = d.venue and h.product = d.product and h.session = d.session
left join open_interest_chain g on g.venue = d.venue and g.product = d.product and g.session = d.first_position
left join takers k on k.venue = d.venue and k.product = d.product and k.delivery_month = d.delivery_month and k.session = d.session;

comment on view delivery_month is 'Delivery months from first position day on, session by session: notices, month to date, what still stands, what came new after first position day, and how concentrated the takers are.';
comment on column delivery_month.session is 'Session, from first position day to two sessions after the last trade day.';
comment on column delivery_month.venue is 'COMEX or NYMEX.';
comment on column delivery_month.product is 'Exchange product code.';
comment on column delivery_month.metal is 'Metal.';
comment on column delivery_month.delivery_month is 'First day of the delivery month.';
comment on column delivery_month.contract is 'Contract name, e.g. SIH26.';
comment on column delivery_month.is_active is 'False for serial months.';
comment on column delivery_month.sessions_to_fnd is 'Sessions after this one up to and including first notice day (T): 1 on first position day, negative after first notice.';
comment on column delivery_month.ended is 'True after the last trade day.';
comment on column delivery_month.report_held is 'True where the notices of this session are held; a report without the contract says there were none.';
comment on column delivery_month.reports_held is 'Sessions of the month up to this one whose notices are held.';
comment on column delivery_month.issued_lots is 'Notices of the day, that is metal delivered, lots; 0 where the report has none; NULL where it is not held.';
comment on column delivery_month.stopped_lots is 'Notices of the day, that is metal taken, lots: equal to issued_lots.';
comment on column delivery_month.delivered_lots is 'Notices of the month through this session (month to date), lots; NULL where not known.';
comment on column delivery_month.delivered_before_lots is 'Notices of the month through the session before, lots; NULL where not known.';
comment on column delivery_month.open_interest is 'Open contracts at the end of the session, lots: the notices through the session before are no longer in it, those of this session still are.';
comment on column delivery_month.oi_status is 'preliminary or final; a preliminary figure opens and closes nothing.';
comment on column delivery_month.first_position_open_interest is 'Open contracts on first position day, the session before first notice, lots.';
comment on column delivery_month.first_position_oi_status is 'preliminary or final.';
comment on column delivery_month.first_position is 'First position day.';
comment on column delivery_month.standing_lots is 'Those who stood for delivery so far: delivered_before_lots plus open_interest, lots.';
comment on column delivery_month.net_new_lots is 'standing_lots less the open contracts of first position day, lots: above zero fresh demand for metal at once, below zero claims settled without delivery.';
comment on column delivery_month.net_new_pct is 'net_new_lots as percent of the open contracts of first position day.';
comment on column delivery_month.delivered_pct is 'delivered_lots as percent of the open contracts of first position day; with net new demand it passes 100.';
comment on column delivery_month.first_day_share_pct is 'Notices of first position day as percent of delivered_lots; NULL where that day''s report is not held.';
comment on column delivery_month.firm_lots is 'Lots taken in the notices held by firm; below delivered_lots where daily reports are missing.';
comment on column delivery_month.house_net_lots is 'Taken less delivered by house accounts in the notices held, lots: above zero houses took metal.';
comment on column delivery_month.top3_stopper_share_pct is 'Share of the three firms that took most in the notices held, percent.';
comment on column delivery_month.lot_oz is 'Contract size, troy ounces.';
comment on column delivery_month.notices_suspect is 'True where the newest notices contradict those before them.';
comment on column delivery_month.oi_suspect is 'True where the open-interest file of this session, or of first position day, contradicts the session before it.';
comment on column delivery_month.notices_published_at is 'When the newest notices of the month were public, UTC.';
comment on column delivery_month.oi_published_at is 'When both figures of open interest were public, UTC.';
comment on column delivery_month.notices_sha256 is 'SHA-256 of the archived file of the newest notices.';
comment on column delivery_month.oi_sha256 is 'SHA-256 of the archived file of this session''s open interest.';
comment on column delivery_month.first_position_sha256 is 'SHA-256 of the archived file of first position day''s open interest.';
