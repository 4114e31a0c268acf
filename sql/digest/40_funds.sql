-- title = "Funds"
-- needs = ["fund_holdings"]
-- note = "Ounces as the trust prints them, at their own date: they may lag the shares by a day."
-- empty = "no figures of a trust are held"
with days as (
    select *, row_number() over (partition by fund order by session desc) as back,
        lag(value) over (partition by fund order by session) as before,
        first_value(value) over (partition by fund order by session rows between 5 preceding and 5 preceding) as before_5
    from fund_holdings where measure = 'ounces'
)
select fund || ' metal held' as what, value, 'oz' as unit,
    concat_ws(', ', case when before is not null then format('change on the figure before {:+.0f} koz', (value - before) / 1e3) end,
        case when before_5 is not null then format('5 figures before: {:.1f} Moz', before_5 / 1e6) end) as typical,
    '' as reason, session, published_at
from days where back = 1 order by fund desc
