-- The books about the facts: what was loaded, what was refused, what was read from them.

create table loads (
    raw_sha256 VARCHAR not null,
    hint VARCHAR not null,
    source VARCHAR not null,
    name VARCHAR not null,
    parser_version INTEGER not null,
    loaded_at TIMESTAMP not null,
    outcome VARCHAR not null,
    rows_loaded BIGINT not null,
    error VARCHAR not null
);
comment on table loads is 'One row per file and hint: how its last load ended (loaded or refused).';

create table source_sessions (
    source VARCHAR not null,
    session DATE not null,
    raw_sha256 VARCHAR not null,
    published_at TIMESTAMP not null,
    loaded_at TIMESTAMP not null
);
comment on table source_sessions is 'Which sessions each source holds, and since when.';

create table notes (
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    session DATE,
    kind VARCHAR not null,
    text VARCHAR not null,
    position VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table notes is 'What files said beside their numbers: corrections, layout changes, footers.';

create table rejects (
    source VARCHAR not null,
    raw_sha256 VARCHAR not null,
    name VARCHAR not null,
    position VARCHAR not null,
    message VARCHAR not null,
    raw VARCHAR not null,
    loaded_at TIMESTAMP not null
);
comment on table rejects is 'What was not loaded, with its position in the file and the reason.';

create table reading_rows (
    check_name VARCHAR not null,
    subject VARCHAR not null,
    session DATE not null,
    value DOUBLE,
    verdict VARCHAR not null,
    warn DOUBLE,
    critical DOUBLE,
    clear DOUBLE,
    unit VARCHAR not null,
    published_at TIMESTAMP,
    reason VARCHAR not null,
    inputs VARCHAR not null,
    version VARCHAR not null,
    evaluated_at TIMESTAMP not null
);
comment on table reading_rows is 'One reading per check, subject and session, recomputed at every batch.';
