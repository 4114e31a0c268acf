-- title = "Trading calendar about to end"
-- headline = "{value} of the trading calendar left"
-- why = "After its end every usual weekday counts as a session: holidays make false alarms of lateness, and sessions to first notice are miscounted."
-- unit = "days"
-- decimals = 0
-- direction = "below"
-- formula = "last day the calendar knows - this day; of every calendar that a source in use follows (fetched, or with a session on file)"
-- enter = "1/1"
-- leave = 1
-- late_arrival_recovers = true
-- route = "mail"
-- references = ["reliability.md 2.8 (source health)"]
-- [[threshold]]
-- warn = 60
-- critical = -1
-- clear = 61
with held as (
    select distinct source from source_sessions where is_known(published_at, loaded_at)
),
followed as (
    select s.calendar, string_agg(s.source, ', ' order by s.source) as followed_by
    from sources s left join held h on h.source = s.source
    where s.fetches or h.source is not null
    group by s.calendar
),
days as (
    select cast(unnest(generate_series(
        cast(this_moment() as date) - 60, cast(this_moment() as date), interval 1 day)) as date) as session
)
select f.calendar as subject, d.session, cast(k.valid_through - d.session as double) as value,
    th.warn, th.critical, th.clear,
    case when k.calendar is null then 'this build has no calendar of that name' else '' end as reason,
    k.valid_through as ends_on, f.followed_by,
    'install a newer release, or list the coming closures in the file that calendars.overrides in config.toml names' as what_to_do,
    k.source as calendar_from
from followed f
cross join days d
left join calendars k on k.calendar = f.calendar
join thresholds th on th.check_name = 'calendar_expiring'
order by subject, d.session
