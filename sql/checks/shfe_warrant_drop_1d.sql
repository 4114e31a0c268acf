-- title = "SHFE warrants over one session"
-- headline = "SHFE warrants changed by {value:+} in one session"
-- why = "Many warrants were cancelled in Shanghai in a day; shfe_warrant_drop mails what lasts."
-- unit = "%"
-- decimals = 1
-- direction = "below"
-- formula = "warrants today / warrants of the session before - 1, in percent, from the page's own totals"
-- worked = "100 * (warrants_t / warrants_before_t - 1)"
-- enter = "1/1"
-- leave = 1
-- cap = "warning"
-- route = "memo"
-- reach = 30
-- needs = {shfe_warrant_rows = 2}
-- sources = ["shfe_warrants"]
-- references = ["market.md 1.9 (-6 %; an article's -8.95 %)", "market.md 0a.9 (a measure of its own beside the 5 sessions)", "market.md 4 SH1"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["SHFE"]
-- warn = -6.0
with known as (
    select metal, min(session) as first, max(session) as last from shanghai_stocks where shfe_warrants_t is not null group by metal
)
select 'SHFE ' || k.metal as subject, v.session, n.shfe_warrants_change_1_pct as value, th.warn, th.critical, th.clear,
    greatest(n.shfe_warrants_published_at, n.shfe_warrants_1_before_published_at) as published_at,
    case when n.shfe_warrants_t is null then 'the page of this session is not held'
        when n.shfe_warrants_1_before_t is null then 'the page of the session before is not held' else '' end as reason,
    k.metal, 'SHFE' as venue,
    n.shfe_warrants_t as warrants_t, case when n.shfe_warrants_t is not null then n.session end as warrants_session,
    n.shfe_warrants_published_at as warrants_published_at,
    n.shfe_warrants_1_before_t as warrants_before_t, n.shfe_warrants_1_before_session as warrants_before_session,
    n.shfe_warrants_1_before_published_at as warrants_before_published_at,
    n.shfe_warrants_change_5_pct as change_over_5_sessions_pct,
    n.shfe_warrants_sha256 as warrants_sha256, n.shfe_warrants_1_before_sha256 as warrants_before_sha256
from known k
join venue_sessions v on v.calendar = 'SHFE' and v.session > k.first and v.session <= k.last
left join shanghai_stocks n on n.metal = k.metal and n.session = v.session
join thresholds th on th.check_name = 'shfe_warrant_drop_1d' and th.venue = 'SHFE' and th.metal = k.metal
    and v.session >= th.valid_from and v.session < th.valid_to
order by subject, v.session
