-- title = "London"
-- needs = ["london_vaults"]
-- note = "Metal in London's vaults at the end of the month, whoever owns it: most of the silver belongs to funds."
-- empty = "no figures of London's vaults are held"
select upper(metal[1]) || metal[2:] || ' in London''s vaults' as what, vault_oz as value, 'oz' as unit,
    concat_ws('; ', case when change_1_month_oz is not null then format('{:+.1f} Moz or {:+.1f} % on the month before', change_1_month_oz / 1e6, change_1_month_pct)
            else 'the month before is not held' end,
        case when change_12_months_pct is not null then format('{:+.1f} % on the year before', change_12_months_pct) end) as typical,
    '' as reason, session, published_at
from london_vaults
where metal in ('silver', 'gold')
qualify row_number() over (partition by metal order by session desc) = 1
order by metal desc
