-- title = "Independent signs of stress"
-- headline = "{value} of stress at once, from families of checks that do not depend on each other"
-- why = "One sign is often a false alarm; several that do not depend on each other seldom are. It tells that they coincide and not what follows."
-- unit = "signs"
-- decimals = 0
-- direction = "above"
-- formula = "number of families (curve, delivery, Shanghai, funds, location) in which at least one check reads warning or worse, from each check's newest session of the last 7 days; four families must be known"
-- enter = "2/3"
-- leave = 3
-- route = "memo"
-- reach = 399 # as far as roll_gap, on which it stands
-- references = ["market.md 4 CX1 (3 and 4 families, at least 4 known, 2 of 3)", "market.md 0a.8 (memo)", "market.md 1.14 (what is suppressed or unknown does not count)"]
-- stands_on = ["front_back", "curve_depth", "carry_gap", "cobasis", "lease", "coverage_projected", "roll_gap", "standing_cover", "delivery_remaining", "delivery_net_new", "delivery_pace", "vault_outflow", "shfe_warrant_drop", "shfe_month_cover", "onshore_spot", "member_short_over_warrants", "fund_flow", "fund_premium", "regional_premium", "india_premium", "efp_excess"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- warn = 3
-- critical = 4
-- clear = 2
with families(check_name, family) as (values
    ('front_back', 'curve'), ('curve_depth', 'curve'), ('carry_gap', 'curve'), ('cobasis', 'curve'), ('lease', 'curve'),
    ('coverage_projected', 'delivery'), ('roll_gap', 'delivery'), ('standing_cover', 'delivery'),
    ('delivery_remaining', 'delivery'), ('delivery_net_new', 'delivery'), ('delivery_pace', 'delivery'),
    ('vault_outflow', 'delivery'),
    ('shfe_warrant_drop', 'shanghai'), ('shfe_month_cover', 'shanghai'), ('onshore_spot', 'shanghai'),
    ('member_short_over_warrants', 'shanghai'),
    ('fund_flow', 'funds'), ('fund_premium', 'funds'),
    ('regional_premium', 'location'), ('india_premium', 'location'), ('efp_excess', 'location')
),
told as (
    select j.*, f.family from judged j join families f using (check_name) where j.metal in ('silver', 'gold')
),
days as (select distinct metal, check_name, venue, session from told),
newest as (
    select a.metal, a.day, d.check_name, d.venue, d.session
    from (select distinct metal, session as day from told) a
    join (select distinct metal, check_name, venue from told) k on k.metal = a.metal
    asof join days d on d.metal = k.metal and d.check_name = k.check_name and d.venue = k.venue and d.session <= a.day
    where a.day - d.session <= 7
),
sized as (
    select n.metal, n.day, t.family, t.value, t.session, t.published_at, t.raw_sha256,
        t.verdict in ('warning', 'critical') as warns, t.verdict not in ('nodata', 'error') and t.value is not null as is_known,
        t.check_name || ' ' || t.subject as named
    from newest n
    join told t on t.metal = n.metal and t.check_name = n.check_name and t.venue = n.venue and t.session = n.session
),
by_family as (
    select metal, day, family, bool_or(is_known) as is_known, bool_or(is_known and warns) as warns,
        arg_max({'named': named, 'value': value, 'session': session, 'published_at': published_at, 'raw_sha256': raw_sha256},
            (warns, session, named)) filter (is_known) as w,
        max(published_at) filter (is_known) as published_at
    from sized
    group by all
),
summed as (
    select metal, day, count(*) filter (is_known) as known, count(*) filter (warns) as warning, max(published_at) as published_at,
        array_to_string(list(family order by family) filter (warns), ', ') as families_warning,
        array_to_string(list(family order by family) filter (is_known), ', ') as families_known,
        any_value(w) filter (family = 'curve') as curve, any_value(w) filter (family = 'delivery') as delivery,
        any_value(w) filter (family = 'shanghai') as shanghai, any_value(w) filter (family = 'funds') as funds,
        any_value(w) filter (family = 'location') as location
    from by_family
    group by metal, day
)
select s.metal as subject, s.day as session, cast(s.warning as double) as value, th.warn, th.critical, th.clear, s.published_at,
    case when s.known < 4 then 'fewer than four families are known: ' || coalesce(nullif(s.families_known, ''), 'none') else '' end as reason,
    s.metal, s.families_warning, s.families_known, s.known as families_known_count,
    s.curve.named as curve_check, s.curve.value as curve_value, s.curve.session as curve_session,
    s.curve.published_at as curve_published_at, s.curve.raw_sha256 as curve_sha256,
    s.delivery.named as delivery_check, s.delivery.value as delivery_value, s.delivery.session as delivery_session,
    s.delivery.published_at as delivery_published_at, s.delivery.raw_sha256 as delivery_sha256,
    s.shanghai.named as shanghai_check, s.shanghai.value as shanghai_value, s.shanghai.session as shanghai_session,
    s.shanghai.published_at as shanghai_published_at, s.shanghai.raw_sha256 as shanghai_sha256,
    s.funds.named as funds_check, s.funds.value as funds_value, s.funds.session as funds_session,
    s.funds.published_at as funds_published_at, s.funds.raw_sha256 as funds_sha256,
    s.location.named as location_check, s.location.value as location_value, s.location.session as location_session,
    s.location.published_at as location_published_at, s.location.raw_sha256 as location_sha256
from summed s
join thresholds th on th.check_name = 'stress_composite' and th.metal = s.metal and s.day >= th.valid_from and s.day < th.valid_to
order by subject, s.day
