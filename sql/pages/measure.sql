-- Every reading of one check and subject, oldest first.
select session, value, unit, verdict, warn, critical, clear, reason, inputs, published_at, evaluated_at
from readings
where check_name = $check and subject = $subject
order by session
