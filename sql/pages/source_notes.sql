-- What files of one source said beside their numbers.
select session, kind, text, position, raw_sha256, loaded_at
from notes where source = $source
order by loaded_at desc, session desc, position
limit 100
