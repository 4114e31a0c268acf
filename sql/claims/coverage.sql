-- title = "Registered over open claims of a delivery month"
-- unit = "ratio"
-- calendar = "COMEX"
-- dated = "published"
-- [metric.coverage]
-- words = ["coverage", "cover", "raw coverage"]
-- definitions = ["registered over claims, the newest of each", "registered over claims, both of one session"]
with rows_of as (
    select oi_session as session, 'registered over claims, the newest of each' as definition, raw_coverage as value, product, delivery_month,
        open_interest, contract, oi_status, oi_session, oi_published_at, oi_sha256,
        registered_oz, registered_session, registered_published_at, registered_sha256
    from coverage_now where metal = $metal
    union all by name
    select session, unnest(['registered over claims, both of one session', 'registered and half of eligible over claims']) as definition,
        unnest([raw_coverage, deliverable_supply_coverage]) as value, product, delivery_month,
        open_interest, contract, oi_status, session as oi_session, oi_published_at, oi_sha256,
        registered_oz, session as registered_session, registered_published_at, registered_sha256
    from coverage where metal = $metal
)
select session, definition, value, registered_oz, registered_session, registered_published_at, registered_sha256,
    open_interest as open_interest_lots, contract as open_interest_contract, oi_status as open_interest_status,
    oi_session as open_interest_session, oi_published_at as open_interest_published_at, oi_sha256 as open_interest_sha256
from rows_of
where $month::date is null or delivery_month = $month::date
qualify $month::date is not null or open_interest = max(open_interest) over (partition by session, definition)
order by session
