-- Seats in Shanghai: what a member holds net in one contract, as an interval, against all warrants.

create or replace view member_net as
with seats as (
    select session, venue, product, contract, delivery_month, member_id, published_at, raw_sha256,
        max(lots) filter (side = 'long') as long_lots, max(lots) filter (side = 'short') as short_lots
    from member_positions
    where not is_total and side in ('long', 'short') and member_id is not null and delivery_month is not null
    group by all
),
lists as (
    select session, venue, contract, raw_sha256,
        min(lots) filter (side = 'long') as last_long, min(lots) filter (side = 'short') as last_short,
        count(*) filter (side = 'long') as longs, count(*) filter (side = 'short') as shorts
    from member_positions
    where not is_total and side in ('long', 'short') and delivery_month is not null
    group by all
),
ends as (
    select s.*, l.longs, l.shorts,
        coalesce(s.short_lots, 0) - coalesce(s.long_lots, case when l.longs < 20 then 0 else l.last_long end) as low,
        coalesce(s.short_lots, case when l.shorts < 20 then 0 else l.last_short end) - coalesce(s.long_lots, 0) as high
    from seats s
    join lists l using (session, venue, contract, raw_sha256)
),
sized as (
    select e.*, k.metal, k.last_trade,
        k.lot * case k.lot_unit when 'gram' then 1e-3 when 'kg' then 1.0 else 1e3 end as lot_kg,
        cast(f.ordinal - v.ordinal as integer) as sessions_to_last_trade
    from ends e
    join contracts k on k.venue = e.venue and k.product = e.product and k.delivery_month = e.delivery_month
    join venue_sessions v on v.calendar = 'SHFE' and v.session = e.session
    left join venue_sessions f on f.calendar = 'SHFE' and f.session = k.last_trade
)
select z.session, z.venue, z.metal, z.contract, z.delivery_month, z.sessions_to_last_trade, z.member_id,
    z.long_lots, z.short_lots, z.low as net_short_low_lots, z.high as net_short_high_lots, z.lot_kg,
    z.low * z.lot_kg as net_short_low_kg, z.high * z.lot_kg as net_short_high_kg,
    1000 * s.shfe_warrants_t as warrants_kg, s.shfe_warrants_published_at as warrants_published_at,
    s.shfe_warrants_sha256 as warrants_sha256,
    z.low * z.lot_kg / nullif(1000 * s.shfe_warrants_t, 0) as over_warrants_low,
    z.high * z.lot_kg / nullif(1000 * s.shfe_warrants_t, 0) as over_warrants_high,
    z.published_at, z.raw_sha256
from sized z
left join shanghai_stocks s on s.metal = z.metal and s.session = z.session;

comment on view member_net is 'What each ranked seat of SHFE is short net in one contract, against all warrants of the metal. A seat is a broker with all its clients; hedges look the same as bets. Only the twenty largest of each side are printed, so that a seat on one list alone is known as an interval.';
comment on column member_net.session is 'Trade date of ranking and warrants.';
comment on column member_net.venue is 'SHFE.';
comment on column member_net.metal is 'Metal.';
comment on column member_net.contract is 'Contract, e.g. ag2602.';
comment on column member_net.delivery_month is 'First day of the delivery month.';
comment on column member_net.sessions_to_last_trade is 'Sessions after this one up to and including last trade.';
comment on column member_net.member_id is 'The seat''s number.';
comment on column member_net.long_lots is 'Long, lots; NULL where not among the twenty largest.';
comment on column member_net.short_lots is 'Short, lots; NULL where not among the twenty largest.';
comment on column member_net.net_short_low_lots is 'Short minus long, lots, at least: a long not printed is taken as large as the smallest that is.';
comment on column member_net.net_short_high_lots is 'Short minus long, lots, at most.';
comment on column member_net.lot_kg is 'Metal of one lot, kg.';
comment on column member_net.net_short_low_kg is 'The least in kg.';
comment on column member_net.net_short_high_kg is 'The most in kg.';
comment on column member_net.warrants_kg is 'SHFE registered warrants of the metal, kg; NULL where the page of this session is not held.';
comment on column member_net.warrants_published_at is 'When they could be known, UTC.';
comment on column member_net.warrants_sha256 is 'Archived file of them.';
comment on column member_net.over_warrants_low is 'Net short over warrants, ratio, at least.';
comment on column member_net.over_warrants_high is 'Net short over warrants, ratio, at most.';
comment on column member_net.published_at is 'When the ranking could be known, UTC.';
comment on column member_net.raw_sha256 is 'Archived file of the ranking.';
