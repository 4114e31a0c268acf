-- Shanghai beside the daily warrants and quotations, and India: of every fact, the newest version known.

create or replace view shfe_weekly as
with newest as (
    select *
    from shfe_weekly_rows
    where session <= as_of() and is_known(published_at, loaded_at)
    qualify row_number() over (
        partition by session, metal, region, warehouse, level order by (published_at, raw_sha256) desc) = 1
)
select session, metal, region, warehouse, level, stock_last, stock, stock_change, warrants_last, warrants,
    warrants_change, capacity_last, capacity, capacity_change, unit,
    warrants_last - lag(warrants) over (partition by metal, region, warehouse, level order by session) as
        last_against_before,
    published_at, published_assumed, loaded_at, raw_sha256
from newest;

comment on view shfe_weekly is 'SHFE weekly stocks, registered warrants and free capacity by warehouse: the newest version known. Sum only level = warehouse.';
comment on column shfe_weekly.session is 'Day of the report, the last session of its week.';
comment on column shfe_weekly.metal is 'Metal.';
comment on column shfe_weekly.region is 'Region as printed; '''' on total rows.';
comment on column shfe_weekly.warehouse is 'Warehouse as printed; the printed label on subtotal and total rows.';
comment on column shfe_weekly.level is 'warehouse, subtotal or total.';
comment on column shfe_weekly.stock_last is 'Stock of deliverable grade (小计) a week ago, in unit.';
comment on column shfe_weekly.stock is 'Stock of deliverable grade (小计), in unit; NULL for silver, which prints none.';
comment on column shfe_weekly.stock_change is 'Stock of deliverable grade (小计), change of the week, in unit.';
comment on column shfe_weekly.warrants_last is 'Stock under registered warrant (期货) a week ago, in unit.';
comment on column shfe_weekly.warrants is 'Stock under registered warrant (期货), in unit.';
comment on column shfe_weekly.warrants_change is 'Stock under registered warrant (期货), change of the week, in unit.';
comment on column shfe_weekly.capacity_last is 'Free capacity (可用库容量) a week ago, in unit.';
comment on column shfe_weekly.capacity is 'Free capacity (可用库容量), in unit; room for more warrants, never stock.';
comment on column shfe_weekly.capacity_change is 'Free capacity (可用库容量), change of the week, in unit.';
comment on column shfe_weekly.unit is 'kg for silver and gold, tonne for copper.';
comment on column shfe_weekly.last_against_before is 'Warrants a week ago as this report prints them, less those of the report before, in unit: not 0 where a report is missing or was mended.';
comment on column shfe_weekly.published_at is 'When the public could know it, UTC.';
comment on column shfe_weekly.published_assumed is 'True where the file carries no hour and the usual one is assumed.';
comment on column shfe_weekly.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column shfe_weekly.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view member_positions as
select session, venue, product, contract, delivery_month, rank, side, member_id, member, lots, change_lots, is_total,
    published_at, published_assumed, loaded_at, raw_sha256
from member_position_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, venue, contract, side, rank order by (published_at, raw_sha256) desc) = 1;

comment on view member_positions is 'Largest members by volume, long and short positions: the newest version known. Sum only where not is_total.';
comment on column member_positions.session is 'Trade date.';
comment on column member_positions.venue is 'SHFE or INE.';
comment on column member_positions.product is 'Exchange product code.';
comment on column member_positions.contract is 'Contract as printed, e.g. ag2612; agall for the whole product.';
comment on column member_positions.delivery_month is 'First day of the delivery month; NULL for the whole product.';
comment on column member_positions.rank is '1 to 20; 999, 0 and -1 are totals.';
comment on column member_positions.side is 'volume, long or short.';
comment on column member_positions.member_id is 'Member''s number; NULL on totals.';
comment on column member_positions.member is 'Member as printed: a broker''s seat with all its clients; NULL on totals.';
comment on column member_positions.lots is 'Lots traded or held.';
comment on column member_positions.change_lots is 'Change against the session before, lots.';
comment on column member_positions.is_total is 'True on ranks 999, 0 and -1, which must not be added to the members.';
comment on column member_positions.published_at is 'When the public could know it, UTC.';
comment on column member_positions.published_assumed is 'True where the file carries no hour and the usual one is assumed.';
comment on column member_positions.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column member_positions.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view sge_history as
select session, contract, open, high, low, close, unit,
    published_at, published_assumed, loaded_at, raw_sha256
from sge_history_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, contract order by (published_at, raw_sha256) desc) = 1;

comment on view sge_history is 'SGE daily prices by contract since 2016-12, from the chart of the whole history: the newest version known.';
comment on column sge_history.session is 'Trade date.';
comment on column sge_history.contract is 'Contract, e.g. Ag(T+D).';
comment on column sge_history.open is 'First price, CNY per unit.';
comment on column sge_history.high is 'Highest price, CNY per unit.';
comment on column sge_history.low is 'Lowest price, CNY per unit.';
comment on column sge_history.close is 'Last price, CNY per unit.';
comment on column sge_history.unit is 'kg for silver, gram for gold and platinum.';
comment on column sge_history.published_at is 'When the public could know it, UTC.';
comment on column sge_history.published_assumed is 'True where the file carries no hour and the usual one is assumed.';
comment on column sge_history.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column sge_history.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view sge_benchmark as
select session, metal, fixing, price, unit,
    published_at, published_assumed, loaded_at, raw_sha256
from sge_benchmark_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, metal, fixing order by (published_at, raw_sha256) desc) = 1;

comment on view sge_benchmark is 'Shanghai gold and silver benchmark prices, morning and afternoon: the newest version known.';
comment on column sge_benchmark.session is 'Day of the fixing.';
comment on column sge_benchmark.metal is 'gold or silver.';
comment on column sge_benchmark.fixing is 'morning or afternoon.';
comment on column sge_benchmark.price is 'Benchmark price, CNY per unit.';
comment on column sge_benchmark.unit is 'gram for gold, kg for silver.';
comment on column sge_benchmark.published_at is 'When the public could know it, UTC.';
comment on column sge_benchmark.published_assumed is 'True where the file carries no hour and the usual one is assumed.';
comment on column sge_benchmark.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column sge_benchmark.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view sge_stock_weekly as
with newest as (
    select *
    from sge_weekly_rows
    where session <= as_of() and is_known(published_at, loaded_at)
    qualify row_number() over (
        partition by session, metal order by (published_at, raw_sha256) desc) = 1
)
select session, metal, last_week, change, this_week, unit,
    last_week - lag(this_week) over (partition by metal order by session) as last_against_before,
    published_at, published_assumed, loaded_at, raw_sha256
from newest;

comment on view sge_stock_weekly is 'Silver in SGE''s delivery vaults at the end of each week: the newest version known.';
comment on column sge_stock_weekly.session is 'Last day of the week reported.';
comment on column sge_stock_weekly.metal is 'silver.';
comment on column sge_stock_weekly.last_week is 'Stock a week before, kg.';
comment on column sge_stock_weekly.change is 'Change of the week, kg.';
comment on column sge_stock_weekly.this_week is 'Stock at the end of the week, kg.';
comment on column sge_stock_weekly.unit is 'kg.';
comment on column sge_stock_weekly.last_against_before is 'Stock a week ago as this report prints it, less that of the report before, kg: not 0 where a report is missing or was mended.';
comment on column sge_stock_weekly.published_at is 'When the public could know it, UTC.';
comment on column sge_stock_weekly.published_assumed is 'True where the file carries no hour and the usual one is assumed.';
comment on column sge_stock_weekly.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column sge_stock_weekly.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view mcx as
select session, symbol, expiry, open, high, low, close, previous_close, volume_lots, volume_text, value, open_interest,
    price_quantity, unit,
    close / price_quantity * case unit when 'gram' then 1000 else 1 end as close_inr_per_kg,
    published_at, published_assumed, loaded_at, raw_sha256
from mcx_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, symbol, expiry order by (published_at, raw_sha256) desc) = 1;

comment on view mcx is 'MCX daily futures by contract, INR with import duty and without GST: the newest version known.';
comment on column mcx.session is 'Trade date.';
comment on column mcx.symbol is 'Contract family, e.g. GOLD, SILVER, SILVERM.';
comment on column mcx.expiry is 'Last trading day of the contract.';
comment on column mcx.open is 'First price, INR per price_quantity units; NULL without trades.';
comment on column mcx.high is 'Highest price, INR per price_quantity units; NULL without trades.';
comment on column mcx.low is 'Lowest price, INR per price_quantity units; NULL without trades.';
comment on column mcx.close is 'Closing price, carried over on a day without trades, INR per price_quantity units.';
comment on column mcx.previous_close is 'Closing price the file prints for the session before.';
comment on column mcx.volume_lots is 'Contracts traded, lots.';
comment on column mcx.volume_text is 'Volume as printed in thousands of its own unit, e.g. 49.000 GRMS.';
comment on column mcx.value is 'Value traded, lakh (100,000) INR.';
comment on column mcx.open_interest is 'Open contracts, lots.';
comment on column mcx.price_quantity is 'How many units the price is for: 10 for gold.';
comment on column mcx.unit is 'gram for gold, kg for silver and copper.';
comment on column mcx.close_inr_per_kg is 'Closing price, INR per kg of the contract''s fineness.';
comment on column mcx.published_at is 'When the public could know it, UTC.';
comment on column mcx.published_assumed is 'True where the file carries no hour and the usual one is assumed.';
comment on column mcx.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column mcx.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view ibja as
select session, metal, fineness, fixing, price, price_quantity, unit,
    price / price_quantity * case unit when 'gram' then 1000 else 1 end as inr_per_kg,
    published_at, published_assumed, loaded_at, raw_sha256
from ibja_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, metal, fineness, fixing order by (published_at, raw_sha256) desc) = 1;

comment on view ibja is 'IBJA rates of gold and silver by fineness, INR without GST and making charges: the newest version known.';
comment on column ibja.session is 'Day of the rate.';
comment on column ibja.metal is 'gold or silver.';
comment on column ibja.fineness is 'Fineness in parts per thousand: 999, 995, 916, 750 or 585.';
comment on column ibja.fixing is 'morning (AM) or afternoon (PM).';
comment on column ibja.price is 'Rate, INR per price_quantity units.';
comment on column ibja.price_quantity is 'How many units the rate is for: 10 for gold.';
comment on column ibja.unit is 'gram for gold, kg for silver.';
comment on column ibja.inr_per_kg is 'Rate, INR per kg of the fineness.';
comment on column ibja.published_at is 'When the public could know it, UTC.';
comment on column ibja.published_assumed is 'True where the file carries no hour and the usual one is assumed.';
comment on column ibja.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column ibja.raw_sha256 is 'SHA-256 of the archived file.';
