-- Spot at the hour of the settlement, and what each liquid month says against it: basis, forward, lease, EFP.

create or replace view spot_at_settlement as
with moments as (
    select c.venue, c.product, c.metal, s.session,
        timezone('UTC', timezone(m.zone, s.session + cast(m.local_time as time))) as settled_at
    from (select distinct venue, product, session from settlements where currency = 'USD') s
    join (select distinct venue, product, metal from contracts) c using (venue, product)
    join settlement_moments m on m.product = s.product and s.session >= m.valid_from and s.session < m.valid_to
),
quotes as (
    select session, metal, provider, quoted_at, bid, ask, price, published_at, raw_sha256
    from spot_quotes
    where spot_kind = 'otc_quote' and bid is not null and ask is not null and currency = 'USD' and unit = 'troy_oz'
),
near as (
    select m.*, q.provider, q.quoted_at, q.bid as quoted_bid, q.ask as quoted_ask, q.published_at, q.raw_sha256,
        cast(abs(epoch(q.quoted_at - m.settled_at)) as integer) as seconds_apart
    from moments m
    left join quotes q on q.metal = m.metal and q.session = m.session
        and q.quoted_at between m.settled_at - interval 15 minutes and m.settled_at + interval 15 minutes
    qualify row_number() over (
        partition by m.venue, m.product, m.session
        order by abs(epoch(q.quoted_at - m.settled_at)) nulls last, q.provider, q.raw_sha256) = 1
),
others as (
    select session, metal, bool_or(spot_kind = 'derived') as has_derived, bool_or(spot_kind = 'auction') as has_auction
    from spot_quotes group by session, metal
)
select n.venue, n.product, n.metal, n.session, n.settled_at, n.provider, n.quoted_at, n.seconds_apart,
    n.quoted_bid, n.quoted_ask, (n.quoted_bid + n.quoted_ask) / 2 as mid,
    case when n.seconds_apart <= 60 then n.quoted_bid else (n.quoted_bid + n.quoted_ask) / 2 end as bid,
    case when n.seconds_apart <= 60 then n.quoted_ask else (n.quoted_bid + n.quoted_ask) / 2 end as ask,
    case when n.seconds_apart <= 60 then 'sides' when n.seconds_apart is not null then 'mid' end as quality,
    case when n.quoted_at is null and o.has_derived then 'no timestamped spot: the quotes held name one price of unknown making, perhaps a future''s'
        when n.quoted_at is null and o.has_auction then 'no timestamped spot: an auction is never paired with a settlement'
        when n.quoted_at is null then 'no timestamped spot quote within 15 minutes of the settlement'
        when n.quoted_bid > n.quoted_ask then 'the spot quote''s bid is above its ask' else '' end as unknown_because,
    n.published_at, n.raw_sha256
from near n
left join others o on o.session = n.session and o.metal = n.metal;

comment on view spot_at_settlement is 'The spot quote with both sides that lies nearest to the moment of the settlement, within 15 minutes; auctions and lone figures of unknown making are never used. Early closes settle sooner than the table of moments says.';
comment on column spot_at_settlement.venue is 'COMEX or NYMEX.';
comment on column spot_at_settlement.product is 'Exchange product code.';
comment on column spot_at_settlement.metal is 'Metal.';
comment on column spot_at_settlement.session is 'Trade date.';
comment on column spot_at_settlement.settled_at is 'Moment the settlement is of, UTC.';
comment on column spot_at_settlement.provider is 'Who quotes.';
comment on column spot_at_settlement.quoted_at is 'Moment of the quote, UTC.';
comment on column spot_at_settlement.seconds_apart is 'Seconds between quote and settlement.';
comment on column spot_at_settlement.quoted_bid is 'Bid as quoted, USD per troy ounce.';
comment on column spot_at_settlement.quoted_ask is 'Ask as quoted, USD per troy ounce.';
comment on column spot_at_settlement.mid is 'Middle of the two, USD per troy ounce.';
comment on column spot_at_settlement.bid is 'Bid used: as quoted where at most 60 seconds apart, else the mid, USD per troy ounce.';
comment on column spot_at_settlement.ask is 'Ask used: as quoted where at most 60 seconds apart, else the mid, USD per troy ounce.';
comment on column spot_at_settlement.quality is 'sides (at most 60 seconds apart) or mid; NULL without a quote. The future is a settlement, without sides, in either case.';
comment on column spot_at_settlement.unknown_because is 'Why there is no spot to use; '''' where there is.';
comment on column spot_at_settlement.published_at is 'When the quote was public, UTC.';
comment on column spot_at_settlement.raw_sha256 is 'SHA-256 of the archived file of the quote.';

create or replace view implied_forward as
with legs as (
    select c.venue, c.product, c.metal, c.session, c.delivery_month, c.contract, c.settle,
        c.settle_published_at, c.settle_sha256, c.liquidity_rank, c.sessions_to_fnd,
        c.place,
        cast(k.first_delivery - c.session as integer) as days_to_delivery,
        s.settled_at, s.provider as spot_provider, s.quoted_at as spot_quoted_at, s.seconds_apart, s.quality,
        s.mid as spot_usd, s.bid as spot_bid_usd, s.ask as spot_ask_usd, s.unknown_because,
        s.published_at as spot_published_at, s.raw_sha256 as spot_sha256
    from curve c
    join contracts k on k.venue = c.venue and k.product = c.product and k.delivery_month = c.delivery_month
    join spot_at_settlement s on s.venue = c.venue and s.product = c.product and s.session = c.session
    where c.is_liquid and c.unit = 'troy_oz'
),
priced as (
    select l.*, m.act360_pct as rate_act360_pct, m.series as rate_series, m.rate_session,
        m.published_at as rate_published_at, m.raw_sha256 as rate_sha256,
        forward_ann_pct(settle, spot_ask_usd, days_to_delivery) as basis_ann_pct,
        (spot_bid_usd - settle) / nullif(spot_bid_usd, 0) * 360.0 / nullif(days_to_delivery, 0) * 100 as cobasis_ann_pct
    from legs l
    left join money_rates m on m.session = l.session and m.term = rate_for_days(l.days_to_delivery)
)
select venue, product, metal, session, delivery_month, contract, place, liquidity_rank, sessions_to_fnd, settle,
    settle_published_at, settle_sha256, settled_at, days_to_delivery, 'act/360' as day_count,
    spot_provider, spot_quoted_at, seconds_apart, quality, spot_usd, spot_bid_usd, spot_ask_usd, spot_published_at, spot_sha256,
    settle - spot_usd as fut_minus_spot_usd, basis_ann_pct, cobasis_ann_pct,
    forward_ann_pct(settle, spot_usd, days_to_delivery) as forward_ann_pct,
    rate_act360_pct, rate_series, rate_session, rate_published_at, rate_sha256,
    lease_ann_pct(rate_act360_pct, settle, spot_usd, days_to_delivery) as lease_ann_pct,
    spot_usd * rate_act360_pct / 100 * days_to_delivery / 360.0 as carry_usd,
    settle - spot_usd - spot_usd * rate_act360_pct / 100 * days_to_delivery / 360.0 as excess_usd,
    100 * (settle / nullif(spot_usd, 0) - 1 - rate_act360_pct / 100 * days_to_delivery / 360.0) as excess_pct,
    case when basis_ann_pct > 0 and cobasis_ann_pct > 0 then 'basis and co-basis are both positive, which cannot be'
        else unknown_because end as unknown_because,
    greatest(settle_published_at, spot_published_at) as published_at
from priced;

comment on view implied_forward is 'Each liquid month against spot at the hour of its settlement: basis, co-basis, implied forward, implied lease, EFP and its excess over carry. Days run from the session to the first delivery day.';
comment on column implied_forward.venue is 'COMEX or NYMEX.';
comment on column implied_forward.product is 'Exchange product code.';
comment on column implied_forward.metal is 'Metal.';
comment on column implied_forward.session is 'Trade date.';
comment on column implied_forward.delivery_month is 'First day of the delivery month.';
comment on column implied_forward.contract is 'Contract name.';
comment on column implied_forward.place is '1 for the nearest liquid month.';
comment on column implied_forward.liquidity_rank is '1 for the liquid month with the most open interest.';
comment on column implied_forward.sessions_to_fnd is 'Sessions to first notice.';
comment on column implied_forward.settle is 'Settlement, USD per troy ounce.';
comment on column implied_forward.settle_published_at is 'When it could be known, UTC.';
comment on column implied_forward.settle_sha256 is 'Archived file of it.';
comment on column implied_forward.settled_at is 'Moment the settlement is of, UTC.';
comment on column implied_forward.days_to_delivery is 'Calendar days from the session to the first delivery day.';
comment on column implied_forward.day_count is 'How days are counted.';
comment on column implied_forward.spot_provider is 'Who quotes spot.';
comment on column implied_forward.spot_quoted_at is 'Moment of the quote, UTC.';
comment on column implied_forward.seconds_apart is 'Seconds between quote and settlement.';
comment on column implied_forward.quality is 'sides or mid, as in spot_at_settlement.';
comment on column implied_forward.spot_usd is 'Middle of the spot quote, USD per troy ounce.';
comment on column implied_forward.spot_bid_usd is 'Spot bid used, USD per troy ounce.';
comment on column implied_forward.spot_ask_usd is 'Spot ask used, USD per troy ounce.';
comment on column implied_forward.spot_published_at is 'When the quote was public, UTC.';
comment on column implied_forward.spot_sha256 is 'Archived file of the quote.';
comment on column implied_forward.fut_minus_spot_usd is 'Future minus spot (EFP), USD per troy ounce: what carry or decarry pays.';
comment on column implied_forward.basis_ann_pct is 'Future minus spot ask, percent a year of the ask: what buying metal and selling the future pays.';
comment on column implied_forward.cobasis_ann_pct is 'Spot bid minus future, percent a year of the bid: what selling metal and buying the future pays.';
comment on column implied_forward.forward_ann_pct is 'Future over mid spot, percent a year.';
comment on column implied_forward.rate_act360_pct is 'Money rate of the term, percent a year, act/360; NULL where none of five days is held.';
comment on column implied_forward.rate_series is 'Series of the rate.';
comment on column implied_forward.rate_session is 'Date of the rate.';
comment on column implied_forward.rate_published_at is 'When it could be known, UTC.';
comment on column implied_forward.rate_sha256 is 'Archived file of it.';
comment on column implied_forward.lease_ann_pct is 'Implied lease, exact, percent a year, act/360.';
comment on column implied_forward.carry_usd is 'Interest on spot to the first delivery day: the fair EFP, lease and costs left out, USD per troy ounce.';
comment on column implied_forward.excess_usd is 'EFP less that interest, USD per troy ounce: above zero New York is dear, below zero London.';
comment on column implied_forward.excess_pct is 'The same as percent of spot, not a year''s.';
comment on column implied_forward.unknown_because is 'Why nothing may be concluded; '''' where something may.';
comment on column implied_forward.published_at is 'When settlement and quote were both public, UTC.';
