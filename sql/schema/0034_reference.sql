-- Tables of the program's own about the metals' world: written whole from monitor/tables/*.csv at every start.

create table silver_balance_rows (
    year INTEGER not null,
    measure VARCHAR not null,
    value DOUBLE not null,
    unit VARCHAR not null,
    status VARCHAR not null,
    vintage VARCHAR not null,
    known_from DATE not null,
    origin VARCHAR not null
);
comment on table silver_balance_rows is 'Silver''s supply, demand and deficit by year and vintage, from monitor/tables/silver_balance.csv.';

create table miner_cost_rows (
    company VARCHAR not null,
    symbol VARCHAR,
    period VARCHAR not null,
    period_end DATE,
    measure VARCHAR not null,
    value_usd_oz DOUBLE not null,
    is_checked BOOLEAN not null,
    known_from DATE not null,
    origin VARCHAR not null
);
comment on table miner_cost_rows is 'Costs of silver miners as stated, from monitor/tables/miner_costs.csv.';

create table target_rows (
    publisher VARCHAR not null,
    publisher_kind VARCHAR not null,
    metal VARCHAR not null,
    kind VARCHAR not null,
    value_usd_oz DOUBLE not null,
    horizon VARCHAR not null,
    horizon_end DATE not null,
    known_from DATE not null,
    origin VARCHAR not null
);
comment on table target_rows is 'Published price targets with their publishers, from monitor/tables/targets.csv; publishers are named here alone, never in a mail.';

create table event_rows (
    session DATE not null,
    venue VARCHAR,
    metal VARCHAR,
    kind VARCHAR not null,
    label VARCHAR not null,
    text VARCHAR not null,
    value DOUBLE,
    unit VARCHAR,
    known_from DATE not null,
    origin VARCHAR not null
);
comment on table event_rows is 'Dated events: margins, limits, rules, duties, companies; from monitor/tables/events.csv.';

create table published_stock_rows (
    session DATE not null,
    metal VARCHAR not null,
    registered_oz DOUBLE not null,
    total_oz DOUBLE,
    is_rounded BOOLEAN not null,
    known_from DATE not null,
    origin VARCHAR not null
);
comment on table published_stock_rows is 'COMEX stocks of years without reports on file, as others printed them, from monitor/tables/published_stocks.csv.';
