-- title = "COMEX and NYMEX warehouse stocks"
-- unit = "troy_oz"
-- calendar = "COMEX"
-- dated = "published"
-- ceiling = "stocks_total_oz"
-- [metric.registered]
-- words = ["registered"]
-- definitions = ["registered: a warrant is outstanding"]
-- [metric.eligible]
-- words = ["eligible"]
-- definitions = ["eligible: of deliverable kind, no warrant"]
-- [metric.total]
-- words = ["total", "inventory", "in vaults"]
-- definitions = ["registered and eligible together"]
with stocks as (
    select session, published_at, raw_sha256, case unit when 'troy_oz' then 1.0 else 907184.74 / 31.1034768 end as oz,
        registered, eligible, total
    from comex_stock_totals where metal = $metal
),
kinds as (
    select *, unnest([
        {'definition': 'registered: a warrant is outstanding', 'amount': registered},
        {'definition': 'eligible: of deliverable kind, no warrant', 'amount': eligible},
        {'definition': 'registered and eligible together', 'amount': total}]) as kind
    from stocks
)
select session, kind.definition as definition, kind.amount * oz as value,
    registered * oz as stocks_registered_oz, eligible * oz as stocks_eligible_oz, total * oz as stocks_total_oz,
    session as stocks_session, published_at as stocks_published_at, raw_sha256 as stocks_sha256
from kinds
order by session
