-- title = "Overdue report"
-- headline = "{value} overdue"
-- why = "Everything computed from it is as old as its last session; nothing here means calm."
-- unit = "sessions"
-- decimals = 0
-- direction = "above"
-- formula = "sessions with a report due that are not held, counted from the newest one held up to and including this one, each past its publication hour and grace; a refusal by the site counts at once; unknown where nothing that is asked of a venue came for one session alone while another venue reports: it may be a holiday there"
-- enter = "1/1"
-- leave = 1
-- late_arrival_recovers = true
-- route = "mail"
-- references = ["reliability.md 2.8 (source health)", "reliability.md row 17 (by session, not by load time)", "market.md 4 DQ1"]
-- [[threshold]]
-- warn = 1
-- critical = 3
-- clear = 0
with held as (
    select distinct source, session from source_sessions where is_known(published_at, loaded_at)
),
known as (select source, min(session) as first from held group by source),
asked as (
    select d.source, d.session, d.due_at, d.late_at, coalesce(a.outcome = 'blocked', false) as is_blocked, a.error,
        h.session as newest_held_session
    from due d
    join known k on k.source = d.source and d.session > k.first
    left join ask_states a on a.source = d.source and a.session = d.session and a.asked_at <= this_moment()
    asof left join held h on h.source = d.source and h.session <= d.session
    where d.session >= cast(this_moment() as date) - 60
        and (d.late_at <= this_moment() or (coalesce(a.outcome = 'blocked', false) and d.due_at <= this_moment()))
),
reported as (
    select distinct s.calendar, h.session from held h join sources s on s.source = h.source
),
silent_venues as (
    select s.calendar, d.session
    from due d
    join known k on k.source = d.source and d.session > k.first
    join sources s on s.source = d.source and s.fetches
    anti join reported r on r.calendar = s.calendar and r.session = d.session
    where d.session >= cast(this_moment() as date) - 60 and d.due_at <= this_moment()
    group by s.calendar, d.session
    having count(*) >= 2
),
maybe_holidays as (
    select v.calendar, v.session
    from silent_venues v
    where exists (select 1 from reported r where r.session = v.session and r.calendar <> v.calendar)
        and not exists (
            select 1 from due d
            join sources s on s.source = d.source and s.calendar = v.calendar and s.fetches
            anti join reported r on r.calendar = s.calendar and r.session = d.session
            where d.session > v.session and d.late_at <= this_moment())
)
select c.source as subject, c.session,
    cast((select count(*) from due r where r.source = c.source and r.session > c.newest_held_session and r.session <= c.session)
        as double) as value,
    th.warn, th.critical, th.clear,
    s.title as report, c.due_at as due, c.late_at as stale_from, c.newest_held_session,
    case when c.newest_held_session = c.session then '' when c.is_blocked then 'the site refuses us: ' || coalesce(c.error, '')
        when s.fetches then 'asked, not answered' else 'not in the inbox' end as why_missing,
    s.page as get_it_from,
    case when m.session is not null and not c.is_blocked then 'no report of ' || s.calendar || ' for this session has come while other venues have theirs: it may be a holiday there; overdue if nothing comes of the next session either'
        else '' end as reason
from asked c
join sources s on s.source = c.source
left join maybe_holidays m on m.calendar = s.calendar and m.session = c.session and s.fetches
join thresholds th on th.check_name = 'source_stale'
order by subject, c.session
