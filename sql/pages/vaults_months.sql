-- Delivery months of one metal of which notices by firm are held, newest first, with what the reports add up to.
with firms as (
    select venue, product, delivery_month, count(distinct session) as days, sum(stopped) as stopped, max(session) as newest,
        max(published_at) as published_at
    from delivery_notices
    group by venue, product, delivery_month
)
select c.contract, c.delivery_month, c.first_notice, f.days, f.stopped, f.newest, f.published_at,
    m.session as delivered_session, m.delivered_lots, m.ended, m.notices_suspect
from firms f
join contracts c on c.venue = f.venue and c.product = f.product and c.delivery_month = f.delivery_month
left join (
    select * from delivery_month where delivered_lots is not null
    qualify row_number() over (partition by contract order by session desc) = 1
) m on m.contract = c.contract
where c.metal = $metal
order by c.delivery_month desc, c.contract
