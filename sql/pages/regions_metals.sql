-- Metals of which a price of another region is held.
select metal from (select metal from shanghai_closes union select metal from india_premium)
order by position(metal in 'silver gold')
