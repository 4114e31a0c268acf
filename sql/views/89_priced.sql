-- One price a day of silver and gold for questions about spans, by where it is from; kinds are never mixed.

create or replace view prices_by_kind as
with rows_of as (
    select metal, session, 'settlement of the active month' as kind, settle as price_usd_oz, contract, published_at, raw_sha256
    from comex_front
    where metal in ('silver', 'gold', 'platinum', 'palladium')
    union all
    select c.metal, t.session, 'settlement of a delivering month, as delivery notices print it', t.settlement, c.contract,
        t.published_at, t.raw_sha256
    from delivery_totals t
    join contracts c on c.venue = t.venue and c.product = t.product and c.delivery_month = t.delivery_month
    where t.settlement > 0 and t.session <= c.last_trade and date_trunc('month', t.session) = t.delivery_month
        and c.metal in ('silver', 'gold', 'platinum', 'palladium')
    union all
    select substr(series, 7), session, 'price entered by hand', value, note, published_at, raw_sha256
    from manual_prices
    where series in ('price_silver', 'price_gold')
)
select metal, session, kind, price_usd_oz, contract, published_at, raw_sha256
from rows_of
where price_usd_oz > 0
qualify row_number() over (partition by metal, session, kind order by (published_at, raw_sha256) desc) = 1;

comment on view prices_by_kind is 'Prices by day and kind: settlements of the active month, of a delivering month on its notices, and prices entered by hand.';
comment on column prices_by_kind.metal is 'Metal.';
comment on column prices_by_kind.session is 'Trade date.';
comment on column prices_by_kind.kind is 'settlement of the active month; settlement of a delivering month, as delivery notices print it; price entered by hand.';
comment on column prices_by_kind.price_usd_oz is 'Price, dollars per troy ounce.';
comment on column prices_by_kind.contract is 'Contract, or what the person who entered it remarked.';
comment on column prices_by_kind.published_at is 'When it was public, UTC.';
comment on column prices_by_kind.raw_sha256 is 'SHA-256 of the archived file.';
