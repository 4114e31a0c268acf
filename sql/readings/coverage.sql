-- title = "Registered cover as known"
-- why = "The newest registered metal over the newest open claims, whatever their sessions and status: shown, opens and closes nothing."
-- unit = "ratio"
-- decimals = 4
-- direction = "below"
-- formula = "registered_oz / (open_interest * lot_oz), each of the newest session known, open interest preliminary or final"
-- worked = "registered_oz / (open_interest_lots * lot_oz)"
-- references = ["market.md 0a.2 (two readings)", "market.md 1.6 (coverage)"]
select k.contract as subject, k.oi_session as session, k.raw_coverage as value,
    greatest(k.registered_published_at, k.oi_published_at) as published_at,
    k.metal, k.venue, k.delivery_month, k.sessions_to_fnd,
    k.registered_oz, k.registered_session, k.registered_published_at, k.registered_sha256,
    k.open_interest as open_interest_lots, k.oi_session as open_interest_session,
    k.oi_published_at as open_interest_published_at, k.oi_status as open_interest_status, k.oi_sha256 as open_interest_sha256,
    k.legs_differ, k.claims_oz, c.lot_oz, k.deliverable_supply_coverage, k.stocks_suspect,
    coalesce(
        (select string_agg(r.contract || ' ' || round(r.raw_coverage, 3) || ' at T-' || r.sessions_to_fnd, ', '
                order by r.delivery_month desc, r.sessions_to_fnd)
            from roll_points r where r.product = k.product and r.delivery_month < k.delivery_month
            and r.valid_from <= k.oi_session and r.raw_coverage is not null
            and (r.sessions_to_fnd = k.sessions_to_fnd or r.origin <> 'own history')),
        'no earlier month on file') as typical
from coverage_now k
join contracts c on c.venue = k.venue and c.product = k.product and c.delivery_month = k.delivery_month
where k.is_active
order by subject
