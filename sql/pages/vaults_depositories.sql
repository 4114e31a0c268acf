-- Each depository of one metal on its newest session, in the report's own unit, and five sessions before where every
-- report in between is held. No bank is named: their vaults have numbers, in the order of their names.
with newest as (
    select session, session_5_before from comex_flows where metal = $metal order by session desc limit 1
),
held as (
    select s.session, s.depository,
        sum(s.total_today) filter (s.category = 'registered') as registered,
        sum(s.total_today) filter (s.category = 'eligible') as eligible,
        sum(s.received) filter (s.category in ('registered', 'eligible')) as received,
        sum(s.withdrawn) filter (s.category in ('registered', 'eligible')) as withdrawn,
        0.0 - sum(s.adjustment) filter (s.category = 'registered') as to_eligible,
        any_value(s.unit) as unit, max(s.published_at) as published_at
    from comex_stocks s
    where s.metal = $metal and (s.session in (select session from newest) or s.session in (select session_5_before from newest))
    group by s.session, s.depository
),
named as (
    select depository, case when is_bank then 'vault of a bank, ' || row_number() over (partition by is_bank order by depository)
        else depository end as vault
    from (select distinct depository, regexp_matches(depository, 'BANK|HSBC|MORGAN|SCOTIA') as is_bank from comex_stocks where metal = $metal)
)
select n.vault, h.session, h.registered, h.eligible, h.received, h.withdrawn, h.to_eligible, h.unit, h.published_at,
    b.session as session_5_before, (h.registered - b.registered) / 5 as registered_a_session, (h.eligible - b.eligible) / 5 as eligible_a_session
from held h
join named n using (depository)
left join held b on b.depository = h.depository and b.session = (select session_5_before from newest)
where h.session = (select session from newest)
order by coalesce(h.registered, 0) + coalesce(h.eligible, 0) desc, n.vault
