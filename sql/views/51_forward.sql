-- Financing, the implied forward and the lease it leaves, and what state the curve is in.

-- Percent a year of the nearer price, act/360: (F/S - 1) * 360/d.
create or replace macro forward_ann_pct(future, spot, days) as
    (future / nullif(spot, 0) - 1) * 360.0 / nullif(days, 0) * 100;
-- The lease that makes holding metal and holding money equal, exact: [(1 + r t) / (F/S) - 1] / t, t = d/360.
create or replace macro lease_ann_pct(rate_pct, future, spot, days) as
    ((1 + rate_pct / 100.0 * days / 360.0) / nullif(future / nullif(spot, 0), 0) - 1) * 360.0 / nullif(days, 0) * 100;
-- The same from two quoted rates, as London wrote it: money less forward.
create or replace macro lease_of_quotes_pct(rate_pct, forward_pct) as rate_pct - forward_pct;
-- A quoted rate as simple interest on act/360; NULL for a basis that is not known. Bills up to half a year count on 365.
create or replace macro act360_pct(percent, basis) as
    case basis when 'ACT/360' then percent when 'bond-equivalent' then percent * 360.0 / 365 end;
-- The rate held whose term is nearest to so many days.
create or replace macro rate_for_days(days) as
    case when days < 16 then 'SOFR' when days <= 60 then 'DGS1MO' when days <= 136 then 'DGS3MO' when days > 136 then 'DGS6MO' end;

create or replace view money_rates as
with held as (
    select session, series, percent, basis, act360_pct(percent, basis) as act360_pct, published_at, raw_sha256
    from rates
    qualify row_number() over (partition by session, series order by source = 'nyfed_sofr' desc, source) = 1
),
asked as (
    select s.session, t.series
    from (select distinct session from settlements where currency = 'USD') s
    cross join (values ('SOFR'), ('DGS1MO'), ('DGS3MO'), ('DGS6MO')) t(series)
),
found as (
    select a.session, a.series, h.series as used, h.session as rate_session, h.percent, h.basis, h.act360_pct,
        h.published_at, h.raw_sha256
    from asked a
    asof left join held h on h.series = a.series and h.session <= a.session
),
fresh as (select * from found where session - rate_session <= 5 and act360_pct is not null)
select a.session, a.series as term, coalesce(f.used, o.used) as series, coalesce(f.rate_session, o.rate_session) as rate_session,
    coalesce(f.percent, o.percent) as percent, coalesce(f.basis, o.basis) as basis,
    coalesce(f.act360_pct, o.act360_pct) as act360_pct, coalesce(f.published_at, o.published_at) as published_at,
    coalesce(f.raw_sha256, o.raw_sha256) as raw_sha256
from asked a
left join fresh f on f.session = a.session and f.series = a.series
left join fresh o on o.session = a.session and o.series = 'SOFR';

comment on view money_rates is 'What dollars cost on each session for a term: the Treasury yield of that term, else SOFR; the newest of the five days before it, NULL where none is held.';
comment on column money_rates.session is 'Trade date of the settlements it is compared with.';
comment on column money_rates.term is 'Term asked for: SOFR (overnight), DGS1MO, DGS3MO or DGS6MO.';
comment on column money_rates.series is 'Series used: the term asked for, or SOFR where that is not held.';
comment on column money_rates.rate_session is 'Date the rate is of, at most five days before the session.';
comment on column money_rates.percent is 'Rate as published, percent a year on basis.';
comment on column money_rates.basis is 'ACT/360 or bond-equivalent.';
comment on column money_rates.act360_pct is 'Rate, percent a year, act/360.';
comment on column money_rates.published_at is 'When the public could know it, UTC.';
comment on column money_rates.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view curve_pairs as
select venue, product, metal, session, contract, settle, settle_published_at, settle_sha256, currency, unit,
    place, next_contract, next_settle, next_published_at, next_sha256,
    days_between, next_minus_this_ann_pct, open_interest, sessions_to_fnd
from curve
where is_liquid;

comment on view curve_pairs is 'The liquid months of a session from the front on, each with the next: what the state of the curve is read from.';
comment on column curve_pairs.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column curve_pairs.product is 'Exchange product code.';
comment on column curve_pairs.metal is 'Metal.';
comment on column curve_pairs.session is 'Trade date.';
comment on column curve_pairs.contract is 'Contract name.';
comment on column curve_pairs.settle is 'Its settlement, currency per unit.';
comment on column curve_pairs.settle_published_at is 'When it could be known, UTC.';
comment on column curve_pairs.settle_sha256 is 'Archived file of it.';
comment on column curve_pairs.currency is 'USD or CNY.';
comment on column curve_pairs.unit is 'Unit of mass of the prices.';
comment on column curve_pairs.place is '1 for the nearest liquid month.';
comment on column curve_pairs.next_contract is 'The next liquid month; NULL for the last.';
comment on column curve_pairs.next_settle is 'Its settlement, currency per unit.';
comment on column curve_pairs.next_published_at is 'When that could be known, UTC.';
comment on column curve_pairs.next_sha256 is 'Archived file of that.';
comment on column curve_pairs.days_between is 'Calendar days from first notice to first notice (last trade for SHFE).';
comment on column curve_pairs.next_minus_this_ann_pct is 'Next minus this, percent a year of this, act/360: negative is backwardation.';
comment on column curve_pairs.open_interest is 'Open contracts, lots.';
comment on column curve_pairs.sessions_to_fnd is 'Sessions to first notice (last trade for SHFE).';

create or replace view curve_state as
with counted as (
    select venue, product, any_value(metal) as metal, session, count(*) as liquid_months,
        count(next_settle) as pairs,
        coalesce(min(place) filter (next_minus_this_ann_pct >= 0), count(next_settle) + 1) - 1 as backwardated_pairs,
        count(*) filter (next_minus_this_ann_pct < 0) as inverted_pairs,
        string_agg(contract || ' ' || settle, ', ' order by place) as months, max(settle_published_at) as published_at
    from curve_pairs
    group by venue, product, session
),
fronted as (
    select c.*, p.contract as near_contract, p.settle as near_settle, p.settle_published_at as near_published_at,
        p.settle_sha256 as near_sha256, p.next_contract as far_contract, p.next_settle as far_settle,
        p.next_published_at as far_published_at, p.next_sha256 as far_sha256, p.days_between,
        p.next_minus_this_ann_pct as front_ann_pct, p.currency, p.unit, m.act360_pct as rate_act360_pct
    from counted c
    join curve_pairs p on p.venue = c.venue and p.product = c.product and p.session = c.session and p.place = 1
    left join money_rates m on m.session = c.session and m.term = rate_for_days(p.days_between) and p.currency = 'USD'
)
select venue, product, metal, session,
    case when pairs = 0 then null
        when backwardated_pairs = pairs and pairs >= 2 then 'backwardated_whole'
        when backwardated_pairs >= 2 then 'backwardated_multi'
        when backwardated_pairs = 1 then 'backwardated_front'
        when rate_act360_pct is null then 'contango'
        when front_ann_pct >= rate_act360_pct then 'contango_full'
        else 'contango_below_carry' end as state,
    liquid_months, pairs, backwardated_pairs, inverted_pairs, front_ann_pct, rate_act360_pct, days_between,
    near_contract, near_settle, near_published_at, near_sha256, far_contract, far_settle, far_published_at, far_sha256,
    currency, unit, months, published_at
from fronted;

comment on view curve_state is 'The shape of the curve over its liquid months, read from the front: a dying month and a serial one are not among them.';
comment on column curve_state.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column curve_state.product is 'Exchange product code.';
comment on column curve_state.metal is 'Metal.';
comment on column curve_state.session is 'Trade date.';
comment on column curve_state.state is 'backwardated_whole (every pair, two or more), backwardated_multi (two or more from the front), backwardated_front (the first alone), contango_full (the first pair pays the money rate), contango_below_carry (less), contango (no rate held to say which); NULL with one liquid month.';
comment on column curve_state.liquid_months is 'Liquid months.';
comment on column curve_state.pairs is 'Neighbouring pairs of them.';
comment on column curve_state.backwardated_pairs is 'Pairs in backwardation one after the other from the front.';
comment on column curve_state.inverted_pairs is 'Pairs in backwardation anywhere.';
comment on column curve_state.front_ann_pct is 'First pair: far minus near, percent a year of near, act/360.';
comment on column curve_state.rate_act360_pct is 'Money rate nearest to the days between, percent a year, act/360; NULL where none is held.';
comment on column curve_state.days_between is 'Calendar days of the first pair, first notice to first notice.';
comment on column curve_state.near_contract is 'Nearest liquid month.';
comment on column curve_state.near_settle is 'Its settlement, currency per unit.';
comment on column curve_state.near_published_at is 'When it could be known, UTC.';
comment on column curve_state.near_sha256 is 'Archived file of it.';
comment on column curve_state.far_contract is 'The liquid month after it.';
comment on column curve_state.far_settle is 'Its settlement, currency per unit.';
comment on column curve_state.far_published_at is 'When it could be known, UTC.';
comment on column curve_state.far_sha256 is 'Archived file of it.';
comment on column curve_state.currency is 'USD or CNY.';
comment on column curve_state.unit is 'Unit of mass of the prices.';
comment on column curve_state.months is 'The liquid months and their settlements, nearest first.';
comment on column curve_state.published_at is 'When the last of these settlements was public, UTC.';
