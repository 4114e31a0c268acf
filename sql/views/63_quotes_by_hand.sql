-- Quotes without a feed: onshore spot against SGE's Ag(T+D), dealers' spreads, and their prices over New York.

create or replace view new_york_around as
with span as (select min(session) as first, max(session) as last from comex_front),
days as (
    select cast(unnest(generate_series(first, last + 7, interval 1 day)) as date) as day from span
),
sessions as (
    select session from venue_sessions
    where calendar = 'COMEX' and session between (select first from span) - 20 and (select last from span) + 27
),
placed as (
    select d.day, b.session as before_session, a.session as after_session
    from days d
    asof left join sessions b on b.session < d.day
    asof left join sessions a on a.session >= d.day
)
select p.day, m.metal, p.before_session, b.contract as before_contract, b.settle as before_usd,
    b.published_at as before_published_at, b.raw_sha256 as before_sha256,
    p.after_session, a.contract as after_contract, a.settle as after_usd,
    a.published_at as after_published_at, a.raw_sha256 as after_sha256,
    b.settle is not null and a.settle is not null as is_known,
    case when b.settle is not null and a.settle is not null then least(b.settle, a.settle) end as low_usd,
    case when b.settle is not null and a.settle is not null then greatest(b.settle, a.settle) end as high_usd
from placed p
cross join (select distinct metal from comex_front where metal in ('silver', 'gold')) m
left join comex_front b on b.metal = m.metal and b.session = p.before_session
left join comex_front a on a.metal = m.metal and a.session = p.after_session;

comment on view new_york_around is 'By calendar day and metal, the New York settlement before that day and the first one on or after it: the bracket around any Asian price of the day.';
comment on column new_york_around.day is 'Calendar day.';
comment on column new_york_around.metal is 'silver or gold.';
comment on column new_york_around.before_session is 'New York session before the day.';
comment on column new_york_around.before_contract is 'Contract whose settlement is used for it.';
comment on column new_york_around.before_usd is 'Its settlement, USD per troy ounce; NULL where not held.';
comment on column new_york_around.before_published_at is 'When it could be known, UTC.';
comment on column new_york_around.before_sha256 is 'Archived file of it.';
comment on column new_york_around.after_session is 'First New York session on or after the day; on the day itself it settles after Shanghai has closed.';
comment on column new_york_around.after_contract is 'Contract whose settlement is used for it.';
comment on column new_york_around.after_usd is 'Its settlement, USD per troy ounce; NULL where not held.';
comment on column new_york_around.after_published_at is 'When it could be known, UTC.';
comment on column new_york_around.after_sha256 is 'Archived file of it.';
comment on column new_york_around.is_known is 'True where both are held.';
comment on column new_york_around.low_usd is 'The lower of the two, USD per troy ounce; NULL unless both are held.';
comment on column new_york_around.high_usd is 'The higher of the two, USD per troy ounce; NULL unless both are held.';

create or replace view onshore_spot as
with quoted as (
    select * from manual_prices
    where series in ('smm_silver_spot', 'smm_silver_over_td') and unit = 'cny_per_kg'
    qualify row_number() over (partition by series, session order by (published_at, raw_sha256) desc) = 1
),
board as (
    select q.session, q.close, q.high, q.low, q.published_at, q.raw_sha256, c.limit_locked
    from sge_quotes q
    left join shanghai_closes c on c.venue = 'SGE' and c.metal = 'silver' and c.session = q.session
    where q.contract = 'Ag(T+D)' and q.close > 0 and q.volume_kg > 0
),
placed as (
    select coalesce(o.session, s.session) as session, coalesce(o.series, s.series) as series,
        coalesce(o.tax_basis, s.tax_basis) as tax_basis, coalesce(o.published_at, s.published_at) as quote_published_at,
        coalesce(o.raw_sha256, s.raw_sha256) as quote_sha256,
        o.value as over, coalesce(o.bid, o.value) as over_bid, coalesce(o.ask, o.value) as over_ask,
        s.value as spot, coalesce(s.bid, s.value) as spot_bid, coalesce(s.ask, s.value) as spot_ask
    from (select * from quoted where series = 'smm_silver_over_td') o
    full join (select * from quoted where series = 'smm_silver_spot') s on s.session = o.session
)
select p.session, p.series, p.tax_basis, b.close as td_close_cny_kg, b.high as td_high_cny_kg, b.low as td_low_cny_kg,
    coalesce(p.over, p.spot - b.close) as spot_minus_td_cny_kg,
    100 * coalesce(p.over, p.spot - b.close) / b.close as spot_minus_td_pct,
    case when p.over is not null then 100 * p.over_bid / b.close else 100 * (p.spot_bid / b.high - 1) end as low_pct,
    case when p.over is not null then 100 * p.over_ask / b.close else 100 * (p.spot_ask / b.low - 1) end as high_pct,
    coalesce(b.limit_locked, false) as limit_locked,
    case when b.close is null then 'the SGE quotations of this session are not held'
        when b.limit_locked then 'Shanghai limit-locked'
        when p.tax_basis <> 'inclusive' then 'the quote does not say that it includes tax, as the exchange''s price does'
        else '' end as unknown_because,
    p.quote_published_at, p.quote_sha256, b.published_at as td_published_at, b.raw_sha256 as td_sha256
from placed p
left join board b on b.session = p.session;

comment on view onshore_spot is 'What silver costs onshore beyond SGE''s Ag(T+D) of the same session: no tax, currency or clock lies between the two. A quoted difference is taken as it is; a quoted price is held against the session''s high and low, since it is made at noon and the close at 15:30.';
comment on column onshore_spot.session is 'Trade date of both legs.';
comment on column onshore_spot.series is 'smm_silver_over_td, a quoted difference, or smm_silver_spot, a price.';
comment on column onshore_spot.tax_basis is 'Tax basis of the quote as entered; only inclusive counts.';
comment on column onshore_spot.td_close_cny_kg is 'Close of Ag(T+D), CNY per kg; NULL where not held or not traded.';
comment on column onshore_spot.td_high_cny_kg is 'Highest price of Ag(T+D), CNY per kg.';
comment on column onshore_spot.td_low_cny_kg is 'Lowest price of Ag(T+D), CNY per kg.';
comment on column onshore_spot.spot_minus_td_cny_kg is 'Onshore spot minus Ag(T+D), CNY per kg: above zero metal in hand costs more.';
comment on column onshore_spot.spot_minus_td_pct is 'The same, percent of the close.';
comment on column onshore_spot.low_pct is 'Lower end: the bid, of a price against the session''s high, percent.';
comment on column onshore_spot.high_pct is 'Upper end: the ask, of a price against the session''s low, percent.';
comment on column onshore_spot.limit_locked is 'True where Ag(T+D) closed at its price limit.';
comment on column onshore_spot.unknown_because is 'Why the figure is unknown; empty where it counts.';
comment on column onshore_spot.quote_published_at is 'When the quote could be known, UTC.';
comment on column onshore_spot.quote_sha256 is 'Archived file of the quote.';
comment on column onshore_spot.td_published_at is 'When the close could be known, UTC.';
comment on column onshore_spot.td_sha256 is 'Archived file of the close.';

create or replace view inbox_premium as
with quoted as (
    select *, case when contains(series, 'silver') then 'silver' else 'gold' end as metal,
        coalesce(bid, value) as low_price, coalesce(ask, value) as high_price
    from manual_prices
    where tax_basis <> 'not_taxed' and (contains(series, 'silver') or contains(series, 'gold'))
        and unit in ('cny_per_kg', 'cny_per_gram', 'usd_per_troy_oz') and series <> 'smm_silver_over_td'
    qualify row_number() over (partition by series, session order by (published_at, raw_sha256) desc) = 1
),
rated as (
    select q.*, x.rate as usdcny, x.session as fx_session, x.published_at as fx_published_at, x.raw_sha256 as fx_sha256
    from quoted q
    asof left join (
        select session, rate, published_at, raw_sha256 from fx where base = 'USD' and quote = 'CNY' and source = 'ecb_fx'
    ) x on x.session <= q.session
),
ounces as (
    select *, case when unit = 'usd_per_troy_oz' then 1.0
        when session - fx_session <= 5 then usdcny * case unit when 'cny_per_kg' then 32.15074656862798 else 0.03215074656862798 end
        end as per_usd_oz
    from rated
),
taxed as (
    select o.*, t.vat,
        case o.tax_basis when 'exclusive' then 1.0 when 'inclusive' then case when t.vat > 0 then 1 + t.vat end end as tax_factor
    from ounces o
    left join taxes t on t.venue = 'SGE' and t.metal = o.metal and o.session >= t.valid_from and o.session < t.valid_to
)
select t.session, t.series, t.metal, t.value as price, t.bid, t.ask, t.unit, t.tax_basis, t.source_url,
    100 * (t.ask - t.bid) / ((t.ask + t.bid) / 2) as spread_pct,
    t.value / t.per_usd_oz as price_usd_oz, t.value / t.per_usd_oz / t.tax_factor as ex_tax_usd_oz, t.vat,
    100 * (t.low_price / t.per_usd_oz / n.high_usd - 1) as headline_low_pct,
    100 * (t.high_price / t.per_usd_oz / n.low_usd - 1) as headline_high_pct,
    100 * (t.low_price / t.per_usd_oz / t.tax_factor / n.high_usd - 1) as ex_tax_low_pct,
    100 * (t.high_price / t.per_usd_oz / t.tax_factor / n.low_usd - 1) as ex_tax_high_pct,
    case when t.per_usd_oz is null then 'no USD/CNY rate within five days'
        when n.is_known is not true then 'a New York settlement around the day is missing'
        when t.tax_basis = 'unknown' then 'whether the quote includes tax is not known'
        when t.tax_factor is null then 'no tax rate on file' else '' end as unknown_because,
    t.usdcny, t.fx_session, n.before_session, n.before_usd, n.after_session, n.after_usd,
    greatest(t.published_at, t.fx_published_at, n.before_published_at, n.after_published_at) as published_at,
    t.published_at as quote_published_at, t.raw_sha256
from taxed t
left join new_york_around n on n.day = t.session and n.metal = t.metal;

comment on view inbox_premium is 'Prices entered by hand over New York in percent, from the bid against the higher settlement around the day to the ask against the lower one. Shown alone: no check stands on it, and a dealer''s spread is a customer''s loss, not an arbitrage.';
comment on column inbox_premium.session is 'Day of the quote.';
comment on column inbox_premium.series is 'Series, one of those docs/inbox_csv.md lists.';
comment on column inbox_premium.metal is 'silver or gold.';
comment on column inbox_premium.price is 'The figure entered, or the middle of bid and ask, in unit.';
comment on column inbox_premium.bid is 'What the dealer pays, in unit; NULL where not entered.';
comment on column inbox_premium.ask is 'What the dealer takes, in unit; NULL where not entered.';
comment on column inbox_premium.unit is 'cny_per_kg, cny_per_gram or usd_per_troy_oz.';
comment on column inbox_premium.tax_basis is 'inclusive, exclusive or unknown, as entered.';
comment on column inbox_premium.source_url is 'Page the figure was read from.';
comment on column inbox_premium.spread_pct is 'Ask less bid, percent of their middle.';
comment on column inbox_premium.price_usd_oz is 'The price as quoted, USD per troy ounce.';
comment on column inbox_premium.ex_tax_usd_oz is 'The price without value-added tax, USD per troy ounce; NULL where basis or rate is not known.';
comment on column inbox_premium.vat is 'China''s value-added tax on the metal on exchange, as a fraction; 0 for gold, whose rate off exchange is not on file.';
comment on column inbox_premium.headline_low_pct is 'Lower end as quoted, percent.';
comment on column inbox_premium.headline_high_pct is 'Upper end as quoted, percent.';
comment on column inbox_premium.ex_tax_low_pct is 'Lower end without tax, percent.';
comment on column inbox_premium.ex_tax_high_pct is 'Upper end without tax, percent.';
comment on column inbox_premium.unknown_because is 'Why the figures without tax are unknown; empty where they count.';
comment on column inbox_premium.usdcny is 'CNY per USD used: the cross of the ECB''s euro rates.';
comment on column inbox_premium.fx_session is 'Date of that rate, at most five days back.';
comment on column inbox_premium.before_session is 'New York session before the day.';
comment on column inbox_premium.before_usd is 'Its settlement, USD per troy ounce.';
comment on column inbox_premium.after_session is 'First New York session on or after the day.';
comment on column inbox_premium.after_usd is 'Its settlement, USD per troy ounce.';
comment on column inbox_premium.published_at is 'When the last leg was public, UTC.';
comment on column inbox_premium.quote_published_at is 'When the quote could be known, UTC.';
comment on column inbox_premium.raw_sha256 is 'Archived file of the quote.';
