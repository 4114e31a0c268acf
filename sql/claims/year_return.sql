-- title = "Price against the end of the year before"
-- unit = "percent"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver", "gold", "platinum", "palladium"]
-- [metric.return_ytd]
-- words = ["ytd return", "return ytd", "year to date return", "return of the year"]
-- definitions = ["settlement of the active month", "settlement of a delivering month, as delivery notices print it", "price entered by hand", "price as given against settlement of the active month", "price as given against settlement of a delivering month, as delivery notices print it", "price as given against price entered by hand"]
-- signed = true
with ends as (
    -- a year ends with the last price of its last week
    select kind, year(session) + 1 as for_year, price_usd_oz, contract, session, published_at, raw_sha256
    from prices_by_kind where metal = $metal and month(session) = 12 and day(session) >= 25
    qualify row_number() over (partition by kind, year(session) order by session desc) = 1
),
priced as (
    select session, kind, kind as definition, price_usd_oz, contract, published_at, raw_sha256
    from prices_by_kind where metal = $metal and $price::double is null
    union all
    select $day::date, kind, 'price as given against ' || kind, $price::double, 'as given', null, null
    from ends where $price::double is not null
)
select p.session, p.definition, 100 * (p.price_usd_oz / e.price_usd_oz - 1) as value,
    p.price_usd_oz as price_usd, p.contract as price_contract, p.session as price_session, p.published_at as price_published_at, p.raw_sha256 as price_sha256,
    e.price_usd_oz as before_usd, e.contract as before_contract, e.session as before_session, e.published_at as before_published_at, e.raw_sha256 as before_sha256
from priced p
join ends e on e.kind = p.kind and e.for_year = year(p.session)
order by p.session
