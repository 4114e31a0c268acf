-- title = "Silver's market over gold's"
-- unit = "ratio"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver"]
-- [metric.market_size]
-- words = ["market size", "size of the market", "market over gold's"]
-- definitions = ["value of open interest in New York", "value of metal in London's vaults"]
with priced as (
    select metal, session, price_usd_oz, kind, published_at, raw_sha256 from prices_by_kind where metal in ('silver', 'gold')
    qualify row_number() over (partition by metal, session order by kind = 'price entered by hand', kind) = 1
),
sized as (
    select c.metal, o.session, 'value of open interest in New York' as definition, sum(o.open_interest * c.lot_oz) as oz,
        max(o.published_at) as published_at, arg_max(o.raw_sha256, o.published_at) as raw_sha256
    from open_interest_best o
    join contracts c on c.venue = o.venue and c.product = o.product and c.delivery_month = o.delivery_month
    where o.product in ('SI', 'GC')
    group by c.metal, o.session
    union all
    select metal, session, 'value of metal in London''s vaults', quantity_troy_oz, published_at, raw_sha256
    from vault_holdings where venue = 'LBMA' and metal in ('silver', 'gold')
),
valued as (
    select s.*, s.oz * p.price_usd_oz as usd, p.price_usd_oz, p.kind, p.session as price_session, p.published_at as price_published_at, p.raw_sha256 as price_sha256
    from sized s join priced p on p.metal = s.metal and p.session = s.session
)
select a.session, a.definition, a.usd / b.usd as value,
    a.oz as silver_oz, a.session as silver_session, a.published_at as silver_published_at, a.raw_sha256 as silver_sha256,
    b.oz as gold_oz, b.session as gold_session, b.published_at as gold_published_at, b.raw_sha256 as gold_sha256,
    a.price_usd_oz as silver_price_usd, a.kind as silver_price_kind, a.price_session as silver_price_session, a.price_published_at as silver_price_published_at, a.price_sha256 as silver_price_sha256,
    b.price_usd_oz as gold_price_usd, b.kind as gold_price_kind, b.price_session as gold_price_session, b.price_published_at as gold_price_published_at, b.price_sha256 as gold_price_sha256
from valued a join valued b on b.metal = 'gold' and b.session = a.session and b.definition = a.definition
where a.metal = $metal and b.usd > 0
order by a.session
