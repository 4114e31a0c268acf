-- COMEX stocks as a series: levels in ounces, what came and went, what was re-classified, and changes over sessions.
-- A change over n sessions is known only where the report of every session in between is held.
-- Frames of one row stand for a lag of several rows: other versions of DuckDB cannot read a stored view with that.

create or replace view comex_flows as
with parts as (
    select session, metal,
        max(received) filter (category = 'total') as received,
        max(withdrawn) filter (category = 'total') as withdrawn,
        max(withdrawn) filter (category = 'registered') as registered_withdrawn,
        max(adjustment) filter (category = 'registered') as registered_adjustment,
        max(adjustment) filter (category = 'eligible') as eligible_adjustment,
        max(prev_total) filter (category = 'total') as printed_before,
        case when count(prev_total + received - withdrawn + adjustment) filter (category <> 'pledged') = 3
            then max(abs(prev_total + received - withdrawn + adjustment - total_today)) end as identity_residual
    from comex_stock_totals_long
    group by session, metal
),
placed as (
    select t.*, p.* exclude (session, metal), v.ordinal,
        case t.unit when 'short_ton' then 907184.74 / 31.1034768 else 1.0 end as oz
    from comex_stock_totals t
    join parts p using (session, metal)
    join venue_sessions v on v.calendar = 'COMEX' and v.session = t.session
),
paired as (
    select *,
        case when lag(ordinal) over days = ordinal - 1 then lag(session) over days end as session_1_before,
        case when first_value(ordinal) over five = ordinal - 5 then first_value(session) over five end as session_5_before,
        case when first_value(ordinal) over twenty = ordinal - 20 then first_value(session) over twenty end as session_20_before,
        lag(registered) over days as registered_1, first_value(registered) over five as registered_5,
        first_value(registered) over twenty as registered_20,
        lag(total) over days as total_1, first_value(total) over five as total_5, first_value(total) over twenty as total_20
    from placed
    window days as (partition by metal order by ordinal),
        five as (partition by metal order by ordinal rows between 5 preceding and 5 preceding),
        twenty as (partition by metal order by ordinal rows between 20 preceding and 20 preceding)
)
select session, metal,
    registered * oz as registered_oz, eligible * oz as eligible_oz, pledged * oz as pledged_oz, total * oz as total_oz,
    (registered + 0.5 * eligible) * oz as deliverable_supply_oz,
    received * oz as received_oz, withdrawn * oz as withdrawn_oz, (withdrawn - received) * oz as outflow_oz,
    registered_withdrawn * oz as registered_withdrawn_oz, -registered_adjustment * oz as registered_to_eligible_oz,
    (registered_adjustment + eligible_adjustment) * oz as adjustment_residual_oz,
    identity_residual * oz as identity_residual_oz,
    case when session_1_before is not null then (printed_before - total_1) * oz end as previous_residual_oz,
    registered, eligible, pledged, total, received, withdrawn, unit,
    case when session_1_before is not null then 100 * (registered / nullif(registered_1, 0) - 1) end as registered_change_1_pct,
    case when session_5_before is not null then 100 * (registered / nullif(registered_5, 0) - 1) end as registered_change_5_pct,
    case when session_20_before is not null then 100 * (registered / nullif(registered_20, 0) - 1) end as registered_change_20_pct,
    case when session_1_before is not null then 100 * (total / nullif(total_1, 0) - 1) end as total_change_1_pct,
    case when session_5_before is not null then 100 * (total / nullif(total_5, 0) - 1) end as total_change_5_pct,
    case when session_20_before is not null then 100 * (total / nullif(total_20, 0) - 1) end as total_change_20_pct,
    session_1_before, session_5_before, session_20_before, ordinal, suspect, published_at, loaded_at, raw_sha256
from paired;

comment on view comex_flows is 'COMEX and NYMEX stocks by metal and session: levels, movements, re-classification, residuals of the report''s identities, and changes over 1, 5 and 20 sessions.';
comment on column comex_flows.session is 'Activity date.';
comment on column comex_flows.metal is 'Metal.';
comment on column comex_flows.registered_oz is 'Metal with an outstanding warrant, troy ounces.';
comment on column comex_flows.eligible_oz is 'Metal that meets the specification without a warrant, troy ounces.';
comment on column comex_flows.pledged_oz is 'Registered metal pledged as collateral, troy ounces: a memo inside registered; NULL where not printed.';
comment on column comex_flows.total_oz is 'Registered plus eligible, troy ounces.';
comment on column comex_flows.deliverable_supply_oz is 'Registered plus half of eligible, as the exchange itself estimates it, troy ounces.';
comment on column comex_flows.received_oz is 'Metal received into the vaults, troy ounces.';
comment on column comex_flows.withdrawn_oz is 'Metal withdrawn from the vaults, troy ounces.';
comment on column comex_flows.outflow_oz is 'Withdrawn minus received, troy ounces: above zero metal left the vaults.';
comment on column comex_flows.registered_withdrawn_oz is 'Withdrawn straight from registered, troy ounces.';
comment on column comex_flows.registered_to_eligible_oz is 'Minus the adjustment of registered, troy ounces: above zero warrants became eligible metal and stayed in the vault.';
comment on column comex_flows.adjustment_residual_oz is 'Adjustment of registered plus adjustment of eligible, troy ounces: a pure re-classification leaves 0.';
comment on column comex_flows.identity_residual_oz is 'Largest abs(previous + received - withdrawn + adjustment - today) of the report''s own rows of registered, eligible and total, troy ounces; NULL where one of them lacks a figure.';
comment on column comex_flows.previous_residual_oz is 'Previous total as printed less the total held of the session before, troy ounces; NULL where that report is not held.';
comment on column comex_flows.registered is 'Metal with an outstanding warrant, in unit.';
comment on column comex_flows.eligible is 'Metal without a warrant, in unit.';
comment on column comex_flows.pledged is 'Pledged metal, in unit; NULL where not printed.';
comment on column comex_flows.total is 'Registered plus eligible, in unit.';
comment on column comex_flows.received is 'Received, in unit.';
comment on column comex_flows.withdrawn is 'Withdrawn, in unit.';
comment on column comex_flows.unit is 'troy_oz, or short_ton for copper.';
comment on column comex_flows.registered_change_1_pct is 'Change of registered against the session before, percent.';
comment on column comex_flows.registered_change_5_pct is 'Change of registered over 5 sessions, percent; NULL where a report in between is missing.';
comment on column comex_flows.registered_change_20_pct is 'Change of registered over 20 sessions, percent; NULL where a report in between is missing.';
comment on column comex_flows.total_change_1_pct is 'Change of the total against the session before, percent.';
comment on column comex_flows.total_change_5_pct is 'Change of the total over 5 sessions, percent; NULL where a report in between is missing.';
comment on column comex_flows.total_change_20_pct is 'Change of the total over 20 sessions, percent; NULL where a report in between is missing.';
comment on column comex_flows.session_1_before is 'The session before; NULL where its report is not held.';
comment on column comex_flows.session_5_before is 'The session 5 before; NULL where a report since then is not held.';
comment on column comex_flows.session_20_before is 'The session 20 before; NULL where a report since then is not held.';
comment on column comex_flows.ordinal is 'Place of the session in COMEX''s calendar.';
comment on column comex_flows.suspect is 'True where the report contradicts the session before it.';
comment on column comex_flows.published_at is 'When the public could know it, UTC.';
comment on column comex_flows.loaded_at is 'When Bullion loaded the file, UTC.';
comment on column comex_flows.raw_sha256 is 'SHA-256 of the archived file.';
