-- title = "Positioning"
-- needs = ["cot"]
-- note = "CFTC, futures alone, lots; positions of the Tuesday. Shares of the largest traders name no trader, and a short against metal held is no bet."
-- empty = "no CFTC report is held"
with weeks as (
    select *, row_number() over (partition by report, metal order by session desc) as back,
        lag(m_money_net) over (partition by report, metal order by session) as before,
        lag(conc_net_4_short) over (partition by report, metal order by session) as share_before
    from cot where scope = 'futures' and report = 'disaggregated' and metal in ('silver', 'gold')
),
usual as (
    select metal, format('median of {} weeks before: {:,}', count(*), cast(median(m_money_net) as bigint)) as words
    from weeks where back between 2 and 53 group by metal having count(*) >= 8
)
select what, value, unit, typical, reason, session, published_at
from (
    select metal, 1 as place, upper(metal[1]) || metal[2:] || ' managed money, long minus short' as what, cast(m_money_net as double) as value, 'lots' as unit,
        concat_ws(', ', case when before is not null then format('a week before: {:,}', cast(before as bigint)) end, u.words) as typical,
        '' as reason, session, published_at
    from weeks left join usual u using (metal) where back = 1
    union all
    select metal, 2, upper(metal[1]) || metal[2:] || ' four largest net shorts, share of open interest', conc_net_4_short, '%',
        case when share_before is not null then format('a week before: {:.1f}', share_before) else '' end, '', session, published_at
    from weeks where back = 1 and conc_net_4_short is not null
)
order by metal desc, place
