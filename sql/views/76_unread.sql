-- Whose newest report is not held as it was published: refused, or loaded without rows its layout hid.

create or replace view unread_reports as
with newest as (
    select source, hint, name, raw_sha256, outcome, rows_loaded, error, loaded_at
    from loads where is_known(loaded_at, loaded_at)
    qualify row_number() over (partition by source, hint order by loaded_at desc, rowid desc) = 1
),
missing as (
    select source, raw_sha256, count(*) as rows_refused, min_by(message, position) as first_message
    from rejects where is_known(loaded_at, loaded_at) group by source, raw_sha256
),
moved as (
    select distinct source, raw_sha256 from notes where kind = 'layout' and is_known(loaded_at, loaded_at)
)
select n.source, n.hint as product, n.name, n.loaded_at as read_at,
    case when n.outcome = 'refused' then n.error
        else format('{} of its rows were refused, the first since {}', m.rows_refused, m.first_message) end as reason
from newest n
left join missing m on m.source = n.source and m.raw_sha256 = n.raw_sha256
left join moved l on l.source = n.source and l.raw_sha256 = n.raw_sha256
where n.outcome = 'refused'
    or (m.rows_refused is not null and (l.source is not null or n.rows_loaded = 0))
order by n.source, product;

comment on view unread_reports is 'Sources whose report read last, of any product, was refused, or had rows refused while its layout was not the one known.';
comment on column unread_reports.source is 'Source name.';
comment on column unread_reports.product is 'Product the file was read as; empty where the source has one only.';
comment on column unread_reports.name is 'Name of the file.';
comment on column unread_reports.read_at is 'When it was read last, UTC.';
comment on column unread_reports.reason is 'What does not fit.';
