-- title = "COMEX stocks and their pace"
-- needs = ["comex_flows"]
-- note = "Pace: change over five sessions, per session. Working days: registered divided by that fall, as if it went on, nothing were received and no warrant came back; a fall that is re-classification leaves the metal in the vault."
-- empty = "no COMEX stock report is held"
with newest as (
    select f.*, f.registered_oz / nullif(1 + f.registered_change_5_pct / 100, 0) as registered_5_oz,
        f.total_oz / nullif(1 + f.total_change_5_pct / 100, 0) as total_5_oz,
        f.registered_oz / nullif(1 + f.registered_change_20_pct / 100, 0) as registered_20_oz,
        f.total_oz / nullif(1 + f.total_change_20_pct / 100, 0) as total_20_oz
    from comex_flows f
    where f.metal in ('silver', 'gold', 'platinum', 'palladium')
    qualify row_number() over (partition by f.metal order by f.session desc) = 1
),
said as (
    select *, case when suspect then 'the report contradicts the session before it'
        when session_5_before is null then 'a report of the five sessions before is missing' else '' end as missing,
        upper(metal[1]) || metal[2:] as name, position(metal in 'silver gold platinum palladium') as place
    from newest
),
lines as (
    select place * 10 + 1 as place, name || ' registered' as what, registered_oz as value, 'oz' as unit,
        case when registered_20_oz is null then '' else '20 sessions before: ' || case when registered_20_oz >= 1e6 then format('{:.1f} Moz', registered_20_oz / 1e6)
            else format('{:.0f} koz', registered_20_oz / 1e3) end end as typical,
        case when suspect then 'the report contradicts the session before it' else '' end as reason, session, published_at, false as signed
    from said
    union all
    select place * 10 + 2 as place, name || ' registered, pace a session' as what, (registered_oz - registered_5_oz) / 5 as value, 'oz' as unit,
        case when registered_20_oz is null then '' else 'over 20 sessions: ' || case when registered_oz > registered_20_oz then '+' else '' end || format('{:,.0f} koz', (registered_oz - registered_20_oz) / 2e4) end as typical,
        missing as reason, session, published_at, true as signed
    from said where metal in ('silver', 'gold')
    union all
    select place * 10 + 3 as place, name || ' registered at that pace lasts' as what, 5 * registered_oz / (registered_5_oz - registered_oz) as value,
        'working days' as unit, 'more than 250 are not shown' as typical, missing as reason, session, published_at, false as signed
    from said where metal in ('silver', 'gold') and coalesce(5 * registered_oz / nullif(registered_5_oz - registered_oz, 0) between 0 and 250, false)
    union all
    select place * 10 + 4 as place, name || ' registered and eligible, pace a session' as what, (total_oz - total_5_oz) / 5 as value, 'oz' as unit,
        case when total_20_oz is null then '' else 'over 20 sessions: ' || case when total_oz > total_20_oz then '+' else '' end || format('{:,.0f} koz', (total_oz - total_20_oz) / 2e4) end as typical,
        missing as reason, session, published_at, true as signed
    from said where metal in ('silver', 'gold')
)
select what, value, unit, typical, reason, session, published_at, signed from lines order by place
