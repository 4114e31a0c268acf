-- title = "Coverage at this distance to first notice"
-- needs = ["coverage_now", "coverage_family", "roll_points"]
-- note = "Registered over open claims of the month; below 1 is normal before first notice, and rolling alone lifts it. Likely to stand: 8.8 % of the month's largest open interest. Typical: earlier months at the same sessions to first notice, none before its own first notice day."
-- empty = "registered stocks or open interest are not held"
with near as (
    select n.*, greatest(registered_published_at, oi_published_at) as published_at
    from coverage_now n
    where n.is_active and n.metal in ('silver', 'gold', 'platinum', 'palladium') and n.sessions_to_fnd between -5 and 60
        and (n.metal in ('silver', 'gold') or n.registered_session - n.oi_session <= 20)
    qualify row_number() over (partition by n.product order by n.sessions_to_fnd < 0, n.delivery_month) = 1
),
earlier as (
    select n.contract, p.sessions_to_fnd = n.sessions_to_fnd as is_same,
        string_agg(p.contract || ' ' || format('{:.3f}', p.raw_coverage) || case when p.sessions_to_fnd = n.sessions_to_fnd then ''
            else ' at T-' || p.sessions_to_fnd end, ', ' order by p.delivery_month desc) as words
    from near n
    join roll_points p on p.product = n.product and (p.sessions_to_fnd = n.sessions_to_fnd or p.origin <> 'own history')
        and p.valid_from <= n.oi_session and p.delivery_month < n.delivery_month and p.raw_coverage is not null
    group by n.contract, is_same
),
typical as (
    select contract, coalesce('same distance: ' || max(words) filter (is_same),
        'no earlier month on file; published: ' || max(words) filter (not is_same)) as words
    from earlier group by contract
),
judged as (
    select f.* from coverage_family f join near n using (contract)
    where f.projected_coverage is not null and f.sessions_to_fnd >= 0
    qualify row_number() over (partition by f.contract order by f.session desc) = 1
)
select what, value, unit, typical, reason, note, session, published_at
from (
    select n.metal, 1 as place, n.contract || ' at T' || case when n.sessions_to_fnd >= 0 then '-' || n.sessions_to_fnd else '+' || -n.sessions_to_fnd end
            || ': registered over open claims' as what,
        case when abs(n.oi_session - n.registered_session) <= 5 then n.raw_coverage end as value, 'ratio' as unit, coalesce(t.words, 'no earlier month on file at this distance') as typical,
        case when n.stocks_suspect then 'the stock report contradicts the session before it'
            when abs(n.oi_session - n.registered_session) > 5 then 'the legs lie more than five days apart'
            when n.raw_coverage is null then 'nothing is open' else '' end as reason,
        concat_ws(', ', n.open_interest || ' lots ' || n.oi_status,
            case when n.legs_differ then 'stocks of ' || n.registered_session || ': legs differ' end) as note,
        n.oi_session as session, n.published_at
    from near n left join typical t using (contract)
    union all
    select j.metal, 2, j.contract || ': registered over those likely to stand', j.projected_coverage, 'ratio',
        format('at 15 %: {:.2f}, at 25 %: {:.2f}', j.projected_coverage_15, j.projected_coverage_25),
        case when j.stocks_suspect or j.oi_suspect then 'a report contradicts the session before it'
            when j.days_held < 90 then 'less than 90 days of open interest are held: the largest may lie before them' else '' end, '', j.session,
        greatest(j.registered_published_at, j.oi_published_at)
    from judged j where j.metal in ('silver', 'gold')
)
order by position(metal in 'silver gold platinum palladium'), place
