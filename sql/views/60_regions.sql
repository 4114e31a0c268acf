-- Exchange rates, and Shanghai against New York with both settlements around the Shanghai close.

create or replace view fx as
with newest as (
    select session, base, quote, rate, source, published_at, loaded_at, raw_sha256 from fx_reference
),
dollars as (
    select session, source, rate from newest where base = 'EUR' and quote = 'USD'
)
select session, base, quote, rate, source, 'published' as derivation, published_at, loaded_at, raw_sha256 from newest
union all by name
select n.session, 'USD' as base, n.quote, n.rate / d.rate as rate, n.source, 'cross over EUR' as derivation, n.published_at, n.loaded_at, n.raw_sha256
from newest n join dollars d using (session, source)
where n.base = 'EUR' and n.quote <> 'USD'
union all by name
select session, 'USD' as base, 'EUR' as quote, 1 / rate as rate, source, 'cross over EUR' as derivation, published_at, loaded_at, raw_sha256
from newest where base = 'EUR' and quote = 'USD';

comment on view fx is 'Exchange rates, quote currency per one base: as published, and crosses against the dollar computed from them.';
comment on column fx.session is 'Date of the rate.';
comment on column fx.base is 'Base currency.';
comment on column fx.quote is 'Quoted currency.';
comment on column fx.rate is 'Quote currency per one base.';
comment on column fx.source is 'Source that read the file.';
comment on column fx.derivation is 'published, or cross over EUR.';
comment on column fx.published_at is 'When the public could know it, UTC.';
comment on column fx.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column fx.raw_sha256 is 'SHA-256 of the archived file, of a cross that of the quote currency''s rate.';

create or replace view shanghai_closes as
with futures as (
    select s.session, s.venue, c.metal, s.product || ' ' || strftime(s.delivery_month, '%Y-%m') as contract, s.close,
        s.high, s.low, s.previous_settle, s.unit, s.published_at, s.raw_sha256,
        row_number() over (partition by s.venue, s.product, s.session order by o.open_interest desc nulls last, s.delivery_month) as place
    from settlements s
    join contracts c on c.venue = s.venue and c.product = s.product and c.delivery_month = s.delivery_month
    left join open_interest_best o on o.venue = s.venue and o.product = s.product
        and o.delivery_month = s.delivery_month and o.session = s.session
    where s.venue = 'SHFE' and c.metal in ('silver', 'gold')
),
closes as (
    select session, venue, metal, contract, close, high, low, previous_settle, unit, published_at, raw_sha256 from futures where place = 1
    union all by name
    select session, 'SGE' as venue, case when contract = 'Ag(T+D)' then 'silver' else 'gold' end as metal, contract, close, high, low,
        close - change as previous_settle, unit, published_at, raw_sha256
    from sge_quotes where contract in ('Ag(T+D)', 'Au99.99')
),
moved as (
    select *, round(100 * (close / nullif(previous_settle, 0) - 1)) as whole_pct,
        case metal when 'silver' then 1.0 else 0.02 end as tick
    from closes where close > 0
)
select session, venue, metal, contract, close, unit, previous_settle,
    coalesce((close = high or close = low) and abs(whole_pct) >= 5
        and abs(close - previous_settle * (1 + whole_pct / 100)) <= tick, false) as limit_locked,
    published_at, raw_sha256
from moved;

comment on view shanghai_closes is 'The 15:00 (SHFE, most open month) and 15:30 (SGE) closes in Shanghai, never the settlement, which is the day''s average.';
comment on column shanghai_closes.session is 'Trade date.';
comment on column shanghai_closes.venue is 'SHFE or SGE.';
comment on column shanghai_closes.metal is 'silver or gold.';
comment on column shanghai_closes.contract is 'Contract the close belongs to.';
comment on column shanghai_closes.close is 'Last price of the day session, CNY per unit, as quoted.';
comment on column shanghai_closes.unit is 'kg for silver, gram for gold.';
comment on column shanghai_closes.previous_settle is 'Reference price of the session before, CNY per unit.';
comment on column shanghai_closes.limit_locked is 'True where the close is the day''s extreme and lies within one tick of a whole percent of 5 or more from the reference.';
comment on column shanghai_closes.published_at is 'When the public could know it, UTC.';
comment on column shanghai_closes.raw_sha256 is 'Archived file of the close.';

create or replace view comex_front as
select s.session, c.metal, c.contract, s.settle, s.unit, s.published_at, s.raw_sha256
from settlements s
join contracts c on c.venue = s.venue and c.product = s.product and c.delivery_month = s.delivery_month
left join open_interest_best o on o.venue = s.venue and o.product = s.product
    and o.delivery_month = s.delivery_month and o.session = s.session
where s.venue in ('COMEX', 'NYMEX') and c.is_active and c.last_trade >= s.session
qualify row_number() over (partition by s.venue, s.product, s.session
    order by coalesce(o.open_interest, s.prior_open_interest) desc nulls last, s.volume desc nulls last, s.delivery_month) = 1;

comment on view comex_front is 'The New York settlement that stands for the metal: the active month with the most open interest.';
comment on column comex_front.session is 'Trade date.';
comment on column comex_front.metal is 'Metal.';
comment on column comex_front.contract is 'Contract name.';
comment on column comex_front.settle is 'Settlement, USD per unit.';
comment on column comex_front.unit is 'Unit of mass of the price.';
comment on column comex_front.published_at is 'When the public could know it, UTC.';
comment on column comex_front.raw_sha256 is 'Archived file of the settlement.';

create or replace view regional_premium as
with new_york as (
    select session from venue_sessions
    where calendar = 'COMEX' and session >= (select min(session) from shanghai_closes) - 20
        and session <= (select max(session) from shanghai_closes) + 20
),
placed as (
    select s.*, b.session as before_session, a.session as after_session
    from shanghai_closes s
    asof left join new_york b on b.session < s.session
    asof left join new_york a on a.session >= s.session
),
rated as (
    select p.*, x.rate as usdcny, x.session as fx_session, x.published_at as fx_published_at, x.raw_sha256 as fx_sha256
    from placed p
    asof left join (select session, rate, published_at, raw_sha256 from fx where base = 'USD' and quote = 'CNY' and source = 'ecb_fx') x on x.session <= p.session
),
legs as (
    select r.*, b.settle as before_usd, b.contract as before_contract, b.published_at as before_published_at, b.raw_sha256 as before_sha256,
        a.settle as after_usd, a.contract as after_contract, a.published_at as after_published_at, a.raw_sha256 as after_sha256,
        t.vat, t.quoted_inclusive,
        case when r.session - r.fx_session <= 5 then r.close / r.usdcny
            / case r.unit when 'kg' then 32.15074656862798 else 0.03215074656862798 end end as usd_oz
    from rated r
    left join comex_front b on b.metal = r.metal and b.session = r.before_session
    left join comex_front a on a.metal = r.metal and a.session = r.after_session
    left join taxes t on t.venue = r.venue and t.metal = r.metal and r.session >= t.valid_from and r.session < t.valid_to
),
ends as (
    select *,
        100 * (usd_oz / greatest(before_usd, after_usd) - 1) as headline_low,
        100 * (usd_oz / least(before_usd, after_usd) - 1) as headline_high,
        usd_oz / (1 + case when quoted_inclusive then vat else 0 end) as ex_tax_usd_oz
    from (select * replace (case when before_usd is not null and after_usd is not null then before_usd end as before_usd) from legs)
)
select session, venue, metal, contract, close as price_cny, unit as price_unit, usd_oz as price_usd_oz, ex_tax_usd_oz,
    case when quoted_inclusive then 'inclusive' when quoted_inclusive = false then 'exclusive' else 'unknown' end as tax_basis, vat,
    usdcny, fx_session, before_session, before_contract, before_usd, after_session, after_contract, after_usd,
    (headline_low + headline_high) / 2 as headline_pct, headline_low as headline_low_pct, headline_high as headline_high_pct,
    (100 * (ex_tax_usd_oz / greatest(before_usd, after_usd) - 1) + 100 * (ex_tax_usd_oz / least(before_usd, after_usd) - 1)) / 2 as ex_tax_pct,
    100 * (ex_tax_usd_oz / greatest(before_usd, after_usd) - 1) as ex_tax_low_pct,
    100 * (ex_tax_usd_oz / least(before_usd, after_usd) - 1) as ex_tax_high_pct,
    limit_locked,
    case when limit_locked then 'Shanghai limit-locked'
        when usd_oz is null then 'no USD/CNY rate within five days'
        when before_usd is null or after_usd is null then 'a New York settlement around the Shanghai close is missing'
        when vat is null then 'no tax rate on file'
        when headline_high - headline_low > 3 then 'the New York settlements before and after lie more than 3 points apart'
        else '' end as unknown_because,
    greatest(published_at, fx_published_at, before_published_at, after_published_at) as published_at,
    published_at as price_published_at, raw_sha256 as price_sha256, fx_published_at, fx_sha256,
    before_published_at, before_sha256, after_published_at, after_sha256
from ends;

comment on view regional_premium is 'Shanghai over New York in percent, as an interval between the New York settlements before and after the Shanghai close.';
comment on column regional_premium.session is 'Shanghai trade date.';
comment on column regional_premium.venue is 'SHFE or SGE.';
comment on column regional_premium.metal is 'silver or gold.';
comment on column regional_premium.contract is 'Shanghai contract.';
comment on column regional_premium.price_cny is 'Close as quoted, CNY per price_unit.';
comment on column regional_premium.price_unit is 'kg for silver, gram for gold.';
comment on column regional_premium.price_usd_oz is 'The close as quoted, USD per troy ounce.';
comment on column regional_premium.ex_tax_usd_oz is 'The close without value-added tax, USD per troy ounce.';
comment on column regional_premium.tax_basis is 'Whether the quoted price is taken to include value-added tax: inclusive, exclusive or unknown. Sources disagree for silver; inclusive is our reading.';
comment on column regional_premium.vat is 'Value-added tax in force, as a fraction.';
comment on column regional_premium.usdcny is 'CNY per USD used: the cross of the ECB''s euro rates.';
comment on column regional_premium.fx_session is 'Date of that rate, at most five days back.';
comment on column regional_premium.before_session is 'New York session before the Shanghai close.';
comment on column regional_premium.before_contract is 'Contract whose settlement is used for it.';
comment on column regional_premium.before_usd is 'Its settlement, USD per troy ounce; NULL unless both settlements are known.';
comment on column regional_premium.after_session is 'New York session after the Shanghai close.';
comment on column regional_premium.after_contract is 'Contract whose settlement is used for it.';
comment on column regional_premium.after_usd is 'Its settlement, USD per troy ounce.';
comment on column regional_premium.headline_pct is 'Shanghai as quoted over New York, percent: middle of the interval.';
comment on column regional_premium.headline_low_pct is 'Lower end, against the higher settlement, percent.';
comment on column regional_premium.headline_high_pct is 'Upper end, against the lower settlement, percent.';
comment on column regional_premium.ex_tax_pct is 'Shanghai without tax over New York, percent: middle of the interval.';
comment on column regional_premium.ex_tax_low_pct is 'Lower end, percent; a threshold counts only if both ends pass it.';
comment on column regional_premium.ex_tax_high_pct is 'Upper end, percent.';
comment on column regional_premium.limit_locked is 'True where Shanghai closed at its price limit.';
comment on column regional_premium.unknown_because is 'Why the figure is unknown; empty where it counts.';
comment on column regional_premium.published_at is 'When the last leg was public, UTC.';
comment on column regional_premium.price_published_at is 'When the Shanghai close could be known, UTC.';
comment on column regional_premium.price_sha256 is 'Archived file of the Shanghai close.';
comment on column regional_premium.fx_published_at is 'When the exchange rate could be known, UTC.';
comment on column regional_premium.fx_sha256 is 'Archived file of the exchange rate.';
comment on column regional_premium.before_published_at is 'When the New York settlement before could be known, UTC.';
comment on column regional_premium.before_sha256 is 'Archived file of the New York settlement before.';
comment on column regional_premium.after_published_at is 'When the New York settlement after could be known, UTC.';
comment on column regional_premium.after_sha256 is 'Archived file of the New York settlement after.';
