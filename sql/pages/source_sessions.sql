-- How many sessions of one source are held.
select count(distinct session) as sessions, min(session) as first_session, max(session) as newest_session
from source_sessions where source = $source
