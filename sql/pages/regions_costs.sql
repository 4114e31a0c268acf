-- What freight and duty stand on, and what of it is not confirmed.
select 'Freight to ' || destination as what, destination as about, origin from freight
where metal = $metal and this_moment() >= valid_from and this_moment() < valid_to
union all
select venue || ' duty', venue, origin from duties where metal = $metal and this_moment() >= valid_from and this_moment() < valid_to
union all
select venue || ' tax', venue, origin from taxes where metal = $metal and this_moment() >= valid_from and this_moment() < valid_to
order by what
