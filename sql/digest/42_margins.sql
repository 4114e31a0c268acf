-- title = "Margins"
-- needs = ["margins"]
-- note = "Maintenance margin of the nearest months as the exchange's list prints it."
-- empty = "no list of margins is held"
with lists as (
    select *, row_number() over (partition by product, kind order by session desc, start_month) as back
    from margins where product in ('SI', 'GC', 'HG', 'PL', 'PA')
    qualify row_number() over (partition by product, kind, session order by start_month) = 1
),
paired as (select *, lead(value) over (partition by product, kind order by back) as before, lead(session) over (partition by product, kind order by back) as before_session from lists)
select product_name || ', ' || kind as what, value,
    case unit when 'usd_per_contract' then 'USD a contract' else '% of the contract''s value' end as unit,
    case when before is null then 'no earlier list is held' when before = value then 'unchanged since ' || before_session
        else before || ' on ' || before_session end as typical,
    '' as reason, session, published_at
from paired where back = 1
order by position(product in 'SI GC HG PL PA')
