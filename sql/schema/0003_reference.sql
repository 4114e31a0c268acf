-- Reference tables: written whole by the store from the program's own tables, at every start and nightly.

create table venue_sessions (
    calendar VARCHAR not null,
    session DATE not null,
    ordinal INTEGER not null,
    is_known BOOLEAN not null
);
comment on table venue_sessions is 'Trading days per calendar, numbered; is_known is false where only Monday to Friday is assumed.';

create table contracts (
    venue VARCHAR not null,
    calendar VARCHAR not null,
    product VARCHAR not null,
    metal VARCHAR not null,
    delivery_month DATE not null,
    contract VARCHAR not null,
    first_position DATE,
    first_notice DATE,
    first_delivery DATE,
    last_trade DATE not null,
    is_active BOOLEAN not null,
    lot DOUBLE not null,
    lot_unit VARCHAR not null,
    lot_oz DOUBLE not null
);
comment on table contracts is 'Contract months with their dates and sizes.';

create table sources (
    source VARCHAR not null,
    title VARCHAR not null,
    publisher VARCHAR not null,
    calendar VARCHAR not null,
    fetches BOOLEAN not null,
    page VARCHAR not null,
    terms VARCHAR not null,
    keeps_history BOOLEAN not null
);
comment on table sources is 'The sources of this build and how they are configured.';

create table due (
    source VARCHAR not null,
    session DATE not null,
    due_at TIMESTAMP not null,
    late_at TIMESTAMP not null
);
comment on table due is 'When each source is expected to publish each session, and from when its absence is stale, UTC.';

create table thresholds (
    check_name VARCHAR not null,
    venue VARCHAR not null,
    metal VARCHAR not null,
    valid_from DATE not null,
    valid_to DATE not null,
    from_t INTEGER not null,
    to_t INTEGER not null,
    warn DOUBLE not null,
    critical DOUBLE,
    clear DOUBLE not null
);
comment on table thresholds is 'Thresholds in force by check, venue, metal, date (valid_to excluded) and sessions to first notice.';

create table published_roll_points (
    product VARCHAR not null,
    delivery_month DATE not null,
    sessions_to_fnd INTEGER not null,
    peak_share DOUBLE,
    raw_coverage DOUBLE,
    origin VARCHAR not null,
    valid_from DATE not null
);
comment on table published_roll_points is 'Roll curves and coverage points published by others, usable from valid_from.';

create table taxes (
    venue VARCHAR not null,
    metal VARCHAR not null,
    valid_from DATE not null,
    valid_to DATE not null,
    vat DOUBLE not null,
    quoted_inclusive BOOLEAN not null,
    origin VARCHAR not null
);
comment on table taxes is 'Value-added tax in the quoted price by venue and metal, as a fraction (valid_to excluded).';

create table ask_states (
    source VARCHAR not null,
    session DATE not null,
    asked_at TIMESTAMP not null,
    outcome VARCHAR not null,
    error VARCHAR not null
);
comment on table ask_states is 'How the last question to each source about each session ended.';

create table alerts (
    check_name VARCHAR not null,
    subject VARCHAR not null,
    state VARCHAR not null,
    severity VARCHAR not null,
    opened DATE,
    closed DATE,
    told_at TIMESTAMP,
    events VARCHAR not null
);
comment on table alerts is 'What people have been told, per check and subject, as of this generation.';

create table deliveries (
    message_id VARCHAR not null,
    channel VARCHAR not null,
    events VARCHAR not null,
    state VARCHAR not null,
    attempts INTEGER not null,
    queued_at TIMESTAMP,
    next_at TIMESTAMP,
    sent_at TIMESTAMP,
    stage VARCHAR not null,
    error VARCHAR not null
);
comment on table deliveries is 'Messages and whether they left, without recipients or bodies.';

create table generation (
    number BIGINT not null,
    published_at TIMESTAMP not null,
    newest_load TIMESTAMP
);
comment on table generation is 'Which published generation this file is.';
