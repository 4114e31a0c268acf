-- title = "Price against its highest of 365 days"
-- unit = "percent"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver", "gold", "platinum", "palladium"]
-- [metric.drawdown]
-- words = ["drawdown", "below its peak", "from its peak"]
-- definitions = ["settlement against the highest settlement", "settlement of a delivering month against the highest such settlement", "price entered by hand against the highest such price"]
-- signed = true
with lows as (
    select session, case kind when 'settlement of the active month' then 'settlement against the highest settlement'
            when 'price entered by hand' then 'price entered by hand against the highest such price'
            else 'settlement of a delivering month against the highest such settlement' end as definition,
        price_usd_oz as usd, published_at, raw_sha256
    from prices_by_kind where metal = $metal
    union all
    select session, 'lowest trade since the highest trade, entered by hand', value, published_at, raw_sha256
    from manual_prices where series = 'low_' || $metal
),
highs as (
    select * from lows where definition <> 'lowest trade since the highest trade, entered by hand'
    union all
    select session, 'lowest trade since the highest trade, entered by hand', value, published_at, raw_sha256
    from manual_prices where series = 'high_' || $metal
),
peaked as (
    select d.session, d.definition, h.usd as high, h.session as high_session, h.published_at as high_published_at, h.raw_sha256 as high_sha256
    from (select distinct session, definition from lows) d
    join highs h on h.definition = d.definition and h.session <= d.session and h.session >= d.session - 365
    qualify row_number() over (partition by d.definition, d.session order by h.usd desc, h.session) = 1
)
select p.session, p.definition, 100 * (l.usd / p.high - 1) as value,
    l.usd as price_usd, l.session as price_session, l.published_at as price_published_at, l.raw_sha256 as price_sha256,
    p.high as peak_usd, p.high_session as peak_session, p.high_published_at as peak_published_at, p.high_sha256 as peak_sha256
from peaked p
join lows l on l.definition = p.definition
    and case when p.definition like 'lowest%' then l.session between p.high_session and p.session else l.session = p.session end
qualify row_number() over (partition by p.definition, p.session order by l.usd, l.session) = 1
order by p.session
