-- Archived files of one source, the last loaded first.
select name, raw_sha256, hint, parser_version, loaded_at, outcome, rows_loaded, error
from loads where source = $source
order by loaded_at desc, name, raw_sha256
limit 200
