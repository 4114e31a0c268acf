-- The newest readings of every check, metal and venue, what is typical of each, and whether a report they stand on is
-- overdue. A contract whose siblings have newer readings has expired and is left out. One that has ended reads clear
-- without a value or with a reason: the page leaves it out unless an alert is open on it, and an older reading never
-- stands in for it.
with placed as (
    select r.*, regexp_extract(r.inputs, '"metal": "([^"]*)"', 1) as metal, regexp_extract(r.inputs, '"venue": "([^"]*)"', 1) as venue
    from readings r
    where r.session > (select max(session) from readings) - 400
),
newest as (
    select * from placed
    qualify session = max(session) over (partition by check_name, metal, venue)
),
usual as (
    -- of the same subject alone; a contract's earlier values lie at other distances to first notice
    select p.check_name, p.subject, count(p.value) as usual_count,
        quantile_cont(p.value, 0.1) as usual_low, quantile_cont(p.value, 0.5) as usual_middle, quantile_cont(p.value, 0.9) as usual_high
    from placed p join newest n using (check_name, subject)
    where p.session < n.session and p.unit = n.unit and p.verdict not in ('nodata', 'error') and p.reason = '' and p.metal <> ''
        and not contains(p.inputs, '"delivery_month"')
    group by all
),
overdue as (
    select n.check_name, n.subject, list(h.source order by h.source) as overdue, min(h.stale_since) as overdue_since
    from newest n
    join check_sources c on c.check_name = n.check_name
    join source_health h on h.source = c.source
    where h.newest_session is not null and h.stale_since is not null and h.newest_due_session > n.session
        -- a source of one of the check's own venues concerns the readings of that venue, any other one all of them
        and (n.venue in ('', h.calendar)
            or not exists (from thresholds t where t.check_name = n.check_name and t.venue = h.calendar))
    group by all
)
select n.check_name, n.subject, n.metal, n.venue, n.session, n.value, n.unit, n.verdict, n.warn, n.critical, n.reason, n.inputs,
    n.published_at, n.evaluated_at, u.usual_count, u.usual_low, u.usual_middle, u.usual_high, o.overdue, o.overdue_since
from newest n
left join usual u using (check_name, subject)
left join overdue o using (check_name, subject)
order by n.metal, n.venue, n.check_name, n.subject
