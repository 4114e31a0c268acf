-- title = "Shanghai over New York, tax taken off"
-- headline = "Shanghai pays {value} over New York, tax taken off"
-- why = "Above tax, metal is worth shipping to Shanghai; a lasting gap means it cannot get there."
-- unit = "%"
-- decimals = 1
-- direction = "above"
-- formula = "close_cny / (ounces per unit * USDCNY) / (1 + VAT) / New York settlement - 1, as an interval over the settlements before and after the Shanghai close; both ends must pass"
-- worked = "100 * (price_cny / (ounces_per_unit * usdcny) / (1 + vat) * (1 / new_york_before_usd + 1 / new_york_after_usd) / 2 - 1)"
-- enter = "2/3"
-- leave = 3
-- route = "mail"
-- reach = 21
-- needs = {settlement_rows = 2, fx_rows = 5}
-- sources = ["comex_settlements", "shfe_daily", "sge_quotes", "ecb_fx"]
-- references = ["market.md 0a.6 (bracket rule, 1 and 3 %, limit lock)", "market.md 1.12 (tax basis)", "market.md 6 (24,832 CNY/kg at 6.9526 -> 111.09, 98.31 ex-VAT)", "market.md 4 RG1"]
-- [[threshold]]
-- metals = ["silver"]
-- venues = ["SHFE", "SGE"]
-- warn = 1.0
-- critical = 3.0
select r.venue || ' ' || r.metal as subject, r.session, r.ex_tax_pct as value,
    r.ex_tax_low_pct as low, r.ex_tax_high_pct as high, th.warn, th.critical, th.clear,
    r.published_at, r.unknown_because as reason,
    r.metal, r.venue, r.contract, r.price_cny, r.session as price_session, r.price_published_at, r.price_sha256, r.price_unit,
    case r.price_unit when 'kg' then 32.15074656862798 else 0.03215074656862798 end::double as ounces_per_unit, r.price_usd_oz, r.ex_tax_usd_oz,
    r.tax_basis, r.vat, r.usdcny, r.fx_session as usdcny_session, r.fx_published_at as usdcny_published_at, r.fx_sha256 as usdcny_sha256,
    r.before_usd as new_york_before_usd, r.before_session as new_york_before_session,
    r.before_published_at as new_york_before_published_at, r.before_sha256 as new_york_before_sha256, r.before_contract,
    r.after_usd as new_york_after_usd, r.after_session as new_york_after_session,
    r.after_published_at as new_york_after_published_at, r.after_sha256 as new_york_after_sha256, r.after_contract,
    r.ex_tax_low_pct, r.ex_tax_high_pct, r.headline_pct, r.headline_low_pct, r.headline_high_pct, r.limit_locked
from regional_premium r
join thresholds th on th.check_name = 'regional_premium' and th.venue = r.venue and th.metal = r.metal
    and r.session >= th.valid_from and r.session < th.valid_to
order by subject, r.session
