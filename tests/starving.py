"""Statements that want all memory or all time, beside those of `tests.attacks`. Each must end in time, by name."""

from __future__ import annotations

from typing import Final

from tests import attacks

_GREEDY: Final = """
select count(*) from range(1000000) a, range(1000000) b, range(1000000) c
select count(distinct hash(a.range, b.range)) from range(100000) a, range(100000) b
select sum(x) from (select unnest(generate_series(1, 1000000000)) as x)
select count(*) from generate_series(timestamp '0001-01-01', timestamp '9999-01-01', interval 1 second)
select list_sort(range(200000000), 'desc')[1]
select list_distinct(range(100000000))
select list_aggregate(range(200000000), 'sum')
select length(string_split(repeat('a,', 200000000), ','))
select levenshtein(repeat('ab', 200000), repeat('ba', 200000))
select regexp_replace(repeat('a', 100000000), '(a*)*b', '', 'g')
select regexp_extract_all(repeat('a', 100000000), 'a')
select lpad('x', 2000000000, 'y')
select md5(repeat('x', 1500000000))
select to_json(range(100000000))
select map_from_entries(list_transform(range(50000000), lambda x: (x, x)))
select mode(hash(range)) from range(1000000000)
select quantile_cont(hash(range), [0.1, 0.5, 0.9]) from range(1000000000)
select max(s) from (select sum(range) over (order by hash(range) rows 100000 preceding) as s from range(100000000))
select row_number() over (order by hash(range)) as n from range(200000000) order by n desc
select a.range from range(100000000) a where exists (select 1 from range(100000000) b where b.range % 7 = a.range % 11)
with recursive r (i) as (select 0 union all select i + 1 from r) select list(i) from r
select array_agg(x) from (select hash(range) as x from range(500000000))
"""

DEEP: Final = (
    "select " + "(" * 20_000 + "1" + ")" * 20_000,
    "select 1" + " + 1" * 100_000,
    "select " + "[" * 5_000 + "]" * 5_000,
    "with " + ", ".join(f"c{n} as (select * from c{n - 1}, c{n - 1} b)" if n else "c0 as (select 1)" for n in range(40))
    + " select count(*) from c39",
)  # fmt: skip

ALL: Final = attacks._lines(attacks.RESOURCES, attacks.ENDLESS, _GREEDY) + DEEP
