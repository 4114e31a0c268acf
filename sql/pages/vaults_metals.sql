-- Every metal whose COMEX stock reports are held, with the newest session.
select metal, max(session) as newest from comex_stock_totals
group by metal
order by position(metal in 'silver gold platinum palladium copper')
