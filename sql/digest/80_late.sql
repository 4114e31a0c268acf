-- title = "What is late or missing"
-- needs = ["source_health", "due_by_hand", "due"]
-- note = "By the venue's own sessions. Whatever stands on such a report is unknown until it comes."
-- empty = "Everything that was ever held is on time."
-- always = true
select h.title as what,
    concat_ws('; ', case h.state when 'blocked' then 'the site refuses us' else h.state end,
        case when h.overdue_sessions > 0 then h.overdue_sessions || case h.overdue_sessions when 1 then ' session' else ' sessions' end || ' overdue' end,
        case when h.stale_since is not null then 'since ' || strftime(h.stale_since, '%Y-%m-%d %H:%M UTC') end,
        case when h.last_error <> '' then h.last_error end,
        case when d.source is not null then 'to be saved by hand' end) as text,
    h.newest_session as session, cast(null as timestamp) as published_at
from source_health h
left join due_by_hand d using (source)
where h.newest_session is not null and h.state in ('stale', 'late', 'blocked')
union all
select 'Which reports were late' as what, 'unknown: due times of that day are no longer kept' as text,
    cast(null as date) as session, cast(null as timestamp) as published_at
where (select min(due_at) from due) > known_at() - interval 7 days
order by what
