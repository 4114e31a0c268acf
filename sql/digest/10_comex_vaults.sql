-- title = "COMEX silver by vault"
-- needs = ["comex_stocks", "comex_flows"]
-- note = "Thousand troy ounces of the activity date, gross. To eligible: warrants that became eligible metal and stayed in the vault; below zero the other way. Vaults without a movement are left out, those of banks are one line."
-- empty = "no COMEX stock report is held"
with newest as (select max(session) as session from comex_stocks where metal = 'silver'),
vaults as (
    -- no bank is named in what is mailed
    select 1 as place, case when regexp_matches(s.depository, 'BANK|HSBC|MORGAN|SCOTIA') then 'vaults of banks' else s.depository end as vault,
        sum(coalesce(s.received, 0)) as received, sum(coalesce(s.withdrawn, 0)) as withdrawn,
        0.0 - sum(s.adjustment) filter (s.category = 'registered') as to_eligible,
        sum(s.total_today) filter (s.category = 'registered') as registered,
        sum(s.total_today) filter (s.category = 'eligible') as eligible,
        s.session, max(s.published_at) as published_at
    from comex_stocks s join newest using (session)
    where s.metal = 'silver' and s.category in ('registered', 'eligible')
    group by vault, s.session
),
totals as (
    select 2 as place, case when f.suspect then 'all (suspect: contradicts the session before)' else 'all' end as vault,
        f.received_oz as received, f.withdrawn_oz as withdrawn, f.registered_to_eligible_oz as to_eligible,
        f.registered_oz as registered, f.eligible_oz as eligible, f.session, f.published_at
    from comex_flows f join newest using (session)
    where f.metal = 'silver'
),
usual as (
    select 3 as place, 'mean of the ' || count(*) || ' reports before' as vault,
        avg(received_oz) as received, avg(withdrawn_oz) as withdrawn, avg(registered_to_eligible_oz) as to_eligible,
        cast(null as double) as registered, cast(null as double) as eligible,
        (select session from newest) as session, max(published_at) as published_at
    from (
        select f.* from comex_flows f, newest n
        where f.metal = 'silver' and f.session < n.session and not f.suspect
        order by f.session desc limit 20
    )
    having count(*) > 0
)
select vault, round(received / 1e3, 1) as received_koz, round(withdrawn / 1e3, 1) as withdrawn_koz,
    round(to_eligible / 1e3, 1) as to_eligible_koz, round(registered / 1e3, 0) as registered_koz,
    round(eligible / 1e3, 0) as eligible_koz, session, published_at
from (from vaults union all by name from totals union all by name from usual)
where place > 1 or received > 0 or withdrawn > 0 or to_eligible <> 0
order by place, greatest(received, withdrawn, abs(to_eligible)) desc, vault
