-- Open interest: what the newest file says, and the final figure once anything proves it.

create or replace view open_interest as
select venue, product, delivery_month, session, open_interest, volume, status,
    open_interest_change, deliveries, published_at, loaded_at, source, raw_sha256
from open_interest_versions
qualify row_number() over (
    partition by venue, product, delivery_month, session
    order by (status = 'final', published_at, raw_sha256) desc) = 1;

comment on view open_interest is 'Open interest and volume by contract month as printed: final before preliminary, then the newest.';
comment on column open_interest.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column open_interest.product is 'Exchange product code.';
comment on column open_interest.delivery_month is 'First day of the delivery month.';
comment on column open_interest.session is 'Trade date.';
comment on column open_interest.open_interest is 'Open contracts at the end of the session, lots.';
comment on column open_interest.volume is 'Contracts traded, lots.';
comment on column open_interest.status is 'preliminary or final, as far as the file itself tells.';
comment on column open_interest.open_interest_change is 'Change against the final figure of the session before, lots.';
comment on column open_interest.deliveries is 'Deliveries as the file prints them, lots.';
comment on column open_interest.published_at is 'When the public could know it, UTC.';
comment on column open_interest.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column open_interest.source is 'Source that read the file.';
comment on column open_interest.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view open_interest_days as
with held as (
    select venue, product, session, lag(session) over (partition by venue, product order by session) as previous_held
    from (select distinct venue, product, session from open_interest)
)
select h.venue, h.product, h.session, greatest(v.session, h.previous_held) as change_since
from held h
join (select distinct venue, calendar from contracts) k on k.venue = h.venue
asof join (
    from venue_sessions
    where session between (select min(session) from held) - 20 and (select max(session) from held)
) v on v.calendar = k.calendar and h.session > v.session;

comment on view open_interest_days is 'Each day a product''s open interest is held of, and the day its changes are against: the session before, or a day without trading that has a report of its own, as Good Friday has.';
comment on column open_interest_days.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column open_interest_days.product is 'Exchange product code.';
comment on column open_interest_days.session is 'Trade date as printed; of a day without trading too.';
comment on column open_interest_days.change_since is 'The day whose final open interest the printed changes are against.';

create or replace view open_interest_final as
with proven as (
    select n.venue, n.product, n.delivery_month, d.change_since as session,
        n.open_interest - n.open_interest_change as open_interest,
        n.published_at, n.loaded_at, n.raw_sha256
    from open_interest n
    join open_interest_days d using (venue, product, session)
    where n.open_interest_change is not null
),
stated as (
    select venue, product, delivery_month, session, open_interest, published_at, loaded_at, raw_sha256
    from open_interest
    where status = 'final'
)
select venue, product, delivery_month, session,
    coalesce(p.open_interest, s.open_interest) as open_interest,
    case when p.open_interest is null then 'stated' when s.open_interest is null then 'next_change'
        when p.open_interest = s.open_interest then 'confirmed' else 'corrected' end as proof,
    case when s.open_interest is not null and coalesce(p.open_interest = s.open_interest, true)
        then s.published_at else p.published_at end as published_at,
    case when s.open_interest is not null and coalesce(p.open_interest = s.open_interest, true)
        then s.loaded_at else p.loaded_at end as loaded_at,
    case when s.open_interest is not null and coalesce(p.open_interest = s.open_interest, true)
        then s.raw_sha256 else p.raw_sha256 end as raw_sha256
from stated s full join proven p using (venue, product, delivery_month, session);

comment on view open_interest_final is 'Final open interest: stated by a final file, or proven by the next report''s figure minus its change, which wins where they differ.';
comment on column open_interest_final.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column open_interest_final.product is 'Exchange product code.';
comment on column open_interest_final.delivery_month is 'First day of the delivery month.';
comment on column open_interest_final.session is 'Trade date.';
comment on column open_interest_final.open_interest is 'Open contracts at the end of the session, lots.';
comment on column open_interest_final.proof is 'stated, next_change, confirmed (both agree) or corrected (the next change differs and wins).';
comment on column open_interest_final.published_at is 'When the public could know it, UTC.';
comment on column open_interest_final.loaded_at is 'When Bullion loaded the proof, UTC.';
comment on column open_interest_final.raw_sha256 is 'SHA-256 of the archived file that proves it.';

create or replace view open_interest_best as
select o.venue, o.product, o.delivery_month, o.session,
    coalesce(f.open_interest, o.open_interest) as open_interest,
    case when f.open_interest is null then o.status else 'final' end as status,
    coalesce(f.proof, 'none') as proof,
    o.volume, o.open_interest_change, o.deliveries,
    coalesce(f.published_at, o.published_at) as published_at,
    coalesce(f.loaded_at, o.loaded_at) as loaded_at,
    coalesce(f.raw_sha256, o.raw_sha256) as raw_sha256
from open_interest o
left join open_interest_final f using (venue, product, delivery_month, session);

comment on view open_interest_best is 'Open interest by contract month: the final figure where anything proves it, else the preliminary one.';
comment on column open_interest_best.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column open_interest_best.product is 'Exchange product code.';
comment on column open_interest_best.delivery_month is 'First day of the delivery month.';
comment on column open_interest_best.session is 'Trade date.';
comment on column open_interest_best.open_interest is 'Open contracts at the end of the session, lots.';
comment on column open_interest_best.status is 'preliminary or final.';
comment on column open_interest_best.proof is 'What proves it final: stated, next_change, confirmed, corrected; none where preliminary.';
comment on column open_interest_best.volume is 'Contracts traded, lots.';
comment on column open_interest_best.open_interest_change is 'Change as printed, lots.';
comment on column open_interest_best.deliveries is 'Deliveries as printed, lots.';
comment on column open_interest_best.published_at is 'When the public could know this figure, UTC.';
comment on column open_interest_best.loaded_at is 'When Bullion loaded the file it comes from, UTC.';
comment on column open_interest_best.raw_sha256 is 'SHA-256 of the archived file it comes from.';

create or replace view open_interest_chain as
with sums as (
    select o.venue, o.product, o.session, sum(o.open_interest) as open_interest,
        sum(o.open_interest - o.open_interest_change) as implied_before
    from open_interest o group by all
)
select n.venue, n.product, n.session, n.implied_before, b.open_interest as held_before,
    abs(n.implied_before - b.open_interest) / nullif(greatest(n.implied_before, b.open_interest), 0) as share,
    coalesce(abs(n.implied_before - b.open_interest) > 0.25 * greatest(n.implied_before, b.open_interest), false) as suspect
from sums n
join open_interest_days d using (venue, product, session)
join sums b on b.venue = n.venue and b.product = n.product and b.session = d.change_since;

comment on view open_interest_chain is 'Whether a file''s open interest minus its change is what was open the session before, over all months: a file under the wrong product''s name is not.';
comment on column open_interest_chain.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column open_interest_chain.product is 'Exchange product code.';
comment on column open_interest_chain.session is 'Trade date of the later file.';
comment on column open_interest_chain.implied_before is 'Open interest minus change, summed over months, lots.';
comment on column open_interest_chain.held_before is 'Open interest held of the session before, summed over months, lots.';
comment on column open_interest_chain.share is 'Their difference as a fraction of the larger.';
comment on column open_interest_chain.suspect is 'True above 25 percent: the two files contradict each other, and neither opens an alert.';
