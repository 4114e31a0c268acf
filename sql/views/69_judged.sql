-- What the checks read, for the checks that stand on others.

create or replace view judged as
select check_name, subject, session,
    regexp_extract(inputs, '"metal": "([^"]*)"', 1) as metal, regexp_extract(inputs, '"venue": "([^"]*)"', 1) as venue,
    value, verdict, reason, published_at, nullif(regexp_extract(inputs, '_sha256": "([^"]*)"', 1), '') as raw_sha256
from reading_rows;

comment on view judged is 'The newest readings with their metal and venue. While checks are read, a table of this name holds those of the same moment, so that a check that stands on others sees what was known then.';
comment on column judged.check_name is 'Check, a file in sql/checks.';
comment on column judged.subject is 'What it is about, e.g. SIH26 or SHFE silver.';
comment on column judged.session is 'The session asked for.';
comment on column judged.metal is 'Metal it is about; empty where it is about none.';
comment on column judged.venue is 'Venue or fund it is about; empty where it is about none.';
comment on column judged.value is 'Value, in the check''s unit; NULL where there is no data.';
comment on column judged.verdict is 'clear, band, warning, critical, nodata or error.';
comment on column judged.reason is 'Why there is no value, or why it opens nothing.';
comment on column judged.published_at is 'When the last of its legs was public, UTC.';
comment on column judged.raw_sha256 is 'Archived file of its first leg.';
