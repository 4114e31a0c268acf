-- What of one source was not loaded, with its place in the file and the reason.
select name, position, message, raw, raw_sha256, loaded_at
from rejects where source = $source
order by loaded_at desc, name, position
limit 200
