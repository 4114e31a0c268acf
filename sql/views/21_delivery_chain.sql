-- Whether the delivery notices of a contract add up from day to day, and where a report is missing.

create or replace view delivery_days as
with reports as (
    select session, max(coalesce(run_time, published_at)) as newest_run from delivery_totals group by session
)
select v.session, v.ordinal, coalesce(r.newest_run >= v.session + interval 1 day, false) as is_held
from venue_sessions v
left join reports r using (session)
where v.calendar = 'COMEX' and v.session <= (select max(session) from reports);

comment on view delivery_days is 'COMEX sessions up to the newest delivery report, and whether the evening''s report of each is held: a run before midnight UTC came at noon and lists expiring contracts alone.';
comment on column delivery_days.session is 'Session.';
comment on column delivery_days.ordinal is 'Place in COMEX''s calendar.';
comment on column delivery_days.is_held is 'True where the evening''s report, or a later one that tells of this session, is held.';

create or replace view delivery_chain as
with placed as (
    select *, lag(session) over earlier as previous_session, lag(month_to_date) over earlier as previous_month_to_date
    from delivery_totals
    window earlier as (partition by venue, contract order by session)
),
begun as (
    select p.*, coalesce(d.ordinal, first_day.ordinal - 2) as from_ordinal
    from placed p
    asof join (select * from venue_sessions where calendar = 'COMEX') first_day on p.delivery_month <= first_day.session
    left join delivery_days d on d.session = p.previous_session
),
gaps as (
    select b.venue, b.contract, b.session, count(m.session) as missing, min(m.session) as missing_from, max(m.session) as missing_to
    from begun b
    left join delivery_days m on not m.is_held and m.ordinal >= b.from_ordinal and m.session < b.session
    group by all
)
select b.session, b.venue, b.contract, b.product, b.delivery_month, b.issued, b.month_to_date,
    b.month_to_date - b.issued as implied_before, b.previous_session,
    coalesce(b.previous_month_to_date, 0) as held_before,
    b.month_to_date - b.issued - coalesce(b.previous_month_to_date, 0) as gap,
    cast(g.missing as integer) as missing_reports, g.missing_from, g.missing_to,
    b.month_to_date - b.issued <> coalesce(b.previous_month_to_date, 0) as breaks,
    b.month_to_date - b.issued < coalesce(b.previous_month_to_date, 0)
        or (g.missing = 0 and b.month_to_date - b.issued <> coalesce(b.previous_month_to_date, 0)) as contradicts,
    b.published_at, b.raw_sha256
from begun b
join gaps g using (venue, contract, session);

comment on view delivery_chain is 'Whether each contract''s month-to-date less the day''s notices is what stood before, and which COMEX sessions without a report lie between. A month begins at nothing on its first intent day, two sessions before its first.';
comment on column delivery_chain.session is 'Business date of the report.';
comment on column delivery_chain.venue is 'COMEX or NYMEX.';
comment on column delivery_chain.contract is 'Contract as printed.';
comment on column delivery_chain.product is 'Exchange product code; NULL where the name is not known.';
comment on column delivery_chain.delivery_month is 'First day of the delivery month.';
comment on column delivery_chain.issued is 'Notices of the day, lots.';
comment on column delivery_chain.month_to_date is 'Notices of the contract since its first intent day, as printed, lots.';
comment on column delivery_chain.implied_before is 'month_to_date less issued, lots.';
comment on column delivery_chain.previous_session is 'Session of the contract''s notices held before these; NULL where there are none.';
comment on column delivery_chain.held_before is 'Its month_to_date, lots; 0 where there is none.';
comment on column delivery_chain.gap is 'implied_before less held_before: notices of days we do not hold, lots.';
comment on column delivery_chain.missing_reports is 'COMEX sessions between, or since the first intent day, whose evening report is not held; a day without notices has a report too.';
comment on column delivery_chain.missing_from is 'First of them.';
comment on column delivery_chain.missing_to is 'Last of them.';
comment on column delivery_chain.breaks is 'True where gap is not 0.';
comment on column delivery_chain.contradicts is 'True where a break has no missing report to explain it, or notices have become fewer.';
comment on column delivery_chain.published_at is 'When the public could know the later figure, UTC.';
comment on column delivery_chain.raw_sha256 is 'SHA-256 of the archived file of the later figure.';
