-- Who is short in New York: the four largest against what is registered, and banks as the monthly report has them.

create or replace view cot_weeks as
with versions as (
    select session, report, metal, open_interest, conc_net_4_short, published_at, raw_sha256
    from cot_rows
    where session <= as_of() and is_known(published_at, loaded_at) and scope = 'futures' and conc_net_4_short is not null
    qualify row_number() over (
        partition by session, report, market_code order by (published_at, raw_sha256) desc) = 1
)
select session, metal, open_interest, conc_net_4_short, report, published_at, raw_sha256
from versions
qualify row_number() over (partition by session, metal order by report = 'disaggregated' desc, raw_sha256 desc) = 1;

comment on view cot_weeks is 'Concentration of net shorts by week, futures alone, over all years held: the disaggregated report before the legacy one, which print the same shares.';
comment on column cot_weeks.session is 'Date of the positions, usually a Tuesday.';
comment on column cot_weeks.metal is 'Metal.';
comment on column cot_weeks.open_interest is 'Open contracts, lots.';
comment on column cot_weeks.conc_net_4_short is 'Share of the four largest net shorts, percent of open interest.';
comment on column cot_weeks.report is 'disaggregated or legacy.';
comment on column cot_weeks.published_at is 'When the public could know it, UTC: usually the Friday after.';
comment on column cot_weeks.raw_sha256 is 'SHA-256 of the archived file.';

create or replace view positioning as
with lots as (
    select distinct metal, lot_oz from contracts where venue in ('COMEX', 'NYMEX')
),
sized as (
    select w.*, w.open_interest * w.conc_net_4_short / 100 as net4_lots,
        w.open_interest * w.conc_net_4_short / 100 * l.lot_oz as net4_oz
    from cot_weeks w join lots l using (metal)
),
ranked as (
    select *, list(net4_oz) over years as earlier, count(*) over years as weeks_before, min(session) over years as first_week
    from sized
    window years as (partition by metal order by session range between interval 1096 days preceding and interval 1 day preceding)
),
supplied as (
    select session, value * 1e6 as supply_oz from manual_prices
    where series = 'silver_mine_supply' and unit = 'million_troy_oz'
    qualify row_number() over (partition by session order by (published_at, raw_sha256) desc) = 1
)
select r.session, r.metal, r.report, r.open_interest as open_interest_lots, r.conc_net_4_short as net4_short_pct,
    r.net4_lots as net4_short_lots, r.net4_oz as net4_short_oz,
    case when r.weeks_before >= 145 and r.first_week <= r.session - 1080
        then 100.0 * len(list_filter(r.earlier, lambda x: x < r.net4_oz)) / r.weeks_before end as net4_short_percentile,
    cast(r.weeks_before as integer) as weeks_before,
    case when r.session - c.session <= 5 then c.registered_oz end as registered_oz,
    case when r.session - c.session <= 5 then c.session end as registered_session,
    case when r.session - c.session <= 5 then c.suspect end as registered_suspect,
    case when r.session - c.session <= 5 then c.published_at end as registered_published_at,
    case when r.session - c.session <= 5 then c.raw_sha256 end as registered_sha256,
    case when r.session - c.session <= 5 then r.net4_oz / nullif(c.registered_oz, 0) end as net4_over_registered,
    case when r.metal = 'silver' and r.session - m.session <= 800 then r.net4_oz / nullif(m.supply_oz, 0) end as net4_over_mine_supply,
    r.published_at, r.raw_sha256
from ranked r
asof left join (select metal, session, registered_oz, suspect, published_at, raw_sha256 from comex_flows) c
    on c.metal = r.metal and c.session <= r.session
asof left join supplied m on m.session <= r.session;

comment on view positioning is 'What the four largest traders are short net on the exchange, in ounces, against registered metal and its place among three years. Swap dealers hedge what they are long elsewhere; the figure is three to ten days old when it comes out.';
comment on column positioning.session is 'Date of the positions.';
comment on column positioning.metal is 'Metal.';
comment on column positioning.report is 'Report of the CFTC it is from.';
comment on column positioning.open_interest_lots is 'Open contracts, futures alone, lots.';
comment on column positioning.net4_short_pct is 'Share of the four largest net shorts, percent of open interest.';
comment on column positioning.net4_short_lots is 'The same in lots.';
comment on column positioning.net4_short_oz is 'The same in troy ounces.';
comment on column positioning.net4_short_percentile is 'Share of the weeks of the three years before with less, percent; NULL where less than three years are held.';
comment on column positioning.weeks_before is 'Weeks held of those three years.';
comment on column positioning.registered_oz is 'Registered metal of that day or up to five days before, troy ounces.';
comment on column positioning.registered_session is 'Activity date of the registered figure.';
comment on column positioning.registered_suspect is 'True where that stock report contradicts the session before it.';
comment on column positioning.registered_published_at is 'When it could be known, UTC.';
comment on column positioning.registered_sha256 is 'Archived file of it.';
comment on column positioning.net4_over_registered is 'Net short of the four over registered metal, ratio.';
comment on column positioning.net4_over_mine_supply is 'Net short of the four over a year''s mine output of silver as entered by hand, ratio; NULL where none of the 800 days before is.';
comment on column positioning.published_at is 'When the positions could be known, UTC.';
comment on column positioning.raw_sha256 is 'Archived file of the positions.';

create or replace view bank_participation as
with entered as (
    select session, split_part(series, '_', 2) as metal,
        case when contains(series, '_non_us_') then 'banks outside the US' else 'US banks' end as banks,
        case when ends_with(series, '_long') then 'long' else 'short' end as side, value, published_at, raw_sha256
    from manual_prices
    where starts_with(series, 'bank_') and unit = 'lot'
    qualify row_number() over (partition by series, session order by (published_at, raw_sha256) desc) = 1
),
sides as (
    select session, metal, banks, max(value) filter (side = 'long') as long_lots, max(value) filter (side = 'short') as short_lots,
        max(published_at) as published_at, max(raw_sha256) as raw_sha256
    from entered
    group by all
),
lots as (
    select distinct metal, lot_oz from contracts where venue = 'COMEX' and product in ('SI', 'GC')
)
select s.session, s.metal, s.banks, s.long_lots, s.short_lots, s.long_lots - s.short_lots as net_lots,
    (s.long_lots - s.short_lots) * l.lot_oz as net_oz,
    case when s.session - f.session <= 5 then f.settle end as settle_usd, case when s.session - f.session <= 5 then f.session end as settle_session,
    case when s.session - f.session <= 5 then (s.long_lots - s.short_lots) * l.lot_oz * f.settle end as net_usd,
    case when s.session - c.session <= 5 then (s.long_lots - s.short_lots) * l.lot_oz / nullif(c.registered_oz, 0) end as net_over_registered,
    case when s.session - c.session <= 5 then c.session end as registered_session,
    s.published_at, s.raw_sha256
from sides s
join lots l using (metal)
asof left join (select metal, session, settle from comex_front) f on f.metal = s.metal and f.session <= s.session
asof left join (select metal, session, registered_oz from comex_flows) c on c.metal = s.metal and c.session <= s.session;

comment on view bank_participation is 'Banks in New York''s futures as the monthly report has them, entered by hand: the most that banks can be short on the exchange. What they hold elsewhere is not in it, and no bank is named.';
comment on column bank_participation.session is 'Date of the positions.';
comment on column bank_participation.metal is 'silver or gold.';
comment on column bank_participation.banks is 'US banks or banks outside the US.';
comment on column bank_participation.long_lots is 'Long, lots.';
comment on column bank_participation.short_lots is 'Short, lots.';
comment on column bank_participation.net_lots is 'Long minus short, lots: below zero they are short; NULL unless both are entered.';
comment on column bank_participation.net_oz is 'The same in troy ounces.';
comment on column bank_participation.settle_usd is 'New York settlement used, USD per troy ounce, of that day or up to five days before.';
comment on column bank_participation.settle_session is 'Its session.';
comment on column bank_participation.net_usd is 'Value of the net position, USD.';
comment on column bank_participation.net_over_registered is 'Net position over registered metal, ratio, signed.';
comment on column bank_participation.registered_session is 'Activity date of the registered figure, at most five days before.';
comment on column bank_participation.published_at is 'When the last side could be known, UTC.';
comment on column bank_participation.raw_sha256 is 'Archived file of one of the sides.';
