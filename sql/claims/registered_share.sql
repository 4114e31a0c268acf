-- title = "Registered metal as a share of all in the vaults"
-- unit = "percent"
-- calendar = "COMEX"
-- dated = "published"
-- [metric.registered_share]
-- words = ["registered share", "share registered"]
-- definitions = ["registered over registered and eligible"]
-- share = true
select session, 'registered over registered and eligible' as definition, 100 * registered / nullif(total, 0) as value,
    registered as stocks_registered, total as stocks_total, unit as stocks_unit,
    session as stocks_session, published_at as stocks_published_at, raw_sha256 as stocks_sha256
from comex_stock_totals
where metal = $metal
order by session
