-- title = "Shanghai over New York, without tax, as an interval"
-- about = "Against the New York settlements before and after the close; a reason in unknown_because means that no figure counts."
-- parameters.metal = { type = "text", default = "silver", about = "silver or gold" }
-- parameters.since = { type = "date", default = "1900-01-01", about = "first session" }
select session, venue, price_cny, price_unit, usdcny, before_usd, after_usd, ex_tax_low_pct, ex_tax_high_pct, limit_locked, unknown_because,
    price_published_at, before_published_at, after_published_at
from regional_premium
where metal = $metal and session >= $since
order by session, venue
