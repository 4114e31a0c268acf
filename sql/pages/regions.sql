-- One metal over New York by venue and session, the last 200 days held, with what import would cost. `net` is the price
-- without value-added tax (Shanghai) or without import duty (India).
with prices as (
    select session, venue, metal, contract, price_cny as price, 'CNY/' || price_unit as price_unit, price_usd_oz, ex_tax_usd_oz as net_usd_oz,
        'tax' as net_of, vat as rate, tax_basis, usdcny as fx, 'CNY per USD' as fx_unit, fx_session,
        before_session, before_usd, after_session, after_usd,
        headline_low_pct, headline_high_pct, ex_tax_low_pct as net_low_pct, ex_tax_high_pct as net_high_pct, limit_locked, unknown_because,
        price_published_at, fx_published_at, before_published_at, after_published_at
    from regional_premium where metal = $metal
    union all by name
    select session, venue, metal, contract, price_inr_kg as price, 'INR/kg' as price_unit, price_usd_oz, ex_duty_usd_oz as net_usd_oz,
        'duty' as net_of, duty as rate, 'duty inside' as tax_basis, usdinr as fx, 'INR per USD' as fx_unit, fx_session,
        before_session, before_usd, after_session, after_usd,
        headline_low_pct, headline_high_pct, ex_duty_low_pct as net_low_pct, ex_duty_high_pct as net_high_pct, false as limit_locked, unknown_because,
        price_published_at, fx_published_at, before_published_at, after_published_at
    from india_premium where metal = $metal
)
select p.*, e.tax_pct, e.duty_pct, e.freight_pct, e.funding_pct, e.funding_rate_pct, e.funding_session, e.transit_days, e.cost_pct,
    e.arb_edge_low_pct, e.arb_edge_high_pct, e.unknown_because as edge_unknown_because
from prices p
left join import_edge e on e.session = p.session and e.venue = p.venue and e.metal = p.metal
where p.session > (select max(session) from prices) - 200
order by p.venue, p.session
