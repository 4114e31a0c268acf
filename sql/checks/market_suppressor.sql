-- title = "A venue's price that is no price"
-- headline = "no free price: closed, locked or untraded"
-- why = "Closed while others trade, locked at the limit, or printed without a trade: what stands on this price is unknown until it trades freely again."
-- unit = "ratio"
-- decimals = 0
-- direction = "above"
-- formula = "1 where the venue is closed on a day another one trades, closed at its price limit, or printed a volume of zero; else 0"
-- enter = "1/1"
-- leave = 1
-- cap = "warning"
-- route = "memo"
-- reach = 30
-- needs = {settlement_rows = 2}
-- sources = ["comex_settlements", "shfe_daily", "sge_quotes"]
-- references = ["market.md 4 DQ5 (a notice: it freezes what depends on it)", "market.md 1.12 (limit lock, New Year)", "market.md 0a.6 (limit lock without a table)", "market.md 0a.8 (memo)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX", "SHFE", "SGE"]
-- warn = 1
-- clear = 0
select m.venue || ' ' || m.metal as subject, m.session,
    case when m.state = 'not held' then null when m.state = 'trading' then 0.0 else 1.0 end as value,
    th.warn, th.critical, th.clear, m.published_at,
    case when m.state = 'not held' then 'no prices of this session are held' else '' end as reason,
    m.metal, m.venue, m.state, m.volume as price_volume, m.close as price_close, m.contract as price_contract,
    case when m.is_held then m.session end as price_session, m.published_at as price_published_at, m.raw_sha256 as price_sha256
from market_state m
join thresholds th on th.check_name = 'market_suppressor' and th.venue = m.venue and th.metal = m.metal
    and m.session >= th.valid_from and m.session < th.valid_to
order by subject, m.session
