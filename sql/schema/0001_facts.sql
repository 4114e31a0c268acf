-- Facts: append-only, one row per (key, raw_sha256). No keys or sequences: DuckLake has none.

create table comex_stock_rows (
    session DATE not null,
    report_date DATE not null,
    metal VARCHAR not null,
    depository VARCHAR not null,
    category VARCHAR not null,
    prev_total DOUBLE not null,
    received DOUBLE,
    withdrawn DOUBLE,
    net_change DOUBLE,
    adjustment DOUBLE,
    total_today DOUBLE not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table comex_stock_rows is 'COMEX and NYMEX warehouse stocks by depository and category. Key: session, metal, depository, category, raw_sha256.';

create table comex_stock_sums (
    session DATE not null,
    report_date DATE not null,
    metal VARCHAR not null,
    category VARCHAR not null,
    prev_total DOUBLE not null,
    received DOUBLE,
    withdrawn DOUBLE,
    net_change DOUBLE,
    adjustment DOUBLE,
    total_today DOUBLE not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table comex_stock_sums is 'COMEX and NYMEX warehouse stocks: the report''s own total rows. Key: session, metal, category, raw_sha256.';

create table open_interest_rows (
    venue VARCHAR not null,
    product VARCHAR not null,
    delivery_month DATE not null,
    session DATE not null,
    status VARCHAR not null,
    open_interest BIGINT not null,
    open_interest_change BIGINT,
    volume BIGINT,
    globex_volume BIGINT,
    pnt_volume BIGINT,
    block_volume BIGINT,
    efp_volume BIGINT,
    deliveries BIGINT,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table open_interest_rows is 'Open interest and volume by contract month, every version kept. Key: venue, product, delivery_month, session, raw_sha256.';

create table settlement_rows (
    venue VARCHAR not null,
    product VARCHAR not null,
    delivery_month DATE not null,
    session DATE not null,
    status VARCHAR not null,
    settle DOUBLE not null,
    open DOUBLE,
    high DOUBLE,
    low DOUBLE,
    close DOUBLE,
    previous_settle DOUBLE,
    volume BIGINT,
    prior_session DATE,
    prior_open_interest BIGINT,
    currency VARCHAR not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table settlement_rows is 'Settlement and day prices by contract month. Key: venue, product, delivery_month, session, raw_sha256.';

create table shfe_warrant_rows (
    session DATE not null,
    metal VARCHAR not null,
    region VARCHAR not null,
    warehouse VARCHAR not null,
    level VARCHAR not null,
    quantity DOUBLE not null,
    change DOUBLE,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table shfe_warrant_rows is 'SHFE registered warrants by warehouse, with the page''s subtotals and totals. Key: session, metal, region, warehouse, level, raw_sha256.';

create table sge_quote_rows (
    session DATE not null,
    contract VARCHAR not null,
    open DOUBLE,
    high DOUBLE,
    low DOUBLE,
    close DOUBLE,
    change DOUBLE,
    change_pct DOUBLE,
    weighted_average DOUBLE,
    volume_kg DOUBLE,
    turnover_cny DOUBLE,
    open_interest_lots BIGINT,
    delivery_direction VARCHAR,
    delivery_lots BIGINT,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table sge_quote_rows is 'SGE daily quotations by contract. Key: session, contract, raw_sha256.';

create table fx_rows (
    session DATE not null,
    base VARCHAR not null,
    quote VARCHAR not null,
    rate DOUBLE not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table fx_rows is 'Reference exchange rates, quote currency per one base. Key: session, base, quote, raw_sha256.';
