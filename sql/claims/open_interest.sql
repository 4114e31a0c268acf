-- title = "COMEX and NYMEX open interest"
-- unit = "lots"
-- calendar = "COMEX"
-- dated = "published"
-- [metric.open_interest]
-- words = ["open interest", "oi", "open contracts"]
-- definitions = ["open interest of the delivery month", "open interest of all months"]
with months as (
    select o.session, o.delivery_month, c.contract, o.open_interest, o.status, c.lot_oz, o.published_at, o.raw_sha256
    from open_interest_best o
    join contracts c on c.venue = o.venue and c.product = o.product and c.delivery_month = o.delivery_month
    where c.metal = $metal and o.venue in ('COMEX', 'NYMEX')
)
select session, 'open interest of the delivery month' as definition, cast(open_interest as double) as value, lot_oz,
    open_interest as open_interest_lots, contract as open_interest_contract, status as open_interest_status,
    session as open_interest_session, published_at as open_interest_published_at, raw_sha256 as open_interest_sha256
from months where delivery_month = $month::date
union all by name
select session, case when $month::date is null then 'open interest of all months' else 'open interest of all months, not of one' end as definition,
    cast(sum(open_interest) as double) as value, any_value(lot_oz) as lot_oz,
    cast(sum(open_interest) as bigint) as open_interest_lots, 'all months' as open_interest_contract,
    min(status) as open_interest_status, session as open_interest_session, max(published_at) as open_interest_published_at,
    arg_max(raw_sha256, published_at) as open_interest_sha256
from months group by session
order by session
