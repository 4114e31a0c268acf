-- Trading days: how far each calendar is known, and what each session rests on.

create table calendars (
    calendar VARCHAR not null,
    valid_from DATE not null,
    valid_through DATE not null,
    source VARCHAR not null
);
comment on table calendars is 'The trading calendars and the span each knows, the operator''s corrections included.';
comment on column calendars.calendar is 'Whose trading days: COMEX, SHFE, SGE and so on.';
comment on column calendars.valid_from is 'First day it knows.';
comment on column calendars.valid_through is 'Last day it knows; after it every usual weekday counts as a session.';
comment on column calendars.source is 'Where it comes from.';

drop table venue_sessions;
create table venue_sessions (
    calendar VARCHAR not null,
    session DATE not null,
    ordinal INTEGER not null,
    is_known BOOLEAN not null,
    proof VARCHAR not null
);
comment on table venue_sessions is 'Trading days per calendar, numbered; is_known is false where only the usual weekdays are assumed.';
comment on column venue_sessions.proof is 'calendar, report (closed by the calendar, proven by a loaded report) or assumed.';
