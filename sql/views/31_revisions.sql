-- What a preliminary open interest became: of each contract month and session, the last preliminary figure and the final one.

create or replace view open_interest_revisions as
with early as (
    select venue, product, delivery_month, session, open_interest, published_at, raw_sha256
    from open_interest_versions
    where status = 'preliminary'
    qualify row_number() over (
        partition by venue, product, delivery_month, session order by (published_at, raw_sha256) desc) = 1
)
select e.session, e.venue, e.product, c.metal, e.delivery_month, c.contract, c.is_active,
    c.is_active and c.delivery_month = min(c.delivery_month) filter (c.is_active and c.first_notice >= e.session)
        over (partition by e.venue, e.product, e.session) as is_front,
    e.open_interest as preliminary_open_interest, b.open_interest as final_open_interest, b.proof as final_proof,
    b.open_interest - e.open_interest as revision_lots,
    100 * (b.open_interest / nullif(e.open_interest, 0) - 1) as revision_pct,
    e.published_at as preliminary_published_at, b.published_at as final_published_at,
    e.raw_sha256 as preliminary_sha256, b.raw_sha256 as final_sha256
from early e
join contracts c using (venue, product, delivery_month)
left join open_interest_best b on b.venue = e.venue and b.product = e.product and b.delivery_month = e.delivery_month
    and b.session = e.session and b.status = 'final'
where exists (from venue_sessions v where v.calendar = c.calendar and v.session = e.session);

comment on view open_interest_revisions is 'The last preliminary open interest of each contract month and session beside the final figure; final columns are NULL until anything proves one.';
comment on column open_interest_revisions.session is 'Trade date.';
comment on column open_interest_revisions.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column open_interest_revisions.product is 'Exchange product code.';
comment on column open_interest_revisions.metal is 'Metal.';
comment on column open_interest_revisions.delivery_month is 'First day of the delivery month.';
comment on column open_interest_revisions.contract is 'Contract name, e.g. SIH26.';
comment on column open_interest_revisions.is_active is 'False for serial months.';
comment on column open_interest_revisions.is_front is 'True for the nearest active month of the session that is not past its first notice day.';
comment on column open_interest_revisions.preliminary_open_interest is 'Open contracts as first told, lots.';
comment on column open_interest_revisions.final_open_interest is 'Open contracts as proven final, lots.';
comment on column open_interest_revisions.final_proof is 'What proves it final: stated, next_change, confirmed, corrected.';
comment on column open_interest_revisions.revision_lots is 'Final minus preliminary, lots: below zero contracts had already gone.';
comment on column open_interest_revisions.revision_pct is 'Final over preliminary minus 1, percent.';
comment on column open_interest_revisions.preliminary_published_at is 'When the preliminary figure was public, UTC.';
comment on column open_interest_revisions.final_published_at is 'When the final figure was public, UTC.';
comment on column open_interest_revisions.preliminary_sha256 is 'SHA-256 of the archived file of the preliminary figure.';
comment on column open_interest_revisions.final_sha256 is 'SHA-256 of the archived file that proves the final figure.';
