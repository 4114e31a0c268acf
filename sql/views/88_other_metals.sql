-- Copper, iron ore and lithium beside the precious metals: levels as reported, nothing converted.

create or replace view other_metals as
select s.session, 'copper' as material, s.venue, s.contract as series, s.settle as value,
    'USD' as currency, s.unit, 'not_taxed' as tax_basis, s.published_at, s.raw_sha256
from (select 'COMEX' as venue, * from comex_front where metal = 'copper') s
union all by name
select s.session, c.metal as material, s.venue, c.contract as series, s.settle as value, s.currency, s.unit,
    'unknown' as tax_basis, s.published_at, s.raw_sha256
from settlements s
join contracts c on c.venue = s.venue and c.product = s.product and c.delivery_month = s.delivery_month
left join open_interest_best o on o.venue = s.venue and o.product = s.product
    and o.delivery_month = s.delivery_month and o.session = s.session
where c.metal = 'copper' and s.venue in ('SHFE', 'INE') and c.last_trade >= s.session
qualify row_number() over (partition by s.venue, s.product, s.session
    order by coalesce(o.open_interest, s.prior_open_interest) desc nulls last, s.volume desc nulls last, s.delivery_month) = 1
union all by name
select session, case when starts_with(series, 'iron_ore') then 'iron ore' else 'lithium carbonate' end as material,
    case when ends_with(series, '_dce') then 'DCE' else '' end as venue, series, value,
    case when starts_with(unit, 'cny') then 'CNY' else 'USD' end as currency, split_part(unit, '_per_', 2) as unit, tax_basis,
    published_at, raw_sha256
from manual_prices
where series in ('iron_ore_62', 'iron_ore_dce', 'lithium_carbonate');

comment on view other_metals is 'Levels of copper (the most open month of each exchange), iron ore and lithium carbonate (entered by hand), each in its own currency and unit.';
comment on column other_metals.session is 'Trade date, or the day a figure entered by hand is of.';
comment on column other_metals.material is 'copper, iron ore or lithium carbonate.';
comment on column other_metals.venue is 'Exchange; empty for a price assessed off exchange.';
comment on column other_metals.series is 'Contract, or series of figures entered by hand.';
comment on column other_metals.value is 'Settlement or price, in currency per unit.';
comment on column other_metals.currency is 'USD or CNY.';
comment on column other_metals.unit is 'Unit of mass the price is for.';
comment on column other_metals.tax_basis is 'Whether value-added tax is in the price: inclusive, exclusive, unknown or not_taxed; Chinese exchanges'' copper is not confirmed.';
comment on column other_metals.published_at is 'When it was public, UTC.';
comment on column other_metals.raw_sha256 is 'SHA-256 of the archived file.';
