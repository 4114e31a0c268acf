-- Sessions of which a source of one check has published a figure more than once and not the same, by metal and product.
-- A final open interest after a preliminary one is no revision; two different final ones are.
with told as (
    select source, session, metal, '' as product, depository || category as key, cast(total_today as double) as value from comex_stock_rows
    union all
    select source, session, metal, '', region || warehouse || level, cast(quantity as double) from shfe_warrant_rows
    union all
    select source, session, '', product, cast(delivery_month as varchar), cast(open_interest as double) from open_interest_rows where status = 'final'
    union all
    select source, session, '', product, cast(delivery_month as varchar), settle from settlement_rows where status = 'final'
    union all
    select source, session, '', product, cast(delivery_month as varchar), cast(stopped as double) from delivery_total_rows
    union all
    select source, session, metal, '', venue, cast(quantity as double) from vault_holding_rows
    union all
    select source, session, '', '', fund || measure, value from fund_rows
    union all
    select source, session, '', '', series, percent from rate_rows
)
select distinct t.session
from (
    select source, session, metal, product from told where value is not null and session >= $start
    group by source, session, metal, product, key having count(distinct value) > 1
) t
join check_sources c on c.source = t.source and c.check_name = $check
where t.metal in ('', $metal) and (t.product = '' or t.product in (select product from contracts where metal = $metal and venue = $venue))
order by t.session
