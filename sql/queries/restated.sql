-- title = "Settlements that were published more than once, every version"
-- about = "Nothing is updated in place: a restatement is a new row with its own moment."
-- parameters.product = { type = "text", default = "SI", about = "exchange product code" }
select session, delivery_month, settle, currency, unit, status, source, published_at, published_assumed, loaded_at, raw_sha256
from settlement_versions
where product = $product
qualify count(distinct settle) over (partition by session, delivery_month) > 1
order by session, delivery_month, published_at, loaded_at
