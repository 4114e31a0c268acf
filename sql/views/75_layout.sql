-- What files said beside their numbers: a notice before a change of layout becomes an error.

create or replace view layout_notices as
select source, kind, text,
    arg_min(session, (loaded_at, raw_sha256)) as session,
    arg_min(position, (loaded_at, raw_sha256)) as position,
    min(loaded_at) as first_seen_at,
    max(loaded_at) as last_seen_at,
    count(distinct raw_sha256) as files
from notes
where coalesce(session <= as_of(), true) and is_known(loaded_at, loaded_at)
group by source, kind, text
order by first_seen_at desc, source, text;

comment on view layout_notices is 'New fields, columns, products, footers and corrections of the publishers'' files, each once by source and text, the newest first.';
comment on column layout_notices.source is 'Source that read the file.';
comment on column layout_notices.kind is 'layout, footer or correction.';
comment on column layout_notices.text is 'What it said.';
comment on column layout_notices.session is 'Session of the first file that said so; NULL where the file is of many.';
comment on column layout_notices.position is 'Place in the first file that said so.';
comment on column layout_notices.first_seen_at is 'When the first such file was loaded, UTC.';
comment on column layout_notices.last_seen_at is 'When the last such file was loaded, UTC.';
comment on column layout_notices.files is 'How many files said so.';
