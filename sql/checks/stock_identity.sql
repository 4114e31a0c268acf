-- title = "Stock report that does not add up"
-- headline = "the stock report is off by {value} of the total"
-- why = "Re-classification must leave the total alone and yesterday's total must be today's opening: a report that does not add up was corrected or is wrong. A notice about the data, not about the metal."
-- unit = "%"
-- decimals = 2
-- direction = "above"
-- formula = "largest of abs(adjustment of registered + adjustment of eligible), abs(previous + received - withdrawn + adjustment - today), and the differences of previous totals to those of the session before, over the total, in percent"
-- enter = "1/1"
-- leave = 1
-- route = "memo"
-- reach = 21
-- needs = {comex_stock_rows = 2}
-- sources = ["comex_stocks"]
-- references = ["market.md 0a.7 (0.1 % of the total)", "market.md 1.5 (-1.20 Moz on 6 January, +1.197 on 9 April, +0.974 on 17 April 2026: a data-quality notice)", "market.md 6 (the correction of 6 January 2026 pages nobody)", "market.md 4 DQ3"]
-- [[threshold]]
-- metals = ["silver", "gold", "platinum", "palladium", "copper"]
-- venues = ["COMEX"]
-- warn = 0.1
select 'COMEX ' || n.metal as subject, n.session,
    case when n.adjustment_residual_oz is not null and n.identity_residual_oz is not null then 100 * greatest(
        abs(n.adjustment_residual_oz) / nullif(n.total_oz, 0), n.identity_residual_oz / nullif(n.total_oz, 0),
        abs(n.previous_residual_oz) / nullif(n.total_oz, 0), h.share) end as value,
    th.warn, th.critical, th.clear, n.published_at,
    case when n.adjustment_residual_oz is null or n.identity_residual_oz is null then 'the report lacks a movement or an adjustment'
        else '' end as reason,
    n.metal, 'COMEX' as venue, n.total_oz, n.session as total_session, n.published_at as total_published_at,
    n.adjustment_residual_oz, n.identity_residual_oz, n.previous_residual_oz,
    100 * h.share as depositories_differ_from_session_before_pct, n.session_1_before as session_before,
    n.raw_sha256 as total_sha256
from comex_flows n
join thresholds th on th.check_name = 'stock_identity' and th.venue = 'COMEX' and th.metal = n.metal
    and n.session >= th.valid_from and n.session < th.valid_to
left join comex_stock_chain h on h.metal = n.metal and h.session = n.session
order by subject, n.session
