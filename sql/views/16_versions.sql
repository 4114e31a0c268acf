-- Every version known of what more than one source or file tells: for comparing them, never for reckoning with.

create or replace view settlement_versions as
select venue, product, delivery_month, session, settle, currency, unit, status, open, high, low, close,
    previous_settle, volume, prior_session, prior_open_interest, published_at, published_assumed, loaded_at, source, raw_sha256
from settlement_rows
where session <= as_of() and is_known(published_at, loaded_at);

comment on view settlement_versions is 'Settlement and day prices by contract month: every version known, of every source.';
comment on column settlement_versions.venue is 'COMEX, NYMEX, SHFE or INE.';
comment on column settlement_versions.product is 'Exchange product code.';
comment on column settlement_versions.delivery_month is 'First day of the delivery month.';
comment on column settlement_versions.session is 'Trade date.';
comment on column settlement_versions.settle is 'Settlement price, currency per unit.';
comment on column settlement_versions.currency is 'USD or CNY.';
comment on column settlement_versions.unit is 'Unit of mass the price is for.';
comment on column settlement_versions.status is 'preliminary or final.';
comment on column settlement_versions.open is 'First price, currency per unit.';
comment on column settlement_versions.high is 'Highest price, currency per unit.';
comment on column settlement_versions.low is 'Lowest price, currency per unit.';
comment on column settlement_versions.close is 'Last price of the day session, currency per unit.';
comment on column settlement_versions.previous_settle is 'Settlement of the session before, currency per unit.';
comment on column settlement_versions.volume is 'Contracts traded, lots, as this report prints it.';
comment on column settlement_versions.prior_session is 'The session prior_open_interest belongs to.';
comment on column settlement_versions.prior_open_interest is 'Open interest of prior_session as this report prints it, lots.';
comment on column settlement_versions.published_at is 'When the public could know it, UTC.';
comment on column settlement_versions.published_assumed is 'True where the file carries no hour.';
comment on column settlement_versions.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column settlement_versions.source is 'Source that read the file.';
comment on column settlement_versions.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view delivery_total_versions as
select session, venue, contract, product, delivery_month, settlement, issued, stopped, month_to_date, intent_date,
    delivery_date, run_time, published_at, published_assumed, loaded_at, source, raw_sha256
from delivery_total_rows
where session <= as_of() and is_known(published_at, loaded_at);

comment on view delivery_total_versions is 'Delivery notices of one day by contract: every version known, of the daily and the month-to-date report.';
comment on column delivery_total_versions.session is 'Business date, on which intent was declared.';
comment on column delivery_total_versions.venue is 'COMEX or NYMEX.';
comment on column delivery_total_versions.contract is 'Contract as printed.';
comment on column delivery_total_versions.product is 'Exchange product code; NULL where the name is not known.';
comment on column delivery_total_versions.delivery_month is 'First day of the delivery month.';
comment on column delivery_total_versions.settlement is 'Settlement the report prints, USD in the contract''s unit; of an expired month that of its last trading day.';
comment on column delivery_total_versions.issued is 'Notices issued, lots; equal to stopped.';
comment on column delivery_total_versions.stopped is 'Notices stopped, lots.';
comment on column delivery_total_versions.month_to_date is 'Notices of this contract since its first intent day, lots; not the calendar month.';
comment on column delivery_total_versions.intent_date is 'Day on which intent was declared.';
comment on column delivery_total_versions.delivery_date is 'Day of delivery; NULL from the month-to-date report.';
comment on column delivery_total_versions.run_time is 'Run date and time of the report, UTC.';
comment on column delivery_total_versions.published_at is 'When the public could know it from this report, UTC.';
comment on column delivery_total_versions.published_assumed is 'True where the report prints no run time.';
comment on column delivery_total_versions.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column delivery_total_versions.source is 'Source that read the file.';
comment on column delivery_total_versions.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view vault_holding_versions as
select session, venue, metal, quantity, unit, 1000 * quantity as quantity_troy_oz, published_at, published_assumed,
    loaded_at, source, raw_sha256
from vault_holding_rows
where session <= as_of() and is_known(published_at, loaded_at);

comment on view vault_holding_versions is 'Metal in London vaults at month-end: every version known, of every file.';
comment on column vault_holding_versions.session is 'Last London session of the month.';
comment on column vault_holding_versions.venue is 'LBMA.';
comment on column vault_holding_versions.metal is 'Metal.';
comment on column vault_holding_versions.quantity is 'Metal held, in unit.';
comment on column vault_holding_versions.unit is 'koz: a thousand troy ounces, as printed.';
comment on column vault_holding_versions.quantity_troy_oz is 'The same in troy ounces.';
comment on column vault_holding_versions.published_at is 'When the public could know it, UTC.';
comment on column vault_holding_versions.published_assumed is 'True: the file has no hour; 17:00 London of the fifth working day of the next month is assumed.';
comment on column vault_holding_versions.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column vault_holding_versions.source is 'Source that read the file.';
comment on column vault_holding_versions.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view fund_holding_versions as
select session, fund, measure, value, unit, as_of, published_at, published_assumed, loaded_at, source, raw_sha256
from fund_rows
where session <= as_of() and is_known(published_at, loaded_at);

comment on view fund_holding_versions is 'Bullion funds, each figure with its own date: every version known, of every file.';
comment on column fund_holding_versions.session is 'Date of the figure, the same as as_of.';
comment on column fund_holding_versions.fund is 'SLV or GLD.';
comment on column fund_holding_versions.measure is 'ounces, tonnes, shares, ounces_per_share, nav, net_assets, close, indicative, mid, premium, volume or distribution.';
comment on column fund_holding_versions.value is 'The figure, in unit.';
comment on column fund_holding_versions.unit is 'Unit of the value.';
comment on column fund_holding_versions.as_of is 'Date the publisher prints beside the figure; ounces may lag shares by a day.';
comment on column fund_holding_versions.published_at is 'When the public could know it, UTC.';
comment on column fund_holding_versions.published_assumed is 'True where the file carries no hour and the usual one is assumed.';
comment on column fund_holding_versions.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column fund_holding_versions.source is 'Source that read the file.';
comment on column fund_holding_versions.raw_sha256 is 'SHA-256 of the archived file.';
