-- title = "Gold over silver"
-- unit = "ratio"
-- calendar = "COMEX"
-- dated = "session"
-- [metric.gold_silver_ratio]
-- words = ["gold silver ratio", "gold/silver ratio", "gsr"]
-- definitions = ["settlements of the active months", "settlements of delivering months, as delivery notices print them"]
with priced as (
    select session, metal, 'settlements of the active months' as definition, settle, published_at, raw_sha256 from comex_front
    union all
    select t.session, c.metal, 'settlements of delivering months, as delivery notices print them', t.settlement, t.published_at, t.raw_sha256
    from delivery_totals t join contracts c on c.venue = t.venue and c.product = t.product and c.delivery_month = t.delivery_month
    where t.settlement > 0 and t.session <= c.last_trade and date_trunc('month', t.session) = t.delivery_month
)
select g.session, g.definition, g.settle / s.settle as value,
    g.settle as gold_usd, g.session as gold_session, g.published_at as gold_published_at, g.raw_sha256 as gold_sha256,
    s.settle as silver_usd, s.session as silver_session, s.published_at as silver_published_at, s.raw_sha256 as silver_sha256
from priced g join priced s on s.metal = 'silver' and s.session = g.session and s.definition = g.definition
where g.metal = 'gold' and s.settle > 0
order by session
