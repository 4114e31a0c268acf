-- title = "COMEX and NYMEX settlement price"
-- unit = "usd_oz"
-- calendar = "COMEX"
-- dated = "session"
-- metals = ["silver", "gold", "platinum", "palladium"]
-- [metric.settlement]
-- words = ["settlement", "settled", "settle", "settlement price", "price"]
-- definitions = ["settlement of the month asked for", "settlement of the active month", "settlement of a delivering month, as delivery notices print it"]
-- [metric.return]
-- words = ["return", "move"]
-- unit = "percent"
-- span = true
-- definitions = ["settlement of the active month", "settlement of the month asked for", "settlement of a delivering month, as delivery notices print it", "price entered by hand"]
-- signed = true
with priced as (
    select s.session, 'settlement of the month asked for' as definition, s.settle, c.contract, s.published_at, s.raw_sha256
    from settlements s join contracts c on c.venue = s.venue and c.product = s.product and c.delivery_month = s.delivery_month
    where c.metal = $metal and s.venue in ('COMEX', 'NYMEX') and s.delivery_month = $month::date
    union all
    select session, 'settlement of the active month', settle, contract, published_at, raw_sha256
    from comex_front where metal = $metal and $month::date is null
    union all
    select t.session, 'settlement of a delivering month, as delivery notices print it', t.settlement, c.contract, t.published_at, t.raw_sha256
    from delivery_totals t join contracts c on c.venue = t.venue and c.product = t.product and c.delivery_month = t.delivery_month
    where c.metal = $metal and t.settlement > 0 and t.session <= c.last_trade
        and coalesce(t.delivery_month = $month::date, date_trunc('month', t.session) = t.delivery_month)
    union all
    select session, kind, price_usd_oz, contract, published_at, raw_sha256
    from prices_by_kind where metal = $metal and kind = 'price entered by hand' and $month::date is null
),
based as (
    select p.*, b.settle as before_usd, b.session as before_session, b.contract as before_contract,
        b.published_at as before_published_at, b.raw_sha256 as before_sha256
    from priced p
    left join (select * from priced where session <= $since::date qualify session = max(session) over (partition by definition)) b
        on b.definition = p.definition
)
select session, definition, case when $since::date is null then settle else 100 * (settle / before_usd - 1) end as value,
    settle as settlement_usd, contract as settlement_contract, session as settlement_session,
    published_at as settlement_published_at, raw_sha256 as settlement_sha256,
    before_usd, before_contract, before_session, before_published_at, before_sha256
from based
where $since::date is null or (before_usd > 0 and session > before_session)
order by session
