-- COMEX stock levels, and whether yesterday's report agrees with today's.

create or replace view comex_stock_chain as
with rows_of as (
    select c.session, c.metal, c.depository, c.category, c.prev_total, c.total_today, v.ordinal
    from comex_stocks c
    join venue_sessions v on v.calendar = 'COMEX' and v.session = c.session
    where c.category in ('registered', 'eligible')
),
held as (select distinct metal, session, ordinal from rows_of),
pairs as (
    select t.metal, t.session, y.session as previous_session
    from held t join held y on y.metal = t.metal and y.ordinal = t.ordinal - 1
),
today as (
    select p.metal, p.session, r.depository, r.category, r.prev_total
    from pairs p join rows_of r on r.metal = p.metal and r.session = p.session
),
yesterday as (
    select p.metal, p.session, r.depository, r.category, r.total_today
    from pairs p join rows_of r on r.metal = p.metal and r.session = p.previous_session
),
gaps as (
    select metal, session, sum(abs(coalesce(t.prev_total, 0) - coalesce(y.total_today, 0))) as gap
    from today t full join yesterday y using (metal, session, depository, category)
    group by all
),
sizes as (
    select metal, session, sum(greatest(prev_total, total_today)) as size from rows_of group by all
)
select g.session, g.metal, g.gap, g.gap / nullif(s.size, 0) as share,
    coalesce(g.gap > 0.001 * s.size, g.gap > 0) as suspect
from gaps g join sizes s using (metal, session);

comment on view comex_stock_chain is 'Whether each report''s previous totals equal the totals of the session before, depository by depository; only where both are held.';
comment on column comex_stock_chain.session is 'Activity date of the later report.';
comment on column comex_stock_chain.metal is 'Metal.';
comment on column comex_stock_chain.gap is 'Sum of absolute differences over depositories and categories, in the report''s unit.';
comment on column comex_stock_chain.share is 'gap as a fraction of the metal''s stock.';
comment on column comex_stock_chain.suspect is 'True above 0.1 percent: the two reports contradict each other, and neither opens an alert.';

create or replace view comex_stock_totals as
select t.session, t.metal,
    max(t.total_today) filter (t.category = 'registered') as registered,
    max(t.total_today) filter (t.category = 'eligible') as eligible,
    max(t.total_today) filter (t.category = 'pledged') as pledged,
    max(t.total_today) filter (t.category = 'total') as total,
    t.unit,
    max(t.report_date) as report_date,
    coalesce(bool_or(c.suspect), false) as suspect,
    max(t.published_at) as published_at,
    max(t.loaded_at) as loaded_at,
    max(t.raw_sha256) as raw_sha256
from comex_stock_totals_long t
left join comex_stock_chain c on c.session = t.session and c.metal = t.metal
group by t.session, t.metal, t.unit;

comment on view comex_stock_totals is 'COMEX and NYMEX stock levels by metal, from the reports'' own total rows.';
comment on column comex_stock_totals.session is 'Activity date.';
comment on column comex_stock_totals.metal is 'Metal.';
comment on column comex_stock_totals.registered is 'Metal with an outstanding warrant, in unit.';
comment on column comex_stock_totals.eligible is 'Metal that meets the specification without a warrant, in unit.';
comment on column comex_stock_totals.pledged is 'Registered metal pledged as collateral, in unit: a memo inside registered, gold only; NULL elsewhere.';
comment on column comex_stock_totals.total is 'Registered plus eligible, in unit.';
comment on column comex_stock_totals.unit is 'troy_oz, or short_ton for copper.';
comment on column comex_stock_totals.report_date is 'Date of the report.';
comment on column comex_stock_totals.suspect is 'True where the report contradicts the session before it.';
comment on column comex_stock_totals.published_at is 'When the public could know it, UTC.';
comment on column comex_stock_totals.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column comex_stock_totals.raw_sha256 is 'SHA-256 of the archived file.';
