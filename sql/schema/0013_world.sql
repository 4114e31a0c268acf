-- Facts of London, positioning, interest rates and funds; columns as monitor/schema/world.py has them.

create table lbma_price_rows (
    session DATE not null,
    metal VARCHAR not null,
    fixing VARCHAR not null,
    currency VARCHAR not null,
    price DOUBLE not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table lbma_price_rows is 'LBMA auction prices, as the London market prints them; licensed, never shipped. Key: session, metal, fixing, currency, raw_sha256.';

create table vault_holding_rows (
    session DATE not null,
    venue VARCHAR not null,
    metal VARCHAR not null,
    quantity DOUBLE not null,
    unit VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table vault_holding_rows is 'Metal in London vaults at the end of a month, funds'' and customers'' metal included. Key: session, venue, metal, raw_sha256.';

create table cot_rows (
    session DATE not null,
    report VARCHAR not null,
    scope VARCHAR not null,
    market_code VARCHAR not null,
    metal VARCHAR not null,
    open_interest BIGINT not null,
    prod_merc_long BIGINT,
    prod_merc_short BIGINT,
    swap_long BIGINT,
    swap_short BIGINT,
    swap_spread BIGINT,
    m_money_long BIGINT,
    m_money_short BIGINT,
    m_money_spread BIGINT,
    other_rept_long BIGINT,
    other_rept_short BIGINT,
    other_rept_spread BIGINT,
    noncomm_long BIGINT,
    noncomm_short BIGINT,
    noncomm_spread BIGINT,
    comm_long BIGINT,
    comm_short BIGINT,
    tot_rept_long BIGINT,
    tot_rept_short BIGINT,
    nonrept_long BIGINT,
    nonrept_short BIGINT,
    conc_gross_4_long DOUBLE,
    conc_gross_4_short DOUBLE,
    conc_gross_8_long DOUBLE,
    conc_gross_8_short DOUBLE,
    conc_net_4_long DOUBLE,
    conc_net_4_short DOUBLE,
    conc_net_8_long DOUBLE,
    conc_net_8_short DOUBLE,
    traders_total BIGINT,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table cot_rows is 'CFTC Commitments of Traders by market: positions of each group, and concentration. Key: session, report, scope, market_code, raw_sha256.';

create table rate_rows (
    session DATE not null,
    series VARCHAR not null,
    percent DOUBLE not null,
    basis VARCHAR not null,
    revision VARCHAR not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table rate_rows is 'Interest rates in dollars, as published. Key: session, series, raw_sha256.';

create table fund_rows (
    session DATE not null,
    fund VARCHAR not null,
    measure VARCHAR not null,
    value DOUBLE not null,
    unit VARCHAR not null,
    as_of DATE not null,
    published_at TIMESTAMP not null,
    published_assumed BOOLEAN not null,
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table fund_rows is 'Bullion funds: holdings, shares and values, each figure with its own date. Key: session, fund, measure, raw_sha256.';
