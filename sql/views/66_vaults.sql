-- London's vaults by month, and the stock of silver that anyone can see, each leg with its date.

create or replace view london_vaults as
with months as (
    select h.session, h.metal, h.quantity_troy_oz as vault_oz, h.published_at, h.raw_sha256,
        date_trunc('month', h.session) as month
    from vault_holdings h
    where h.venue = 'LBMA'
    qualify row_number() over (partition by h.metal, date_trunc('month', h.session) order by h.session desc) = 1
),
funds as (
    select fund, case fund when 'SLV' then 'silver' else 'gold' end as metal, session, value as ounces, published_at, raw_sha256
    from fund_holdings where measure = 'ounces' and unit = 'troy_oz'
),
estimates as (
    select session, value * 32150.74656862798 as float_oz, date_trunc('month', session) as month, source_url
    from manual_prices where series = 'london_silver_free_float' and unit = 'tonne'
    qualify row_number() over (partition by date_trunc('month', session) order by (published_at, raw_sha256) desc) = 1
),
paired as (
    select m.*, b.vault_oz as before_oz, y.vault_oz as year_before_oz, f.fund, f.session as fund_session, f.ounces,
        f.published_at as fund_published_at, f.raw_sha256 as fund_sha256, e.float_oz as estimate_oz, e.source_url as estimate_url
    from months m
    left join months b on b.metal = m.metal and b.month = m.month - interval 1 month
    left join months y on y.metal = m.metal and y.month = m.month - interval 1 year
    left join estimates e on m.metal = 'silver' and e.month = m.month
    asof left join funds f on f.metal = m.metal and f.session <= m.session
)
select session, metal, vault_oz, vault_oz / 32150.74656862798 as vault_t,
    vault_oz - before_oz as change_1_month_oz, 100 * (vault_oz / before_oz - 1) as change_1_month_pct,
    100 * (vault_oz / year_before_oz - 1) as change_12_months_pct,
    case when session - fund_session <= 7 then fund end as fund, case when session - fund_session <= 7 then ounces end as fund_oz,
    case when session - fund_session <= 7 then fund_session end as fund_session,
    case when session - fund_session <= 7 then vault_oz - ounces end as free_float_low_oz,
    vault_oz as free_float_high_oz, estimate_oz as free_float_estimate_oz, estimate_url,
    published_at, raw_sha256, case when session - fund_session <= 7 then fund_published_at end as fund_published_at,
    case when session - fund_session <= 7 then fund_sha256 end as fund_sha256
from paired;

comment on view london_vaults is 'Metal in London vaults at each month-end: gross custody, funds'' metal inside it. What is free lies between the two ends given: the fund''s bars may lie partly in New York, inside COMEX eligible, and other funds'' metal is not on file.';
comment on column london_vaults.session is 'Last London session of the month.';
comment on column london_vaults.metal is 'gold or silver.';
comment on column london_vaults.vault_oz is 'Metal in the vaults, troy ounces.';
comment on column london_vaults.vault_t is 'The same in tonnes.';
comment on column london_vaults.change_1_month_oz is 'Change against the month before, troy ounces; NULL where that month is not held.';
comment on column london_vaults.change_1_month_pct is 'The same, percent.';
comment on column london_vaults.change_12_months_pct is 'Change against the same month of the year before, percent; NULL where that is not held.';
comment on column london_vaults.fund is 'Fund whose ounces are on file: SLV or GLD; NULL where none of the week before is held.';
comment on column london_vaults.fund_oz is 'Its metal, troy ounces.';
comment on column london_vaults.fund_session is 'Date of that figure, at most seven days before.';
comment on column london_vaults.free_float_low_oz is 'Vaults less that fund, as if all its bars lay in London, troy ounces. Not a floor: other funds'' metal is still in it.';
comment on column london_vaults.free_float_high_oz is 'Vaults whole, as if none of them did, troy ounces.';
comment on column london_vaults.free_float_estimate_oz is 'Estimate of others for the month, entered by hand, troy ounces; NULL where none was.';
comment on column london_vaults.estimate_url is 'Page that estimate was read from.';
comment on column london_vaults.published_at is 'When the month could be known, UTC.';
comment on column london_vaults.raw_sha256 is 'Archived file of it.';
comment on column london_vaults.fund_published_at is 'When the fund''s ounces could be known, UTC.';
comment on column london_vaults.fund_sha256 is 'Archived file of them.';

create or replace view visible_stock as
with months as (
    select session, metal, vault_oz, published_at from london_vaults where metal = 'silver'
),
legs as (
    select m.*, c.session as comex_session, c.total_oz as comex_oz, c.published_at as comex_published_at,
        h.session as shfe_session, h.t * 32150.74656862798 as shfe_oz, h.published_at as shfe_published_at,
        g.session as sge_session, g.t * 32150.74656862798 as sge_oz, g.published_at as sge_published_at,
        f.session as fund_session, f.ounces as fund_oz, f.published_at as fund_published_at
    from months m
    asof left join (
        select session, total_oz, published_at from comex_flows where metal = 'silver' and not suspect
    ) c on c.session <= m.session
    asof left join (
        select session, shfe_warrants_t as t, shfe_warrants_published_at as published_at
        from shanghai_stocks where metal = 'silver' and shfe_warrants_t is not null
    ) h on h.session <= m.session
    asof left join (
        select session, this_week / 1000 as t, published_at from sge_stock_weekly where metal = 'silver'
    ) g on g.session <= m.session
    asof left join (
        select session, value as ounces, published_at from fund_holdings where fund = 'SLV' and measure = 'ounces' and unit = 'troy_oz'
    ) f on f.session <= m.session
),
fresh as (
    select session, metal, vault_oz as london_oz, published_at as london_published_at,
        case when session - comex_session <= 7 then comex_oz end as comex_oz, comex_session, comex_published_at,
        case when session - shfe_session <= 12 then shfe_oz end as shfe_oz, shfe_session, shfe_published_at,
        case when session - sge_session <= 14 then sge_oz end as sge_oz, sge_session, sge_published_at,
        case when session - fund_session <= 7 then fund_oz end as fund_oz, fund_session, fund_published_at
    from legs
),
summed as (
    select *, london_oz + comex_oz + shfe_oz + sge_oz as gross_oz,
        london_oz + comex_oz + shfe_oz + sge_oz - fund_oz as net_of_fund_oz
    from fresh
)
select session, metal, london_oz, comex_oz, comex_session, shfe_oz, shfe_session, sge_oz, sge_session, fund_oz, fund_session,
    gross_oz, net_of_fund_oz,
    case when lag(session) over months >= date_trunc('month', session) - interval 1 month
        then net_of_fund_oz - lag(net_of_fund_oz) over months end as change_1_month_oz,
    case when comex_oz is null then 'no COMEX stock report of the week before the month-end'
        when shfe_oz is null then 'no SHFE warrants of the twelve days before the month-end'
        when sge_oz is null then 'no SGE weekly report of the two weeks before the month-end'
        when fund_oz is null then 'no ounces of the fund of the week before the month-end' else '' end as unknown_because,
    greatest(london_published_at, comex_published_at, shfe_published_at, sge_published_at, fund_published_at) as published_at,
    london_published_at, comex_published_at, shfe_published_at, sge_published_at, fund_published_at
from summed
window months as (partition by metal order by session);

comment on view visible_stock is 'Silver that can be seen at each month-end: London''s vaults, COMEX registered and eligible, SHFE''s warrants, SGE''s vaults. The fund''s bars lie in London or in COMEX eligible: they are inside the sum once, and are taken off once. Unknown where a leg is missing or too old.';
comment on column visible_stock.session is 'Last London session of the month.';
comment on column visible_stock.metal is 'silver.';
comment on column visible_stock.london_oz is 'London''s vaults, troy ounces.';
comment on column visible_stock.comex_oz is 'COMEX registered and eligible, troy ounces; NULL where no report of the seven days before is held.';
comment on column visible_stock.comex_session is 'Activity date of the newest report before the month-end.';
comment on column visible_stock.shfe_oz is 'SHFE warrants, troy ounces; NULL where no page of the twelve days before is held.';
comment on column visible_stock.shfe_session is 'Trade date of the newest page before the month-end.';
comment on column visible_stock.sge_oz is 'SGE''s vaults, troy ounces; NULL where no report of the fourteen days before is held.';
comment on column visible_stock.sge_session is 'Last day of the newest week before the month-end.';
comment on column visible_stock.fund_oz is 'Metal in SLV, troy ounces; NULL where no figure of the seven days before is held.';
comment on column visible_stock.fund_session is 'Date of the newest figure before the month-end.';
comment on column visible_stock.gross_oz is 'The four stocks together, troy ounces; NULL where one is missing.';
comment on column visible_stock.net_of_fund_oz is 'The same less SLV''s metal, troy ounces. Other funds'' metal is still in it.';
comment on column visible_stock.change_1_month_oz is 'Change of it against the month before, troy ounces.';
comment on column visible_stock.unknown_because is 'Why the sum is unknown; empty where it counts.';
comment on column visible_stock.published_at is 'When the last leg was public, UTC.';
comment on column visible_stock.london_published_at is 'When London''s figure could be known, UTC.';
comment on column visible_stock.comex_published_at is 'When COMEX''s could be known, UTC.';
comment on column visible_stock.shfe_published_at is 'When SHFE''s could be known, UTC.';
comment on column visible_stock.sge_published_at is 'When SGE''s could be known, UTC.';
comment on column visible_stock.fund_published_at is 'When the fund''s could be known, UTC.';
