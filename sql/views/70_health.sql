-- Freshness by the venue's own sessions, and what has been read and told.

create or replace view source_health as
with held as (
    select source, min(session) as first_session, max(session) as newest_session, max(loaded_at) as newest_load
    from source_sessions where is_known(published_at, loaded_at) group by source
),
waiting as (
    select d.source,
        max(d.session) filter (d.late_at <= this_moment()) as newest_stale_session,
        min(d.late_at) filter (d.late_at <= this_moment() and d.session > h.newest_session) as stale_since,
        max(d.session) filter (d.due_at <= this_moment()) as newest_due_session,
        min(d.due_at) filter (d.due_at > this_moment()) as next_due_at,
        count(*) filter (d.late_at <= this_moment() and d.session > h.newest_session) as overdue,
        bool_or(d.due_at <= this_moment() and d.late_at > this_moment() and d.session > h.newest_session) as in_grace
    from due d left join held h using (source)
    group by d.source
)
select s.source, s.title, s.calendar, s.fetches,
    h.first_session, h.newest_session, w.newest_due_session, w.next_due_at,
    case when h.newest_session is not null then cast(coalesce(w.overdue, 0) as integer) end as overdue_sessions,
    w.stale_since,
    case when a.outcome = 'blocked' then 'blocked'
        when h.newest_session is null then 'never loaded'
        when w.newest_stale_session > h.newest_session then 'stale'
        when w.in_grace then 'late'
        else 'on time' end as state,
    h.newest_load, a.asked_at as last_asked_at, a.outcome as last_outcome, a.error as last_error
from sources s
left join held h using (source)
left join waiting w using (source)
left join (
    select * from ask_states qualify row_number() over (partition by source order by asked_at desc) = 1
) a using (source);

comment on view source_health is 'Each source: last session held, what is due, and whether it is on time by its venue''s sessions. Compares with the clock, so it turns stale even when the daemon is dead.';
comment on column source_health.source is 'Source name.';
comment on column source_health.title is 'What it is.';
comment on column source_health.calendar is 'Whose sessions it follows.';
comment on column source_health.fetches is 'True where the daemon asks for it; false where a person saves the file into the inbox.';
comment on column source_health.first_session is 'Oldest session held.';
comment on column source_health.newest_session is 'Newest session held.';
comment on column source_health.newest_due_session is 'Newest session that should be public by now.';
comment on column source_health.next_due_at is 'When the next report is expected, UTC.';
comment on column source_health.overdue_sessions is 'Sessions with a report past its grace that are not held, counted after the newest held; NULL where nothing was ever loaded.';
comment on column source_health.stale_since is 'When the first of them became stale, UTC.';
comment on column source_health.state is 'on time, late (within its grace), stale, blocked (the site refuses us) or never loaded.';
comment on column source_health.newest_load is 'When a file of this source was last loaded, UTC.';
comment on column source_health.last_asked_at is 'When the publisher was last asked, UTC.';
comment on column source_health.last_outcome is 'How that ended.';
comment on column source_health.last_error is 'Its error, if any.';

create or replace view readings as
select check_name, subject, session, value, verdict, warn, critical, clear, unit, published_at, reason, inputs, version, evaluated_at
from reading_rows;

comment on view readings is 'One reading per check, subject and session, recomputed at every batch from what was then known.';
comment on column readings.check_name is 'Check, a file in sql/checks.';
comment on column readings.subject is 'What it is about, e.g. SIH26 or SHFE silver.';
comment on column readings.session is 'The session asked for, never that of the oldest leg.';
comment on column readings.value is 'Value, in unit; NULL where there is no data.';
comment on column readings.verdict is 'clear, band, warning, critical, nodata or error.';
comment on column readings.warn is 'Warning level in force.';
comment on column readings.critical is 'Critical level in force.';
comment on column readings.clear is 'Level beyond which a session counts towards clearing.';
comment on column readings.unit is 'Unit of value and levels.';
comment on column readings.published_at is 'When the last of its legs was public, UTC.';
comment on column readings.reason is 'Why there is no value, or why it opens nothing.';
comment on column readings.inputs is 'The inputs as JSON.';
comment on column readings.version is 'Version of the check and its thresholds.';
comment on column readings.evaluated_at is 'When it was read, UTC.';

comment on column alerts.check_name is 'Check, a file in sql/checks.';
comment on column alerts.subject is 'What it is about.';
comment on column alerts.state is 'open or closed, as people were told.';
comment on column alerts.severity is 'warning or critical.';
comment on column alerts.opened is 'Session that opened the episode.';
comment on column alerts.closed is 'Session up to which it is closed.';
comment on column alerts.told_at is 'When the last message about it was queued, UTC.';
comment on column deliveries.message_id is 'Message-ID, the same on every attempt.';
comment on column deliveries.channel is 'Channel it leaves by.';
comment on column deliveries.events is 'What it tells.';
comment on column deliveries.state is 'QUEUED, SENDING, SENT or DEAD.';
comment on column deliveries.attempts is 'Attempts so far.';
comment on column deliveries.queued_at is 'When it was stored, UTC.';
comment on column deliveries.sent_at is 'When the server accepted it, UTC.';
comment on column alerts.events is 'Everything told of it, in order.';
comment on column deliveries.next_at is 'When it is tried next, UTC.';
comment on column deliveries.stage is 'Step at which the last attempt failed.';
comment on column deliveries.error is 'What the server said then, without addresses.';
