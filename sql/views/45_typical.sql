-- What earlier delivery months looked like at the same distance to first notice, each usable from its own first notice day.

create or replace view roll_points as
with own as (
    select product, delivery_month, contract, session, sessions_to_fnd, raw_coverage, open_interest,
        open_interest / max(open_interest) over (
            partition by product, delivery_month order by session rows between unbounded preceding and current row) as peak_share
    from coverage
    where is_active and oi_status = 'final' and sessions_to_fnd between 0 and 15
)
select o.product, o.delivery_month, o.contract, o.sessions_to_fnd, o.peak_share, o.raw_coverage,
    'own history' as origin, c.first_notice as valid_from
from own o join contracts c using (product, delivery_month)
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
comment on column roll_points.peak_share is 'Open interest over its largest value up to that session, a ratio.';
comment on column roll_points.raw_coverage is 'Registered over front-month claims, a ratio.';
comment on column roll_points.origin is 'own history, or where the point was published.';
comment on column roll_points.valid_from is 'First notice day of that month: before it nobody could know the curve.';
