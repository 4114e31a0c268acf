-- title = "Cover of one delivery month, session by session"
-- about = "Registered metal over the month's open claims, both legs of one session, with the plausible-need readings beside it. Below 1 is normal before first notice."
-- parameters.contract = { type = "text", default = "SIH26", about = "contract, e.g. SIH26" }
select session, sessions_to_fnd, open_interest, oi_status, peak_open_interest, registered_oz, raw_coverage, projected_coverage, remaining_coverage,
    stocks_suspect or oi_suspect as is_suspect, registered_published_at, oi_published_at
from coverage_family
where contract = $contract
order by session
