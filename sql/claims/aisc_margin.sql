-- title = "A silver miner's margin"
-- unit = "usd_oz"
-- calendar = ""
-- dated = "session"
-- metals = ["silver"]
-- [metric.aisc_margin]
-- words = ["aisc margin", "miner's margin", "miners' margin"]
-- definitions = ["price less costs"]
-- signed = true
-- [metric.operating_leverage]
-- words = ["operating leverage", "leverage"]
-- unit = "ratio"
-- definitions = ["price over price less costs"]
-- signed = true
with priced as (
    select $day::date as session, 'as given' as kind, $price::double as price_usd_oz, cast(null as date) as priced_on, cast(null as timestamp) as published_at, cast(null as varchar) as raw_sha256
    where $price::double is not null
    union all
    select session, kind, price_usd_oz, session, published_at, raw_sha256 from prices_by_kind
    where metal = $metal and $price::double is null
),
costed as (
    select 'as given' as company, $costs::double as costs, cast(null as date) as period_end, cast(null as timestamp) as published_at, cast(null as varchar) as raw_sha256
    where $costs::double is not null
    union all
    select company, value_usd_oz, period_end, published_at, raw_sha256 from miner_costs
    where $costs::double is null and measure = 'aisc' and is_checked
),
legs as (
    select p.session, p.kind, p.price_usd_oz, p.priced_on, p.published_at, p.raw_sha256,
        c.company, c.costs, c.period_end, c.published_at as costs_published_at, c.raw_sha256 as costs_sha256
    from priced p join costed c on c.published_at is null or cast(c.published_at as date) <= p.session
)
select session, unnest(['price less costs', 'price over price less costs']) as definition, unnest([['aisc_margin'], ['operating_leverage']]) as for_metrics,
    unnest([price_usd_oz - costs, price_usd_oz / nullif(price_usd_oz - costs, 0)]) as value,
    price_usd_oz as price_usd, kind as price_kind, priced_on as price_session, published_at as price_published_at, raw_sha256 as price_sha256,
    costs as costs_usd, company as costs_of, period_end as costs_session, costs_published_at, costs_sha256
from legs
order by session
