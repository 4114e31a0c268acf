-- title = "Two sources disagree"
-- headline = "two sources differ by {value}"
-- why = "The same number is told twice and not alike: one of the two is wrong or was restated, and everything computed from it is in doubt until it is known which."
-- unit = "x tolerance"
-- decimals = 1
-- direction = "above"
-- formula = "largest of abs(left_value - right_value) / tolerance over the items of one pair and subject, from the view cross_checks; both numbers are kept"
-- worked = "abs(left - right) / tolerance"
-- enter = "1/1"
-- leave = 1
-- cap = "warning"
-- route = "mail"
-- reach = 62
-- references = ["market.md 4 DQ2 (two sources)", "market.md 0a.6 (ECB and CFETS lie 0.6 % apart: tolerance 1 %)", "sources-comex.md 3b (bulletin and payload)", "sources-china.md 3 (weekly and daily warrants)"]
-- [[threshold]]
-- warn = 1
-- clear = 1
with apart as (
    select *, abs(difference) / nullif(tolerance, 0) as multiple from cross_checks
),
worst as (
    select pair, subject, session, coalesce(max(multiple), 0) as value, count(*) as compared,
        count(*) filter (not agrees) as disagreeing,
        arg_max({'item': item, 'left_source': left_source, 'left_value': left_value, 'right_source': right_source,
            'right_value': right_value, 'unit': unit, 'difference': difference, 'tolerance': tolerance,
            'left_published_at': left_published_at, 'right_published_at': right_published_at,
            'left_raw_sha256': left_raw_sha256, 'right_raw_sha256': right_raw_sha256}, (coalesce(multiple, 0), item)) as w
    from apart
    group by all
)
select w.subject || ' ' || w.pair as subject, w.session, w.value, th.warn, th.critical, th.clear,
    greatest(w.w.left_published_at, w.w.right_published_at) as published_at,
    w.w.item, w.w.left_source, w.w.left_value as left, w.session as left_session, w.w.left_published_at,
    w.w.right_source, w.w.right_value as right, w.session as right_session, w.w.right_published_at,
    w.w.unit as figures_in, w.w.difference, w.w.tolerance, w.compared, w.disagreeing,
    w.w.left_raw_sha256 as left_sha256, w.w.right_raw_sha256 as right_sha256
from worst w
join thresholds th on th.check_name = 'source_disagreement'
order by subject, w.session
