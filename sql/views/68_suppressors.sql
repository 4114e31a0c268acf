-- When a venue's price is no price: closed while others trade, locked at its limit, or printed without a trade.

create or replace view market_state as
with prints as (
    select s.venue, c.metal, s.session, sum(s.volume) as volume, max(s.published_at) as published_at, max(s.raw_sha256) as raw_sha256
    from settlements s
    join contracts c on c.venue = s.venue and c.product = s.product and c.delivery_month = s.delivery_month
    where s.venue in ('COMEX', 'SHFE') and c.metal in ('silver', 'gold')
    group by all
    union all by name
    select 'SGE' as venue, case contract when 'Ag(T+D)' then 'silver' else 'gold' end as metal, session, volume_kg as volume,
        published_at, raw_sha256
    from sge_quotes where contract in ('Ag(T+D)', 'Au99.99')
),
spans as (
    select venue, metal, min(session) as first, (select max(session) from prints) as last from prints group by venue, metal
),
days as (
    select s.venue, s.metal, v.session, bool_or(v.calendar = s.venue) as is_open
    from spans s
    join venue_sessions v on v.calendar in ('COMEX', 'SHFE', 'SGE') and v.session between s.first and s.last
    group by all
)
select d.venue, d.metal, d.session, d.is_open, p.session is not null as is_held,
    case when not d.is_open then false else c.limit_locked end as limit_locked,
    case when not d.is_open then false else p.volume = 0 end as is_untraded,
    p.volume, c.close, c.contract,
    case when not d.is_open then 'closed' when p.session is null then 'not held' when c.limit_locked then 'limit-locked'
        when p.volume = 0 then 'untraded' else 'trading' end as state,
    p.published_at, p.raw_sha256
from days d
left join prints p on p.venue = d.venue and p.metal = d.metal and p.session = d.session
left join shanghai_closes c on c.venue = d.venue and c.metal = d.metal and c.session = d.session;

comment on view market_state is 'By venue, metal and day on which any of the three venues trades: whether its price is one. What stands on a price that is none is unknown that day.';
comment on column market_state.venue is 'COMEX, SHFE or SGE.';
comment on column market_state.metal is 'silver or gold.';
comment on column market_state.session is 'Day on which at least one of the three has a session, from the first price held of the venue on.';
comment on column market_state.is_open is 'True where the venue''s own calendar has a session.';
comment on column market_state.is_held is 'True where prices of the day are held.';
comment on column market_state.limit_locked is 'True where Shanghai closed at its price limit; NULL where no close is held, and for COMEX, whose limits only halt trading.';
comment on column market_state.is_untraded is 'True where the report prints a volume of zero; NULL where it prints none.';
comment on column market_state.volume is 'Volume printed: lots of all months, for SGE kg.';
comment on column market_state.close is 'Close, CNY per unit as quoted; NULL for COMEX.';
comment on column market_state.contract is 'Contract of the close.';
comment on column market_state.state is 'closed, limit-locked, untraded, trading, or not held.';
comment on column market_state.published_at is 'When the prices could be known, UTC.';
comment on column market_state.raw_sha256 is 'Archived file of them, one of several where months come in more than one.';
