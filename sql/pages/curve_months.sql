-- The months of one product on some sessions, `$sessions` their days with commas between, with spot and lease where held.
select c.session, c.delivery_month, c.contract, c.settle, c.currency, c.unit, c.open_interest, c.oi_status, c.volume, c.is_liquid,
    c.sessions_to_fnd, c.anchor, c.next_contract, c.days_between, c.next_minus_this_ann_pct, c.settle_published_at,
    f.spot_usd, f.spot_provider, f.spot_quoted_at, f.fut_minus_spot_usd, f.lease_ann_pct, f.forward_ann_pct,
    f.rate_act360_pct, f.rate_series, f.rate_session, f.unknown_because
from curve c
left join implied_forward f on f.venue = c.venue and f.product = c.product and f.session = c.session and f.delivery_month = c.delivery_month
where c.venue = $venue and c.product = $product and list_contains(string_split($sessions, ','), cast(c.session as varchar))
order by c.session desc, c.delivery_month
