-- title = "Where two sources tell one number differently"
-- about = "Both are kept; which is right is for you."
select session, pair, subject, item, left_source, left_value, right_source, right_value, difference, tolerance, unit, left_published_at, right_published_at
from cross_checks
where not agrees
order by session desc, pair, subject, item
