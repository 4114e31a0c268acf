-- The same measure of the delivery months before one, by sessions to first notice.
with placed as (
    select subject, session, value,
        try_cast(regexp_extract(inputs, '"delivery_month": "([^"]*)"', 1) as date) as delivery_month,
        try_cast(regexp_extract(inputs, '"sessions_to_fnd": (-?[0-9]+)', 1) as integer) as sessions_to_fnd
    from readings
    where check_name = $check and value is not null and verdict not in ('nodata', 'error')
        and contains(inputs, '"metal": "' || $metal || '"') and contains(inputs, '"venue": "' || $venue || '"')
)
select * from placed
where sessions_to_fnd is not null and delivery_month < cast($delivery_month as date)
qualify dense_rank() over (order by delivery_month desc) <= 6
order by delivery_month, session
