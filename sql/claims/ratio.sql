-- title = "Gold over silver"
-- unit = "ratio"
-- calendar = "COMEX"
-- dated = "session"
-- [metric.gold_silver_ratio]
-- words = ["gold silver ratio", "gold/silver ratio", "gsr"]
-- definitions = ["settlement of the active month", "settlement of a delivering month, as delivery notices print it", "price entered by hand"]
select g.session, g.kind as definition, g.price_usd_oz / s.price_usd_oz as value,
    g.price_usd_oz as gold_usd, g.contract as gold_contract, g.session as gold_session, g.published_at as gold_published_at, g.raw_sha256 as gold_sha256,
    s.price_usd_oz as silver_usd, s.contract as silver_contract, s.session as silver_session, s.published_at as silver_published_at, s.raw_sha256 as silver_sha256
from prices_by_kind g
join prices_by_kind s on s.metal = 'silver' and s.session = g.session and s.kind = g.kind
where g.metal = 'gold'
order by g.session
