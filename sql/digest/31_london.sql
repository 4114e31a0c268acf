-- title = "London"
-- needs = ["vault_holdings"]
-- note = "Metal in London's vaults at the end of the month, whoever owns it: most of the silver belongs to funds."
-- empty = "no figures of London's vaults are held"
with months as (
    select *, row_number() over (partition by metal order by session desc) as back,
        lag(quantity_troy_oz) over (partition by metal order by session) as before
    from vault_holdings where metal in ('silver', 'gold')
)
select upper(metal[1]) || metal[2:] || ' in London''s vaults' as what, quantity_troy_oz as value, 'oz' as unit,
    case when before is not null then format('a month before: {:.1f} Moz', before / 1e6) else '' end as typical,
    '' as reason, session, published_at
from months where back = 1 order by metal desc
