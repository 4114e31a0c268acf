-- What a chart should mark: our own table, events entered by hand, delivery dates of active months, closures.

create or replace view market_events as
with closed as (
    select calendar, session as before, lead(session) over (partition by calendar order by session) as after, is_known
    from venue_sessions
    where calendar <> 'CFTC' -- its sessions are the days of weekly reports
),
closures as (
    select c.calendar, list_filter(
            [cast(day as date) for day in range(c.before + interval 1 day, cast(c.after as timestamp), interval 1 day)],
            lambda day: isodow(day) <= 5) as days
    from closed c
    where c.is_known and c.after - c.before > 1
)
select session, coalesce(venue, '') as venue, coalesce(metal, '') as metal, kind, label, text, value, unit,
    cast(known_from as timestamp) as published_at, origin as source, cast(null as varchar) as raw_sha256
from event_rows
where known_from <= cast(known_at() as date)
union all by name
select session, '' as venue, '' as metal, substr(series, 7) as kind, left(note, 24) as label, note as text,
    cast(null as double) as value, cast(null as varchar) as unit, published_at, source_url as source, raw_sha256
from manual_prices
where starts_with(series, 'event_')
union all by name
select c.first_notice as session, c.venue, c.metal, 'first_notice' as kind, 'FND ' || c.contract as label,
    'First notice day of ' || c.contract as text, cast(null as double) as value, cast(null as varchar) as unit,
    cast(null as timestamp) as published_at, 'contracts, from the exchange''s rules' as source, cast(null as varchar) as raw_sha256
from contracts c
where c.is_active and c.first_notice is not null
union all by name
select c.last_trade as session, c.venue, c.metal, 'last_trade' as kind, 'last ' || c.contract as label,
    'Last trade day of ' || c.contract as text, cast(null as double) as value, cast(null as varchar) as unit,
    cast(null as timestamp) as published_at, 'contracts, from the exchange''s rules' as source, cast(null as varchar) as raw_sha256
from contracts c
where c.is_active
union all by name
select days[1] as session, calendar as venue, '' as metal, 'closure' as kind, calendar || ' closed' as label,
    case len(days) when 1 then calendar || ' holds no session'
        else calendar || ' holds no session from ' || days[1] || ' to ' || days[-1] end as text,
    cast(null as double) as value, cast(null as varchar) as unit,
    cast(null as timestamp) as published_at, 'venue_sessions' as source, cast(null as varchar) as raw_sha256
from closures
where len(days) > 0;

comment on view market_events is 'Dated events of the venues and metals, past and to come: what a chart marks and a reading may have been moved by.';
comment on column market_events.session is 'Day it applies from; of a closure the first weekday without a session.';
comment on column market_events.venue is 'Venue or calendar; empty where it is of none.';
comment on column market_events.metal is 'Metal; empty where it is of none or of all.';
comment on column market_events.kind is 'margin, limit, exchange_rule, trade_rule, trading_halt, contract, company, index, other; first_notice and last_trade of active months; closure.';
comment on column market_events.label is 'A few words for a chart.';
comment on column market_events.text is 'What happens.';
comment on column market_events.value is 'The new figure where there is one, in unit.';
comment on column market_events.unit is 'Unit of value.';
comment on column market_events.published_at is 'When it was in print, UTC; NULL where the rules tell it beforehand.';
comment on column market_events.source is 'Where it was read, or the table it comes from.';
comment on column market_events.raw_sha256 is 'SHA-256 of the archived file it was entered with; NULL for our own table and for rules.';
