-- Base views: of every fact, the newest version known. Order of versions: final before preliminary,
-- then the later publication, then the hash, never the order of loading.
-- They stand as one row of keys where they can: DuckDB then finds the newest by an aggregate and sorts nothing.

create or replace view comex_stocks as
select session, metal, depository, category, prev_total, received, withdrawn, net_change, adjustment,
    total_today, unit, report_date, published_at, published_assumed, loaded_at, raw_sha256
from comex_stock_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, metal, depository, category order by published_at desc, raw_sha256 desc) = 1;

comment on view comex_stocks is 'COMEX and NYMEX warehouse stocks by depository and category: the newest version known.';
comment on column comex_stocks.session is 'Activity date of the movements.';
comment on column comex_stocks.metal is 'silver, gold, platinum, palladium or copper.';
comment on column comex_stocks.depository is 'Depository (for copper: city) as printed, trimmed.';
comment on column comex_stocks.category is 'registered, pledged (a memo inside registered), eligible or total.';
comment on column comex_stocks.prev_total is 'Stock at the end of the previous activity date, in unit.';
comment on column comex_stocks.received is 'Received, in unit; NULL where the report leaves it blank.';
comment on column comex_stocks.withdrawn is 'Withdrawn, in unit; NULL where the report leaves it blank.';
comment on column comex_stocks.net_change is 'Received minus withdrawn, in unit.';
comment on column comex_stocks.adjustment is 'Re-classification between categories and corrections, in unit.';
comment on column comex_stocks.total_today is 'Stock at the end of the session, in unit.';
comment on column comex_stocks.unit is 'troy_oz, or short_ton for copper.';
comment on column comex_stocks.report_date is 'Date of the report, usually the next business day.';
comment on column comex_stocks.published_at is 'When the public could know it, UTC.';
comment on column comex_stocks.published_assumed is 'True: the report has a date but no hour; 17:00 New York assumed.';
comment on column comex_stocks.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column comex_stocks.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view comex_stock_totals_long as
select session, metal, category, prev_total, received, withdrawn, net_change, adjustment, total_today, unit,
    report_date, published_at, loaded_at, raw_sha256
from comex_stock_sums
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, metal, category order by (published_at, raw_sha256) desc) = 1;

comment on view comex_stock_totals_long is 'The stock reports'' own total rows, one row per category: the newest version known.';
comment on column comex_stock_totals_long.session is 'Activity date.';
comment on column comex_stock_totals_long.metal is 'Metal.';
comment on column comex_stock_totals_long.category is 'registered, pledged, eligible or total.';
comment on column comex_stock_totals_long.prev_total is 'Stock at the end of the previous activity date, in unit.';
comment on column comex_stock_totals_long.received is 'Received, in unit.';
comment on column comex_stock_totals_long.withdrawn is 'Withdrawn, in unit.';
comment on column comex_stock_totals_long.net_change is 'Received minus withdrawn, in unit.';
comment on column comex_stock_totals_long.adjustment is 'Re-classification and correction, in unit.';
comment on column comex_stock_totals_long.total_today is 'Stock at the end of the session, in unit.';
comment on column comex_stock_totals_long.unit is 'troy_oz, or short_ton for copper.';
comment on column comex_stock_totals_long.report_date is 'Date of the report.';
comment on column comex_stock_totals_long.published_at is 'When the public could know it, UTC.';
comment on column comex_stock_totals_long.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column comex_stock_totals_long.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view open_interest_versions as
select venue, product, delivery_month, session, status, open_interest, open_interest_change, volume,
    globex_volume, pnt_volume, block_volume, efp_volume, deliveries, published_at, published_assumed, loaded_at,
    source, raw_sha256
from open_interest_rows
where session <= as_of() and is_known(published_at, loaded_at);

comment on view open_interest_versions is 'Open interest and volume by contract month: every version known, preliminary and final.';
comment on column open_interest_versions.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column open_interest_versions.product is 'Exchange product code.';
comment on column open_interest_versions.delivery_month is 'First day of the delivery month.';
comment on column open_interest_versions.session is 'Trade date.';
comment on column open_interest_versions.status is 'preliminary or final, as far as the file itself tells.';
comment on column open_interest_versions.open_interest is 'Open contracts at the end of the session, lots.';
comment on column open_interest_versions.open_interest_change is 'Change against the final figure of the session before, lots.';
comment on column open_interest_versions.volume is 'Contracts traded, lots.';
comment on column open_interest_versions.globex_volume is 'Traded on the electronic book, lots.';
comment on column open_interest_versions.pnt_volume is 'Privately negotiated, lots.';
comment on column open_interest_versions.block_volume is 'Block trades, lots.';
comment on column open_interest_versions.efp_volume is 'Exchange for physical, lots.';
comment on column open_interest_versions.deliveries is 'Deliveries as the file prints them, lots.';
comment on column open_interest_versions.published_at is 'When the public could know it, UTC.';
comment on column open_interest_versions.published_assumed is 'True where the file carries no hour.';
comment on column open_interest_versions.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column open_interest_versions.source is 'Source that read the file.';
comment on column open_interest_versions.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view settlements as
select venue, product, delivery_month, session, settle, currency, unit, status, open, high, low, close,
    previous_settle, volume, prior_session, prior_open_interest, published_at, published_assumed, loaded_at, source, raw_sha256
from settlement_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by venue, product, delivery_month, session
    order by (status = 'final', published_at, raw_sha256) desc) = 1;

comment on view settlements is 'Settlement and day prices by contract month: the newest version known.';
comment on column settlements.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column settlements.product is 'Exchange product code.';
comment on column settlements.delivery_month is 'First day of the delivery month.';
comment on column settlements.session is 'Trade date.';
comment on column settlements.settle is 'Settlement price, currency per unit.';
comment on column settlements.currency is 'USD or CNY.';
comment on column settlements.unit is 'Unit of mass the price is for.';
comment on column settlements.status is 'preliminary or final.';
comment on column settlements.open is 'First price, currency per unit.';
comment on column settlements.high is 'Highest price, currency per unit.';
comment on column settlements.low is 'Lowest price, currency per unit.';
comment on column settlements.close is 'Last price of the day session, currency per unit.';
comment on column settlements.previous_settle is 'Settlement of the session before, currency per unit.';
comment on column settlements.volume is 'Contracts traded, lots, as this report prints it.';
comment on column settlements.prior_session is 'The session prior_open_interest belongs to.';
comment on column settlements.prior_open_interest is 'Open interest of prior_session as this report prints it, lots.';
comment on column settlements.published_at is 'When the public could know it, UTC.';
comment on column settlements.published_assumed is 'True where the file carries no hour.';
comment on column settlements.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column settlements.source is 'Source that read the file.';
comment on column settlements.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view shfe_warrants as
select session, metal, region, warehouse, level, quantity, change, unit, published_at, published_assumed, loaded_at, raw_sha256
from shfe_warrant_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, metal, region, warehouse, level order by (published_at, raw_sha256) desc) = 1;

comment on view shfe_warrants is 'SHFE registered warrants by warehouse: the newest version known. Sum only level = warehouse.';
comment on column shfe_warrants.session is 'Trade date of the page.';
comment on column shfe_warrants.metal is 'silver, gold or copper.';
comment on column shfe_warrants.region is 'Region as printed; empty on total rows.';
comment on column shfe_warrants.warehouse is 'Warehouse as printed; the printed label on subtotal and total rows.';
comment on column shfe_warrants.level is 'warehouse, subtotal or total.';
comment on column shfe_warrants.quantity is 'Metal under warrant, in unit.';
comment on column shfe_warrants.change is 'Change the page prints, in unit; after a holiday it spans the holiday.';
comment on column shfe_warrants.unit is 'kg for silver and gold, tonne for copper.';
comment on column shfe_warrants.published_at is 'When the public could know it, UTC.';
comment on column shfe_warrants.published_assumed is 'True: the page has a date but no hour; 15:30 Shanghai assumed.';
comment on column shfe_warrants.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column shfe_warrants.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view sge_quotes as
select session, contract, open, high, low, close, change, change_pct, weighted_average, volume_kg, turnover_cny,
    open_interest_lots, delivery_direction, delivery_lots, unit, published_at, published_assumed, loaded_at, raw_sha256
from sge_quote_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, contract order by (published_at, raw_sha256) desc) = 1;

comment on view sge_quotes is 'SGE daily quotations by contract: the newest version known.';
comment on column sge_quotes.session is 'Trade date; the night session before belongs to it.';
comment on column sge_quotes.contract is 'Contract as printed, e.g. Ag(T+D).';
comment on column sge_quotes.open is 'First price, CNY per unit.';
comment on column sge_quotes.high is 'Highest price, CNY per unit.';
comment on column sge_quotes.low is 'Lowest price, CNY per unit.';
comment on column sge_quotes.close is 'Last price, CNY per unit.';
comment on column sge_quotes.change is 'Change the page prints, CNY per unit.';
comment on column sge_quotes.change_pct is 'Change the page prints, percent.';
comment on column sge_quotes.weighted_average is 'Volume-weighted price, CNY per unit.';
comment on column sge_quotes.volume_kg is 'Traded, kg.';
comment on column sge_quotes.turnover_cny is 'Turnover, CNY.';
comment on column sge_quotes.open_interest_lots is 'Open contracts, lots.';
comment on column sge_quotes.delivery_direction is 'Who pays the deferral fee: shorts_pay_longs (more takers than deliverers) or longs_pay_shorts.';
comment on column sge_quotes.delivery_lots is 'Delivered, lots.';
comment on column sge_quotes.unit is 'Unit of mass of the price: kg for silver, gram for gold and platinum.';
comment on column sge_quotes.published_at is 'When the public could know it, UTC.';
comment on column sge_quotes.published_assumed is 'True where the page carries no hour.';
comment on column sge_quotes.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column sge_quotes.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view fx_reference as
select session, base, quote, rate, source, published_at, published_assumed, loaded_at, raw_sha256
from fx_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, base, quote, source order by (published_at, raw_sha256) desc) = 1;

comment on view fx_reference is 'Reference exchange rates as published, quote currency per one base: the newest version known.';
comment on column fx_reference.session is 'Date of the rate.';
comment on column fx_reference.base is 'Base currency.';
comment on column fx_reference.quote is 'Quoted currency.';
comment on column fx_reference.rate is 'Quote currency per one base.';
comment on column fx_reference.source is 'Source that read the file.';
comment on column fx_reference.published_at is 'When the public could know it, UTC.';
comment on column fx_reference.published_assumed is 'True where the file carries no hour; 16:00 Central European time assumed.';
comment on column fx_reference.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column fx_reference.raw_sha256 is 'SHA-256 of the archived file.';
