-- title = "Days without a session"
-- unit = "count"
-- calendar = ""
-- dated = "session"
-- [metric.closed_days]
-- words = ["closed days", "days closed", "weekdays without a session"]
-- definitions = ["weekdays in a row without a session around the day"]
with around as (
    select max(session) filter (session < $day::date) as before, min(session) filter (session > $day::date) as after,
        bool_or(session = $day::date) as is_open, bool_and(is_known) filter (session < $day::date or session > $day::date) as is_known
    from venue_sessions
    where calendar = coalesce($venue, 'SHFE') and session between $day::date - 30 and $day::date + 30
)
select $day::date as session, 'weekdays in a row without a session around the day' as definition,
    case when is_open then 0.0 else len(list_filter(
        [cast(day as date) for day in range(before + interval 1 day, cast(after as timestamp), interval 1 day)],
        lambda day: isodow(day) <= 5)) end::double as value,
    before as before_session, after as after_session
from around
where is_known and before is not null and after is not null
