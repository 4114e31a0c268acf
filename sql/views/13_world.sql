-- Base views of London, positioning, rates and funds: of every fact, the newest version known.

create or replace view lbma_prices as
select session, metal, fixing, currency, price, published_at, published_assumed, loaded_at, source, raw_sha256
from lbma_price_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, metal, fixing, currency order by (published_at, raw_sha256) desc) = 1;

comment on view lbma_prices is 'LBMA auction prices: the newest version known. Licensed: to be used by their licensee, never passed on.';
comment on column lbma_prices.session is 'Day of the auction.';
comment on column lbma_prices.metal is 'Metal.';
comment on column lbma_prices.fixing is 'am or pm; noon for silver, which has one.';
comment on column lbma_prices.currency is 'Currency of the price.';
comment on column lbma_prices.price is 'Price per troy ounce, in currency.';
comment on column lbma_prices.published_at is 'When the public could know it, UTC.';
comment on column lbma_prices.published_assumed is 'True: the file has no hour; midnight in London, when the free page shows it, is assumed.';
comment on column lbma_prices.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column lbma_prices.source is 'Source that read the file.';
comment on column lbma_prices.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view vault_holdings as
select session, venue, metal, quantity, unit, 1000 * quantity as quantity_troy_oz, published_at, published_assumed,
    loaded_at, source, raw_sha256
from vault_holding_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, venue, metal order by (published_at, raw_sha256) desc) = 1;

comment on view vault_holdings is 'Metal in London vaults at month-end: the newest version known. Gross custody, not free float: funds'' metal is inside it.';
comment on column vault_holdings.session is 'Last London session of the month.';
comment on column vault_holdings.venue is 'LBMA.';
comment on column vault_holdings.metal is 'Metal.';
comment on column vault_holdings.quantity is 'Metal held, in unit.';
comment on column vault_holdings.unit is 'koz: a thousand troy ounces, as printed.';
comment on column vault_holdings.quantity_troy_oz is 'The same in troy ounces.';
comment on column vault_holdings.published_at is 'When the public could know it, UTC.';
comment on column vault_holdings.published_assumed is 'True: the file has no hour; 17:00 London of the fifth working day of the next month is assumed.';
comment on column vault_holdings.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column vault_holdings.source is 'Source that read the file.';
comment on column vault_holdings.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view cot as
select session, report, scope, market_code, metal, open_interest, prod_merc_long, prod_merc_short, swap_long,
    swap_short, swap_spread, m_money_long, m_money_short, m_money_spread, other_rept_long, other_rept_short,
    other_rept_spread, noncomm_long, noncomm_short, noncomm_spread, comm_long, comm_short, tot_rept_long,
    tot_rept_short, nonrept_long, nonrept_short, conc_gross_4_long, conc_gross_4_short, conc_gross_8_long,
    conc_gross_8_short, conc_net_4_long, conc_net_4_short, conc_net_8_long, conc_net_8_short, traders_total,
    m_money_long - m_money_short as m_money_net, noncomm_long - noncomm_short as noncomm_net, published_at,
    published_assumed, loaded_at, source, raw_sha256
from cot_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, report, scope, market_code order by (published_at, raw_sha256) desc) = 1;

comment on view cot is 'CFTC Commitments of Traders by report, scope and metal: the newest version known. Never mix futures with combined.';
comment on column cot.session is 'Date of the positions, usually a Tuesday.';
comment on column cot.report is 'disaggregated or legacy.';
comment on column cot.scope is 'futures: futures alone; combined: with options as their equivalent in futures. Never to be mixed.';
comment on column cot.market_code is 'CFTC contract market code, e.g. 084691.';
comment on column cot.metal is 'Metal.';
comment on column cot.open_interest is 'Open contracts, lots.';
comment on column cot.prod_merc_long is 'Producers, merchants, processors and users: long, lots.';
comment on column cot.prod_merc_short is 'Producers, merchants, processors and users: short, lots.';
comment on column cot.swap_long is 'Swap dealers: long, lots.';
comment on column cot.swap_short is 'Swap dealers: short, lots.';
comment on column cot.swap_spread is 'Swap dealers: long and short at once, in different months, lots.';
comment on column cot.m_money_long is 'Managed money: long, lots.';
comment on column cot.m_money_short is 'Managed money: short, lots.';
comment on column cot.m_money_spread is 'Managed money: long and short at once, in different months, lots.';
comment on column cot.other_rept_long is 'Other reportable traders: long, lots.';
comment on column cot.other_rept_short is 'Other reportable traders: short, lots.';
comment on column cot.other_rept_spread is 'Other reportable traders: long and short at once, in different months, lots.';
comment on column cot.noncomm_long is 'Non-commercial traders: long, lots.';
comment on column cot.noncomm_short is 'Non-commercial traders: short, lots.';
comment on column cot.noncomm_spread is 'Non-commercial traders: long and short at once, in different months, lots.';
comment on column cot.comm_long is 'Commercial traders: long, lots.';
comment on column cot.comm_short is 'Commercial traders: short, lots.';
comment on column cot.tot_rept_long is 'All reportable traders, spreads on both sides: long, lots.';
comment on column cot.tot_rept_short is 'All reportable traders, spreads on both sides: short, lots.';
comment on column cot.nonrept_long is 'Traders too small to report: long, lots.';
comment on column cot.nonrept_short is 'Traders too small to report: short, lots.';
comment on column cot.conc_gross_4_long is 'Share of the 4 largest traders on the long side, longs and shorts counted apart, percent of open interest.';
comment on column cot.conc_gross_4_short is 'Share of the 4 largest traders on the short side, longs and shorts counted apart, percent of open interest.';
comment on column cot.conc_gross_8_long is 'Share of the 8 largest traders on the long side, longs and shorts counted apart, percent of open interest.';
comment on column cot.conc_gross_8_short is 'Share of the 8 largest traders on the short side, longs and shorts counted apart, percent of open interest.';
comment on column cot.conc_net_4_long is 'Share of the 4 largest traders on the long side, each trader''s longs less shorts, percent of open interest.';
comment on column cot.conc_net_4_short is 'Share of the 4 largest traders on the short side, each trader''s longs less shorts, percent of open interest.';
comment on column cot.conc_net_8_long is 'Share of the 8 largest traders on the long side, each trader''s longs less shorts, percent of open interest.';
comment on column cot.conc_net_8_short is 'Share of the 8 largest traders on the short side, each trader''s longs less shorts, percent of open interest.';
comment on column cot.traders_total is 'Reportable traders.';
comment on column cot.m_money_net is 'Managed money: long less short, lots; disaggregated report.';
comment on column cot.noncomm_net is 'Non-commercial traders: long less short, lots; legacy report.';
comment on column cot.published_at is 'When the public could know it, UTC.';
comment on column cot.published_assumed is 'True: released when the calendar of releases says, else on the Friday, at 15:30 New York; false where the publisher''s own stamp is on the row.';
comment on column cot.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column cot.source is 'Source that read the file.';
comment on column cot.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view rates as
select session, series, percent, basis, revision, published_at, published_assumed, loaded_at, source, raw_sha256
from rate_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, series, source order by (published_at, raw_sha256) desc) = 1;

comment on view rates is 'Interest rates in dollars by series and source: the newest version known.';
comment on column rates.session is 'Date the rate is of.';
comment on column rates.series is 'SOFR, DGS1MO, DGS3MO or DGS6MO.';
comment on column rates.percent is 'Rate, percent a year on basis.';
comment on column rates.basis is 'How days are counted: ACT/360 for SOFR; bond-equivalent for Treasury yields of constant maturity.';
comment on column rates.revision is 'Publisher''s mark of a revised figure; '''' where there is none.';
comment on column rates.published_at is 'When the public could know it, UTC.';
comment on column rates.published_assumed is 'True: the file has no hour; the next working day at the publisher''s usual hour is assumed.';
comment on column rates.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column rates.source is 'Source that read the file.';
comment on column rates.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view fund_holdings as
select session, fund, measure, value, unit, as_of, published_at, published_assumed, loaded_at, source, raw_sha256
from fund_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, fund, measure order by (published_at, raw_sha256) desc) = 1;

comment on view fund_holdings is 'Bullion funds, each figure with its own date: the newest version known.';
comment on column fund_holdings.session is 'Date of the figure, the same as as_of.';
comment on column fund_holdings.fund is 'SLV or GLD.';
comment on column fund_holdings.measure is 'ounces, tonnes, shares, ounces_per_share, nav, net_assets, close, indicative, mid, premium, volume or distribution.';
comment on column fund_holdings.value is 'The figure, in unit.';
comment on column fund_holdings.unit is 'Unit of the value.';
comment on column fund_holdings.as_of is 'Date the publisher prints beside the figure; ounces may lag shares by a day.';
comment on column fund_holdings.published_at is 'When the public could know it, UTC.';
comment on column fund_holdings.published_assumed is 'True where the file carries no hour and the usual one is assumed.';
comment on column fund_holdings.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column fund_holdings.source is 'Source that read the file.';
comment on column fund_holdings.raw_sha256 is 'SHA-256 of the archived file.';
