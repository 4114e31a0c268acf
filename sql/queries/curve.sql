-- title = "The curve of a product on one session"
-- about = "Newest session held up to the day given. The annualised spread is to the next liquid month: above zero is contango."
-- parameters.product = { type = "text", default = "SI", about = "exchange product code: SI, GC, HG, PL, PA, ag, au, cu" }
-- parameters.day = { type = "date", default = "9999-12-31", about = "last session to look at" }
select session, contract, settle, currency, unit, open_interest, oi_status, volume, is_liquid, sessions_to_fnd, next_contract,
    next_minus_this_ann_pct, published_at
from curve
where product = $product
    and session = (select max(session) from curve where product = $product and session <= $day)
order by delivery_month
