-- title = "Open interest revised from preliminary to final"
-- headline = "front-month open interest was revised by {value}"
-- why = "The first figure of the day overstated or understated the front month: what was reckoned with it in the meantime is off by as much."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "abs(final / preliminary - 1) of the nearest active month not past first notice, in percent"
-- enter = "1/1"
-- leave = 1
-- route = "mail"
-- reach = 21
-- needs = {open_interest_rows = 2}
-- sources = ["comex_volume"]
-- references = ["market.md 0a.7 (10 %, front month only)", "market.md 0 item 9 (22,749 preliminary became 15,996 final)", "market.md 4 DQ4"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 10.0
select r.venue || ' ' || r.metal as subject, r.session, abs(r.revision_pct) as value, th.warn, th.critical, th.clear,
    greatest(r.preliminary_published_at, r.final_published_at) as published_at,
    case when r.final_open_interest is null then 'no final figure of this session is held yet'
        when r.revision_pct is null then 'the preliminary figure is zero' else '' end as reason,
    r.metal, r.venue, r.contract, r.delivery_month, r.revision_pct, r.revision_lots,
    r.preliminary_open_interest as preliminary_lots, r.session as preliminary_session, r.preliminary_published_at,
    r.final_open_interest as final_lots, case when r.final_open_interest is not null then r.session end as final_session,
    r.final_published_at, r.final_proof,
    r.preliminary_sha256, r.final_sha256
from open_interest_revisions r
join thresholds th on th.check_name = 'oi_revision' and th.venue = r.venue and th.metal = r.metal
    and r.session >= th.valid_from and r.session < th.valid_to
where r.is_front and r.product in ('SI', 'GC')
order by subject, r.session
