-- COMEX margins as entered: each change from the day it applies, and what the margin in force is of a contract's value.

create or replace view margin_steps as
with entered as (
    select upper(split_part(series, '_', 3)) as product, session as applies_from,
        arg_max(value, (received_at, published_at, raw_sha256)) as value, arg_max(unit, (received_at, published_at, raw_sha256)) as unit,
        count(distinct (value, unit)) > 1 as pages_differ,
        arg_max(published_at, (received_at, published_at, raw_sha256)) as published_at,
        arg_max(raw_sha256, (received_at, published_at, raw_sha256)) as raw_sha256
    from manual_prices
    where series like 'margin\_comex\_%\_initial' escape '\'
    group by all
),
placed as (
    select e.*, v.session, v.ordinal
    from entered e
    asof join venue_sessions v on v.calendar = 'COMEX' and e.applies_from <= v.session
),
chained as (
    select *, lag(value) over w as before_value, lag(unit) over w as before_unit, lag(applies_from) over w as before_applies_from,
        lag(published_at) over w as before_published_at, lag(raw_sha256) over w as before_sha256
    from placed
    window w as (partition by product order by applies_from)
)
select product, applies_from, session, ordinal, value, unit, before_value, before_unit, before_applies_from,
    case when before_unit = unit then 100 * (value / nullif(before_value, 0) - 1) end as change_pct,
    coalesce(before_unit = unit and value > before_value, false) as is_rise,
    coalesce(before_unit <> unit, false) as is_change_of_method,
    pages_differ, published_at, raw_sha256, before_published_at, before_sha256
from chained;

comment on view margin_steps is 'Initial margins of COMEX and NYMEX metals as entered, one row for each day one applies from, with the one before. A change between dollars and percent is no rise: the two are not compared.';
comment on column margin_steps.product is 'Exchange product code.';
comment on column margin_steps.applies_from is 'Day it applies from as entered; not the day it was announced.';
comment on column margin_steps.session is 'First session it applies to.';
comment on column margin_steps.ordinal is 'Number of that session.';
comment on column margin_steps.value is 'Initial margin, in unit.';
comment on column margin_steps.unit is 'usd_per_contract, or pct_of_notional: percent of the contract''s value.';
comment on column margin_steps.before_value is 'The margin before, in before_unit; NULL for the first on file.';
comment on column margin_steps.before_unit is 'Unit of that.';
comment on column margin_steps.before_applies_from is 'Day that one applied from.';
comment on column margin_steps.change_pct is 'Change of the rate, percent of the one before; NULL for the first and where the method changed.';
comment on column margin_steps.is_rise is 'True where the rate rose within one method.';
comment on column margin_steps.is_change_of_method is 'True where dollars gave way to percent or the other way round.';
comment on column margin_steps.pages_differ is 'True where two pages entered for one day disagree; the one received last is shown.';
comment on column margin_steps.published_at is 'When the public could know it, UTC.';
comment on column margin_steps.raw_sha256 is 'SHA-256 of the archived file it was entered by.';
comment on column margin_steps.before_published_at is 'When the one before could be known, UTC.';
comment on column margin_steps.before_sha256 is 'SHA-256 of the archived file of the one before.';

create or replace view margin_levels as
with lots as (
    select distinct product, venue, metal, case lot_unit when 'short_ton' then lot * 2000 else lot_oz end as lot_in_price_unit
    from contracts where venue in ('COMEX', 'NYMEX')
),
priced as (
    select l.venue, l.product, l.metal, f.session, f.contract, f.settle, f.published_at, f.raw_sha256,
        f.settle * l.lot_in_price_unit as notional_usd
    from active_settlements f join lots l on l.product = f.product
)
select p.venue, p.product, p.metal, p.session, p.contract, p.settle, p.notional_usd, m.applies_from, m.value, m.unit,
    case m.unit when 'usd_per_contract' then 100 * m.value / nullif(p.notional_usd, 0) else m.value end as margin_pct_of_notional,
    case m.unit when 'usd_per_contract' then m.value else m.value / 100 * p.notional_usd end as margin_usd,
    greatest(p.published_at, m.published_at) as published_at, p.published_at as settle_published_at,
    p.raw_sha256 as settle_sha256, m.raw_sha256 as margin_sha256
from priced p
asof join margin_steps m on m.product = p.product and m.session <= p.session;

comment on view margin_levels is 'The initial margin in force on each settled session, in dollars and as percent of the value of the most open active month. Under the percent method dollars move with the price while the rate stands still.';
comment on column margin_levels.venue is 'COMEX or NYMEX.';
comment on column margin_levels.product is 'Exchange product code.';
comment on column margin_levels.metal is 'Metal.';
comment on column margin_levels.session is 'Trade date.';
comment on column margin_levels.contract is 'Month whose settlement is taken.';
comment on column margin_levels.settle is 'Its settlement, USD per unit of the price.';
comment on column margin_levels.notional_usd is 'Value of one contract, USD.';
comment on column margin_levels.applies_from is 'Day the margin applies from.';
comment on column margin_levels.value is 'Margin as entered, in unit.';
comment on column margin_levels.unit is 'usd_per_contract or pct_of_notional.';
comment on column margin_levels.margin_pct_of_notional is 'Margin as percent of the contract''s value.';
comment on column margin_levels.margin_usd is 'Margin of one contract, USD.';
comment on column margin_levels.published_at is 'When both were public, UTC.';
comment on column margin_levels.settle_published_at is 'When the settlement could be known, UTC.';
comment on column margin_levels.settle_sha256 is 'Archived file of the settlement.';
comment on column margin_levels.margin_sha256 is 'Archived file of the margin.';

create or replace view margin_windows as
with settled as (
    select c.product, min(v.ordinal) as first, max(v.ordinal) as last
    from settlements s
    join (select distinct venue, product from contracts where venue in ('COMEX', 'NYMEX')) c using (venue, product)
    join venue_sessions v on v.calendar = 'COMEX' and v.session = s.session
    group by c.product
),
entered as (select product, min(ordinal) as first_ordinal from margin_steps group by product),
asked as (
    select e.product, v.session, v.ordinal, e.first_ordinal
    from entered e join settled s on s.product = e.product
    join venue_sessions v on v.calendar = 'COMEX' and v.ordinal between greatest(s.first, e.first_ordinal) and s.last
),
counted as (
    select a.product, a.session, any_value(a.ordinal) as ordinal, any_value(a.first_ordinal) as first_ordinal,
        count(*) filter (m.is_rise and m.ordinal > a.ordinal - 10) as rises_10,
        count(*) filter (m.is_rise and m.ordinal > a.ordinal - 15) as rises_15,
        100 * (coalesce(product(1 + m.change_pct / 100) filter (m.change_pct is not null), 1) - 1) as change_20_pct,
        coalesce(bool_or(m.is_change_of_method), false) as method_changed,
        coalesce(bool_or(m.pages_differ), false) as pages_differ,
        string_agg(m.applies_from || ' ' || coalesce(m.before_value || ' ', '') || '-> ' || m.value || ' ' || m.unit, '; '
            order by m.applies_from) as steps,
        arg_min(m.before_value, m.applies_from) filter (m.before_value is not null) as before_value,
        arg_min(m.before_unit, m.applies_from) filter (m.before_value is not null) as before_unit,
        arg_min(m.before_applies_from, m.applies_from) filter (m.before_value is not null) as before_applies_from,
        arg_min(m.before_published_at, m.applies_from) filter (m.before_value is not null) as before_published_at,
        arg_min(m.before_sha256, m.applies_from) filter (m.before_value is not null) as before_sha256
    from asked a
    left join margin_steps m on m.product = a.product and m.ordinal > a.ordinal - 20 and m.ordinal <= a.ordinal
    group by a.product, a.session
)
select c.product, c.session, c.rises_10, c.rises_15, c.change_20_pct, c.method_changed, c.pages_differ, c.steps,
    cast(c.ordinal - c.first_ordinal as integer) as sessions_on_file, cast(c.ordinal - n.ordinal as integer) as sessions_since_entry,
    n.value, n.unit, n.applies_from, n.published_at, n.raw_sha256,
    c.before_value, c.before_unit, c.before_applies_from, c.before_published_at, c.before_sha256
from counted c
asof join margin_steps n on n.product = c.product and n.session <= c.session;

comment on view margin_windows is 'Of each session from the first margin entered on: how often the rate rose in 10 and 15 sessions, and by how much in 20, by the days they applied from.';
comment on column margin_windows.product is 'Exchange product code.';
comment on column margin_windows.session is 'Trade date.';
comment on column margin_windows.rises_10 is 'Rises of the rate that began to apply within the last 10 sessions, this one included.';
comment on column margin_windows.rises_15 is 'The same of 15 sessions.';
comment on column margin_windows.change_20_pct is 'All changes of the last 20 sessions multiplied, cuts included, percent; a change of method counts nothing.';
comment on column margin_windows.method_changed is 'True where the method changed within 20 sessions.';
comment on column margin_windows.pages_differ is 'True where two pages disagree about a margin of those 20 sessions.';
comment on column margin_windows.steps is 'The changes of those 20 sessions in words.';
comment on column margin_windows.sessions_on_file is 'Sessions since the first margin on file.';
comment on column margin_windows.sessions_since_entry is 'Sessions since the newest margin on file began to apply.';
comment on column margin_windows.value is 'Initial margin in force, in unit.';
comment on column margin_windows.unit is 'usd_per_contract or pct_of_notional.';
comment on column margin_windows.applies_from is 'Day it applies from.';
comment on column margin_windows.published_at is 'When it could be known, UTC.';
comment on column margin_windows.raw_sha256 is 'SHA-256 of the archived file.';
comment on column margin_windows.before_value is 'Margin before the first change of those 20 sessions, in before_unit.';
comment on column margin_windows.before_unit is 'Unit of that.';
comment on column margin_windows.before_applies_from is 'Day it applied from.';
comment on column margin_windows.before_published_at is 'When it could be known, UTC.';
comment on column margin_windows.before_sha256 is 'SHA-256 of the archived file of it.';
