-- What a chart of one metal and venue marks. Of first notice and last trade days those of active months, and where the
-- measure is about one delivery month those of that month alone.
select m.session, string_agg(distinct m.label, ', ' order by m.label) as label
from market_events m
where m.session between $start and $until and m.metal in ($metal, '') and m.venue in ($venue, '') and m.kind <> 'closure'
    and (m.kind not in ('first_notice', 'last_trade') or $contract = '' or ends_with(m.label, ' ' || $contract))
group by m.session
order by m.session
