-- Facts of Shanghai beside the daily warrants and quotations, and India: append-only, one row per (key, raw_sha256).

create table shfe_weekly_rows (
    session DATE not null,
    metal VARCHAR not null,
    region VARCHAR not null,
    warehouse VARCHAR not null,
    level VARCHAR not null,
    stock_last DOUBLE,
    stock DOUBLE,
    stock_change DOUBLE,
    warrants_last DOUBLE,
    warrants DOUBLE,
    warrants_change DOUBLE,
    capacity_last DOUBLE,
    capacity DOUBLE,
    capacity_change DOUBLE,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table shfe_weekly_rows is 'SHFE weekly stocks, registered warrants and free capacity by warehouse, with the report''s totals. Key: session, metal, region, warehouse, level, raw_sha256.';

create table member_position_rows (
    session DATE not null,
    venue VARCHAR not null,
    product VARCHAR not null,
    contract VARCHAR not null,
    delivery_month DATE,
    rank BIGINT not null,
    side VARCHAR not null,
    member_id VARCHAR,
    member VARCHAR,
    lots BIGINT not null,
    change_lots BIGINT,
    is_total BOOLEAN not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table member_position_rows is 'Largest members by volume, long and short positions, by contract, with the report''s totals. Key: session, venue, contract, side, rank, raw_sha256.';

create table sge_history_rows (
    session DATE not null,
    contract VARCHAR not null,
    open DOUBLE,
    high DOUBLE,
    low DOUBLE,
    close DOUBLE not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table sge_history_rows is 'SGE daily prices by contract, from the exchange''s chart of the whole history. Key: session, contract, raw_sha256.';

create table sge_benchmark_rows (
    session DATE not null,
    metal VARCHAR not null,
    fixing VARCHAR not null,
    price DOUBLE not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table sge_benchmark_rows is 'Shanghai gold and silver benchmark prices. Key: session, metal, fixing, raw_sha256.';

create table sge_weekly_rows (
    session DATE not null,
    metal VARCHAR not null,
    last_week DOUBLE not null,
    change DOUBLE not null,
    this_week DOUBLE not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table sge_weekly_rows is 'Metal in SGE''s delivery vaults at the end of each week. Key: session, metal, raw_sha256.';

create table mcx_rows (
    session DATE not null,
    symbol VARCHAR not null,
    expiry DATE not null,
    open DOUBLE,
    high DOUBLE,
    low DOUBLE,
    close DOUBLE not null,
    previous_close DOUBLE,
    volume_lots BIGINT not null,
    volume_text VARCHAR,
    value DOUBLE,
    open_interest BIGINT not null,
    price_quantity DOUBLE not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table mcx_rows is 'MCX daily futures prices, volume and open interest by contract. Key: session, symbol, expiry, raw_sha256.';

create table ibja_rows (
    session DATE not null,
    metal VARCHAR not null,
    fineness BIGINT not null,
    fixing VARCHAR not null,
    price DOUBLE not null,
    price_quantity DOUBLE not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table ibja_rows is 'IBJA rates of gold and silver by fineness, without GST and making charges. Key: session, metal, fineness, fixing, raw_sha256.';
