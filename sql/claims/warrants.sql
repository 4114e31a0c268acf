-- title = "SHFE warrants"
-- unit = "kg"
-- calendar = "SHFE"
-- dated = "session"
-- metals = ["silver", "gold", "copper"]
-- [metric.warrants]
-- words = ["warrants", "shfe warrants", "on warrant"]
-- definitions = ["metal under warrant, the page's total"]
-- [metric.warrants_change]
-- words = ["warrants change", "change of warrants", "shfe warrants change"]
-- definitions = ["change of the total since the session before", "change the page prints"]
-- signed = true
with totals as (
    select w.session, w.quantity * case w.unit when 'tonne' then 1000 else 1 end as kg, w.change * case w.unit when 'tonne' then 1000 else 1 end as printed,
        w.published_at, w.raw_sha256, v.ordinal
    from shfe_warrants w join venue_sessions v on v.calendar = 'SHFE' and v.session = w.session
    where w.level = 'total' and w.warehouse = '总计' and w.metal = $metal
),
pairs as (
    select n.*, b.kg as before_kg, b.session as before_session, b.published_at as before_published_at, b.raw_sha256 as before_sha256
    from totals n left join totals b on b.ordinal = n.ordinal - 1
),
kinds as (
    select *, unnest([
        {'definition': 'metal under warrant, the page''s total', 'amount': kg},
        {'definition': 'change of the total since the session before', 'amount': kg - before_kg},
        {'definition': 'change the page prints', 'amount': printed}]) as kind
    from pairs
)
select session, kind.definition as definition, kind.amount as value,
    kg as warrants_kg, printed as warrants_change_printed_kg, session as warrants_session, published_at as warrants_published_at, raw_sha256 as warrants_sha256,
    before_kg as before_warrants_kg, before_session, before_published_at, before_sha256
from kinds where kind.amount is not null
order by session
