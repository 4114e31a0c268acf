-- title = "Dates ahead"
-- needs = ["market_events"]
-- note = "The next 14 days of COMEX, NYMEX, Shanghai, London and Mumbai."
-- empty = "Nothing is on file for the next 14 days."
-- always = true
select string_agg(text, '; ' order by text) as what, '' as text, session, cast(null as timestamp) as published_at
from market_events
where session > as_of() and session <= as_of() + 14 and venue not in ('NYSE', 'TARGET', 'SIFMA', 'SOFR', 'CFETS', 'CFTC')
group by session
order by session
