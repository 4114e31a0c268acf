-- title = "Far less near of the two most liquid months, session by session"
-- about = "Percent a year of the near month, act/360: below zero the far month is cheaper."
-- parameters.product = { type = "text", default = "SI", about = "exchange product code: SI, GC, HG, PL, PA, ag, au, cu" }
select session, near_contract, near_settle, far_contract, far_settle, currency, unit, days_between, far_minus_near_ann_pct, sessions_to_fnd,
    oi_status, published_at
from active_pair
where product = $product
order by session
