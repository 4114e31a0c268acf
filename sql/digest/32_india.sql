-- title = "India"
-- needs = ["ibja", "mcx"]
-- note = "Rupees as published; import duty and tax are not taken out, so this is no premium."
-- empty = "no Indian price is held"
with fixed as (
    select * from ibja where fineness = 999 and metal in ('silver', 'gold')
    qualify row_number() over (partition by metal order by session desc, fixing desc) = 1
),
traded as (
    select * from mcx where symbol in ('GOLD', 'SILVER') and volume_lots > 0
    qualify row_number() over (partition by symbol order by session desc, open_interest desc nulls last) = 1
)
select 'IBJA ' || metal || ' 999, ' || fixing as what, inr_per_kg as value, 'INR/kg' as unit, '' as typical, '' as reason, session, published_at from fixed
union all
select 'MCX ' || symbol || ' ' || expiry as what, close_inr_per_kg as value, 'INR/kg' as unit,
    case when previous_close > 0 then format('{:+.2f} % on the session before', 100 * (close / previous_close - 1)) else '' end as typical,
    '' as reason, session, published_at
from traded
order by what
