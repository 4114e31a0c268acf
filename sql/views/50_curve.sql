-- The curve: which months are liquid, and what lies between them.

create or replace view curve as
with listed as materialized (
    select s.venue, s.product, s.delivery_month, s.session, s.settle, s.currency, s.unit, s.volume, s.prior_open_interest,
        s.published_at, s.raw_sha256, c.metal, c.contract, c.is_active, c.calendar, coalesce(c.first_notice, c.last_trade) as anchor
    from settlements s
    join contracts c on c.venue = s.venue and c.product = s.product and c.delivery_month = s.delivery_month
    where c.last_trade >= s.session
),
legs as (
    select s.venue, s.product, s.metal, s.session, s.delivery_month, s.contract, s.settle, s.currency, s.unit,
        coalesce(o.open_interest, s.prior_open_interest) as open_interest,
        case when o.open_interest is not null then o.status when s.prior_open_interest is not null then 'prior_session' end as oi_status,
        coalesce(o.volume, s.volume) as volume,
        s.is_active, s.anchor,
        cast(f.ordinal - v.ordinal as integer) as sessions_to_fnd,
        s.published_at, s.raw_sha256
    from listed s
    join venue_sessions v on v.calendar = s.calendar and v.session = s.session
    join venue_sessions f on f.calendar = s.calendar and f.session = s.anchor
    left join open_interest_best o on o.venue = s.venue and o.product = s.product
        and o.delivery_month = s.delivery_month and o.session = s.session
),
sized as (
    select *, sum(open_interest) over (partition by venue, product, session) as product_open_interest from legs
),
judged as (
    select *, coalesce(is_active and sessions_to_fnd >= 5 and volume >= 200
        and open_interest >= greatest(2000, 0.02 * product_open_interest), false) as is_liquid
    from sized
)
select venue, product, metal, session, delivery_month, contract, settle, currency, unit,
    open_interest, oi_status, volume, is_active, is_liquid, sessions_to_fnd, anchor,
    case when is_liquid then row_number() over (
        partition by venue, product, session, is_liquid order by open_interest desc, delivery_month) end as liquidity_rank,
    case when is_liquid then row_number() over later end as place,
    case when is_liquid then lead(delivery_month) over later end as next_month,
    case when is_liquid then lead(contract) over later end as next_contract,
    case when is_liquid then lead(settle) over later end as next_settle,
    case when is_liquid then cast(lead(anchor) over later - anchor as integer) end as days_between,
    case when is_liquid then (lead(settle) over later / nullif(settle, 0) - 1) * 360.0
        / nullif(lead(anchor) over later - anchor, 0) * 100 end as next_minus_this_ann_pct,
    greatest(published_at, case when is_liquid then lead(published_at) over later end) as published_at,
    published_at as settle_published_at, raw_sha256 as settle_sha256,
    case when is_liquid then lead(published_at) over later end as next_published_at,
    case when is_liquid then lead(raw_sha256) over later end as next_sha256
from judged
window later as (partition by venue, product, session, is_liquid order by delivery_month);

comment on view curve is 'Settlements by contract month, which of them are liquid, and the annualised spread to the next liquid month (act/360; positive is contango).';
comment on column curve.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column curve.product is 'Exchange product code.';
comment on column curve.metal is 'Metal.';
comment on column curve.session is 'Trade date.';
comment on column curve.delivery_month is 'First day of the delivery month.';
comment on column curve.contract is 'Contract name.';
comment on column curve.settle is 'Settlement price, currency per unit.';
comment on column curve.currency is 'USD or CNY.';
comment on column curve.unit is 'Unit of mass the price is for.';
comment on column curve.open_interest is 'Open contracts used by the liquidity filter, lots.';
comment on column curve.oi_status is 'final, preliminary, or prior_session where only the settlement report''s own figure is known.';
comment on column curve.volume is 'Contracts traded, lots.';
comment on column curve.is_active is 'False for serial months.';
comment on column curve.is_liquid is 'True: active, 5 sessions or more to first notice (last trade for SHFE), 200 lots traded, 2,000 lots and 2 percent of the product open.';
comment on column curve.sessions_to_fnd is 'Sessions to first notice day (last trade for SHFE).';
comment on column curve.anchor is 'First notice day (last trade for SHFE): spreads count days from anchor to anchor.';
comment on column curve.liquidity_rank is '1 for the liquid month with the most open interest.';
comment on column curve.place is '1 for the nearest liquid month.';
comment on column curve.next_month is 'The next liquid delivery month.';
comment on column curve.next_contract is 'Its name.';
comment on column curve.next_settle is 'Its settlement price.';
comment on column curve.days_between is 'Calendar days from anchor to anchor.';
comment on column curve.next_minus_this_ann_pct is 'Next minus this, percent a year of this, act/360: negative is backwardation.';
comment on column curve.published_at is 'When both prices were public, UTC.';
comment on column curve.settle_published_at is 'When this month''s settlement could be known, UTC.';
comment on column curve.settle_sha256 is 'Archived file of this month''s settlement.';
comment on column curve.next_published_at is 'When the next liquid month''s settlement could be known, UTC.';
comment on column curve.next_sha256 is 'Archived file of it.';

create or replace view active_pair as
with best as (
    select * from curve where is_liquid and liquidity_rank <= 2
)
select n.venue, n.product, n.metal, n.session, n.contract as near_contract, n.settle as near_settle,
    f.contract as far_contract, f.settle as far_settle, cast(f.anchor - n.anchor as integer) as days_between,
    (f.settle / nullif(n.settle, 0) - 1) * 360.0 / nullif(f.anchor - n.anchor, 0) * 100 as far_minus_near_ann_pct,
    f.settle - n.settle as far_minus_near, n.currency, n.unit, n.sessions_to_fnd,
    n.open_interest as near_open_interest, f.open_interest as far_open_interest, n.volume as near_volume, f.volume as far_volume,
    n.oi_status, f.oi_status as far_oi_status, greatest(n.published_at, f.published_at) as published_at,
    n.settle_published_at as near_settle_published_at, n.settle_sha256 as near_sha256,
    f.settle_published_at as far_settle_published_at, f.settle_sha256 as far_sha256
from best n
left join best f on f.venue = n.venue and f.product = n.product and f.session = n.session
    and f.liquidity_rank = 3 - n.liquidity_rank
where n.delivery_month < f.delivery_month or f.delivery_month is null;

comment on view active_pair is 'The two liquid active months with the most open interest, nearer first, and the spread between them.';
comment on column active_pair.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column active_pair.product is 'Exchange product code.';
comment on column active_pair.metal is 'Metal.';
comment on column active_pair.session is 'Trade date.';
comment on column active_pair.near_contract is 'The nearer month.';
comment on column active_pair.near_settle is 'Its settlement, currency per unit.';
comment on column active_pair.far_contract is 'The farther month; NULL where only one month is liquid.';
comment on column active_pair.far_settle is 'Its settlement, currency per unit.';
comment on column active_pair.days_between is 'Calendar days from first notice to first notice (last trade for SHFE).';
comment on column active_pair.far_minus_near_ann_pct is 'Far minus near, percent a year of near, act/360: negative is backwardation.';
comment on column active_pair.far_minus_near is 'Far minus near, currency per unit.';
comment on column active_pair.currency is 'USD or CNY.';
comment on column active_pair.unit is 'Unit of mass of the prices.';
comment on column active_pair.sessions_to_fnd is 'Sessions of the nearer month to first notice (last trade for SHFE).';
comment on column active_pair.near_open_interest is 'Open contracts of the nearer month, lots.';
comment on column active_pair.far_open_interest is 'Open contracts of the farther month, lots.';
comment on column active_pair.near_volume is 'Traded in the nearer month, lots.';
comment on column active_pair.far_volume is 'Traded in the farther month, lots.';
comment on column active_pair.oi_status is 'Status of the nearer month''s open interest in the liquidity filter.';
comment on column active_pair.far_oi_status is 'Status of the farther month''s open interest in the liquidity filter.';
comment on column active_pair.published_at is 'When both prices were public, UTC.';
comment on column active_pair.near_settle_published_at is 'When the nearer settlement could be known, UTC.';
comment on column active_pair.near_sha256 is 'Archived file of the nearer settlement.';
comment on column active_pair.far_settle_published_at is 'When the farther settlement could be known, UTC.';
comment on column active_pair.far_sha256 is 'Archived file of the farther settlement.';
