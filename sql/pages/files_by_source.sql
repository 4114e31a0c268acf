-- How many archived files each source has, how many were refused, and how many rows were put aside.
select s.source, coalesce(l.files, 0) as files, coalesce(l.refused, 0) as refused, coalesce(r.rejected, 0) as rejected
from sources s
left join (
    select source, count(distinct raw_sha256) as files, count(distinct raw_sha256) filter (outcome <> 'loaded') as refused
    from loads group by source
) l using (source)
left join (select source, count(*) as rejected from rejects group by source) r using (source)
order by s.source
