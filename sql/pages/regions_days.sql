-- Days on which a price of one metal is none: closed while other venues trade, limit-locked, untraded, or not held.
select venue, session, state from market_state
where metal = $metal and venue in ('SHFE', 'SGE') and state <> 'trading'
    and session > (select max(session) from market_state) - 200
union all
select 'MCX' as venue, v.session, 'not held' as state
from venue_sessions v
join (select min(session) as first, max(session) as last from mcx where symbol = upper($metal)) m
    on v.session between greatest(m.first, m.last - 200) and m.last
where v.calendar = 'MCX' and v.session not in (select session from mcx where symbol = upper($metal))
order by venue, session
