-- title = "Readings of one check, with their levels"
-- about = "Value NULL or verdict nodata is unknown, and the reason says why."
-- parameters.check_name = { type = "text", default = "coverage_raw", about = "a check, e.g. vault_outflow" }
-- parameters.since = { type = "date", default = "1900-01-01", about = "first session" }
select subject, session, value, unit, verdict, warn, critical, clear, reason, published_at
from readings
where check_name = $check_name and session >= $since
order by subject, session
