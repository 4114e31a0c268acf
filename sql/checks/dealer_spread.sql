-- title = "Dealers' spread between buying and selling"
-- headline = "dealers keep {value} between buying and selling"
-- why = "Dealers who buy far below what they sell at fear the price or lack metal; it is what a customer loses, not an arbitrage, and the middle is the usable price."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "(ask - bid) / ((ask + bid) / 2), in percent"
-- worked = "100 * (quote_ask - quote_bid) / ((quote_ask + quote_bid) / 2)"
-- enter = "1/1"
-- leave = 3
-- cap = "warning"
-- route = "memo"
-- reach = 21
-- needs = {manual_rows = 5}
-- sources = ["inbox_csv"]
-- references = ["market.md 1.12 (10 and 25 %)", "market.md 4 RG2 (a warning at most)", "market.md 0a.8 (memo)", "market.md 6 (136.80/91.60 -> 39.58 % of the middle)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["Shuibei"]
-- warn = 10.0
-- critical = 25.0
with quotes as (
    select *, 'Shuibei' as venue from inbox_premium where starts_with(series, 'shuibei_')
),
span as (select metal, min(session) as first from quotes group by metal),
days as (
    select metal, session from quotes
    union
    select s.metal, v.session from span s
    join venue_sessions v on v.calendar = 'SGE' and v.session >= s.first and v.session <= (select max(session) from sge_quotes)
)
select 'Shuibei ' || d.metal as subject, d.session, q.spread_pct as value, th.warn, th.critical, th.clear,
    q.quote_published_at as published_at,
    case when q.session is null then 'no quote was entered for this session'
        when q.spread_pct is null then 'the quote lacks a side' else '' end as reason,
    d.metal, 'Shuibei' as venue, q.bid as quote_bid, q.ask as quote_ask, q.unit as quote_unit, q.price as quote_middle,
    q.session as quote_session, q.quote_published_at, q.raw_sha256 as quote_sha256
from days d
left join quotes q on q.metal = d.metal and q.session = d.session
join thresholds th on th.check_name = 'dealer_spread' and th.venue = 'Shuibei' and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
order by subject, d.session
