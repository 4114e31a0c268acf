-- title = "What banks can be short of COMEX futures"
-- unit = "usd_billion"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver", "gold"]
-- [metric.bank_short]
-- words = ["bank short", "banks short", "short of banks"]
-- definitions = ["at most the value of all open contracts", "net short of banks outside the United States, as entered by hand"]
with claims_open as (
    select o.session, c.metal, sum(o.open_interest) as lots, any_value(c.lot_oz) as lot_oz, max(o.published_at) as published_at, arg_max(o.raw_sha256, o.published_at) as raw_sha256
    from open_interest_best o
    join contracts c on c.venue = o.venue and c.product = o.product and c.delivery_month = o.delivery_month
    where c.metal = $metal and o.product in ('SI', 'GC')
    group by o.session, c.metal
),
priced as (
    select session, kind, price_usd_oz, published_at, raw_sha256 from prices_by_kind where metal = $metal and $price::double is null
    qualify row_number() over (partition by session order by kind = 'price entered by hand', kind) = 1
    union all
    select $day::date, 'as given', $price::double, null, null where $price::double is not null
),
banks as (
    select s.session, s.value - l.value as lots, greatest(s.published_at, l.published_at) as published_at, s.raw_sha256
    from manual_prices s join manual_prices l on l.session = s.session and l.source_url = s.source_url
    where s.series = 'bank_' || $metal || '_non_us_short' and l.series = 'bank_' || $metal || '_non_us_long'
)
select o.session, 'at most the value of all open contracts' as definition, o.lots * o.lot_oz * p.price_usd_oz / 1e9 as value,
    0.0 as low, o.lots * o.lot_oz * p.price_usd_oz / 1e9 as high, 'no report tells more than that it is at most the value of all open contracts' as unknown_because,
    o.lots as open_interest_lots, o.session as open_interest_session, o.published_at as open_interest_published_at, o.raw_sha256 as open_interest_sha256,
    p.price_usd_oz as price_usd, p.kind as price_kind, p.session as price_session, p.published_at as price_published_at, p.raw_sha256 as price_sha256
from claims_open o join priced p on p.session = o.session
union all by name
select b.session, 'net short of banks outside the United States, as entered by hand' as definition, b.lots * k.lot_oz * p.price_usd_oz / 1e9 as value,
    b.lots as banks_net_short_lots, b.session as banks_session, b.published_at as banks_published_at, b.raw_sha256 as banks_sha256,
    p.price_usd_oz as price_usd, p.kind as price_kind, p.session as price_session, p.published_at as price_published_at, p.raw_sha256 as price_sha256
from banks b join priced p on p.session = b.session
cross join (select lot_oz from contracts where metal = $metal and product in ('SI', 'GC') limit 1) k
order by session
