-- title = "Initial margin of COMEX futures"
-- unit = "usd_per_contract"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver", "gold", "copper", "platinum", "palladium"]
-- [metric.margin]
-- words = ["margin", "initial margin"]
-- definitions = ["in force, dollars a contract"]
-- [metric.margin_rate]
-- words = ["margin rate", "initial margin rate"]
-- unit = "percent"
-- definitions = ["in force, percent of the contract's value"]
-- share = true
-- [metric.margin_change]
-- words = ["margin change", "change of margin"]
-- unit = "percent"
-- definitions = ["in force against seven days before"]
-- signed = true
-- [metric.margin_rises]
-- words = ["margin rises", "margin hikes"]
-- unit = "count"
-- definitions = ["rises announced within seven days"]
with told as (
    select session as applies, value, case unit when 'pct_of_notional' then 'percent' else 'dollars' end as unit, published_at, raw_sha256
    from market_events where kind = 'margin' and metal = $metal and venue = 'COMEX'
    union all
    select session, value, case unit when 'pct_of_notional' then 'percent' else 'dollars' end, published_at, raw_sha256
    from manual_prices
    where series = 'margin_comex_' || {'silver': 'si', 'gold': 'gc', 'copper': 'hg', 'platinum': 'pl', 'palladium': 'pa'}[$metal] || '_initial'
),
margins as (
    select *, lag(value) over w as value_before, lag(unit) over w as unit_before
    from (from told qualify row_number() over (partition by applies order by published_at desc, raw_sha256 desc nulls last) = 1)
    window w as (order by applies)
),
days as (
    select session from venue_sessions
    where calendar = 'COMEX' and session >= (select min(applies) from margins) and session <= (select max(applies) + 120 from margins)
),
in_force as (
    select d.session, n.value, n.unit, n.applies, n.published_at, n.raw_sha256,
        b.value as week_before, b.unit as week_before_unit, b.applies as week_before_applies, b.published_at as week_before_published_at, b.raw_sha256 as week_before_sha256
    from days d
    asof join margins n on n.applies <= d.session
    asof left join margins b on b.applies <= d.session - 7
),
counted as (
    select d.session, count(m.applies) as rises, max(m.applies) as applies, max(m.published_at) as published_at, arg_max(m.raw_sha256, m.published_at) as raw_sha256
    from days d
    left join margins m on m.unit = m.unit_before and m.value > m.value_before
        and cast(m.published_at as date) <= d.session and cast(m.published_at as date) > d.session - 7
    group by d.session
)
select session, case unit when 'dollars' then 'in force, dollars a contract' else 'in force, percent of the contract''s value' end as definition, value,
    [case unit when 'dollars' then 'margin' else 'margin_rate' end] as for_metrics,
    value as margin_level, unit as margin_told_in, applies as margin_session, published_at as margin_published_at, raw_sha256 as margin_sha256
from in_force
union all by name
select session, 'in force against seven days before' as definition, 100 * (value / week_before - 1) as value,
    ['margin_change'] as for_metrics,
    value as margin_level, unit as margin_told_in, applies as margin_session, published_at as margin_published_at, raw_sha256 as margin_sha256,
    week_before as before_level, week_before_applies as before_session, week_before_published_at as before_published_at, week_before_sha256 as before_sha256
from in_force where unit = week_before_unit and week_before > 0
union all by name
select session, 'rises announced within seven days' as definition, cast(rises as double) as value,
    ['margin_rises'] as for_metrics,
    applies as margin_session, published_at as margin_published_at, raw_sha256 as margin_sha256
from counted
order by session
