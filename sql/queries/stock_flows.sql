-- title = "Where a COMEX stock went: moved, re-classified, left"
-- about = "Outflow is withdrawn less received; registered_to_eligible_oz stayed in the vault."
-- parameters.metal = { type = "text", default = "silver", about = "silver, gold, platinum, palladium or copper" }
-- parameters.since = { type = "date", default = "1900-01-01", about = "first session" }
select session, registered_oz, eligible_oz, total_oz, received_oz, withdrawn_oz, outflow_oz, registered_to_eligible_oz, registered_withdrawn_oz,
    registered_change_20_pct, total_change_20_pct, suspect, published_at
from comex_flows
where metal = $metal and session >= $since
order by session
