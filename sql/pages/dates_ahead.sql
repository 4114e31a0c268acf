-- The next 14 days of COMEX, NYMEX, Shanghai, London and Mumbai, one row a day and text.
select session, string_agg(distinct venue, ', ' order by venue) as venues, text
from market_events
where session > cast(this_moment() as date) and session <= cast(this_moment() as date) + 14
    and venue not in ('NYSE', 'TARGET', 'SIFMA', 'SOFR', 'CFETS', 'CFTC')
group by session, text
order by session, venues, text
