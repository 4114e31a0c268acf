-- title = "Preliminary open interest beside the final figure"
-- about = "Below zero: contracts had already gone when the first figure was told."
-- parameters.contract = { type = "text", default = "SIH26", about = "contract, e.g. SIH26" }
select session, preliminary_open_interest, final_open_interest, final_proof, revision_lots, revision_pct,
    preliminary_published_at, final_published_at
from open_interest_revisions
where contract = $contract
order by session
