-- Prices that a person entered over New York, newest of each series.
select session, series, price, unit, tax_basis, headline_low_pct, headline_high_pct, ex_tax_low_pct, ex_tax_high_pct, unknown_because,
    quote_published_at
from inbox_premium where metal = $metal
qualify row_number() over (partition by series order by session desc) = 1
order by series
