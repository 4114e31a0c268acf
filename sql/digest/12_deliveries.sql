-- title = "Deliveries and withdrawals"
-- needs = ["delivery_month", "comex_flows"]
-- note = "Standing: delivered before the session plus what is still open. Withdrawn: gross, all vaults and categories, since first notice day; whose metal leaves, no report says."
-- empty = "no delivery month is running"
with running as (
    select * from delivery_month
    where is_active and not ended and metal in ('silver', 'gold')
        and session >= (select max(session) from delivery_month) - 10
    qualify row_number() over (partition by product, delivery_month order by session desc) = 1
),
gone as (
    select r.contract, sum(f.withdrawn_oz) as withdrawn_oz, max(f.session) as session, max(f.published_at) as published_at,
        count(f.session) = (
            select count(*) from venue_sessions v where v.calendar = 'COMEX' and v.session between min(k.first_notice) and max(f.session)
        ) as is_whole
    from running r
    join contracts k on k.venue = r.venue and k.product = r.product and k.delivery_month = r.delivery_month
    join comex_flows f on f.metal = r.metal and f.session >= k.first_notice
    group by r.contract
),
lines as (
    select r.*, g.withdrawn_oz, g.session as gone_session, g.published_at as gone_published_at, g.is_whole,
        case when r.oi_status = 'preliminary' then 'open interest is preliminary'
            when r.notices_suspect or r.oi_suspect then 'a report contradicts the one before it' else '' end as doubt
    from running r left join gone g using (contract)
)
select what, value, unit, typical, note, reason, session, published_at
from (
    select product, contract, 1 as place, contract || ' stood on first position day' as what,
        cast(first_position_open_interest as double) as value, 'lots' as unit, '' as typical,
        case when first_position_oi_status = 'preliminary' then 'preliminary' else '' end as note,
        case when first_position_open_interest is null then 'open interest of that day is not held' else '' end as reason,
        first_position as session, oi_published_at as published_at from lines
    union all
    select product, contract, 2, contract || ' delivered, month to date', cast(delivered_lots as double), 'lots',
        case when delivered_pct is null then '' else format('{:.0f} % of those standing at first', delivered_pct) end,
        case when notices_suspect then 'the notices contradict those before them' else '' end,
        case when delivered_lots is null then 'the notices are not held without a gap' else '' end, session, notices_published_at from lines
    union all
    select product, contract, 3, contract || ' net new since first position day', cast(net_new_lots as double), 'lots',
        case when product = 'SI' and session >= date '2026-05-01' then 'March 2026 by 23 March: +2,783 lots, +45 %'
            when net_new_pct is not null then format('{:+.0f} % of those standing at first', net_new_pct) else '' end,
        doubt, case when net_new_lots is null then 'a leg is missing' else '' end, session,
        greatest(notices_published_at, oi_published_at) from lines where sessions_to_fnd < 0
    union all
    select product, contract, 4, contract || ' withdrawn from vaults since first notice', withdrawn_oz, 'oz',
        case when delivered_lots > 0 then format('{:.0f} % of what was delivered', 100 * withdrawn_oz / (delivered_lots * lot_oz)) else '' end, '',
        case when is_whole then '' else 'a stock report in between is missing' end, gone_session, gone_published_at
    from lines where withdrawn_oz is not null
)
order by product desc, contract, place
