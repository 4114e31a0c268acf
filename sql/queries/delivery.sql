-- title = "A delivery month from first position day on"
-- about = "What was delivered, what still stands, what came new. NULL is not known, which is not nought."
-- parameters.contract = { type = "text", default = "SIH26", about = "contract, e.g. SIH26" }
select session, sessions_to_fnd, report_held, issued_lots, delivered_lots, open_interest, oi_status, standing_lots, net_new_lots, net_new_pct,
    delivered_pct, house_net_lots, top3_stopper_share_pct, notices_suspect or oi_suspect as is_suspect, notices_published_at, oi_published_at
from delivery_month
where contract = $contract
order by session
