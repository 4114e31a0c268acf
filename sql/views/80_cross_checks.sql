-- Where two sources, or two files of one publisher, tell the same number: both, and whether they agree.

create or replace view cross_checks as
with tolerances(pair, absolute, relative) as (values
    ('open interest of bulletin and volume payload', 1.0, 0.0),
    ('open interest of settlements payload and others', 1.0, 0.0),
    ('settlement of bulletin and settlements payload', 0.0, 0.00001),
    ('settlement of bulletin and settlement file', 0.0, 0.00001),
    ('open interest of exchange and CFTC', 1.0, 0.0),
    ('open interest of CFTC disaggregated and legacy', 1.0, 0.0),
    ('notices of daily and month-to-date report', 1.0, 0.0),
    ('notices of month to date and year to date', 1.0, 0.0),
    ('SHFE warrants of daily and weekly page', 1.0, 0.0),
    ('close of SGE quotations and history', 0.0, 0.00001),
    ('exchange rate of ECB and CFETS', 0.0, 0.01),
    ('exchange rate of ECB and Frankfurter', 0.0, 0.00001),
    ('rate of New York Fed and FRED', 0.01, 0.0),
    ('London vaults in two files', 1.0, 0.0),
    ('fund in two files', 0.0, 0.001)
),
sides(pair, source, side) as (values
    ('open interest of bulletin and volume payload', 'comex_bulletin', 'left'),
    ('open interest of bulletin and volume payload', 'comex_volume', 'right'),
    ('settlement of bulletin and settlements payload', 'comex_bulletin', 'left'),
    ('settlement of bulletin and settlements payload', 'comex_settlements', 'right'),
    ('settlement of bulletin and settlement file', 'comex_bulletin', 'left'),
    ('settlement of bulletin and settlement file', 'comex_settle_file', 'right'),
    ('notices of daily and month-to-date report', 'comex_notices', 'left'),
    ('notices of daily and month-to-date report', 'comex_notices_mtd', 'right'),
    ('exchange rate of ECB and CFETS', 'ecb_fx', 'left'),
    ('exchange rate of ECB and CFETS', 'cfets_fx', 'right'),
    ('exchange rate of ECB and Frankfurter', 'ecb_fx', 'left'),
    ('exchange rate of ECB and Frankfurter', 'frankfurter_fx', 'right'),
    ('rate of New York Fed and FRED', 'nyfed_sofr', 'left'),
    ('rate of New York Fed and FRED', 'fred_bills', 'right')
),
months as (
    select session, venue, product, sum(open_interest) as open_interest, max(published_at) as published_at,
        max(raw_sha256) as raw_sha256
    from open_interest_best
    where venue in ('COMEX', 'NYMEX')
    group by session, venue, product
    having bool_and(status = 'final')
),
year_to_date as (
    select session, venue, product, delivery_month, sum(issued) as issued, max(published_at) as published_at,
        max(raw_sha256) as raw_sha256
    from delivery_ytd
    where product is not null
    group by session, venue, product, delivery_month
),
months_to_date as (
    select y.session, t.venue, t.product, t.delivery_month, t.month_to_date, t.published_at, t.source, t.raw_sha256
    from year_to_date y
    asof join delivery_totals t on t.venue = y.venue and t.product = y.product
        and t.delivery_month = y.delivery_month and y.session >= t.session
    where y.session in (select session from delivery_days where is_held) and not exists (select 1 from delivery_days m where not m.is_held
        and m.session > t.session and m.session <= least(y.session, last_day(t.delivery_month)))
),
figures as (
    select s.pair, s.side, o.venue || ' ' || o.product as subject, strftime(o.delivery_month, '%b %Y') as item,
        o.session, cast(o.open_interest as double) as value, 'lot' as unit, o.source, o.published_at, o.raw_sha256
    from open_interest_versions o join sides s on s.source = o.source and starts_with(s.pair, 'open interest')
    where o.status = 'final'
    union all by name
    select s.pair, s.side, p.venue || ' ' || p.product as subject, strftime(p.delivery_month, '%b %Y') as item,
        p.session, p.settle as value, p.currency || '/' || p.unit as unit, p.source, p.published_at, p.raw_sha256
    from settlement_versions p join sides s on s.source = p.source and starts_with(s.pair, 'settlement')
    where p.status = 'final'
    union all by name
    select 'open interest of settlements payload and others' as pair, 'left' as side, venue || ' ' || product as subject,
        strftime(delivery_month, '%b %Y') as item, prior_session as session, prior_open_interest as value, 'lot' as unit,
        source, published_at, raw_sha256
    from settlement_versions
    where source = 'comex_settlements' and session - prior_session <= case isodow(session) when 1 then 3 else 1 end
    union all by name
    select 'open interest of settlements payload and others' as pair, 'right' as side, venue || ' ' || product as subject,
        strftime(delivery_month, '%b %Y') as item, session, open_interest as value, 'lot' as unit,
        'exchange' as source, published_at, raw_sha256
    from open_interest_best where status = 'final'
    union all by name
    select 'open interest of exchange and CFTC' as pair, 'left' as side, m.venue || ' ' || m.product as subject,
        'all months' as item, m.session, m.open_interest as value, 'lot' as unit, 'exchange' as source,
        m.published_at, m.raw_sha256
    from months m
    union all by name
    select 'open interest of exchange and CFTC' as pair, 'right' as side, k.venue || ' ' || k.product as subject,
        'all months' as item, c.session, c.open_interest as value, 'lot' as unit, c.source, c.published_at, c.raw_sha256
    from cot c join (select distinct venue, product, metal from contracts where venue in ('COMEX', 'NYMEX')) k using (metal)
    where c.scope = 'futures'
    union all by name
    select 'open interest of CFTC disaggregated and legacy' as pair,
        case report when 'disaggregated' then 'left' else 'right' end as side, metal as subject, scope as item,
        session, open_interest as value, 'lot' as unit, source, published_at, raw_sha256
    from cot
    union all by name
    select s.pair, s.side, t.venue || ' ' || coalesce(t.product, 'others') as subject, t.contract || ', ' || n.what as item,
        t.session, n.lots as value, 'lot' as unit, t.source, t.published_at, t.raw_sha256
    from delivery_total_versions t join sides s on s.source = t.source and starts_with(s.pair, 'notices'),
        lateral (values ('of the day', t.issued), ('month to date', t.month_to_date)) n(what, lots)
    where t.source <> 'comex_notices' or coalesce(t.run_time, t.published_at) >= t.session + interval 1 day
    union all by name
    select 'notices of month to date and year to date' as pair, 'left' as side, venue || ' ' || product as subject,
        strftime(delivery_month, '%b %Y') as item, session, month_to_date as value, 'lot' as unit, source, published_at, raw_sha256
    from months_to_date
    union all by name
    select 'notices of month to date and year to date' as pair, 'right' as side, venue || ' ' || product as subject,
        strftime(delivery_month, '%b %Y') as item, session, issued as value, 'lot' as unit, 'comex_notices_ytd' as source,
        published_at, raw_sha256
    from year_to_date
    union all by name
    select 'SHFE warrants of daily and weekly page' as pair, 'left' as side, metal as subject, warehouse as item,
        session, quantity as value, unit, 'shfe_warrants' as source, published_at, raw_sha256
    from shfe_warrants where level = 'total'
    union all by name
    select 'SHFE warrants of daily and weekly page' as pair, 'right' as side, metal as subject, warehouse as item,
        session, warrants as value, unit, 'shfe_weekly' as source, published_at, raw_sha256
    from shfe_weekly where level = 'total'
    union all by name
    select 'close of SGE quotations and history' as pair, 'left' as side, contract as subject, contract as item,
        session, close as value, 'CNY/' || unit as unit, 'sge_quotes' as source, published_at, raw_sha256
    from sge_quotes
    union all by name
    select 'close of SGE quotations and history' as pair, 'right' as side, contract as subject, contract as item,
        session, close as value, 'CNY/' || unit as unit, 'sge_history' as source, published_at, raw_sha256
    from sge_history
    union all by name
    select s.pair, s.side, f.base || '/' || f.quote as subject, f.base || '/' || f.quote as item, f.session, f.rate as value,
        f.quote || ' per ' || f.base as unit, f.source, f.published_at, f.raw_sha256
    from fx f join sides s on s.source = f.source
        and s.pair = case f.base when 'USD' then 'exchange rate of ECB and CFETS' else 'exchange rate of ECB and Frankfurter' end
    where f.base = 'EUR' or f.quote = 'CNY'
    union all by name
    select s.pair, s.side, r.series as subject, r.series as item, r.session, r.percent as value, '%' as unit,
        r.source, r.published_at, r.raw_sha256
    from rates r join sides s on s.source = r.source and starts_with(s.pair, 'rate')
    union all by name
    select 'London vaults in two files' as pair, side, metal as subject, metal as item, session, quantity as value, unit,
        source, published_at, raw_sha256
    from (values ('left'), ('right')) ends(side), vault_holding_versions
    qualify row_number() over (partition by side, session, venue, metal
        order by case side when 'left' then quantity else -quantity end desc,
            case side when 'left' then raw_sha256 end desc, raw_sha256) = 1
    union all by name
    select 'fund in two files' as pair, side, fund as subject, measure as item, session, value, unit,
        source, published_at, raw_sha256
    from (values ('left'), ('right')) ends(side), fund_holding_versions
    where measure in ('ounces', 'shares', 'nav')
    qualify row_number() over (partition by side, session, fund, measure
        order by case side when 'left' then value else -value end desc,
            case side when 'left' then raw_sha256 end desc, raw_sha256) = 1
),
paired as (
    select pair, subject, item, session, unit,
        max(figure) filter (side = 'left') as l, max(figure) filter (side = 'right') as r
    from (
        select *, {'published_at': published_at, 'raw_sha256': raw_sha256, 'value': value, 'source': source} as figure
        from figures where value is not null
    )
    group by all
)
select p.pair, p.subject, p.item, p.session, p.l.source as left_source, p.r.source as right_source,
    p.l.value as left_value, p.r.value as right_value, p.l.value - p.r.value as difference,
    greatest(t.absolute, t.relative * greatest(abs(p.l.value), abs(p.r.value))) as tolerance, p.unit,
    p.l.value = p.r.value or abs(p.l.value - p.r.value)
        < greatest(t.absolute, t.relative * greatest(abs(p.l.value), abs(p.r.value))) as agrees,
    p.l.published_at as left_published_at, p.l.raw_sha256 as left_raw_sha256,
    p.r.published_at as right_published_at, p.r.raw_sha256 as right_raw_sha256
from paired p
join tolerances t using (pair)
where p.l.raw_sha256 <> p.r.raw_sha256;

comment on view cross_checks is 'Every number that two sources, or two files of one publisher, tell of the same session: both as known, and whether they agree. Final figures alone; neither changes the other.';
comment on column cross_checks.pair is 'Which number, and whose.';
comment on column cross_checks.subject is 'Product, metal, fund, currency pair or series.';
comment on column cross_checks.item is 'What exactly within the subject, e.g. the contract month.';
comment on column cross_checks.session is 'Session both tell of.';
comment on column cross_checks.left_source is 'Source of left_value; exchange is open_interest_best where final, for the CFTC the sum over months.';
comment on column cross_checks.right_source is 'Source of right_value, likewise.';
comment on column cross_checks.left_value is 'The one figure, in unit; of two files of one publisher the larger.';
comment on column cross_checks.right_value is 'The other figure, in unit.';
comment on column cross_checks.difference is 'left_value less right_value, in unit.';
comment on column cross_checks.tolerance is 'The difference from which on the two disagree, in unit.';
comment on column cross_checks.unit is 'Unit of the figures.';
comment on column cross_checks.agrees is 'True where the two differ by less than the tolerance.';
comment on column cross_checks.left_published_at is 'When the public could know left_value, UTC.';
comment on column cross_checks.left_raw_sha256 is 'SHA-256 of the archived file of left_value; of a sum, of one of its files.';
comment on column cross_checks.right_published_at is 'When the public could know right_value, UTC.';
comment on column cross_checks.right_raw_sha256 is 'SHA-256 of the archived file of right_value; of a sum, of one of its files.';
