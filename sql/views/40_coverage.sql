-- Contract dates, and registered metal over the claims on it.

create or replace view contract_calendar as
with newest as (
    select k.calendar, least(as_of(), coalesce(max(s.session), as_of())) as day
    from (select distinct calendar from contracts) k
    left join sources src on src.calendar = k.calendar
    left join source_sessions s on s.source = src.source and s.session <= as_of()
        and is_known(s.published_at, s.loaded_at)
    group by k.calendar
),
counted as (
    select c.*, n.day,
        (select count(*) from venue_sessions v where v.calendar = c.calendar
            and v.session > n.day and v.session <= coalesce(c.first_notice, c.last_trade))
        - (select count(*) from venue_sessions v where v.calendar = c.calendar
            and v.session <= n.day and v.session > coalesce(c.first_notice, c.last_trade)) as left_over
    from contracts c join newest n using (calendar)
)
select venue, product, metal, delivery_month, contract, first_position, first_notice, first_delivery, last_trade,
    is_active, lot, lot_unit, lot_oz, day as counted_from, cast(left_over as integer) as sessions_to_fnd
from counted;

comment on view contract_calendar is 'Contract months with their dates, and sessions to first notice from the newest session held (or as_of).';
comment on column contract_calendar.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column contract_calendar.product is 'Exchange product code.';
comment on column contract_calendar.metal is 'Metal.';
comment on column contract_calendar.delivery_month is 'First day of the delivery month.';
comment on column contract_calendar.contract is 'Contract name, e.g. SIH26.';
comment on column contract_calendar.first_position is 'First position day: the session before first notice; NULL for SHFE.';
comment on column contract_calendar.first_notice is 'First notice day (FND): last business day of the month before; NULL for SHFE.';
comment on column contract_calendar.first_delivery is 'First day metal can change hands.';
comment on column contract_calendar.last_trade is 'Last trade day.';
comment on column contract_calendar.is_active is 'True for the months in which the product mostly trades; false for serial months.';
comment on column contract_calendar.lot is 'Contract size, in lot_unit.';
comment on column contract_calendar.lot_unit is 'Unit of lot.';
comment on column contract_calendar.lot_oz is 'Contract size, troy ounces.';
comment on column contract_calendar.counted_from is 'The session sessions_to_fnd counts from.';
comment on column contract_calendar.sessions_to_fnd is 'Sessions after counted_from up to and including first notice (last trade for SHFE); negative after it.';

create or replace view coverage as
with placed as materialized (
    select o.*, c.metal, c.contract, c.is_active, c.lot_oz, cast(f.ordinal - v.ordinal as integer) as sessions_to_fnd
    from open_interest_best o
    join contracts c on c.venue = o.venue and c.product = o.product and c.delivery_month = o.delivery_month
    join venue_sessions v on v.calendar = 'COMEX' and v.session = o.session
    join venue_sessions f on f.calendar = 'COMEX' and f.session = c.first_notice
    where o.venue in ('COMEX', 'NYMEX')
)
select o.session, o.venue, o.product, o.metal, o.delivery_month, o.contract, o.is_active, o.sessions_to_fnd,
    t.registered * u.oz as registered_oz,
    t.eligible * u.oz as eligible_oz,
    o.open_interest,
    o.status as oi_status,
    o.proof as oi_proof,
    o.open_interest * o.lot_oz as claims_oz,
    t.registered * u.oz / nullif(o.open_interest * o.lot_oz, 0) as raw_coverage,
    (t.registered + 0.5 * t.eligible) * u.oz / nullif(o.open_interest * o.lot_oz, 0) as deliverable_supply_coverage,
    t.suspect as stocks_suspect,
    coalesce(h.suspect, false) as oi_suspect,
    t.published_at as registered_published_at,
    o.published_at as oi_published_at,
    t.loaded_at as registered_loaded_at,
    o.loaded_at as oi_loaded_at,
    t.raw_sha256 as registered_sha256,
    o.raw_sha256 as oi_sha256
from placed o
join comex_stock_totals t on t.metal = o.metal and t.session = o.session
join (values ('troy_oz', 1.0), ('short_ton', 907184.74 / 31.1034768)) u(unit, oz) on u.unit = t.unit
left join open_interest_chain h on h.venue = o.venue and h.product = o.product and h.session = o.session;

comment on view coverage is 'Registered metal over open claims by contract month, both legs of the same session; open interest final where proven.';
comment on column coverage.session is 'Trade date of the open interest and activity date of the stocks.';
comment on column coverage.venue is 'COMEX or NYMEX.';
comment on column coverage.product is 'Exchange product code.';
comment on column coverage.metal is 'Metal.';
comment on column coverage.delivery_month is 'First day of the delivery month.';
comment on column coverage.contract is 'Contract name, e.g. SIH26.';
comment on column coverage.is_active is 'False for serial months.';
comment on column coverage.sessions_to_fnd is 'Sessions after this one up to and including first notice day (T); negative after it.';
comment on column coverage.registered_oz is 'Registered metal, troy ounces.';
comment on column coverage.eligible_oz is 'Eligible metal, troy ounces.';
comment on column coverage.open_interest is 'Open contracts of the month, lots.';
comment on column coverage.oi_status is 'preliminary or final; a preliminary figure opens and closes nothing.';
comment on column coverage.oi_proof is 'What proves it final: stated, next_change, confirmed, corrected; none where preliminary.';
comment on column coverage.claims_oz is 'Open interest times contract size, troy ounces.';
comment on column coverage.raw_coverage is 'registered_oz over claims_oz, a ratio; below 1 is normal before first notice.';
comment on column coverage.deliverable_supply_coverage is 'Registered plus half of eligible, over claims_oz, a ratio.';
comment on column coverage.stocks_suspect is 'True where the stock report contradicts the session before it.';
comment on column coverage.oi_suspect is 'True where the open-interest file contradicts the session before it.';
comment on column coverage.registered_published_at is 'When the stocks were public, UTC.';
comment on column coverage.oi_published_at is 'When this open interest was public, UTC.';
comment on column coverage.registered_loaded_at is 'When Bullion loaded the stocks, UTC.';
comment on column coverage.oi_loaded_at is 'When Bullion loaded the open interest, UTC.';
comment on column coverage.registered_sha256 is 'SHA-256 of the archived stock report.';
comment on column coverage.oi_sha256 is 'SHA-256 of the archived open-interest file.';

create or replace view coverage_now as
with newest_oi as (
    select * from open_interest_best
    where venue in ('COMEX', 'NYMEX') and session in (select session from venue_sessions where calendar = 'COMEX')
    qualify session = max(session) over (partition by venue, product)
),
newest_stocks as (
    select * from comex_stock_totals qualify session = max(session) over (partition by metal)
)
select o.venue, o.product, c.metal, o.delivery_month, c.contract, c.is_active,
    t.session as registered_session,
    o.session as oi_session,
    o.status as oi_status,
    t.session <> o.session as legs_differ,
    cast(f.ordinal - v.ordinal as integer) as sessions_to_fnd,
    t.registered * u.oz as registered_oz,
    o.open_interest,
    o.open_interest * c.lot_oz as claims_oz,
    t.registered * u.oz / nullif(o.open_interest * c.lot_oz, 0) as raw_coverage,
    (t.registered + 0.5 * t.eligible) * u.oz / nullif(o.open_interest * c.lot_oz, 0) as deliverable_supply_coverage,
    t.suspect as stocks_suspect,
    t.published_at as registered_published_at,
    o.published_at as oi_published_at,
    t.raw_sha256 as registered_sha256,
    o.raw_sha256 as oi_sha256
from newest_oi o
join contracts c on c.venue = o.venue and c.product = o.product and c.delivery_month = o.delivery_month
join newest_stocks t on t.metal = c.metal
join venue_sessions v on v.calendar = c.calendar and v.session = o.session
join venue_sessions f on f.calendar = c.calendar and f.session = c.first_notice
join (values ('troy_oz', 1.0), ('short_ton', 907184.74 / 31.1034768)) u(unit, oz) on u.unit = t.unit;

comment on view coverage_now is 'Coverage from the newest known of each leg, whatever their sessions and status: shown, never opens or closes anything.';
comment on column coverage_now.venue is 'COMEX or NYMEX.';
comment on column coverage_now.product is 'Exchange product code.';
comment on column coverage_now.metal is 'Metal.';
comment on column coverage_now.delivery_month is 'First day of the delivery month.';
comment on column coverage_now.contract is 'Contract name, e.g. SIH26.';
comment on column coverage_now.is_active is 'False for serial months.';
comment on column coverage_now.registered_session is 'Activity date of the stocks.';
comment on column coverage_now.oi_session is 'Trade date of the open interest.';
comment on column coverage_now.oi_status is 'preliminary or final.';
comment on column coverage_now.legs_differ is 'True where the two legs are of different sessions.';
comment on column coverage_now.sessions_to_fnd is 'Sessions after oi_session up to and including first notice day.';
comment on column coverage_now.registered_oz is 'Registered metal, troy ounces.';
comment on column coverage_now.open_interest is 'Open contracts of the month, lots.';
comment on column coverage_now.claims_oz is 'Open interest times contract size, troy ounces.';
comment on column coverage_now.raw_coverage is 'registered_oz over claims_oz, a ratio.';
comment on column coverage_now.deliverable_supply_coverage is 'Registered plus half of eligible, over claims_oz, a ratio.';
comment on column coverage_now.stocks_suspect is 'True where the stock report contradicts the session before it.';
comment on column coverage_now.registered_published_at is 'When the stocks were public, UTC.';
comment on column coverage_now.oi_published_at is 'When the open interest was public, UTC.';
comment on column coverage_now.registered_sha256 is 'Archived file of the stocks.';
comment on column coverage_now.oi_sha256 is 'Archived file of the open interest.';
