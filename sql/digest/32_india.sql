-- title = "India"
-- needs = ["ibja", "mcx", "india_premium"]
-- note = "Rupees as published, import duty inside, GST not. Premium: that price without duty over New York's settlements before and after it, middle of the two."
-- empty = "no Indian price is held"
with rates as (
    select *, row_number() over w as back, lead(inr_per_kg) over w as before, lead(session) over w as before_session, lead(fixing) over w as before_fixing
    from ibja where fineness = 999 and metal in ('silver', 'gold')
    window w as (partition by metal order by session desc, fixing = 'afternoon' desc)
),
traded as (
    select *, case symbol when 'SILVER' then 'silver' else 'gold' end as metal from mcx where symbol in ('GOLD', 'SILVER') and volume_lots > 0
    qualify row_number() over (partition by symbol order by session desc, open_interest desc nulls last, expiry) = 1
),
ordered as (
    select *, max(session) over (partition by venue, metal) as newest,
        arg_max(unknown_because, session) over (partition by venue, metal) as newest_unknown_because
    from india_premium
),
premium as (
    select * from ordered
    qualify row_number() over (partition by venue, metal order by unknown_because = '' and newest - session <= 4 desc, session desc) = 1
)
select what, value, unit, text, typical, note, reason, session, published_at, signed
from (
    select metal, 1 as place, venue || ' ' || metal || ' over New York, without duty' as what, (ex_duty_low_pct + ex_duty_high_pct) / 2 as value, '%' as unit,
        case when unknown_because <> '' then null
            when format('{:+.1f}', ex_duty_low_pct) = format('{:+.1f}', ex_duty_high_pct) then format('{:+.1f} %', ex_duty_low_pct)
            else format('{:+.1f} to {:+.1f} %', ex_duty_low_pct, ex_duty_high_pct) end as text, '' as typical,
        case when session < newest then newest || ' not yet: ' || newest_unknown_because else '' end as note,
        unknown_because as reason, session, coalesce(published_at, price_published_at) as published_at, false as signed
    from premium
    union all
    select metal, 2, 'MCX ' || metal || ', month to ' || expiry, close_inr_per_kg, 'INR/kg', null,
        case when previous_close > 0 then format('{:+.2f} % on the session before', 100 * (close / previous_close - 1)) else '' end, '', '', session, published_at, false
    from traded
    union all
    select metal, 3, 'IBJA ' || metal || ' 999, ' || fixing, inr_per_kg, 'INR/kg', null,
        case when before > 0 then format('{:+.2f} % on the {} of {}', 100 * (inr_per_kg / before - 1), before_fixing, strftime(before_session, '%-d %b')) else '' end,
        '', '', session, published_at, false
    from rates where back = 1
)
order by metal desc, place, what desc
