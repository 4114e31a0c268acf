-- title = "Price over a round level"
-- headline = "the price stands {value:+} from the level"
-- why = "Levels that articles and readers name; told when passed, and again only after the price fell a percent below."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "100 * (price / level_usd_oz - 1); the levels are rows of price_levels"
-- worked = "100 * (price / level_usd_oz - 1)"
-- enter = "1/1"
-- leave = 1
-- route = "memo"
-- cap = "warning"
-- reach = 60
-- needs = {settlement_rows = 2}
-- sources = ["comex_settlements", "lbma_prices"]
-- references = ["market.md 1.13 (90, 100, 120 and so on; a band of 1 % before it is told again)", "market.md 4 MK1 (warning)", "market.md 0a.8 (memo)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- warn = 0.0
-- clear = -1.0
select p.metal || ' over ' || cast(l.level_usd_oz as integer) || ' USD/oz' as subject, p.session,
    100 * (p.price / l.level_usd_oz - 1) as value, th.warn, th.critical, th.clear, p.published_at,
    case when p.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    p.metal, p.series, p.contract, p.unit as price_per, l.level_usd_oz, l.origin as level_from,
    p.price, p.session as price_session, p.published_at as price_published_at, p.raw_sha256 as price_sha256
from price_moves p
join price_levels l on l.metal = p.metal and p.session >= l.valid_from and p.session < l.valid_to
join thresholds th on th.check_name = 'price_level' and th.metal = p.metal
    and p.session >= th.valid_from and p.session < th.valid_to
where p.is_used and p.unit = 'troy_oz'
order by subject, p.session
