-- title = "Who holds the metal: depositories on one session, largest first"
-- about = "Newest session held up to the day given, in the report's own unit."
-- parameters.metal = { type = "text", default = "silver", about = "silver, gold, platinum, palladium or copper" }
-- parameters.day = { type = "date", default = "9999-12-31", about = "last session to look at" }
select depository, session,
    sum(total_today) filter (category = 'registered') as registered,
    sum(total_today) filter (category = 'eligible') as eligible,
    any_value(unit) as unit, max(published_at) as published_at
from comex_stocks
where metal = $metal
    and session = (select max(session) from comex_stocks where metal = $metal and session <= $day)
group by depository, session
order by coalesce(registered, 0) + coalesce(eligible, 0) desc, depository
