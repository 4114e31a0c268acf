-- title = "COMEX and NYMEX deliveries"
-- unit = "lots"
-- calendar = "COMEX"
-- dated = "published"
-- [metric.deliveries]
-- words = ["deliveries", "delivered", "delivery notices"]
-- definitions = ["delivered in the month to date"]
select t.session, d.definition, cast(d.lots as double) as value, c.lot_oz,
    t.month_to_date as deliveries_month_to_date_lots, t.issued as deliveries_issued_lots, c.contract as deliveries_contract,
    t.session as deliveries_session, t.published_at as deliveries_published_at, t.raw_sha256 as deliveries_sha256
from delivery_totals t
join contracts c on c.venue = t.venue and c.product = t.product and c.delivery_month = t.delivery_month
cross join lateral (
    select unnest(['delivered in the month to date', 'issued on the day']) as definition, unnest([t.month_to_date, t.issued]) as lots) d
where c.metal = $metal and t.delivery_month = coalesce($month::date, date_trunc('month', t.session))
order by t.session
