-- The program's own tables, as the public knew them: the newest vintage in print at the moment asked about.

create or replace view silver_balance as
with printed as (
    select year, measure, value, unit, status, vintage, known_from, origin, cast(known_from as timestamp) as published_at,
        cast(null as varchar) as raw_sha256
    from silver_balance_rows
    where known_from <= cast(known_at() as date)
    union all by name
    select year(session) as year, case series when 'silver_mine_supply' then 'mine_supply' else 'deficit' end as measure,
        case series when 'silver_mine_supply' then value else -value end as value, unit,
        case when published_at > session then 'actual' else 'forecast' end as status, 'entered by hand' as vintage,
        cast(published_at as date) as known_from, source_url as origin, published_at, raw_sha256
    from manual_prices
    where series in ('silver_mine_supply', 'silver_market_balance')
)
select year, measure, value, unit, status, vintage, known_from, origin, make_date(year, 12, 31) as year_end,
    published_at, raw_sha256
from printed
qualify row_number() over (partition by year, measure order by status = 'actual' desc, known_from desc, vintage desc) = 1;

comment on view silver_balance is 'Silver''s supply, demand and deficit by year, of our own table and as entered by hand: the figure of the year itself before a forecast, then the newest in print. Only figures seen in print, each with its page.';
comment on column silver_balance.year is 'Calendar year.';
comment on column silver_balance.measure is 'deficit: demand less supply, above zero where metal is short; mine_supply, demand, industrial_demand; by_product_share: of mine output.';
comment on column silver_balance.value is 'Figure, in unit.';
comment on column silver_balance.unit is 'million_troy_oz or percent.';
comment on column silver_balance.status is 'actual, or forecast: printed before the year was over.';
comment on column silver_balance.vintage is 'Report the figure stands in: later ones revise it.';
comment on column silver_balance.known_from is 'Day by which it was in print.';
comment on column silver_balance.origin is 'Where it was read.';
comment on column silver_balance.year_end is 'Last day of the year.';
comment on column silver_balance.published_at is 'When it was in print, UTC; of our own table to the day.';
comment on column silver_balance.raw_sha256 is 'SHA-256 of the archived file it was entered with; NULL for our own table.';

create or replace view miner_costs as
select company, symbol, period, period_end, measure, value_usd_oz, is_checked,
    cast(known_from as timestamp) as published_at, origin, cast(null as varchar) as raw_sha256
from miner_cost_rows
where known_from <= cast(known_at() as date)
union all by name
select upper(substr(series, 6)) as company, upper(substr(series, 6)) as symbol, 'quarter to ' || session as period,
    session as period_end, 'aisc' as measure, value as value_usd_oz, true as is_checked, published_at, source_url as origin,
    raw_sha256
from manual_prices
where starts_with(series, 'aisc_');

comment on view miner_costs is 'Costs of silver miners: those of our own table, and quarters entered by hand.';
comment on column miner_costs.company is 'Company, group of mines, or the symbol of an entered series.';
comment on column miner_costs.symbol is 'Ticker; NULL for a group.';
comment on column miner_costs.period is 'Period the figure is of, as printed.';
comment on column miner_costs.period_end is 'Last day of it; NULL where it is not said.';
comment on column miner_costs.measure is 'aisc: all-in sustaining cost, by-products taken off; or cash_cost.';
comment on column miner_costs.value_usd_oz is 'Cost, dollars per troy ounce of silver; by-products can make it negative.';
comment on column miner_costs.is_checked is 'False where only an article says it and no report behind it was seen.';
comment on column miner_costs.published_at is 'When it was in print, UTC; of our own table to the day.';
comment on column miner_costs.origin is 'Where it was read.';
comment on column miner_costs.raw_sha256 is 'SHA-256 of the archived file it was entered with; NULL for our own table.';

create or replace view targets as
select metal, kind, value_usd_oz, publisher_kind, horizon, horizon_end, known_from, origin
from target_rows
where known_from <= cast(known_at() as date);

comment on view targets is 'Published price targets; opinions, kept to say what they imply.';
comment on column targets.metal is 'Metal.';
comment on column targets.kind is 'level, low or high of a range, or average of the period.';
comment on column targets.value_usd_oz is 'Target, dollars per troy ounce.';
comment on column targets.publisher_kind is 'What kind of house publishes it; the publisher itself stands in target_rows.';
comment on column targets.horizon is 'When it is for, as printed.';
comment on column targets.horizon_end is 'Last day it is for.';
comment on column targets.known_from is 'Day by which it was in print.';
comment on column targets.origin is 'Where it was read.';

create or replace view target_implied as
with newest as (
    select metal, contract, settle, session, published_at, raw_sha256
    from comex_front
    qualify row_number() over (partition by metal order by session desc) = 1
)
select t.metal, t.kind, t.value_usd_oz, t.publisher_kind, t.horizon, t.horizon_end, t.horizon_end < n.session as is_over,
    n.settle as settle_usd_oz, n.contract, n.session as settle_session,
    case when t.horizon_end >= n.session then 100 * (t.value_usd_oz / n.settle - 1) end as target_over_settle_pct,
    t.known_from, n.published_at as settle_published_at, n.raw_sha256 as settle_sha256
from targets t
left join newest n on n.metal = t.metal;

comment on view target_implied is 'What each price target implies from the newest settlement of the active month. No forecast of ours.';
comment on column target_implied.metal is 'Metal.';
comment on column target_implied.kind is 'level, low or high of a range, or average of the period.';
comment on column target_implied.value_usd_oz is 'Target, dollars per troy ounce.';
comment on column target_implied.publisher_kind is 'What kind of house publishes it.';
comment on column target_implied.horizon is 'When it is for, as printed.';
comment on column target_implied.horizon_end is 'Last day it is for.';
comment on column target_implied.is_over is 'True where that day lies before the settlement: it implies nothing any more; NULL without a settlement.';
comment on column target_implied.settle_usd_oz is 'Newest settlement of the active month, dollars per troy ounce; NULL where none is held.';
comment on column target_implied.contract is 'Contract of it.';
comment on column target_implied.settle_session is 'Session of it.';
comment on column target_implied.target_over_settle_pct is 'Target over settlement less one, percent; NULL where the horizon is over or no settlement is held.';
comment on column target_implied.known_from is 'Day by which the target was in print.';
comment on column target_implied.settle_published_at is 'When the settlement was public, UTC.';
comment on column target_implied.settle_sha256 is 'SHA-256 of the archived file of the settlement.';

create or replace view published_stocks as
select session, metal, registered_oz, total_oz, is_rounded, known_from, origin
from published_stock_rows
where known_from <= cast(known_at() as date);

comment on view published_stocks is 'COMEX stocks of years without reports on file, as others printed them: never mixed with reports.';
comment on column published_stocks.session is 'Day they are of; the month''s last where only the month is said.';
comment on column published_stocks.metal is 'Metal.';
comment on column published_stocks.registered_oz is 'Registered metal, troy ounces.';
comment on column published_stocks.total_oz is 'Registered and eligible, troy ounces; NULL where it is not said.';
comment on column published_stocks.is_rounded is 'True where printed as about so much.';
comment on column published_stocks.known_from is 'Day by which it was in print.';
comment on column published_stocks.origin is 'Where it was read.';
