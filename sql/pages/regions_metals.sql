-- Metals of which a price over New York can be told anywhere.
select metal from (select metal from regional_premium union select metal from india_premium)
order by position(metal in 'silver gold')
