-- CME's printed reports: of every fact, the newest version known. Of two runs of the delivery notices the later wins,
-- contract by contract and whole: a firm that a later run leaves out is gone.

create or replace view delivery_notices as
select session, venue, contract, product, delivery_month, firm_id, account, firm, issued, stopped, intent_date,
    delivery_date, run_time, published_at, published_assumed, loaded_at, raw_sha256
from delivery_notice_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify rank() over (
    partition by session, venue, contract order by (published_at, raw_sha256) desc) = 1;

comment on view delivery_notices is 'Delivery notices of one day by contract, clearing firm and account: of each contract the latest run known.';
comment on column delivery_notices.session is 'Business date of the report, on which intent was declared.';
comment on column delivery_notices.venue is 'COMEX or NYMEX.';
comment on column delivery_notices.contract is 'Contract as printed.';
comment on column delivery_notices.product is 'Exchange product code; NULL where the name is not known.';
comment on column delivery_notices.delivery_month is 'First day of the delivery month.';
comment on column delivery_notices.firm_id is 'Clearing firm''s number as printed, a text with leading zeros.';
comment on column delivery_notices.account is 'customer or house; a firm may have a row of each.';
comment on column delivery_notices.firm is 'Clearing firm''s name as printed, cut at 20 characters.';
comment on column delivery_notices.issued is 'Notices issued, that is metal delivered, lots.';
comment on column delivery_notices.stopped is 'Notices stopped, that is metal taken, lots.';
comment on column delivery_notices.intent_date is 'Day on which intent was declared.';
comment on column delivery_notices.delivery_date is 'Day of delivery.';
comment on column delivery_notices.run_time is 'Run date and time of the report, UTC.';
comment on column delivery_notices.published_at is 'When the public could know it, UTC: the run of the report.';
comment on column delivery_notices.published_assumed is 'False: the report prints its run time.';
comment on column delivery_notices.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column delivery_notices.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view delivery_totals as
select session, venue, contract, product, delivery_month, settlement, issued, stopped, month_to_date, intent_date,
    delivery_date, run_time, published_at, published_assumed, loaded_at, source, raw_sha256
from delivery_total_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, venue, contract
    order by (source = 'comex_notices', published_at, raw_sha256) desc) = 1;

comment on view delivery_totals is 'Delivery notices of one day by contract: the latest run known of the daily report; where that was missed, the month-to-date report.';
comment on column delivery_totals.session is 'Business date, on which intent was declared.';
comment on column delivery_totals.venue is 'COMEX or NYMEX.';
comment on column delivery_totals.contract is 'Contract as printed.';
comment on column delivery_totals.product is 'Exchange product code; NULL where the name is not known.';
comment on column delivery_totals.delivery_month is 'First day of the delivery month.';
comment on column delivery_totals.settlement is 'Settlement the report prints, USD in the contract''s unit; of an expired month that of its last trading day.';
comment on column delivery_totals.issued is 'Notices issued, lots; equal to stopped.';
comment on column delivery_totals.stopped is 'Notices stopped, lots.';
comment on column delivery_totals.month_to_date is 'Notices of this contract since its first intent day, lots; not the calendar month.';
comment on column delivery_totals.intent_date is 'Day on which intent was declared.';
comment on column delivery_totals.delivery_date is 'Day of delivery; NULL from the month-to-date report.';
comment on column delivery_totals.run_time is 'Run date and time of the report, UTC.';
comment on column delivery_totals.published_at is 'When the public could know it from this report, UTC.';
comment on column delivery_totals.published_assumed is 'True where the report prints no run time.';
comment on column delivery_totals.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column delivery_totals.source is 'Source that read the file.';
comment on column delivery_totals.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view delivery_ytd as
select session, venue, product_name, product, firm_id, account, firm, delivery_month, issued, stopped, run_time,
    published_at, published_assumed, loaded_at, raw_sha256
from delivery_ytd_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify rank() over (
    partition by session, venue, product_name order by (published_at, raw_sha256) desc) = 1;

comment on view delivery_ytd is 'Delivery notices of the year up to a session, by product, clearing firm, account and contract month: the latest run known.';
comment on column delivery_ytd.session is 'Business date up to which the report counts.';
comment on column delivery_ytd.venue is 'COMEX or NYMEX.';
comment on column delivery_ytd.product_name is 'Product as printed.';
comment on column delivery_ytd.product is 'Exchange product code; NULL where the name is not known.';
comment on column delivery_ytd.firm_id is 'Clearing firm''s number as printed, a text with leading zeros.';
comment on column delivery_ytd.account is 'customer or house.';
comment on column delivery_ytd.firm is 'Clearing firm''s name as printed, cut at 20 characters.';
comment on column delivery_ytd.delivery_month is 'First day of the contract month, not of the month of delivery.';
comment on column delivery_ytd.issued is 'Notices issued, lots.';
comment on column delivery_ytd.stopped is 'Notices stopped, lots.';
comment on column delivery_ytd.run_time is 'Run date and time of the report, UTC.';
comment on column delivery_ytd.published_at is 'When the public could know it, UTC: the run of the report.';
comment on column delivery_ytd.published_assumed is 'False: the report prints its run time.';
comment on column delivery_ytd.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column delivery_ytd.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view bulletin as
select venue, product, product_name, delivery_month, session, status, bulletin_number, open, high, high_flag, low,
    low_flag, settle, change, is_new, globex_volume, pnt_volume, open_interest, open_interest_change, last_trade,
    published_at, published_assumed, loaded_at, raw_sha256
from bulletin_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by venue, product, delivery_month, session
    order by (status = 'final', published_at, raw_sha256) desc) = 1;

comment on view bulletin is 'Metals section of the daily bulletin, every printed column: final before preliminary, then the newest.';
comment on column bulletin.venue is 'COMEX or NYMEX.';
comment on column bulletin.product is 'Product code as printed.';
comment on column bulletin.product_name is 'Product name as printed.';
comment on column bulletin.delivery_month is 'First day of the delivery month.';
comment on column bulletin.session is 'Trade date.';
comment on column bulletin.status is 'preliminary or final.';
comment on column bulletin.bulletin_number is 'Number as printed; two bulletins may share one.';
comment on column bulletin.open is 'First price, in the contract''s own currency and unit.';
comment on column bulletin.high is 'Highest price, in the contract''s own currency and unit.';
comment on column bulletin.high_flag is 'B where the high is a bid, A where it is an ask; empty otherwise.';
comment on column bulletin.low is 'Lowest price, in the contract''s own currency and unit.';
comment on column bulletin.low_flag is 'B where the low is a bid, A where it is an ask; empty otherwise.';
comment on column bulletin.settle is 'Settlement; means nothing in a month past its last_trade.';
comment on column bulletin.change is 'Change of the settlement; 0 for UNCH, NULL for NEW.';
comment on column bulletin.is_new is 'True where the month was just listed.';
comment on column bulletin.globex_volume is 'Traded on the electronic book, lots.';
comment on column bulletin.pnt_volume is 'Privately negotiated, lots.';
comment on column bulletin.open_interest is 'Open contracts, lots.';
comment on column bulletin.open_interest_change is 'Change against the final figure of the session before, lots.';
comment on column bulletin.last_trade is 'Last trade date as the bulletin lists it; NULL where it lists none.';
comment on column bulletin.published_at is 'When the public could know it, UTC.';
comment on column bulletin.published_assumed is 'True: no hour printed; 21:00 Chicago assumed, for a final one 10:00 of the next session.';
comment on column bulletin.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column bulletin.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view bulletin_expit as
select venue, product, delivery_month, session, status, deliveries_daily, deliveries_month_to_date, efp, efs, subs,
    efm, efr, efb, blocks, block_tas, tas, published_at, published_assumed, loaded_at, raw_sha256
from bulletin_expit_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by venue, product, delivery_month, session
    order by (status = 'final', published_at, raw_sha256) desc) = 1;

comment on view bulletin_expit is 'Ex-pit breakdown of the daily bulletin by contract month: final before preliminary, then the newest. NULL where dashes stand.';
comment on column bulletin_expit.venue is 'COMEX or NYMEX.';
comment on column bulletin_expit.product is 'Product code.';
comment on column bulletin_expit.delivery_month is 'First day of the delivery month.';
comment on column bulletin_expit.session is 'Trade date.';
comment on column bulletin_expit.status is 'preliminary or final.';
comment on column bulletin_expit.deliveries_daily is 'Notices of the business day BEFORE, lots; blank in final editions. Better use delivery_totals.';
comment on column bulletin_expit.deliveries_month_to_date is 'Notices since the first of the calendar month, lots: those of the first notice days are not in it.';
comment on column bulletin_expit.efp is 'Exchange for physical, lots.';
comment on column bulletin_expit.efs is 'Exchange for swap, lots.';
comment on column bulletin_expit.subs is 'Substitutions, lots.';
comment on column bulletin_expit.efm is 'EFM as printed, lots.';
comment on column bulletin_expit.efr is 'Exchange for risk, lots.';
comment on column bulletin_expit.efb is 'EFB as printed, lots.';
comment on column bulletin_expit.blocks is 'Block trades, those at settlement included, lots.';
comment on column bulletin_expit.block_tas is 'Block trades at settlement, lots.';
comment on column bulletin_expit.tas is 'Trades at settlement, lots.';
comment on column bulletin_expit.published_at is 'When the public could know it, UTC.';
comment on column bulletin_expit.published_assumed is 'True: no hour printed; 21:00 Chicago assumed, for a final one 10:00 of the next session.';
comment on column bulletin_expit.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column bulletin_expit.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view margins as
select session, venue, product, product_name, start_month, end_month, kind, value, unit, volatility_scan_pct,
    published_at, published_assumed, loaded_at, raw_sha256
from margin_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, venue, product, product_name, start_month, end_month, kind
    order by (published_at, raw_sha256) desc) = 1;

comment on view margins is 'Margins as listed on a day, by product and range of contract months: the newest version known. A list is kept when it differs from all before, so the newest session of a product is what is in force.';
comment on column margins.session is 'Day of the list.';
comment on column margins.venue is 'COMEX or NYMEX.';
comment on column margins.product is 'Clearing code of the product.';
comment on column margins.product_name is 'Product name as printed.';
comment on column margins.start_month is 'First contract month of the range.';
comment on column margins.end_month is 'Last contract month of the range.';
comment on column margins.kind is 'maintenance.';
comment on column margins.value is 'Margin, in unit.';
comment on column margins.unit is 'usd_per_contract, or pct_notional: percent of the contract''s value.';
comment on column margins.volatility_scan_pct is 'Volatility scan, percent; not a margin.';
comment on column margins.published_at is 'When it counts as public, UTC.';
comment on column margins.published_assumed is 'True: the list carries no date.';
comment on column margins.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column margins.raw_sha256 is 'SHA-256 of the archived file.';
