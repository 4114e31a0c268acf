-- What a person has to save, and which readings wait for it. Compares with the clock, as source_health does.

create or replace view due_by_hand as
with hand as (
    select h.*, s.page, s.keeps_history
    from source_health h join sources s using (source)
    where h.first_session is not null and (not h.fetches or h.state = 'blocked')
),
expected as (
    select d.source, d.session, d.due_at
    from due d join hand h on h.source = d.source and d.session >= h.first_session
    where d.due_at <= this_moment() and d.session >= cast(this_moment() as date) - 60
        and d.late_at < d.due_at + interval 366 days -- else its absence is never late: nobody awaits it
),
said as (
    select source, session, metal as subject, true as is_printed, true as is_final
    from comex_stock_sums where is_known(published_at, loaded_at)
    union all
    select source, session, product, true, true from settlement_rows where is_known(published_at, loaded_at)
    union all
    select source, session, product, true, status = 'final' from open_interest_rows where is_known(published_at, loaded_at)
    union all
    -- what the next session's change proves is final, though only a preliminary file printed it
    select 'comex_volume', session, product, false, true from open_interest_final where venue in ('COMEX', 'NYMEX')
),
held as (
    select source, session, subject, bool_or(is_final) as is_final
    from said group by source, session, subject having bool_or(is_printed)
),
wanted as (
    select p.source, p.part, p.position, p.subject, min(h.session) as first_session
    from source_parts p join held h using (source, subject)
    group by all
),
parts as (
    select x.source, x.session, x.due_at, w.part, w.position,
        bool_and(h.subject is not null) as is_held, bool_and(coalesce(h.is_final, false)) as is_final
    from expected x
    join wanted w on w.source = x.source and w.first_session <= x.session
    left join held h on h.source = x.source and h.session = x.session and h.subject = w.subject
    group by all
),
lacking as (
    select source, session, due_at,
        list(part order by position) filter (not is_held) as missing,
        list(part order by position) filter (is_held) as preliminary
    from parts where not is_held or not is_final
    group by all
    union all
    select x.source, x.session, x.due_at, null, null
    from expected x
    where not exists (from wanted w where w.source = x.source)
        and not exists (
            from source_sessions s
            where s.source = x.source and s.session = x.session and is_known(s.published_at, s.loaded_at))
),
newest as (select source, max(session) as session from expected group by source)
select h.source, h.title, h.page, h.state = 'blocked' as is_blocked, h.newest_session,
    max(l.session) as session,
    max(l.due_at) as due_at,
    arg_max(coalesce(l.missing, []), l.session) as missing,
    arg_max(coalesce(l.preliminary, []), l.session) as preliminary,
    min(l.session) as first_missing_session,
    min(l.due_at) as due_since,
    count(*) as sessions_to_save,
    (select count(*) from lacking every_one where every_one.source = h.source) as missed_sessions
from hand h
join newest n using (source)
join lacking l on l.source = h.source and (h.keeps_history or l.session = n.session)
group by all;

comment on view due_by_hand is 'Reports that are due and have to be saved by a person, one row a source of which something was ever loaded: because the daemon does not ask for it, or the site refuses us. Looks 60 days back.';
comment on column due_by_hand.source is 'Source name.';
comment on column due_by_hand.title is 'What it is.';
comment on column due_by_hand.page is 'Where a person finds it.';
comment on column due_by_hand.is_blocked is 'True where the daemon asked and the site refused.';
comment on column due_by_hand.newest_session is 'Newest session of which anything is held.';
comment on column due_by_hand.session is 'Newest session that is due, can be saved, and is not held whole.';
comment on column due_by_hand.due_at is 'When its report was expected, UTC.';
comment on column due_by_hand.missing is 'Which of its files are missing, named by metal or product, of those this home ever held; empty where one file says all.';
comment on column due_by_hand.preliminary is 'Which of its files are held in a preliminary version only.';
comment on column due_by_hand.first_missing_session is 'Oldest session that can still be saved and is not held whole.';
comment on column due_by_hand.due_since is 'When the report of that one was expected, UTC.';
comment on column due_by_hand.sessions_to_save is 'How many sessions can be saved and are not held whole.';
comment on column due_by_hand.missed_sessions is 'How many are not held whole; more than sessions_to_save where the publisher overwrites its file.';

create or replace view waiting_readings as
with legs as (
    select c.check_name, c.title, c.source, h.calendar, h.newest_session
    from check_sources c join source_health h using (source)
),
alive as (
    select check_name, min(newest_session) as since from legs where newest_session is not null group by check_name
),
newest as (
    select *, regexp_extract(inputs, '"venue": "([^"]*)"', 1) as venue
    from readings
    qualify row_number() over (partition by check_name, subject order by session desc) = 1
),
observed as (
    select check_name, subject, session, verdict
    from readings where verdict not in ('nodata', 'error')
    qualify row_number() over (partition by check_name, subject order by session desc) = 1
)
select d.source, l.check_name, l.title, n.subject, n.session, n.verdict, n.reason,
    o.session as observed_session, o.verdict as observed_verdict, a.severity as open_alert
from due_by_hand d
join legs l using (source)
join alive v using (check_name)
join newest n on n.check_name = l.check_name and n.session >= v.since
left join observed o on o.check_name = n.check_name and o.subject = n.subject
left join alerts a on a.check_name = n.check_name and a.subject = n.subject and a.state = 'open'
where (n.session < d.session or n.verdict in ('nodata', 'error'))
    -- a source of one of the check's own venues concerns the readings of that venue, any other one all of them
    and (n.venue in ('', l.calendar)
        or not exists (from thresholds t where t.check_name = l.check_name and t.venue = l.calendar));

comment on view waiting_readings is 'Readings that wait for a report due by hand: unknown, or older than its session. Readings of contracts that had expired by then are left out.';
comment on column waiting_readings.source is 'Source whose report they wait for.';
comment on column waiting_readings.check_name is 'Check, a file in sql/checks.';
comment on column waiting_readings.title is 'What it measures.';
comment on column waiting_readings.subject is 'What it is about.';
comment on column waiting_readings.session is 'Session of the newest reading.';
comment on column waiting_readings.verdict is 'What that says; nodata where it is unknown.';
comment on column waiting_readings.reason is 'Why it is unknown.';
comment on column waiting_readings.observed_session is 'Session of the newest reading that has a value.';
comment on column waiting_readings.observed_verdict is 'What that one says.';
comment on column waiting_readings.open_alert is 'Severity of the alert that is open on it; NULL where none is.';
