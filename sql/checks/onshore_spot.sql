-- title = "Onshore spot silver over SGE Ag(T+D)"
-- headline = "onshore spot pays {value:+} over Ag(T+D)"
-- why = "Metal in hand costs more in China than the exchange's own price of the same session: the cleanest gauge of tightness, no tax, currency or clock lies between the two."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "(quoted spot - Ag(T+D)) / Ag(T+D) close of the same session, in percent; from bid to ask, of a quoted price against the session's high and low; both ends must pass"
-- worked = "100 * quote_minus_td_cny_kg / td_close_cny_kg"
-- enter = "2/3"
-- leave = 3
-- route = "mail"
-- reach = 21
-- needs = {sge_quote_rows = 2, manual_rows = 5}
-- sources = ["sge_quotes", "inbox_csv"]
-- references = ["market.md 1.9 (2 and 6 % of Ag(T+D); 3,500 to 4,000 on 19,885 on 5 February 2026)", "market.md 4 SH4"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["SGE"]
-- warn = 2.0
-- critical = 6.0
with known as (select min(session) as first from onshore_spot),
newest as (select max(session) as last from (select session from onshore_spot union all select session from sge_quotes where contract = 'Ag(T+D)'))
select 'SGE silver' as subject, v.session, o.spot_minus_td_pct as value, o.low_pct as low, o.high_pct as high,
    th.warn, th.critical, th.clear, greatest(o.quote_published_at, o.td_published_at) as published_at,
    coalesce(o.unknown_because, 'no onshore quote was entered for this session') as reason,
    'silver' as metal, 'SGE' as venue,
    o.spot_minus_td_cny_kg as quote_minus_td_cny_kg, o.series as quote_series, o.tax_basis as quote_tax_basis,
    o.session as quote_session, o.quote_published_at, o.quote_sha256,
    o.td_close_cny_kg, o.td_high_cny_kg, o.td_low_cny_kg, case when o.td_close_cny_kg is not null then o.session end as td_session,
    o.td_published_at, o.td_sha256, o.low_pct, o.high_pct
from known k
cross join newest n
join venue_sessions v on v.calendar = 'SGE' and v.session between k.first and n.last
left join onshore_spot o on o.session = v.session
join thresholds th on th.check_name = 'onshore_spot' and th.venue = 'SGE' and th.metal = 'silver'
    and v.session >= th.valid_from and v.session < th.valid_to
order by v.session
