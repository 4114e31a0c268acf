-- title = "Shanghai over New York"
-- unit = "percent"
-- calendar = "SHFE"
-- dated = "session"
-- metals = ["silver", "gold"]
-- [metric.premium]
-- words = ["premium", "headline premium"]
-- definitions = ["as quoted, tax inside"]
-- signed = true
-- [metric.premium_ex_tax]
-- words = ["premium ex tax", "ex tax premium", "ex-tax premium"]
-- definitions = ["tax taken off"]
-- signed = true
-- [metric.shanghai_price]
-- words = ["shanghai price", "shanghai spot"]
-- unit = "usd_oz"
-- definitions = ["price, tax inside"]
select r.session, d.definition, d.for_metrics, d.middle as value, d.low, d.high, r.unknown_because, r.limit_locked,
    r.price_cny, r.contract as price_contract, r.session as price_session, r.price_published_at, r.price_sha256,
    r.usdcny, r.fx_session as usdcny_session, r.fx_published_at as usdcny_published_at, r.fx_sha256 as usdcny_sha256,
    r.before_usd, r.before_contract, r.before_session, r.before_published_at, r.before_sha256,
    r.after_usd, r.after_contract, r.after_session, r.after_published_at, r.after_sha256
from regional_premium r
cross join lateral (
    select unnest(['as quoted, tax inside', 'tax taken off', 'price, tax inside', 'price, tax taken off']) as definition,
        unnest([['premium', 'premium_ex_tax'], ['premium', 'premium_ex_tax'], ['shanghai_price'], ['shanghai_price']]) as for_metrics,
        unnest([r.headline_pct, r.ex_tax_pct, r.price_usd_oz, r.ex_tax_usd_oz]) as middle,
        unnest([r.headline_low_pct, r.ex_tax_low_pct, null, null]) as low,
        unnest([r.headline_high_pct, r.ex_tax_high_pct, null, null]) as high) d
where r.metal = $metal and r.venue = coalesce($venue, 'SHFE')
order by r.session
