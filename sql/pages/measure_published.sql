-- Coverage of earlier months that others have published, at its distance to first notice; usable from its own first notice.
select strftime(p.delivery_month, '%b %Y') as contract, p.sessions_to_fnd, p.raw_coverage as value, p.origin
from published_roll_points p
where p.raw_coverage is not null and p.delivery_month < cast($delivery_month as date)
    and p.product = (select any_value(product) from contracts where contract = $contract)
order by p.delivery_month, p.sessions_to_fnd desc
