-- title = "Positioning"
-- needs = ["cot"]
-- note = "CFTC, futures alone, lots; positions of the Tuesday. Shares of the largest traders name no trader, and a short against metal held is no bet."
-- empty = "no CFTC report is held"
with weeks as (
    select *, row_number() over w as back, lead(m_money_net) over w as before, lead(conc_net_4_short) over w as share_before,
        lead(session) over w as before_session
    from cot where scope = 'futures' and report = 'disaggregated' and metal in ('silver', 'gold')
    window w as (partition by metal order by session desc)
),
usual as (
    select metal, format('median of {} reports before: {}{:,}', count(*), case when round(median(m_money_net)) > 0 then '+' else '' end, cast(round(median(m_money_net)) as bigint)) as words
    from weeks where back between 2 and 53 and m_money_net is not null group by metal having count(*) >= 8
)
select what, value, unit, typical, reason, session, published_at, signed
from (
    select metal, 1 as place, upper(metal[1]) || metal[2:] || ' managed money, long minus short' as what, cast(m_money_net as double) as value, 'lots' as unit,
        concat_ws('; ', case when before is not null then format('{}{:,} on {}', case when before > 0 then '+' else '' end, cast(before as bigint), strftime(before_session, '%-d %b')) end, u.words) as typical,
        case when m_money_net is null then 'the report has no such line' else '' end as reason, session, published_at, true as signed
    from weeks left join usual u using (metal) where back = 1
    union all
    select metal, 2, upper(metal[1]) || metal[2:] || ' four largest net shorts, share of open interest', conc_net_4_short, '%',
        case when share_before is not null then format('{:.1f} % on {}', share_before, strftime(before_session, '%-d %b')) else '' end, '', session, published_at, false
    from weeks where back = 1 and conc_net_4_short is not null
)
order by metal desc, place
