-- Claims of articles, with what became of them.

create table claim_rows (
    number INTEGER not null,
    document VARCHAR not null,
    statement VARCHAR not null,
    metric VARCHAR not null,
    value DOUBLE,
    unit VARCHAR not null,
    date DATE,
    tolerance VARCHAR,
    verdict VARCHAR not null,
    evidence VARCHAR not null,
    ask VARCHAR
);
comment on table claim_rows is 'Claims of five articles of early 2026 with their verdicts, from monitor/tables/claims.csv.';
