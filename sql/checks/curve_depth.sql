-- title = "Depth of the curve's backwardation"
-- headline = "the curve is inverted over {value} from the front"
-- why = "One inverted pair can be a roll or a delivery month; months one after the other that cost less than the metal before them are scarcity."
-- unit = "months"
-- decimals = 0
-- direction = "above"
-- formula = "liquid months from the front, one after the other, that settle below the liquid month before them; or, if more, that settle below a timestamped spot quote"
-- enter = "3/3"
-- leave = 3
-- route = "mail"
-- reach = 30
-- needs = {settlement_rows = 2}
-- sources = ["comex_settlements"]
-- references = ["market.md 1.2 (depth, the liquidity filter)", "market.md 4 CV3 (1 and 2, 3 of 3, three contracts)", "market.md 3 (gold, December 2008: February fires, December is filtered)"]
-- [[threshold]]
-- metals = ["silver", "gold"]
-- venues = ["COMEX"]
-- warn = 1.0
-- critical = 2.0
with below as (
    select venue, product, session,
        coalesce(min(place) filter (fut_minus_spot_usd >= 0), count(*) + 1) - 1 as months_below_spot,
        any_value(spot_usd) as spot_usd, any_value(spot_quoted_at) as spot_quoted_at,
        any_value(spot_published_at) as spot_published_at, any_value(spot_sha256) as spot_sha256
    from implied_forward
    where unknown_because = '' and spot_usd is not null
    group by venue, product, session
)
select d.venue || ' ' || d.metal as subject, d.session,
    cast(greatest(s.backwardated_pairs, b.months_below_spot) as double) as value,
    th.warn, th.critical, th.clear, greatest(s.published_at, b.spot_published_at) as published_at,
    case when coalesce(s.liquid_months, 0) < 3 then 'fewer than three liquid active months five sessions or more from first notice'
        when d.suspect then 'the settlement report contradicts the session before it' else '' end as reason,
    d.metal, d.venue, s.state, s.backwardated_pairs, b.months_below_spot, s.pairs, s.inverted_pairs,
    case when b.spot_usd is null then 'futures alone: no timestamped spot near the settlement' else 'futures and spot' end as measured_on,
    s.near_contract, s.near_settle, d.session as near_settle_session, s.near_published_at as near_settle_published_at,
    s.near_sha256 as near_settle_sha256,
    s.far_contract, s.far_settle, d.session as far_settle_session, s.far_published_at as far_settle_published_at,
    s.far_sha256 as far_settle_sha256,
    b.spot_usd, case when b.spot_usd is not null then d.session end as spot_session, b.spot_quoted_at,
    b.spot_published_at, b.spot_sha256, s.front_ann_pct, s.days_between, s.months as liquid_months_and_settlements
from settlement_days d
join thresholds th on th.check_name = 'curve_depth' and th.venue = d.venue and th.metal = d.metal
    and d.session >= th.valid_from and d.session < th.valid_to
left join curve_state s on s.venue = d.venue and s.product = d.product and s.session = d.session
left join below b on b.venue = d.venue and b.product = d.product and b.session = d.session
order by subject, d.session
