-- title = "What people have been told, and what is open"
-- parameters.state = { type = "text", default = "null", about = "open or closed; null for both" }
select check_name, subject, state, severity, opened, closed, told_at
from alerts
where $state is null or state = $state
order by state desc, told_at desc, check_name, subject
