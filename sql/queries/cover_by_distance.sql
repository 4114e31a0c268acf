-- title = "A month's cover beside earlier months at the same distance to first notice"
-- about = "One row per distance: this month, then the range of earlier months of the product that were public by the row's own valid_from."
-- parameters.contract = { type = "text", default = "SIH26", about = "contract, e.g. SIH26" }
select this.sessions_to_fnd, this.raw_coverage, this.peak_share, this.origin, this.valid_from,
    count(other.raw_coverage) as earlier_months, min(other.raw_coverage) as lowest_earlier, max(other.raw_coverage) as highest_earlier
from roll_points this
left join roll_points other on other.product = this.product and other.delivery_month < this.delivery_month
    and other.sessions_to_fnd = this.sessions_to_fnd and other.valid_from <= this.valid_from
where this.contract = $contract
group by all
order by this.sessions_to_fnd desc
