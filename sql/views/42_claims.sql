-- Registered metal over three different claims on it, side by side: what is open, what is likely to stand, what is left.

create or replace view coverage_family as
with claims as (
    select session, venue, product, sum(open_interest) as open_interest, bool_and(status = 'final') as is_final
    from open_interest_best
    where venue in ('COMEX', 'NYMEX')
    group by session, venue, product
),
since as (
    select venue, product, min(session) as held_from
    from open_interest_best
    where venue in ('COMEX', 'NYMEX') and status = 'final'
    group by venue, product
)
select c.session, c.venue, c.product, c.metal, c.delivery_month, c.contract, c.is_active, c.sessions_to_fnd,
    c.registered_oz, c.open_interest, c.oi_status, r.peak_open_interest, r.peak_session,
    cast(c.session - s.held_from as integer) as days_held,
    c.raw_coverage,
    c.registered_oz / nullif(r.peak_open_interest * 0.088 * k.lot_oz, 0) as projected_coverage,
    c.registered_oz / nullif(r.peak_open_interest * 0.15 * k.lot_oz, 0) as projected_coverage_15,
    c.registered_oz / nullif(r.peak_open_interest * 0.25 * k.lot_oz, 0) as projected_coverage_25,
    case when c.sessions_to_fnd <= 0 then c.raw_coverage end as remaining_coverage,
    a.open_interest as all_months_open_interest,
    case when a.is_final then a.open_interest * k.lot_oz / nullif(c.registered_oz, 0) end as claims_per_registered_oz,
    c.stocks_suspect, c.oi_suspect, c.registered_published_at, c.oi_published_at, c.registered_sha256, c.oi_sha256
from coverage c
join contracts k on k.venue = c.venue and k.product = c.product and k.delivery_month = c.delivery_month
join claims a on a.venue = c.venue and a.product = c.product and a.session = c.session
left join since s on s.venue = c.venue and s.product = c.product
left join roll_curve r on r.venue = c.venue and r.product = c.product and r.delivery_month = c.delivery_month
    and r.session = c.session;

comment on view coverage_family is 'Registered metal over the open claims of a month, over the part of its peak that is likely to stand, and over what is left after first notice; all legs of one session.';
comment on column coverage_family.session is 'Trade date of the open interest and activity date of the stocks.';
comment on column coverage_family.venue is 'COMEX or NYMEX.';
comment on column coverage_family.product is 'Exchange product code.';
comment on column coverage_family.metal is 'Metal.';
comment on column coverage_family.delivery_month is 'First day of the delivery month.';
comment on column coverage_family.contract is 'Contract name, e.g. SIH26.';
comment on column coverage_family.is_active is 'False for serial months.';
comment on column coverage_family.sessions_to_fnd is 'Sessions after this one up to and including first notice day (T); negative after it.';
comment on column coverage_family.registered_oz is 'Registered metal, troy ounces.';
comment on column coverage_family.open_interest is 'Open contracts of the month, lots.';
comment on column coverage_family.oi_status is 'preliminary or final; a preliminary figure opens and closes nothing.';
comment on column coverage_family.peak_open_interest is 'Largest final open interest of the month up to this session, lots; NULL where this session''s is preliminary.';
comment on column coverage_family.peak_session is 'Session of it.';
comment on column coverage_family.days_held is 'Days since the product''s first final open interest held: below 90 the peak may lie before it.';
comment on column coverage_family.raw_coverage is 'Registered over the month''s open claims, a ratio; below 1 is normal before first notice.';
comment on column coverage_family.projected_coverage is 'Registered over 8.8 percent of the peak, the mean share that stood for silver, a ratio.';
comment on column coverage_family.projected_coverage_15 is 'Registered over 15 percent of the peak (stress), a ratio.';
comment on column coverage_family.projected_coverage_25 is 'Registered over 25 percent of the peak (heavy stress), a ratio.';
comment on column coverage_family.remaining_coverage is 'Registered over the claims left, from first notice day on, a ratio; NULL before it and where none are left.';
comment on column coverage_family.all_months_open_interest is 'Open contracts of all months of the product, lots.';
comment on column coverage_family.claims_per_registered_oz is 'Ounces claimed by all months of the product per registered ounce; NULL while any month is preliminary.';
comment on column coverage_family.stocks_suspect is 'True where the stock report contradicts the session before it.';
comment on column coverage_family.oi_suspect is 'True where the open-interest file contradicts the session before it.';
comment on column coverage_family.registered_published_at is 'When the stocks were public, UTC.';
comment on column coverage_family.oi_published_at is 'When this open interest was public, UTC.';
comment on column coverage_family.registered_sha256 is 'SHA-256 of the archived stock report.';
comment on column coverage_family.oi_sha256 is 'SHA-256 of the archived open-interest file.';
