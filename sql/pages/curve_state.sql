-- What the liquid months of one product say together on one session.
select state, liquid_months, backwardated_pairs, front_ann_pct, rate_act360_pct, near_contract, far_contract, published_at
from curve_state
where venue = $venue and product = $product and session = cast($session as date)
