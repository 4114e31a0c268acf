-- What earlier delivery months looked like at the same distance to first notice, each usable from its own first notice day.

create or replace view roll_points as
with own as (
    select r.product, r.delivery_month, r.contract, r.sessions_to_fnd, coalesce(r.peak_share, p.peak_share) as peak_share,
        c.raw_coverage, r.valid_from
    from roll_curve r
    left join coverage c on c.venue = r.venue and c.product = r.product and c.delivery_month = r.delivery_month
        and c.session = r.session and c.oi_status = 'final'
    left join published_roll_points p on p.product = r.product and p.delivery_month = r.delivery_month
        and p.sessions_to_fnd = r.sessions_to_fnd
    where r.is_active and r.sessions_to_fnd between 0 and 15 and (r.peak_share is not null or c.raw_coverage is not null)
)
select product, delivery_month, contract, sessions_to_fnd, peak_share, raw_coverage, 'own history' as origin, valid_from
from own
union all by name
select p.product, p.delivery_month, strftime(p.delivery_month, '%b %Y') as contract, p.sessions_to_fnd, p.peak_share, p.raw_coverage,
    p.origin, p.valid_from
from published_roll_points p
where not exists (select 1 from own o where o.product = p.product and o.delivery_month = p.delivery_month);

comment on view roll_points is 'Coverage and share of peak open interest by sessions to first notice: own delivery months, and published points where we have none. A point may be quoted only from valid_from.';
comment on column roll_points.product is 'Exchange product code.';
comment on column roll_points.delivery_month is 'First day of the delivery month.';
comment on column roll_points.contract is 'Contract name, or the month in words for published points.';
comment on column roll_points.sessions_to_fnd is 'Sessions to first notice day.';
comment on column roll_points.peak_share is 'Final open interest over its largest value up to that session, a ratio; NULL where the month is not held long enough to know it.';
comment on column roll_points.raw_coverage is 'Registered over front-month claims, a ratio.';
comment on column roll_points.origin is 'own history, or where the point was published.';
comment on column roll_points.valid_from is 'First notice day of that month: before it nobody could know the curve.';
