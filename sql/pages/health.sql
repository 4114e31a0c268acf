-- Each source as `source_health` has it; the page adds terms and links from the sources themselves.
from source_health order by source
