-- Facts of CME's printed reports: append-only, one row per (key, raw_sha256).

create table delivery_notice_rows (
    session DATE not null,
    venue VARCHAR not null,
    contract VARCHAR not null,
    product VARCHAR,
    delivery_month DATE not null,
    firm_id VARCHAR not null,
    account VARCHAR not null,
    firm VARCHAR not null,
    issued BIGINT not null,
    stopped BIGINT not null,
    intent_date DATE not null,
    delivery_date DATE not null,
    run_time TIMESTAMP,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table delivery_notice_rows is 'Delivery notices of one day by contract, clearing firm and account. Key: session, venue, contract, firm_id, account, raw_sha256.';

create table delivery_total_rows (
    session DATE not null,
    venue VARCHAR not null,
    contract VARCHAR not null,
    product VARCHAR,
    delivery_month DATE not null,
    settlement DOUBLE,
    issued BIGINT not null,
    stopped BIGINT not null,
    month_to_date BIGINT not null,
    intent_date DATE not null,
    delivery_date DATE,
    run_time TIMESTAMP,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table delivery_total_rows is 'Delivery notices of one day by contract: the report''s own totals. Key: session, venue, contract, raw_sha256.';

create table delivery_ytd_rows (
    session DATE not null,
    venue VARCHAR not null,
    product_name VARCHAR not null,
    product VARCHAR,
    firm_id VARCHAR not null,
    account VARCHAR not null,
    firm VARCHAR not null,
    delivery_month DATE not null,
    issued BIGINT not null,
    stopped BIGINT not null,
    run_time TIMESTAMP,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table delivery_ytd_rows is 'Delivery notices by product, clearing firm, account and contract month, December before the year included. Key: session, venue, product_name, firm_id, account, delivery_month, raw_sha256.';

create table bulletin_rows (
    venue VARCHAR not null,
    product VARCHAR not null,
    product_name VARCHAR not null,
    delivery_month DATE not null,
    session DATE not null,
    status VARCHAR not null,
    bulletin_number BIGINT not null,
    open DOUBLE,
    high DOUBLE,
    high_flag VARCHAR not null,
    low DOUBLE,
    low_flag VARCHAR not null,
    settle DOUBLE,
    change DOUBLE,
    is_new BOOLEAN not null,
    globex_volume BIGINT not null,
    pnt_volume BIGINT not null,
    open_interest BIGINT not null,
    open_interest_change BIGINT not null,
    last_trade DATE,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table bulletin_rows is 'Metals section of the daily bulletin: every printed column by contract month. Key: venue, product, delivery_month, session, raw_sha256.';

create table bulletin_expit_rows (
    venue VARCHAR not null,
    product VARCHAR not null,
    delivery_month DATE not null,
    session DATE not null,
    status VARCHAR not null,
    deliveries_daily BIGINT,
    deliveries_month_to_date BIGINT,
    efp BIGINT,
    efs BIGINT,
    subs BIGINT,
    efm BIGINT,
    efr BIGINT,
    efb BIGINT,
    blocks BIGINT,
    block_tas BIGINT,
    tas BIGINT,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table bulletin_expit_rows is 'Ex-pit breakdown of the daily bulletin by contract month: deliveries and trades off the book. Key: venue, product, delivery_month, session, raw_sha256.';

create table margin_rows (
    session DATE not null,
    venue VARCHAR not null,
    product VARCHAR not null,
    product_name VARCHAR not null,
    start_month DATE not null,
    end_month DATE not null,
    kind VARCHAR not null,
    value DOUBLE not null,
    unit VARCHAR not null,
    volatility_scan_pct DOUBLE,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table margin_rows is 'Margins of one product and range of contract months, as CME lists them. Key: session, venue, product, product_name, start_month, end_month, kind, raw_sha256.';
