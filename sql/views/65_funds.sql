-- Bullion funds: what came and went in ounces, and the price of a share over the metal behind it at the same minute.

create or replace view fund_flows as
with held as (
    select fund, case fund when 'SLV' then 'silver' else 'gold' end as metal, session, value as ounces, published_at, raw_sha256
    from fund_holdings where measure = 'ounces' and unit = 'troy_oz'
    union all by name
    select 'PSLV' as fund, 'silver' as metal, session, value as ounces, published_at, raw_sha256
    from manual_prices where series = 'pslv_ounces' and unit = 'troy_oz'
    qualify row_number() over (partition by session order by (published_at, raw_sha256) desc) = 1
),
placed as (
    select h.*, v.ordinal, lag(h.ounces) over (partition by h.fund order by v.ordinal) as last_ounces
    from held h join venue_sessions v on v.calendar = 'NYSE' and v.session = h.session
),
judged as (
    select *, coalesce(abs(ounces / nullif(last_ounces, 0) - 1) > 0.15, false) as is_jump from placed
)
select n.fund, n.metal, n.session, n.ounces, n.last_ounces, b.session as before_session, b.ounces as before_ounces,
    n.ounces - b.ounces as flow_5_oz, 100 * (n.ounces / nullif(b.ounces, 0) - 1) as flow_5_pct,
    exists (
        from judged j where j.fund = n.fund and j.ordinal between n.ordinal - 5 and n.ordinal and j.is_jump
    ) as is_suspect,
    n.ordinal, n.published_at, n.raw_sha256, b.published_at as before_published_at, b.raw_sha256 as before_sha256
from judged n
left join judged b on b.fund = n.fund and b.ordinal = n.ordinal - 5;

comment on view fund_flows is 'Metal in bullion funds, in ounces and not in shares, which the fee wears down; and what came and went in 5 sessions.';
comment on column fund_flows.fund is 'SLV, PSLV (entered by hand) or GLD.';
comment on column fund_flows.metal is 'silver or gold.';
comment on column fund_flows.session is 'Date the publisher prints beside the ounces.';
comment on column fund_flows.ounces is 'Metal in the fund, troy ounces.';
comment on column fund_flows.last_ounces is 'The figure held before it, whatever its session.';
comment on column fund_flows.before_session is '5 New York sessions before; NULL where its figure is not held.';
comment on column fund_flows.before_ounces is 'Metal then, troy ounces.';
comment on column fund_flows.flow_5_oz is 'Ounces today minus those of 5 sessions before: below zero metal left the fund.';
comment on column fund_flows.flow_5_pct is 'The same, percent of what was there.';
comment on column fund_flows.is_suspect is 'True where a figure of these 6 sessions differs by more than 15 percent from the one before it: more than a fund ever moved, so that something else stands in its place.';
comment on column fund_flows.ordinal is 'Number of the session in New York''s calendar.';
comment on column fund_flows.published_at is 'When the ounces could be known, UTC.';
comment on column fund_flows.raw_sha256 is 'Archived file of them.';
comment on column fund_flows.before_published_at is 'When those of 5 sessions before could be known, UTC.';
comment on column fund_flows.before_sha256 is 'Archived file of those.';

create or replace view fund_premiums as
with figures as (
    select fund, session, measure, value, published_at, raw_sha256 from fund_holdings
    union all by name
    select symbol as fund, session, 'bar' as measure, close as value, published_at, raw_sha256
    from bars where symbol in ('SLV', 'PSLV') and currency = 'USD'
),
entered as (
    select series, session, value, note, published_at, raw_sha256 from manual_prices
    where series in ('pslv_nav', 'lof_161226_price', 'lof_161226_nav', 'india_silver_etf_price', 'india_silver_etf_inav')
    qualify row_number() over (partition by series, session order by (published_at, raw_sha256) desc) = 1
),
closes as (
    select fund, session, value as price, published_at, raw_sha256 from figures
    where (fund = 'SLV' and measure in ('close', 'bar')) or (fund = 'PSLV' and measure = 'bar')
    qualify row_number() over (partition by fund, session order by measure = 'close' desc, raw_sha256 desc) = 1
),
shares as (
    select o.session, coalesce(e.value, o.value / nullif(s.value, 0)) as per_share, o.published_at, o.raw_sha256
    from (select * from figures where fund = 'SLV' and measure = 'ounces') o
    left join (select * from figures where fund = 'SLV' and measure = 'shares') s using (session)
    left join (select * from figures where fund = 'SLV' and measure = 'ounces_per_share') e using (session)
    where coalesce(e.value, o.value / nullif(s.value, 0)) between 0.8 and 1.0
),
summer as (
    select session,
        session >= march + cast(7 + (7 - isodow(march)) % 7 as integer)
            and session < november + cast((7 - isodow(november)) % 7 as integer) as is_summer
    from (
        select distinct session, make_date(cast(year(session) as integer), 3, 1) as march,
            make_date(cast(year(session) as integer), 11, 1) as november
        from closes where fund = 'SLV'
    )
),
bells as (
    select session, session + case when is_summer then interval 20 hour else interval 21 hour end as closes_at from summer
),
spots as (
    select b.session, q.price, q.spot_kind, q.quoted_at, q.published_at, q.raw_sha256
    from bells b
    join spot_quotes q on q.metal = 'silver' and q.currency = 'USD' and q.unit = 'troy_oz' and q.spot_kind <> 'auction'
        and q.quoted_at between b.closes_at - interval 15 minute and b.closes_at + interval 15 minute
    qualify row_number() over (
        partition by b.session order by abs(epoch(q.quoted_at) - epoch(b.closes_at)), q.spot_kind desc, q.raw_sha256) = 1
),
pairs as (
    select c.fund, 'silver' as metal, c.session, c.price, c.published_at as price_published_at, c.raw_sha256 as price_sha256,
        case when c.session - h.session <= 5 then h.per_share end * q.price as behind, 'ounces behind a share at the spot of the close' as behind_kind,
        case when c.session - h.session <= 5 then h.session end as behind_session, h.published_at as behind_published_at, h.raw_sha256 as behind_sha256,
        q.price as spot, q.quoted_at as spot_quoted_at, q.spot_kind, q.published_at as spot_published_at, q.raw_sha256 as spot_sha256,
        n.value as struck_nav,
        case when q.price is null then 'no spot quote within 15 minutes of the close: the value printed was struck at noon in London'
            when c.session - h.session <= 5 then '' else 'the ounces behind a share are not held within five days' end as unknown_because
    from closes c
    left join spots q on q.session = c.session
    asof left join shares h on h.session <= c.session
    left join figures n on n.fund = 'SLV' and n.measure = 'nav' and n.session = c.session
    where c.fund = 'SLV'
    union all by name
    select 'GLD' as fund, 'gold' as metal, m.session, m.value as price, m.published_at as price_published_at, m.raw_sha256 as price_sha256,
        i.value as behind, 'indicative value at 16:15 New York, with the middle of the quote of that minute' as behind_kind,
        i.session as behind_session, i.published_at as behind_published_at, i.raw_sha256 as behind_sha256, n.value as struck_nav,
        case when i.value is null then 'the indicative value of the same minute is not held' else '' end as unknown_because
    from (select * from figures where fund = 'GLD' and measure = 'mid') m
    left join figures i on i.fund = 'GLD' and i.measure = 'indicative' and i.session = m.session
    left join figures n on n.fund = 'GLD' and n.measure = 'nav' and n.session = m.session
    union all by name
    select 'PSLV' as fund, 'silver' as metal, c.session, c.price, c.published_at as price_published_at, c.raw_sha256 as price_sha256,
        v.value as behind, 'net asset value, struck at the close as far as is known' as behind_kind,
        v.session as behind_session, v.published_at as behind_published_at, v.raw_sha256 as behind_sha256,
        case when v.value is null then 'the net asset value of this session was not entered' else '' end as unknown_because
    from closes c left join entered v on v.series = 'pslv_nav' and v.session = c.session
    where c.fund = 'PSLV'
    union all by name
    select '161226' as fund, 'silver' as metal, p.session, p.value as price, p.published_at as price_published_at, p.raw_sha256 as price_sha256,
        v.value as behind, 'net asset value of the day; the fund holds futures of SHFE and no bars' as behind_kind,
        v.session as behind_session, v.published_at as behind_published_at, v.raw_sha256 as behind_sha256,
        case when v.value is null then 'the net asset value of this session was not entered' else '' end as unknown_because
    from (select * from entered where series = 'lof_161226_price') p
    left join entered v on v.series = 'lof_161226_nav' and v.session = p.session
    union all by name
    select 'India' as fund, 'silver' as metal, p.session, p.value as price, p.published_at as price_published_at, p.raw_sha256 as price_sha256,
        v.value as behind, 'indicative value of ' || v.note || ' at the same minute' as behind_kind,
        v.session as behind_session, v.published_at as behind_published_at, v.raw_sha256 as behind_sha256,
        case when v.value is null then 'the indicative value of this session was not entered'
            when v.note <> p.note then 'price and indicative value are of different funds'
            when abs(epoch(v.published_at) - epoch(p.published_at)) > 900 then 'price and indicative value lie more than 15 minutes apart'
            else '' end as unknown_because
    from (select * from entered where series = 'india_silver_etf_price') p
    left join entered v on v.series = 'india_silver_etf_inav' and v.session = p.session
)
select fund, metal, session, price, behind, behind_kind,
    case when unknown_because = '' then 100 * (price / nullif(behind, 0) - 1) end as premium_pct,
    struck_nav, 100 * (price / nullif(struck_nav, 0) - 1) as over_struck_nav_pct, unknown_because,
    price_published_at, price_sha256, behind_session, behind_published_at, behind_sha256,
    spot, spot_kind, spot_quoted_at, spot_published_at, spot_sha256
from pairs;

comment on view fund_premiums is 'Price of a fund''s share over what lies behind it at the same minute. A value struck at noon in London is marked again to the spot of the close or is unknown. A premium where no shares can be made tells of a queue for the fund, not of metal.';
comment on column fund_premiums.fund is 'SLV, GLD, PSLV, 161226 (China) or India (the fund is named in the note of the entry).';
comment on column fund_premiums.metal is 'silver or gold.';
comment on column fund_premiums.session is 'Day of the price.';
comment on column fund_premiums.price is 'Price of a share at the close (GLD: middle of the quote at 16:15), in the fund''s own currency.';
comment on column fund_premiums.behind is 'What lies behind a share, in the same currency.';
comment on column fund_premiums.behind_kind is 'How that is known, and of which minute.';
comment on column fund_premiums.premium_pct is 'Price over what lies behind a share, percent; NULL where unknown.';
comment on column fund_premiums.struck_nav is 'Net asset value as printed, struck at a London auction, USD; NULL where there is none.';
comment on column fund_premiums.over_struck_nav_pct is 'Price over that value, percent: two hours of the day that are not the same; shown, never judged.';
comment on column fund_premiums.unknown_because is 'Why the premium is unknown; empty where it counts.';
comment on column fund_premiums.price_published_at is 'When the price could be known, UTC.';
comment on column fund_premiums.price_sha256 is 'Archived file of the price.';
comment on column fund_premiums.behind_session is 'Day of the value or of the ounces behind a share, the latter at most five days back.';
comment on column fund_premiums.behind_published_at is 'When that could be known, UTC.';
comment on column fund_premiums.behind_sha256 is 'Archived file of it.';
comment on column fund_premiums.spot is 'Spot used to mark the ounces, USD per troy ounce; NULL where none is used.';
comment on column fund_premiums.spot_kind is 'otc_quote or derived.';
comment on column fund_premiums.spot_quoted_at is 'Moment of that quote, UTC, within 15 minutes of 16:00 New York.';
comment on column fund_premiums.spot_published_at is 'When it could be known, UTC.';
comment on column fund_premiums.spot_sha256 is 'Archived file of it.';
