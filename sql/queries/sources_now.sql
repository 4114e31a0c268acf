-- title = "Each source: what is held, what is due, since when it is late"
select source, title, newest_session, newest_due_session, next_due_at, state, overdue_sessions, stale_since, last_asked_at, last_outcome, last_error
from source_health
order by state, source
