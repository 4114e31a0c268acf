-- Sessions of one product with settlements, newest first. A day on which a report came and nothing traded is none.
select distinct s.session
from settlements s
join (select distinct venue, product, calendar from contracts) c on c.venue = s.venue and c.product = s.product
join venue_sessions v on v.calendar = c.calendar and v.session = s.session
where s.venue = $venue and s.product = $product
order by s.session desc
