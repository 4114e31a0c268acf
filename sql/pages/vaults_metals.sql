-- Every metal whose COMEX stock reports are held.
select metal from (select distinct metal from comex_stock_sums)
order by position(metal in 'silver gold platinum palladium copper')
