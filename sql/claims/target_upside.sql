-- title = "What published price targets imply"
-- unit = "percent"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver"]
-- [metric.target_upside]
-- words = ["target upside", "implied upside", "upside to target"]
-- definitions = ["level over settlement", "low over settlement", "high over settlement"]
-- signed = true
select p.session, t.kind || ' over settlement' as definition, 100 * (t.value_usd_oz / p.price_usd_oz - 1) as value,
    p.price_usd_oz as price_usd, p.kind as price_kind, p.contract as price_contract, p.session as price_session, p.published_at as price_published_at, p.raw_sha256 as price_sha256,
    t.value_usd_oz as target_usd, t.horizon as target_horizon, t.known_from as target_session
from prices_by_kind p
join targets t on t.metal = p.metal and t.known_from <= p.session and t.horizon_end >= p.session
where p.metal = $metal and p.kind <> 'price entered by hand'
order by p.session
