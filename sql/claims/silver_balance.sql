-- title = "Silver's yearly balance"
-- unit = "troy_oz"
-- calendar = ""
-- dated = "published"
-- metals = ["silver"]
-- near = 1200
-- fresh = 1200
-- [metric.deficit]
-- words = ["deficit", "supply deficit", "market deficit"]
-- definitions = ["deficit of the year"]
-- signed = true
-- [metric.mine_supply]
-- words = ["mine supply", "mine output", "mine production"]
-- definitions = ["mine_supply of the year"]
-- [metric.by_product_share]
-- words = ["by-product share", "share of by-product"]
-- unit = "percent"
-- definitions = ["by_product_share of the year"]
-- share = true
select year_end as session, measure || case status when 'actual' then ' of the year' else ' of the year, a forecast' end as definition,
    [measure] as for_metrics,
    case unit when 'million_troy_oz' then 1e6 * value else value end as value,
    value as balance_figure, unit as balance_told_in, vintage as balance_vintage, origin as balance_origin,
    year_end as balance_session, published_at as balance_published_at, raw_sha256 as balance_sha256
from silver_balance
order by year_end
