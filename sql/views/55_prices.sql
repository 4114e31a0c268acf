-- Prices over sessions: one series a metal, one contract on both days of every change.

-- Wilder's mean of a list: the plain mean of its first n, then (n - 1) parts of the last mean and one of the new.
create or replace macro wilder_mean(items, n) as
    list_reduce(items[n + 1:], lambda mean, item: (mean * (n - 1) + item) / n, list_avg(items[1:n]));
-- Relative strength of a list of changes, oldest first, 0 to 100; NULL where nothing moved.
create or replace macro rsi_of(changes, n) as
    100 * wilder_mean(list_transform(changes, lambda c: greatest(c, 0.0)), n)
        / nullif(wilder_mean(list_transform(changes, lambda c: abs(c)), n), 0);
-- Standard deviation of daily logarithmic returns, percent a year of 252 sessions.
create or replace macro volatility_pct(returns) as 100 * list_stddev_samp(returns) * sqrt(252);

create or replace view active_settlements as
select venue, product, metal, session, contract, delivery_month, settle, unit, open_interest, sessions_to_fnd,
    settle_published_at as published_at, settle_sha256 as raw_sha256
from curve
where is_active and sessions_to_fnd >= 5 and venue in ('COMEX', 'NYMEX')
qualify row_number() over (partition by venue, product, session order by open_interest desc nulls last, delivery_month) = 1;

comment on view active_settlements is 'Of each session the settlement of the active month with the most open interest, five sessions or more from first notice: never the spot month.';
comment on column active_settlements.venue is 'COMEX or NYMEX.';
comment on column active_settlements.product is 'Exchange product code.';
comment on column active_settlements.metal is 'Metal.';
comment on column active_settlements.session is 'Trade date.';
comment on column active_settlements.contract is 'Contract name.';
comment on column active_settlements.delivery_month is 'First day of the delivery month.';
comment on column active_settlements.settle is 'Settlement, USD per unit.';
comment on column active_settlements.unit is 'Unit of mass of the price.';
comment on column active_settlements.open_interest is 'Open contracts, lots.';
comment on column active_settlements.sessions_to_fnd is 'Sessions to first notice.';
comment on column active_settlements.published_at is 'When the settlement could be known, UTC.';
comment on column active_settlements.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view price_moves as
with futures as (
    select 'COMEX active month' as series, a.metal, a.session, d.ordinal, a.contract, a.settle as price, a.unit,
        y.session as before_session, coalesce(b.settle, s.previous_settle) as before_price,
        a.published_at, a.raw_sha256, coalesce(b.published_at, s.published_at) as before_published_at,
        coalesce(b.raw_sha256, s.raw_sha256) as before_sha256, d.suspect
    from active_settlements a
    join settlements s on s.venue = a.venue and s.product = a.product and s.delivery_month = a.delivery_month and s.session = a.session
    join settlement_days d on d.venue = a.venue and d.product = a.product and d.session = a.session
    left join venue_sessions y on y.calendar = 'COMEX' and y.ordinal = d.ordinal - 1
    left join settlements b on b.venue = a.venue and b.product = a.product and b.delivery_month = a.delivery_month and b.session = y.session
),
auctions as (
    select case p.metal when 'silver' then 'LBMA noon' else 'LBMA morning' end as series, p.metal, p.session, v.ordinal,
        p.price, p.published_at, p.raw_sha256
    from lbma_prices p
    join venue_sessions v on v.calendar = 'LBMA' and v.session = p.session
    where p.currency = 'USD' and p.fixing in ('am', 'noon')
),
london as (
    select n.series, n.metal, n.session, n.ordinal, null::varchar as contract, n.price, 'troy_oz' as unit,
        y.session as before_session, b.price as before_price, n.published_at, n.raw_sha256,
        b.published_at as before_published_at, b.raw_sha256 as before_sha256, false as suspect
    from auctions n
    left join venue_sessions y on y.calendar = 'LBMA' and y.ordinal = n.ordinal - 1
    left join auctions b on b.series = n.series and b.metal = n.metal and b.ordinal = n.ordinal - 1
),
both_series as (
    select * from london
    union all by name
    select * from futures
)
select t.*, ln(t.price / nullif(t.before_price, 0)) as ln_return, t.price - t.before_price as change_usd,
    100 * (t.price / nullif(t.before_price, 0) - 1) as change_pct,
    t.series <> 'COMEX active month' or not exists (
        from auctions l where l.metal = t.metal and l.session <= t.session and l.session > t.session - 30) as is_used
from both_series t;

comment on view price_moves is 'Prices by session and their change against the session before, of the same contract: a roll is no move. LBMA auctions where any of 30 days is held, else COMEX''s active month; the two are never joined into one series.';
comment on column price_moves.series is 'LBMA noon (silver), LBMA morning (the others: it is held on every London day) or COMEX active month.';
comment on column price_moves.metal is 'Metal.';
comment on column price_moves.session is 'Trade date, or day of the auction.';
comment on column price_moves.ordinal is 'Number of the session in its calendar.';
comment on column price_moves.contract is 'Contract; NULL for an auction.';
comment on column price_moves.price is 'Price, USD per unit.';
comment on column price_moves.unit is 'Unit of mass of the price.';
comment on column price_moves.before_session is 'The session before.';
comment on column price_moves.before_price is 'Price of the same contract or auction then, USD per unit: as held, else as this report prints it; NULL where neither is.';
comment on column price_moves.published_at is 'When the price could be known, UTC.';
comment on column price_moves.raw_sha256 is 'SHA-256 of its archived file.';
comment on column price_moves.before_published_at is 'When the price before could be known, UTC.';
comment on column price_moves.before_sha256 is 'SHA-256 of its archived file.';
comment on column price_moves.suspect is 'True where the settlement report contradicts the session before it.';
comment on column price_moves.ln_return is 'Logarithm of price over price before.';
comment on column price_moves.change_usd is 'Price less price before, USD per unit.';
comment on column price_moves.change_pct is 'Price over price before, percent.';
comment on column price_moves.is_used is 'True for the series that speaks for the metal on this session.';

create or replace view price_strength as
with runs as (
    select *, ordinal - row_number() over (partition by series, metal order by ordinal) as run
    from price_moves where ln_return is not null and not suspect
),
windows as (
    select series, metal, session, is_used, contract, price, unit, published_at, raw_sha256,
        row_number() over w as sessions_in_a_row,
        list(ln_return) over (w rows between 19 preceding and current row) as returns_20,
        list(change_usd) over (w rows between 249 preceding and current row) as changes,
        first_value(before_session) over (w rows between 19 preceding and current row) as volatility_from_session,
        first_value(before_session) over (w rows between 249 preceding and current row) as rsi_from_session
    from runs
    window w as (partition by series, metal, run order by ordinal)
)
select series, metal, session, is_used, contract, price, unit, sessions_in_a_row,
    case when sessions_in_a_row >= 20 then volatility_pct(returns_20) end as volatility_20_pct,
    case when sessions_in_a_row >= 20 then volatility_from_session end as volatility_from_session,
    case when sessions_in_a_row >= 100 then rsi_of(changes, 14) end as rsi_14,
    case when sessions_in_a_row >= 100 then rsi_from_session end as rsi_from_session,
    published_at, raw_sha256
from windows;

comment on view price_strength is 'Realised volatility and relative strength over sessions in a row, each change of one contract; a missing session begins the count anew.';
comment on column price_strength.series is 'Series, as in price_moves.';
comment on column price_strength.metal is 'Metal.';
comment on column price_strength.session is 'Trade date.';
comment on column price_strength.is_used is 'True for the series that speaks for the metal on this session.';
comment on column price_strength.contract is 'Contract; NULL for an auction.';
comment on column price_strength.price is 'Price, USD per unit.';
comment on column price_strength.unit is 'Unit of mass of the price.';
comment on column price_strength.sessions_in_a_row is 'Changes known one after the other up to this session.';
comment on column price_strength.volatility_20_pct is 'Standard deviation of 20 daily logarithmic returns, percent a year of 252 sessions; NULL with fewer.';
comment on column price_strength.volatility_from_session is 'Session its first return starts from.';
comment on column price_strength.rsi_14 is 'Wilder''s relative strength of 14 sessions over the last 250 changes, 0 to 100; NULL with fewer than 100, where the start would still show.';
comment on column price_strength.rsi_from_session is 'Session its first change starts from.';
comment on column price_strength.published_at is 'When the price could be known, UTC.';
comment on column price_strength.raw_sha256 is 'SHA-256 of its archived file.';

create or replace view price_history as
select 'COMEX' as venue, c.metal, s.delivery_month, s.session, s.settle as price, s.published_at, s.raw_sha256
from settlement_rows s
join contracts c on c.venue = s.venue and c.product = s.product and c.delivery_month = s.delivery_month
where s.venue in ('COMEX', 'NYMEX') and c.is_active and s.session <= as_of() and is_known(s.published_at, s.loaded_at)
    and s.session >= (select min(session) from settlements) - 400
qualify row_number() over (
    partition by s.venue, s.product, s.delivery_month, s.session
    order by (s.status = 'final', s.published_at, s.raw_sha256) desc) = 1
union all by name
select 'LBMA' as venue, metal, null::date as delivery_month, session, price, published_at, raw_sha256
from lbma_price_rows
where session <= as_of() and is_known(published_at, loaded_at) and currency = 'USD' and fixing in ('am', 'noon')
    and session >= (select min(session) from lbma_prices) - 400
qualify row_number() over (partition by session, metal order by (published_at, raw_sha256) desc) = 1;

comment on view price_history is 'Settlements of active months and London auctions, the newest version known of each, from 400 days before the first session the checks see: a high of a year must not end where their window begins.';
comment on column price_history.venue is 'COMEX (NYMEX''s metals too) or LBMA.';
comment on column price_history.metal is 'Metal.';
comment on column price_history.delivery_month is 'First day of the delivery month; NULL for an auction.';
comment on column price_history.session is 'Trade date, or day of the auction.';
comment on column price_history.price is 'Price, USD per unit.';
comment on column price_history.published_at is 'When it could be known, UTC.';
comment on column price_history.raw_sha256 is 'SHA-256 of its archived file.';

create or replace view price_highs as
with asked as (
    select m.series, m.metal, m.session, m.ordinal, m.is_used, m.contract, a.delivery_month, m.price, m.unit, m.published_at,
        m.raw_sha256, m.suspect, case when m.contract is null then 'LBMA' else 'COMEX' end as venue
    from price_moves m
    left join active_settlements a on a.metal = m.metal and a.session = m.session and a.contract = m.contract
),
held as (
    select h.*, x.ordinal
    from price_history h
    join (select distinct venue, metal, delivery_month from asked) k on k.venue = h.venue and k.metal = h.metal
        and k.delivery_month is not distinct from h.delivery_month
    join venue_sessions x on x.calendar = h.venue and x.session = h.session
),
ranged as (
    select venue, metal, delivery_month, session, max(price) over year as high, count(*) over year as sessions_held
    from held
    window year as (
        partition by venue, metal, delivery_month order by ordinal range between 251 preceding and current row)
)
select t.series, t.metal, t.session, t.is_used, t.contract, t.price, t.unit, t.published_at, t.raw_sha256,
    r.high, h.session as high_session, h.published_at as high_published_at, h.raw_sha256 as high_sha256,
    r.sessions_held, 100 * (t.price / nullif(r.high, 0) - 1) as below_high_pct, t.suspect
from asked t
join ranged r on r.venue = t.venue and r.metal = t.metal and r.session = t.session
    and r.delivery_month is not distinct from t.delivery_month
join held h on h.venue = t.venue and h.metal = t.metal and h.delivery_month is not distinct from t.delivery_month
    and h.price = r.high and h.session <= t.session
qualify row_number() over (partition by t.series, t.metal, t.session, t.contract order by h.session desc) = 1;

comment on view price_highs is 'Each price against the highest of the same contract or auction within 252 sessions: what another month cost is not compared.';
comment on column price_highs.series is 'Series, as in price_moves.';
comment on column price_highs.metal is 'Metal.';
comment on column price_highs.session is 'Trade date.';
comment on column price_highs.is_used is 'True for the series that speaks for the metal on this session.';
comment on column price_highs.contract is 'Contract; NULL for an auction.';
comment on column price_highs.price is 'Price, USD per unit.';
comment on column price_highs.unit is 'Unit of mass of the price.';
comment on column price_highs.published_at is 'When the price could be known, UTC.';
comment on column price_highs.raw_sha256 is 'SHA-256 of its archived file.';
comment on column price_highs.high is 'Highest price of 252 sessions, this one included, USD per unit.';
comment on column price_highs.high_session is 'Session of the high, the last of several.';
comment on column price_highs.high_published_at is 'When that could be known, UTC.';
comment on column price_highs.high_sha256 is 'SHA-256 of its archived file.';
comment on column price_highs.sessions_held is 'Sessions of the 252 that are held.';
comment on column price_highs.below_high_pct is 'Price over high, percent: 0 at the high, else below zero.';
comment on column price_highs.suspect is 'True where the settlement report contradicts the session before it.';
