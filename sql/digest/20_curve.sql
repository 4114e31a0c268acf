-- title = "Curve and lease"
-- needs = ["active_pair", "rates", "implied_forward", "spot_quotes", "settlement_chain"]
-- note = "Far minus near of the two most liquid months, percent a year, act/360, first notice to first notice (Shanghai: last trade). Neutral is the money-market rate, not zero. Lease: money rate less what the future pays over spot at the hour of the settlement, to the liquid month nearest to 30 days and 14 or more away; without a spot quote of that hour it is unknown."
-- empty = "no settlements of two liquid months are held"
with pairs as (
    select *, row_number() over (partition by venue, metal order by session desc) as back
    from active_pair where far_minus_near_ann_pct is not null and metal in ('silver', 'gold')
),
usual as (
    select venue, metal, format('median of the {} sessions before: {:+.2f}', count(*), median(far_minus_near_ann_pct)) as words
    from pairs where back between 2 and 21 group by venue, metal having count(*) >= 5
),
money as (
    select * from rates where series = 'SOFR' and session >= (select max(session) from pairs) - 10 qualify row_number() over (order by session desc) = 1
),
lease as (
    select p.metal, p.venue, p.session, f.contract, f.days_to_delivery, f.lease_ann_pct, f.spot_usd, f.seconds_apart,
        greatest(f.published_at, f.rate_published_at) as published_at,
        case when f.contract is null then 'no liquid month 14 days or more from delivery' when f.unknown_because <> '' then f.unknown_because
            when f.rate_act360_pct is null then 'no money rate of the last five days is held'
            when h.suspect then 'the settlement report contradicts the session before it' else '' end as reason
    from pairs p
    left join implied_forward f on f.venue = p.venue and f.metal = p.metal and f.session = p.session and f.days_to_delivery >= 14
    left join settlement_chain h on h.venue = f.venue and h.product = f.product and h.session = f.session
    where p.back = 1 and p.venue = 'COMEX' and exists (from spot_quotes q where q.metal = p.metal)
    qualify row_number() over (partition by p.venue, p.metal order by abs(f.days_to_delivery - 30), f.delivery_month) = 1
)
select what, value, unit, typical, reason, session, published_at, signed
from (
    select position(p.metal in 'silver gold') + case p.venue when 'COMEX' then 0 else 100 end as place,
        p.venue || ' ' || p.metal || ', ' || p.far_contract || ' minus ' || p.near_contract as what, p.far_minus_near_ann_pct as value, '%/yr' as unit,
        coalesce(u.words, '') as typical,
        '' as reason, p.session, p.published_at, true as signed
    from pairs p left join usual u using (venue, metal) where p.back = 1
    union all
    select position(metal in 'silver gold') + 1, venue || ' ' || metal || ', implied lease' || coalesce(' to ' || contract, ''), lease_ann_pct, '%/yr',
        case when reason = '' then format('{} days to delivery, spot {:.2f} USD/oz quoted {} s from the settlement', days_to_delivery, spot_usd, seconds_apart) else '' end,
        reason, session, published_at, true from lease
    union all
    select 999, 'Money market (SOFR): the neutral level', percent, '%/yr', '', '', session, published_at, false from money
)
where exists (from pairs)
order by place
