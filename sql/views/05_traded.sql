-- The days of which a loaded report tells of trading, whatever the calendar says. Not bound to what was known when:
-- a session is a session, and the tables of sessions are written from here.

create or replace view traded_days as
with reports as (
    select venue, session from open_interest_rows where volume > 0
    union select venue, session from settlement_rows where volume > 0
    union select 'SGE', session from sge_quote_rows where volume_kg > 0
    union select 'SHFE', session from shfe_warrant_rows
    union select 'MCX', session from mcx_rows where volume_lots > 0
)
select distinct case venue when 'NYMEX' then 'COMEX' when 'INE' then 'SHFE' else venue end as calendar, session
from reports;

comment on view traded_days is 'Days of which a loaded report prints a volume above zero, or SHFE a page of warrants: proof of a session.';
comment on column traded_days.calendar is 'Calendar of the venue: COMEX, SHFE, SGE or MCX.';
comment on column traded_days.session is 'Trade date of the report.';
