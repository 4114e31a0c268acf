-- Every metal and venue that some check has a threshold for.
select distinct metal, venue from thresholds where metal <> '' and venue <> '' order by all
