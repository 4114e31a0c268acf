-- India over New York with the duty taken off, and what is left of a premium after tax, duty, freight and finance.

create or replace view india_premium as
with front as (
    select session, 'MCX' as venue, case symbol when 'SILVER' then 'silver' else 'gold' end as metal,
        symbol || ' ' || strftime(expiry, '%Y-%m') as contract, close_inr_per_kg as price, volume_lots > 0 as is_traded,
        published_at, raw_sha256
    from mcx
    where symbol in ('SILVER', 'GOLD') and expiry >= session
    qualify row_number() over (partition by session, symbol order by open_interest desc, volume_lots desc, expiry) = 1
),
rates as (
    select session, 'IBJA' as venue, metal, fixing || ' rate of ' || fineness as contract, inr_per_kg as price, true as is_traded,
        published_at, raw_sha256
    from ibja
    where fineness = 999
    qualify row_number() over (partition by session, metal order by fixing = 'afternoon' desc, raw_sha256 desc) = 1
),
priced as (
    select p.*, d.duty, d.content, d.origin as duty_origin,
        x.rate as usdinr, x.session as fx_session, x.published_at as fx_published_at, x.raw_sha256 as fx_sha256
    from (select * from front union all by name select * from rates) p
    left join duties d on d.venue = p.venue and d.metal = p.metal and p.session >= d.valid_from and p.session < d.valid_to
    asof left join (
        select session, rate, published_at, raw_sha256 from fx where base = 'USD' and quote = 'INR' and source = 'ecb_fx'
    ) x on x.session <= p.session
),
ends as (
    select p.*, n.* exclude (day, metal),
        case when p.session - p.fx_session <= 5 then p.price / p.content / (32.15074656862798 * p.usdinr) end as usd_oz
    from priced p
    left join new_york_around n on n.day = p.session and n.metal = p.metal
)
select session, venue, metal, contract, price as price_inr_kg, content, duty, duty_origin, usdinr, fx_session,
    usd_oz as price_usd_oz, usd_oz / (1 + duty) as ex_duty_usd_oz,
    before_session, before_contract, case when is_known then before_usd end as before_usd,
    after_session, after_contract, after_usd,
    100 * (usd_oz / high_usd - 1) as headline_low_pct, 100 * (usd_oz / low_usd - 1) as headline_high_pct,
    100 * (usd_oz / (1 + duty) / high_usd - 1) as ex_duty_low_pct,
    100 * (usd_oz / (1 + duty) / low_usd - 1) as ex_duty_high_pct,
    case when is_traded is false then 'the month did not trade: its close is carried over'
        when usd_oz is null and duty is not null then 'no USD/INR rate within five days'
        when duty is null then 'no duty on file for this day'
        when is_known is not true then 'a New York settlement around the day is missing'
        when 100 * usd_oz * (1 / low_usd - 1 / high_usd) > 3 then 'the New York settlements before and after lie more than 3 points apart'
        else '' end as unknown_because,
    greatest(published_at, fx_published_at, before_published_at, after_published_at) as published_at,
    published_at as price_published_at, raw_sha256 as price_sha256, fx_published_at, fx_sha256,
    before_published_at, before_sha256, after_published_at, after_sha256
from ends;

comment on view india_premium is 'India over New York in percent with import duty taken off, as an interval over the settlements before the day and of it: MCX closes within about an hour of the latter, IBJA''s rate is made before it. Prices are without GST.';
comment on column india_premium.session is 'Day of the price.';
comment on column india_premium.venue is 'MCX, its most open month, or IBJA, the afternoon rate where there is one.';
comment on column india_premium.metal is 'silver or gold.';
comment on column india_premium.contract is 'Contract or fixing.';
comment on column india_premium.price_inr_kg is 'Price as quoted, INR per kg, duty inside, GST not.';
comment on column india_premium.content is 'Metal in a kg as quoted against a kg as New York counts it: 0.995 for MCX gold.';
comment on column india_premium.duty is 'Import duty in force, as a fraction; NULL where none is on file for the day.';
comment on column india_premium.duty_origin is 'Where the duty comes from, and what of it is not confirmed.';
comment on column india_premium.usdinr is 'INR per USD used: the cross of the ECB''s euro rates.';
comment on column india_premium.fx_session is 'Date of that rate, at most five days back.';
comment on column india_premium.price_usd_oz is 'The price as quoted, USD per troy ounce.';
comment on column india_premium.ex_duty_usd_oz is 'The price without duty, USD per troy ounce.';
comment on column india_premium.before_session is 'New York session before the day.';
comment on column india_premium.before_contract is 'Contract whose settlement is used for it.';
comment on column india_premium.before_usd is 'Its settlement, USD per troy ounce; NULL unless both settlements are known.';
comment on column india_premium.after_session is 'First New York session on or after the day.';
comment on column india_premium.after_contract is 'Contract whose settlement is used for it.';
comment on column india_premium.after_usd is 'Its settlement, USD per troy ounce.';
comment on column india_premium.headline_low_pct is 'Lower end as quoted, against the higher settlement, percent.';
comment on column india_premium.headline_high_pct is 'Upper end as quoted, against the lower settlement, percent.';
comment on column india_premium.ex_duty_low_pct is 'Lower end without duty, percent.';
comment on column india_premium.ex_duty_high_pct is 'Upper end without duty, percent.';
comment on column india_premium.unknown_because is 'Why the figure is unknown; empty where it counts.';
comment on column india_premium.published_at is 'When the last leg was public, UTC.';
comment on column india_premium.price_published_at is 'When the price could be known, UTC.';
comment on column india_premium.price_sha256 is 'Archived file of the price.';
comment on column india_premium.fx_published_at is 'When the exchange rate could be known, UTC.';
comment on column india_premium.fx_sha256 is 'Archived file of the exchange rate.';
comment on column india_premium.before_published_at is 'When the New York settlement before could be known, UTC.';
comment on column india_premium.before_sha256 is 'Archived file of it.';
comment on column india_premium.after_published_at is 'When the New York settlement after could be known, UTC.';
comment on column india_premium.after_sha256 is 'Archived file of it.';

create or replace view import_edge as
with premiums as (
    select session, venue, metal, 'China' as destination, headline_low_pct, headline_high_pct, unknown_because,
        100 * case when tax_basis = 'inclusive' then vat when tax_basis = 'exclusive' then 0.0 end as tax_pct, published_at
    from regional_premium
    union all by name
    select session, venue, metal, 'India' as destination, headline_low_pct, headline_high_pct, unknown_because,
        0.0 as tax_pct, published_at
    from india_premium
),
costed as (
    select p.*, 100 * d.duty as duty_pct, 100 * f.share as freight_pct, f.transit_days,
        r.percent as funding_rate_pct, r.session as funding_session, r.published_at as funding_published_at
    from premiums p
    join freight f on f.destination = p.destination and f.metal = p.metal and p.session >= f.valid_from and p.session < f.valid_to
    left join duties d on d.venue = p.venue and d.metal = p.metal and p.session >= d.valid_from and p.session < d.valid_to
    asof left join (select * from rates where series = 'SOFR' and source = 'nyfed_sofr') r on r.session <= p.session
),
summed as (
    select *, case when session - funding_session <= 7 then funding_rate_pct * transit_days / 360 end as funding_pct
    from costed
)
select session, venue, metal, destination, headline_low_pct, headline_high_pct, tax_pct, duty_pct, freight_pct, funding_pct,
    funding_rate_pct, funding_session, transit_days, tax_pct + duty_pct + freight_pct + funding_pct as cost_pct,
    headline_low_pct - (tax_pct + duty_pct + freight_pct + funding_pct) as arb_edge_low_pct,
    headline_high_pct - (tax_pct + duty_pct + freight_pct + funding_pct) as arb_edge_high_pct,
    case when unknown_because <> '' then unknown_because
        when tax_pct is null then 'no tax rate on file'
        when duty_pct is null then 'no duty on file for this day'
        when funding_pct is null then 'no SOFR within seven days' else '' end as unknown_because,
    greatest(published_at, funding_published_at) as published_at
from summed;

comment on view import_edge is 'What a premium leaves of bringing silver in: the price as quoted over New York less tax, duty, freight and the finance of the voyage, all in points of the price. Freight, voyage and duties are dated rows of the tables freight and duties, whose origin says what is assumed. Shown alone.';
comment on column import_edge.session is 'Day of the premium.';
comment on column import_edge.venue is 'SHFE, SGE, MCX or IBJA.';
comment on column import_edge.metal is 'Metal for which freight is on file: silver.';
comment on column import_edge.destination is 'China or India.';
comment on column import_edge.headline_low_pct is 'Lower end of the premium as quoted, percent.';
comment on column import_edge.headline_high_pct is 'Upper end of it, percent.';
comment on column import_edge.tax_pct is 'Value-added tax inside the quoted price, percent.';
comment on column import_edge.duty_pct is 'Import duty, percent.';
comment on column import_edge.freight_pct is 'Freight and insurance, percent of the price.';
comment on column import_edge.funding_pct is 'Finance of the voyage, percent of the price: SOFR over transit_days, ACT/360.';
comment on column import_edge.funding_rate_pct is 'SOFR used, percent a year.';
comment on column import_edge.funding_session is 'Date of that rate, at most seven days back.';
comment on column import_edge.transit_days is 'Days on the way, as assumed in the table freight.';
comment on column import_edge.cost_pct is 'Tax, duty, freight and finance together, percent.';
comment on column import_edge.arb_edge_low_pct is 'Lower end of the premium less all costs, points: above zero an import pays.';
comment on column import_edge.arb_edge_high_pct is 'Upper end of it, points.';
comment on column import_edge.unknown_because is 'Why the edge is unknown; empty where it counts.';
comment on column import_edge.published_at is 'When the last leg was public, UTC.';
