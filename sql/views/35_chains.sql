-- Whether each report's own word on the session before is what that session's report said.

create or replace view settlement_chain as
with kept as (
    select s.venue, s.product, s.delivery_month, s.session, s.settle, s.previous_settle, v.calendar, v.ordinal
    from settlements s
    join (select distinct venue, calendar from contracts) k on k.venue = s.venue
    join venue_sessions v on v.calendar = k.calendar and v.session = s.session
)
select n.venue, n.product, n.session, count(*) as months,
    max(abs(n.previous_settle - b.settle) / nullif(abs(b.settle), 0)) as share,
    coalesce(max(abs(n.previous_settle - b.settle) / nullif(abs(b.settle), 0)) > 0.005, false) as suspect
from kept n
join kept b on b.venue = n.venue and b.product = n.product and b.delivery_month = n.delivery_month
    and b.ordinal = n.ordinal - 1
where n.previous_settle is not null
group by n.venue, n.product, n.session;

comment on view settlement_chain is 'Whether each report''s previous settlements are those held of the session before, month by month; only where both are held.';
comment on column settlement_chain.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column settlement_chain.product is 'Exchange product code.';
comment on column settlement_chain.session is 'Trade date of the later report.';
comment on column settlement_chain.months is 'How many contract months could be compared.';
comment on column settlement_chain.share is 'Largest difference of a month, as a fraction of the settlement held.';
comment on column settlement_chain.suspect is 'True above 0.5 percent: the two reports contradict each other, and neither opens an alert.';

create or replace view settlement_days as
with held as (
    select distinct s.session, s.venue, s.product, c.metal, c.calendar
    from settlements s
    join contracts c on c.venue = s.venue and c.product = s.product and c.delivery_month = s.delivery_month
)
select h.session, h.venue, h.product, h.metal, v.ordinal, coalesce(c.suspect, false) as suspect
from held h
join venue_sessions v on v.calendar = h.calendar and v.session = h.session
left join settlement_chain c on c.venue = h.venue and c.product = h.product and c.session = h.session;

comment on view settlement_days is 'The sessions of each product of which a settlement is held, and whether its report contradicts the session before: the days of which the checks of the curve are asked.';
comment on column settlement_days.session is 'Trade date.';
comment on column settlement_days.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column settlement_days.product is 'Exchange product code.';
comment on column settlement_days.metal is 'Metal.';
comment on column settlement_days.ordinal is 'Place in the venue''s calendar.';
comment on column settlement_days.suspect is 'True where the settlement report contradicts the session before it.';

create or replace view shfe_warrant_chain as
with kept as (
    select w.metal, w.region, w.warehouse, w.session, w.quantity, w.change, v.ordinal
    from shfe_warrants w
    join venue_sessions v on v.calendar = 'SHFE' and v.session = w.session
    where w.level = 'warehouse'
),
held as (select distinct metal, session, ordinal from kept),
pairs as (
    select t.metal, t.session, y.session as previous_session
    from held t join held y on y.metal = t.metal and y.ordinal = t.ordinal - 1
),
today as (
    select p.metal, p.session, k.region, k.warehouse, k.quantity, k.quantity - k.change as before
    from pairs p join kept k on k.metal = p.metal and k.session = p.session
),
yesterday as (
    select p.metal, p.session, k.region, k.warehouse, k.quantity as held
    from pairs p join kept k on k.metal = p.metal and k.session = p.previous_session
),
gaps as (
    select metal, session, quantity,
        case when quantity is not null and before is null then 0 else abs(coalesce(before, 0) - coalesce(held, 0)) end as gap
    from today t full join yesterday y using (metal, session, region, warehouse)
)
select metal, session, count(*) as warehouses, sum(gap) as gap, sum(gap) / nullif(sum(quantity), 0) as share,
    coalesce(sum(gap) > 0.001 * sum(quantity), sum(gap) > 0) as suspect
from gaps group by metal, session;

comment on view shfe_warrant_chain is 'Whether each report''s warrants less their change are those held of the session before, warehouse by warehouse, one that is not listed counting as empty; only where both are held.';
comment on column shfe_warrant_chain.metal is 'silver, gold or copper.';
comment on column shfe_warrant_chain.session is 'Trade date of the later page.';
comment on column shfe_warrant_chain.warehouses is 'How many warehouses either page lists.';
comment on column shfe_warrant_chain.gap is 'Sum of absolute differences, in kg or tonnes for copper.';
comment on column shfe_warrant_chain.share is 'gap as a fraction of the metal under warrant.';
comment on column shfe_warrant_chain.suspect is 'True above 0.1 percent: the two pages contradict each other.';
