-- Gold over silver, both of one venue.

create or replace view gold_silver_ratios as
with pairs as (
    select case g.contract is null when true then 'LBMA' else 'COMEX' end as venue, g.session, g.ordinal, g.price as gold_usd, s.price as silver_usd,
        g.price / nullif(s.price, 0) as ratio, g.contract as gold_contract, s.contract as silver_contract,
        case g.contract is null when true then 90 else 5 end as minutes_apart,
        g.published_at as gold_published_at, g.raw_sha256 as gold_sha256, s.published_at as silver_published_at, s.raw_sha256 as silver_sha256,
        g.suspect or s.suspect as suspect
    from price_moves g
    join price_moves s on s.metal = 'silver' and s.session = g.session and (s.contract is null) = (g.contract is null)
    where g.metal = 'gold'
)
select n.*, b.session as before_session, b.ratio as before_ratio, b.gold_usd as before_gold_usd, b.silver_usd as before_silver_usd,
    b.gold_published_at as before_gold_published_at, b.gold_sha256 as before_gold_sha256,
    b.silver_published_at as before_silver_published_at, b.silver_sha256 as before_silver_sha256,
    100 * (n.ratio / nullif(b.ratio, 0) - 1) as change_20_pct,
    n.venue = 'COMEX' or not exists (
        from pairs c where c.venue = 'COMEX' and c.session <= n.session and c.session > n.session - 30) as is_used
from pairs n
left join pairs b on b.venue = n.venue and b.ordinal = n.ordinal - 20;

comment on view gold_silver_ratios is 'Ounces of silver an ounce of gold costs, both of one venue: COMEX settlements, five minutes apart, where any of 30 days is held, else the London auctions of the morning and of noon, 90 minutes apart.';
comment on column gold_silver_ratios.venue is 'COMEX or LBMA.';
comment on column gold_silver_ratios.session is 'Trade date, or day of the auctions.';
comment on column gold_silver_ratios.ordinal is 'Number of the session in its calendar.';
comment on column gold_silver_ratios.gold_usd is 'Gold, USD per troy ounce.';
comment on column gold_silver_ratios.silver_usd is 'Silver, USD per troy ounce.';
comment on column gold_silver_ratios.ratio is 'Gold over silver.';
comment on column gold_silver_ratios.gold_contract is 'Gold''s month; NULL for an auction.';
comment on column gold_silver_ratios.silver_contract is 'Silver''s month; NULL for an auction.';
comment on column gold_silver_ratios.minutes_apart is 'Minutes between the hours of the two prices.';
comment on column gold_silver_ratios.gold_published_at is 'When gold''s price could be known, UTC.';
comment on column gold_silver_ratios.gold_sha256 is 'SHA-256 of its archived file.';
comment on column gold_silver_ratios.silver_published_at is 'When silver''s price could be known, UTC.';
comment on column gold_silver_ratios.silver_sha256 is 'SHA-256 of its archived file.';
comment on column gold_silver_ratios.suspect is 'True where a settlement report contradicts the session before it.';
comment on column gold_silver_ratios.before_session is 'The session 20 before; NULL where not both prices of it are held.';
comment on column gold_silver_ratios.before_ratio is 'Ratio then.';
comment on column gold_silver_ratios.before_gold_usd is 'Gold then, USD per troy ounce.';
comment on column gold_silver_ratios.before_silver_usd is 'Silver then, USD per troy ounce.';
comment on column gold_silver_ratios.before_gold_published_at is 'When that gold price could be known, UTC.';
comment on column gold_silver_ratios.before_gold_sha256 is 'SHA-256 of its archived file.';
comment on column gold_silver_ratios.before_silver_published_at is 'When that silver price could be known, UTC.';
comment on column gold_silver_ratios.before_silver_sha256 is 'SHA-256 of its archived file.';
comment on column gold_silver_ratios.change_20_pct is 'Change of the ratio over 20 sessions, percent.';
comment on column gold_silver_ratios.is_used is 'True for the venue that speaks on this session.';
