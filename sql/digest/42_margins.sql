-- title = "Margins"
-- needs = ["margins", "margin_steps"]
-- note = "Maintenance: nearest months, as the exchange's list of the day prints it. Initial: as entered by hand, dated by the session it applies from. Dollars and percent are not compared."
-- empty = "no list of margins is held and none was entered"
with lists as (
    select product, kind, session, value, case unit when 'usd_per_contract' then 'USD' else '%' end as unit, published_at, '' as reason
    from margins where product in ('SI', 'GC', 'HG', 'PL', 'PA')
    qualify row_number() over (partition by product, kind, session order by start_month, product_name) = 1
),
entered as (
    select product, 'initial' as kind, session, value, case unit when 'usd_per_contract' then 'USD' else '%' end as unit, published_at,
        case when pages_differ then 'two pages entered disagree' else '' end as reason
    from margin_steps where product in ('SI', 'GC', 'HG', 'PL', 'PA')
),
paired as (
    select *, lead(value) over w as before, lead(unit) over w as before_unit, lead(session) over w as before_session, row_number() over w as back
    from (from lists union all by name from entered)
    window w as (partition by product, kind order by session desc)
)
select case product when 'SI' then 'Silver' when 'GC' then 'Gold' when 'HG' then 'Copper' when 'PL' then 'Platinum' else 'Palladium' end
        || ' (' || product || '), ' || kind || ' margin' as what, value,
    case unit when 'USD' then 'USD a contract' else '% of the contract''s value' end as unit,
    -- a margin is set to the dollar, so it is printed to the dollar
    case unit when 'USD' then format('{:,} USD a contract', cast(round(value) as bigint)) end as text,
    case when before is null then 'none before it is on file'
        when unit = before_unit and before = value then 'the same on ' || before_session
        else concat_ws('; ', case before_unit when 'USD' then format('{:,} USD', cast(round(before) as bigint)) else format('{:.1f} %', before) end || ' on ' || before_session,
            case when unit = before_unit and before > 0 then format('{:+.1f} % since', 100 * (value / before - 1)) end) end as typical,
    reason, session, published_at
from paired where back = 1
order by position(product in 'SI GC HG PL PA'), kind desc
