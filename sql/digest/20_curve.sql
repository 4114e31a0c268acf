-- title = "Curve and lease"
-- needs = ["active_pair", "rates"]
-- note = "Far minus near of the two most liquid months, percent a year, act/360, first notice to first notice (Shanghai: last trade). Neutral is the money-market rate, not zero: a lease rate waits for a spot price with its hour."
-- empty = "no settlements of two liquid months are held"
with pairs as (
    select *, row_number() over (partition by venue, metal order by session desc) as back
    from active_pair where far_minus_near_ann_pct is not null and metal in ('silver', 'gold')
),
usual as (
    select venue, metal, format('median of the {} sessions before: {:.2f}', count(*), median(far_minus_near_ann_pct)) as words
    from pairs where back between 2 and 21 group by venue, metal having count(*) >= 5
),
money as (
    select * from rates where series = 'SOFR' and session >= (select max(session) from pairs) - 10 qualify row_number() over (order by session desc) = 1
)
select what, value, unit, typical, reason, session, published_at
from (
    select position(p.metal in 'silver gold') + case p.venue when 'COMEX' then 0 else 100 end as place,
        p.venue || ' ' || p.metal || ', ' || p.far_contract || ' minus ' || p.near_contract as what, p.far_minus_near_ann_pct as value, '%/yr' as unit,
        coalesce(u.words, '') as typical,
        '' as reason, p.session, p.published_at
    from pairs p left join usual u using (venue, metal) where p.back = 1
    union all
    select 999, 'Money market (SOFR): the neutral level', percent, '%/yr', '', '', session, published_at from money
)
where exists (from pairs)
order by place
