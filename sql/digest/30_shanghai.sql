-- title = "Shanghai"
-- needs = ["regional_premium", "shfe_warrants", "sge_quotes"]
-- note = "Premium: Shanghai's close over New York's settlements before and after it, middle of the two; ex tax where the quoted price is taken to include it. Warrants: SHFE's own total."
-- empty = "no Shanghai report is held"
with ordered as (
    select *, max(session) over (partition by venue, metal) as newest from regional_premium
),
premium as (
    select *, row_number() over (partition by venue, metal
        order by unknown_because = '' and newest - session <= 4 desc, session desc) as back,
        arg_max(unknown_because, session) over (partition by venue, metal) as newest_unknown_because
    from ordered
),
usual as (
    select venue, metal, format('median of {} earlier sessions: {:+.1f}', count(*), median(ex_tax_pct)) as words
    from premium where back > 1 and session >= newest - 90 and unknown_because = '' group by venue, metal having count(*) >= 5
),
warrants as (
    select *, row_number() over (partition by metal order by session desc) as back,
        first_value(quantity) over (partition by metal order by session rows between 5 preceding and 5 preceding) as before
    from shfe_warrants where level = 'total'
),
direction as (
    select * from sge_quotes where contract in ('Ag(T+D)', 'Au(T+D)') and delivery_direction is not null
    qualify row_number() over (partition by contract order by session desc) = 1
)
select what, value, unit, text, typical, note, reason, session, published_at
from (
    select 1 as place, p.metal || p.venue as key, p.venue || ' ' || p.metal || ' over New York, ' || case p.tax_basis when 'inclusive' then 'without tax' else 'as quoted' end as what,
        p.ex_tax_pct as value, '%' as unit,
        case when p.unknown_because <> '' then null
            when format('{:+.1f}', p.ex_tax_low_pct) = format('{:+.1f}', p.ex_tax_high_pct) then format('{:+.1f} %', p.ex_tax_low_pct)
            else format('{:+.1f} to {:+.1f} %', p.ex_tax_low_pct, p.ex_tax_high_pct) end as text,
        coalesce(u.words, '') as typical,
        case when p.session < p.newest then p.newest || ' not yet: ' || p.newest_unknown_because else '' end as note, p.unknown_because as reason, p.session, coalesce(p.published_at, p.price_published_at) as published_at
    from premium p left join usual u using (venue, metal) where p.back = 1
    union all
    select 2, w.metal, 'SHFE ' || w.metal || ' under warrant', w.quantity, case w.unit when 'tonne' then 't' else w.unit end, null,
        concat_ws(', ', format('change on the page {:+.1f} t', w.change / case w.unit when 'kg' then 1000 else 1 end),
            case when w.before is not null then format('5 reports before: {:.1f} t', w.before / case w.unit when 'kg' then 1000 else 1 end) end),
        '', '', w.session, w.published_at
    from warrants w where w.back = 1
    union all
    select 3, d.contract, 'SGE ' || d.contract || ' deferral fee', null, '',
        case d.delivery_direction when 'shorts_pay_longs' then 'shorts pay longs: more takers than deliverers' else 'longs pay shorts: more deliverers than takers' end,
        '', '', '', d.session, d.published_at
    from direction d
)
order by place, key desc
