-- Spot quotes, shares and funds, and figures a person enters.

create table spot_quote_rows (
    session DATE not null,
    metal VARCHAR not null,
    provider VARCHAR not null,
    quoted_at TIMESTAMP not null,
    bid DOUBLE,
    ask DOUBLE,
    price DOUBLE not null,
    spot_kind VARCHAR not null,
    currency VARCHAR not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table spot_quote_rows is 'Quotes of spot metal with their own moment and kind. Key: session, metal, provider, quoted_at, currency, raw_sha256.';

create table bar_rows (
    session DATE not null,
    symbol VARCHAR not null,
    open DOUBLE,
    high DOUBLE,
    low DOUBLE,
    close DOUBLE not null,
    adjusted_close DOUBLE,
    volume BIGINT,
    currency VARCHAR not null,
    adjusted_as_of TIMESTAMP not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table bar_rows is 'Daily prices of mining shares and bullion funds. Key: session, symbol, raw_sha256.';

create table manual_rows (
    series VARCHAR not null,
    session DATE not null,
    value DOUBLE not null,
    bid DOUBLE,
    ask DOUBLE,
    unit VARCHAR not null,
    tax_basis VARCHAR not null,
    source_url VARCHAR not null,
    note VARCHAR not null,
    received_at TIMESTAMP not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table manual_rows is 'Figures without a feed, entered by a person with their source. Key: series, session, source_url, raw_sha256.';
