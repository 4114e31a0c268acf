-- Base views of spot quotes, shares and funds, and entered figures: of every fact, the newest version known.

create or replace view spot_quotes as
select session, metal, provider, quoted_at, bid, ask, price, spot_kind, currency, unit,
    published_at, published_assumed, loaded_at, source, raw_sha256
from spot_quote_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, metal, provider, quoted_at, currency order by (published_at, raw_sha256) desc) = 1;

comment on view spot_quotes is 'Quotes of spot metal, several a day, each with its own moment and kind. Pair one with a futures price only where their moments are close.';
comment on column spot_quotes.session is 'Trade date of the quote; the day turns at 17:00 New York.';
comment on column spot_quotes.metal is 'silver, gold, platinum or palladium.';
comment on column spot_quotes.provider is 'Who quotes.';
comment on column spot_quotes.quoted_at is 'Moment of the quote, UTC.';
comment on column spot_quotes.bid is 'Price at which metal can be sold, currency per unit; NULL where one figure is quoted.';
comment on column spot_quotes.ask is 'Price at which metal can be bought, currency per unit; NULL where one figure is quoted.';
comment on column spot_quotes.price is 'The quote as printed, currency per unit.';
comment on column spot_quotes.spot_kind is 'otc_quote (both sides named), auction, or derived: a vendor''s figure of unknown making, perhaps from a future, which proves nothing about the basis.';
comment on column spot_quotes.currency is 'Currency of the price.';
comment on column spot_quotes.unit is 'Unit of mass of the price: troy_oz, gram or kg.';
comment on column spot_quotes.published_at is 'When the public could know it, UTC: the moment of the quote.';
comment on column spot_quotes.published_assumed is 'Always false: every quote carries its moment.';
comment on column spot_quotes.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column spot_quotes.source is 'Source that read the file.';
comment on column spot_quotes.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view bars as
select session, symbol, open, high, low, close, adjusted_close, volume, currency, adjusted_as_of,
    published_at, published_assumed, loaded_at, source, raw_sha256
from bar_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by session, symbol
    order by published_at desc, adjusted_as_of <= known_at() desc, adjusted_as_of desc, raw_sha256 desc) = 1;

comment on view bars is 'Daily prices of mining shares and bullion funds: of several files the one adjusted latest, as far as known.';
comment on column bars.session is 'Trade date in New York.';
comment on column bars.symbol is 'Ticker, e.g. HL (a miner) or SLV (a fund).';
comment on column bars.open is 'First price, currency per share.';
comment on column bars.high is 'Highest price, currency per share.';
comment on column bars.low is 'Lowest price, currency per share.';
comment on column bars.close is 'Last price, currency per share, splits up to adjusted_as_of taken out.';
comment on column bars.adjusted_close is 'Close with splits and dividends taken out, currency per share; comparable only between rows of one adjusted_as_of.';
comment on column bars.volume is 'Shares traded; never a fund''s holdings.';
comment on column bars.currency is 'Currency of the prices.';
comment on column bars.adjusted_as_of is 'Splits and dividends up to this moment are taken out, UTC.';
comment on column bars.published_at is 'When the public could know the day''s close, UTC.';
comment on column bars.published_assumed is 'True: a quarter past the 16:00 close of New York is assumed.';
comment on column bars.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column bars.source is 'Source that read the file.';
comment on column bars.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view manual_prices as
select series, session, value, bid, ask, unit, tax_basis, source_url, note, received_at,
    published_at, published_assumed, loaded_at, source, raw_sha256
from manual_rows
where session <= as_of() and is_known(published_at, loaded_at)
qualify row_number() over (
    partition by series, session, source_url order by (received_at, published_at, raw_sha256) desc) = 1;

comment on view manual_prices is 'Figures without a feed, entered by a person: of several entries from one page the one received last. Two pages give two rows.';
comment on column manual_prices.series is 'Series, one of those docs/inbox_csv.md lists.';
comment on column manual_prices.session is 'Day the figure is of; not always a trading day.';
comment on column manual_prices.value is 'Figure, in unit; the mid where bid and ask alone were entered; 1 for an event.';
comment on column manual_prices.bid is 'Price at which a dealer buys, in unit.';
comment on column manual_prices.ask is 'Price at which a dealer sells, in unit.';
comment on column manual_prices.unit is 'Unit of value, bid and ask, e.g. cny_per_kg.';
comment on column manual_prices.tax_basis is 'Whether value-added or sales tax is in the figure: inclusive, exclusive, unknown, or not_taxed.';
comment on column manual_prices.source_url is 'Page the figure was read from.';
comment on column manual_prices.note is 'What the person remarked.';
comment on column manual_prices.received_at is 'When the file came in, UTC: a later file corrects an earlier one.';
comment on column manual_prices.published_at is 'When the public could know it, UTC.';
comment on column manual_prices.published_assumed is 'True where the row gives no hour: the end of the day it names, or the moment the file came in.';
comment on column manual_prices.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column manual_prices.source is 'Source that read the file.';
comment on column manual_prices.raw_sha256 is 'SHA-256 of the archived file.';
