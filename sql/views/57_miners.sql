-- Miners' shares against the metal at the same hour: how much they move with it, and what they moved beside it.

create or replace view share_moves as
with placed as (
    select b.session, v.ordinal, b.symbol, b.close, b.adjusted_close, b.adjusted_as_of, b.published_at, b.raw_sha256
    from bars b join venue_sessions v on v.calendar = 'NYSE' and v.session = b.session
)
select n.symbol, n.session, n.ordinal, n.close, n.published_at, n.raw_sha256, y.session as before_session,
    n.adjusted_as_of = y.adjusted_as_of as is_one_file,
    case when n.adjusted_as_of = y.adjusted_as_of then ln(coalesce(n.adjusted_close, n.close) / coalesce(y.adjusted_close, y.close))
        else ln(n.close / y.close) end as ln_return
from placed n
left join placed y on y.symbol = n.symbol and y.ordinal = n.ordinal - 1;

comment on view share_moves is 'Daily returns of shares and funds, from close to close. Within one file dividends are taken out; between two files they are not, and a split between them shows as a move.';
comment on column share_moves.symbol is 'Ticker.';
comment on column share_moves.session is 'Trade date in New York.';
comment on column share_moves.ordinal is 'Number of the session.';
comment on column share_moves.close is 'Close, currency per share.';
comment on column share_moves.published_at is 'When the close could be known, UTC.';
comment on column share_moves.raw_sha256 is 'SHA-256 of the archived file.';
comment on column share_moves.before_session is 'The session before; NULL where it is not held.';
comment on column share_moves.is_one_file is 'True where both closes are of one adjustment.';
comment on column share_moves.ln_return is 'Logarithm of close over close before; NULL where that is not held.';

create or replace view miner_betas as
with pairs as (
    select m.symbol, m.metal, m.proxy, s.session, s.ordinal, s.close, s.published_at, s.raw_sha256,
        p.close as proxy_close, p.published_at as proxy_published_at, p.raw_sha256 as proxy_sha256,
        s.ln_return as share_return, p.ln_return as metal_return,
        abs(s.ln_return) > 0.35 and not s.is_one_file or abs(p.ln_return) > 0.35 and not p.is_one_file as perhaps_split
    from miners m
    join share_moves s on s.symbol = m.symbol
    left join share_moves p on p.symbol = m.proxy and p.session = s.session
),
runs as (
    select *, ordinal - row_number() over (partition by symbol order by ordinal) as run
    from pairs where share_return is not null and metal_return is not null
),
windows as (
    select symbol, session,
        row_number() over w as sessions_in_a_row,
        sum(share_return) over last_20 as share_20, sum(metal_return) over last_20 as metal_20,
        bool_or(perhaps_split) over last_80 as perhaps_split,
        first_value(session) over last_80 as from_session,
        regr_slope(share_return, metal_return) over earlier_60 as beta,
        regr_sxx(share_return, metal_return) over earlier_60 as sxx,
        regr_sxy(share_return, metal_return) over earlier_60 as sxy,
        regr_syy(share_return, metal_return) over earlier_60 as syy
    from runs
    window w as (partition by symbol, run order by ordinal),
        last_20 as (partition by symbol, run order by ordinal rows between 19 preceding and current row),
        last_80 as (partition by symbol, run order by ordinal rows between 79 preceding and current row),
        earlier_60 as (partition by symbol, run order by ordinal rows between 79 preceding and 20 preceding)
),
fitted as (
    select *, sqrt(greatest(syy - sxy * sxy / nullif(sxx, 0), 0) / 58) as daily_residual from windows
)
select p.symbol, p.metal, p.proxy, p.session, p.ordinal, p.close, p.published_at, p.raw_sha256,
    p.proxy_close, p.proxy_published_at, p.proxy_sha256, coalesce(f.sessions_in_a_row, 0) as sessions_in_a_row, f.perhaps_split,
    case when f.sessions_in_a_row >= 80 then f.from_session end as from_session,
    case when f.sessions_in_a_row >= 80 then f.beta end as beta,
    case when f.sessions_in_a_row >= 80 then 100 * f.daily_residual end as daily_residual_pct,
    case when f.sessions_in_a_row >= 20 then 100 * f.share_20 end as share_20_pct,
    case when f.sessions_in_a_row >= 20 then 100 * f.metal_20 end as metal_20_pct,
    case when f.sessions_in_a_row >= 80 then 100 * (f.share_20 - f.beta * f.metal_20) end as residual_20_pct,
    case when f.sessions_in_a_row >= 80 then (f.share_20 - f.beta * f.metal_20) / nullif(f.daily_residual * sqrt(20), 0) end as residual_z
from pairs p
left join fitted f using (symbol, session);

comment on view miner_betas is 'Miners against the bullion fund that stands for the metal at 16:00 New York: beta of 60 sessions, and what the 20 sessions after them moved beside it. The 20 judged are not among the 60 measured.';
comment on column miner_betas.symbol is 'Ticker of the miner, or of a fund of miners.';
comment on column miner_betas.metal is 'Metal.';
comment on column miner_betas.proxy is 'Ticker of the bullion fund.';
comment on column miner_betas.session is 'Trade date in New York.';
comment on column miner_betas.ordinal is 'Number of the session.';
comment on column miner_betas.close is 'Close, currency per share.';
comment on column miner_betas.published_at is 'When it could be known, UTC.';
comment on column miner_betas.raw_sha256 is 'SHA-256 of its archived file.';
comment on column miner_betas.proxy_close is 'The fund''s close, currency per share; NULL where it is not held.';
comment on column miner_betas.proxy_published_at is 'When that could be known, UTC.';
comment on column miner_betas.proxy_sha256 is 'SHA-256 of its archived file.';
comment on column miner_betas.sessions_in_a_row is 'Pairs of returns held one after the other up to this session.';
comment on column miner_betas.perhaps_split is 'True where within 80 sessions a close and the one before are of two files and more than a third apart.';
comment on column miner_betas.from_session is 'First session of the 80.';
comment on column miner_betas.beta is 'Slope of the share''s daily logarithmic returns on the metal''s over 60 sessions, ending 20 before; NULL with fewer than 80 in a row.';
comment on column miner_betas.daily_residual_pct is 'Standard error of a day about that line, percent.';
comment on column miner_betas.share_20_pct is 'Logarithmic return of the share over 20 sessions, percent.';
comment on column miner_betas.metal_20_pct is 'Logarithmic return of the metal over 20 sessions, percent.';
comment on column miner_betas.residual_20_pct is 'What the share moved beside beta times the metal in 20 sessions, percent.';
comment on column miner_betas.residual_z is 'The same in standard errors of 20 such days.';
