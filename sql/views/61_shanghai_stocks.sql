-- Metal in Shanghai: three series side by side, never mixed, and warrants against the claims of one month.

create or replace view shanghai_stocks as
with daily as (
    select w.session, w.metal, case w.unit when 'kg' then w.quantity / 1000 else w.quantity end as t,
        w.published_at, w.raw_sha256, v.ordinal
    from shfe_warrants w
    join venue_sessions v on v.calendar = 'SHFE' and v.session = w.session
    where w.level = 'total' and w.warehouse = '总计'
),
changed as (
    select d.*, b.t as t_before, b.session as before_session, b.published_at as before_published_at, b.raw_sha256 as before_sha256,
        o.t as t_1_before, o.session as session_1_before, o.published_at as published_1_before, o.raw_sha256 as sha256_1_before
    from daily d
    left join daily b on b.metal = d.metal and b.ordinal = d.ordinal - 5
    left join daily o on o.metal = d.metal and o.ordinal = d.ordinal - 1
),
weekly as (
    select session, metal, case unit when 'kg' then stock / 1000 else stock end as stock_t,
        case unit when 'kg' then warrants / 1000 else warrants end as warrants_t, published_at, raw_sha256
    from shfe_weekly
    where level = 'total' and warehouse = '总计'
),
vaults as (
    select session, metal, this_week / 1000 as t, change / 1000 as change_t, published_at, raw_sha256
    from sge_stock_weekly
),
days as (
    select session, metal from daily union select session, metal from weekly union select session, metal from vaults
),
lots as (
    select distinct metal, lot * case lot_unit when 'gram' then 1e-6 when 'kg' then 1e-3 else 1.0 end as lot_t
    from contracts where venue = 'SHFE'
)
select d.session, d.metal,
    c.t as shfe_warrants_t, c.t / l.lot_t as shfe_warrants_lots,
    100 * (c.t / nullif(c.t_1_before, 0) - 1) as shfe_warrants_change_1_pct,
    100 * (c.t / nullif(c.t_before, 0) - 1) as shfe_warrants_change_5_pct,
    c.published_at as shfe_warrants_published_at, c.raw_sha256 as shfe_warrants_sha256,
    c.t_1_before as shfe_warrants_1_before_t, c.session_1_before as shfe_warrants_1_before_session,
    c.published_1_before as shfe_warrants_1_before_published_at, c.sha256_1_before as shfe_warrants_1_before_sha256,
    c.t_before as shfe_warrants_5_before_t, c.before_session as shfe_warrants_5_before_session,
    c.before_published_at as shfe_warrants_5_before_published_at, c.before_sha256 as shfe_warrants_5_before_sha256,
    case when d.session - w.session <= 14 then w.stock_t end as shfe_weekly_stock_t,
    case when d.session - w.session <= 14 then w.warrants_t end as shfe_weekly_warrants_t,
    case when d.session - w.session <= 14 then w.session end as shfe_weekly_session,
    case when d.session - w.session <= 14 then w.published_at end as shfe_weekly_published_at,
    case when d.session - w.session <= 14 then w.raw_sha256 end as shfe_weekly_sha256,
    case when d.session - s.session <= 14 then s.t end as sge_vaults_t,
    case when d.session - s.session <= 14 then s.change_t end as sge_vaults_change_t,
    case when d.session - s.session <= 14 then s.session end as sge_vaults_session,
    case when d.session - s.session <= 14 then s.published_at end as sge_vaults_published_at,
    case when d.session - s.session <= 14 then s.raw_sha256 end as sge_vaults_sha256
from days d
left join changed c using (session, metal)
left join lots l on l.metal = d.metal
asof left join weekly w on w.metal = d.metal and w.session <= d.session
asof left join vaults s on s.metal = d.metal and s.session <= d.session;

comment on view shanghai_stocks is 'Metal in Shanghai by metal and session: SHFE''s daily warrants, SHFE''s weekly report and SGE''s vaults, three series that are never added or put in each other''s place.';
comment on column shanghai_stocks.session is 'Trade date; of the daily warrants exactly, of the weekly reports the newest at most 14 days back.';
comment on column shanghai_stocks.metal is 'Metal.';
comment on column shanghai_stocks.shfe_warrants_t is 'SHFE registered warrants of this session, tonnes; NULL where the page is not held.';
comment on column shanghai_stocks.shfe_warrants_lots is 'The same in lots of SHFE''s contract: 15 kg of silver, 1 kg of gold, 5 t of copper.';
comment on column shanghai_stocks.shfe_warrants_change_1_pct is 'Change of warrants against the session before, percent; NULL where that page is not held.';
comment on column shanghai_stocks.shfe_warrants_change_5_pct is 'Change of warrants against 5 sessions before, percent; NULL where that page is not held.';
comment on column shanghai_stocks.shfe_warrants_published_at is 'When the warrants could be known, UTC.';
comment on column shanghai_stocks.shfe_warrants_sha256 is 'Archived file of the warrants.';
comment on column shanghai_stocks.shfe_warrants_1_before_t is 'Warrants of the session before, tonnes.';
comment on column shanghai_stocks.shfe_warrants_1_before_session is 'Session before.';
comment on column shanghai_stocks.shfe_warrants_1_before_published_at is 'When they could be known, UTC.';
comment on column shanghai_stocks.shfe_warrants_1_before_sha256 is 'Archived file of them.';
comment on column shanghai_stocks.shfe_warrants_5_before_t is 'Warrants 5 sessions before, tonnes.';
comment on column shanghai_stocks.shfe_warrants_5_before_session is 'Session 5 before.';
comment on column shanghai_stocks.shfe_warrants_5_before_published_at is 'When they could be known, UTC.';
comment on column shanghai_stocks.shfe_warrants_5_before_sha256 is 'Archived file of them.';
comment on column shanghai_stocks.shfe_weekly_stock_t is 'SHFE weekly stock of deliverable grade, tonnes, warrants included; NULL for silver, whose report prints none.';
comment on column shanghai_stocks.shfe_weekly_warrants_t is 'Warrants in SHFE''s weekly report, tonnes: the daily figure of its own day again.';
comment on column shanghai_stocks.shfe_weekly_session is 'Day of SHFE''s weekly report.';
comment on column shanghai_stocks.shfe_weekly_published_at is 'When SHFE''s weekly report could be known, UTC.';
comment on column shanghai_stocks.shfe_weekly_sha256 is 'Archived file of SHFE''s weekly report.';
comment on column shanghai_stocks.sge_vaults_t is 'Metal in SGE''s delivery vaults at the end of a week, tonnes.';
comment on column shanghai_stocks.sge_vaults_change_t is 'Change of it in that week as printed, tonnes.';
comment on column shanghai_stocks.sge_vaults_session is 'Last day of SGE''s week.';
comment on column shanghai_stocks.sge_vaults_published_at is 'When SGE''s report could be known, UTC.';
comment on column shanghai_stocks.sge_vaults_sha256 is 'Archived file of SGE''s report.';

create or replace view shfe_cover as
select c.contract, c.product, c.metal, c.delivery_month, o.session, c.last_trade,
    cast(f.ordinal - v.ordinal as integer) as sessions_to_last_trade,
    o.open_interest as open_interest_lots, o.status as open_interest_status,
    o.published_at as open_interest_published_at, o.raw_sha256 as open_interest_sha256,
    o.open_interest * c.lot * case c.lot_unit when 'gram' then 1e-3 when 'kg' then 1.0 else 1e3 end as claims_kg,
    1000 * s.shfe_warrants_t as warrants_kg, s.shfe_warrants_published_at as warrants_published_at,
    s.shfe_warrants_sha256 as warrants_sha256,
    s.shfe_warrants_lots / nullif(o.open_interest, 0) as cover
from open_interest_best o
join contracts c on c.venue = 'SHFE' and c.product = o.product and c.delivery_month = o.delivery_month
join venue_sessions v on v.calendar = 'SHFE' and v.session = o.session
left join venue_sessions f on f.calendar = 'SHFE' and f.session = c.last_trade
left join shanghai_stocks s on s.metal = c.metal and s.session = o.session
where o.venue = 'SHFE' and o.session >= date '2020-01-01';

comment on view shfe_cover is 'SHFE warrants over the open interest of each month, both of the same session. From 2020 on: before, open interest counted both sides. Far below 1 for every month but the one about to be delivered.';
comment on column shfe_cover.contract is 'Contract, e.g. ag2602.';
comment on column shfe_cover.product is 'Exchange product code.';
comment on column shfe_cover.metal is 'Metal.';
comment on column shfe_cover.delivery_month is 'First day of the delivery month.';
comment on column shfe_cover.session is 'Trade date of both legs.';
comment on column shfe_cover.last_trade is 'Last trading day: the 15th of the delivery month or the first session after it.';
comment on column shfe_cover.sessions_to_last_trade is 'Sessions after this one up to and including last trade: 0 on the day itself.';
comment on column shfe_cover.open_interest_lots is 'Open interest of the month, lots, one side.';
comment on column shfe_cover.open_interest_status is 'final or preliminary.';
comment on column shfe_cover.open_interest_published_at is 'When it could be known, UTC.';
comment on column shfe_cover.open_interest_sha256 is 'Archived file of it.';
comment on column shfe_cover.claims_kg is 'Open interest in kg.';
comment on column shfe_cover.warrants_kg is 'SHFE registered warrants of the whole metal, kg; NULL where the page of this session is not held.';
comment on column shfe_cover.warrants_published_at is 'When they could be known, UTC.';
comment on column shfe_cover.warrants_sha256 is 'Archived file of them.';
comment on column shfe_cover.cover is 'Warrants over claims, ratio.';

create or replace view shfe_main_cover as
with days as (
    select metal, session, arg_max(contract, (open_interest_lots, contract)) as contract,
        max(open_interest_lots) as main_lots, sum(open_interest_lots) as all_lots,
        arg_max(cover, (open_interest_lots, contract)) as main_cover,
        max(warrants_kg) / nullif(sum(claims_kg), 0) as all_cover
    from shfe_cover
    group by metal, session
),
ranked as (
    select *, list(main_cover) over year as earlier, count(main_cover) over year as sessions_before
    from days
    window year as (partition by metal order by session rows between 250 preceding and 1 preceding)
)
select metal, session, contract, main_lots, all_lots, main_cover, all_cover, cast(sessions_before as integer) as sessions_before,
    case when sessions_before >= 60 and main_cover is not null
        then 100.0 * len(list_filter(earlier, lambda x: x < main_cover)) / sessions_before end as main_cover_percentile
from ranked;

comment on view shfe_main_cover is 'SHFE warrants over the most open month and over all months: always far below 1, so that only its place among the sessions before says anything. No check stands on it.';
comment on column shfe_main_cover.metal is 'Metal.';
comment on column shfe_main_cover.session is 'Trade date.';
comment on column shfe_main_cover.contract is 'Month with the most open interest.';
comment on column shfe_main_cover.main_lots is 'Its open interest, lots, one side.';
comment on column shfe_main_cover.all_lots is 'Open interest of all months, lots, one side.';
comment on column shfe_main_cover.main_cover is 'Warrants over the claims of that month, ratio.';
comment on column shfe_main_cover.all_cover is 'Warrants over the claims of all months, ratio.';
comment on column shfe_main_cover.sessions_before is 'Sessions it is compared with: those held of the 250 before.';
comment on column shfe_main_cover.main_cover_percentile is 'Share of those sessions with a lower cover, percent; NULL below 60 sessions.';
