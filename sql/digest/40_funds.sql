-- title = "Funds"
-- needs = ["fund_flows"]
-- note = "Ounces as the trust prints them, at their own date: they may lag the shares by a day. Below zero metal left."
-- empty = "no figures of a trust are held"
with days as (
    select *, row_number() over (partition by fund order by session desc) as back,
        lag(session) over (partition by fund order by session) as last_session
    from fund_flows
)
select fund || ', ' || metal || ' held' as what, ounces as value, 'oz' as unit,
    concat_ws('; ', case when last_ounces is not null then format('{}{:,} koz since {}', case when ounces > last_ounces then '+' else '' end, cast(round((ounces - last_ounces) / 1e3) as bigint), strftime(last_session, '%-d %b')) end,
        case when flow_5_oz is not null then format('{}{:,} koz or {:+.1f} % over 5 sessions', case when flow_5_oz > 0 then '+' else '' end, cast(round(flow_5_oz / 1e3) as bigint), flow_5_pct)
            else 'the figure of 5 sessions before is not held' end) as typical,
    case when is_suspect then 'a figure of the last 6 sessions is more than 15 % off the one before it: it may not be ounces' else '' end as reason,
    session, published_at
from days where back = 1 order by metal desc, fund desc
