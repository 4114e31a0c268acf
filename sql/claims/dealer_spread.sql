-- title = "A dealer's spread"
-- unit = "percent"
-- calendar = ""
-- dated = "session"
-- metals = ["silver", "gold"]
-- [metric.dealer_spread]
-- words = ["dealer spread", "dealer's spread"]
-- definitions = ["ask less bid over their middle"]
select session, 'ask less bid over their middle' as definition, 100 * (ask - bid) / ((ask + bid) / 2) as value,
    bid as quote_bid, ask as quote_ask, unit as quote_unit, source_url as quote_page, session as quote_session, published_at as quote_published_at, raw_sha256 as quote_sha256
from manual_prices
where series = 'shuibei_' || $metal and bid > 0 and ask >= bid
order by session
