-- Every product whose settlements are held, with its newest session; silver first, New York before Shanghai.
with held as (
    select c.venue, c.product, c.metal, max(s.session) as newest
    from settlements s
    join (select distinct venue, product, metal, calendar from contracts) c on c.venue = s.venue and c.product = s.product
    join venue_sessions v on v.calendar = c.calendar and v.session = s.session
    group by c.venue, c.product, c.metal
)
select venue, product, metal, newest from held
order by position(metal in 'silver gold platinum palladium copper'), venue in ('SHFE', 'INE'), product
