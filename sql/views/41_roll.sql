-- How much of a delivery month's open interest is left: its share of the largest figure up to that session, never of a later one.

create or replace view roll_curve as
with placed as (
    select o.session, o.venue, o.product, c.metal, o.delivery_month, c.contract, c.is_active, c.first_notice,
        cast(f.ordinal - v.ordinal as integer) as sessions_to_fnd, o.open_interest, o.published_at, o.raw_sha256
    from open_interest_best o
    join contracts c on c.venue = o.venue and c.product = o.product and c.delivery_month = o.delivery_month
    join venue_sessions v on v.calendar = 'COMEX' and v.session = o.session
    join venue_sessions f on f.calendar = 'COMEX' and f.session = c.first_notice
    where o.venue in ('COMEX', 'NYMEX') and o.status = 'final'
),
peaked as (
    select *, max(open_interest) over so_far as peak_open_interest, arg_max(session, open_interest) over so_far as peak_session,
        min(session) over so_far as held_from
    from placed
    window so_far as (
        partition by venue, product, delivery_month order by session rows between unbounded preceding and current row)
)
select session, venue, product, metal, delivery_month, contract, is_active, sessions_to_fnd, open_interest,
    peak_open_interest, peak_session, held_from, held_from <= first_notice - 60 as peak_is_known,
    case when held_from <= first_notice - 60 then open_interest / nullif(peak_open_interest, 0) end as peak_share,
    first_notice as valid_from, published_at, raw_sha256
from peaked;

comment on view roll_curve is 'Final open interest of each delivery month as a share of its largest up to that session.';
comment on column roll_curve.session is 'Trade date.';
comment on column roll_curve.venue is 'COMEX or NYMEX.';
comment on column roll_curve.product is 'Exchange product code.';
comment on column roll_curve.metal is 'Metal.';
comment on column roll_curve.delivery_month is 'First day of the delivery month.';
comment on column roll_curve.contract is 'Contract name, e.g. SIH26.';
comment on column roll_curve.is_active is 'False for serial months.';
comment on column roll_curve.sessions_to_fnd is 'Sessions after this one up to and including first notice day (T); negative after it.';
comment on column roll_curve.open_interest is 'Final open contracts, lots.';
comment on column roll_curve.peak_open_interest is 'Largest final open interest held up to this session, lots.';
comment on column roll_curve.peak_session is 'Session of it.';
comment on column roll_curve.held_from is 'First session of the month''s final open interest held.';
comment on column roll_curve.peak_is_known is 'True where the month is held from 60 days before first notice or earlier; otherwise the peak may lie before what is held.';
comment on column roll_curve.peak_share is 'open_interest over peak_open_interest, a ratio; NULL where the peak is not known.';
comment on column roll_curve.valid_from is 'First notice day: from then on the curve may serve as a comparison.';
comment on column roll_curve.published_at is 'When this open interest was public, UTC.';
comment on column roll_curve.raw_sha256 is 'SHA-256 of the archived file it comes from.';
