-- What is known, and when: the only macros that hang on a moment, used by the base views and by check filters alone.
-- Unset variables mean the newest of everything.

create or replace macro as_of() as coalesce(try_cast(getvariable('as_of') as date), date '9999-12-31');
create or replace macro known_at() as coalesce(try_cast(getvariable('known_at') as timestamp), timestamp '9999-12-31 00:00:00');
create or replace macro basis() as coalesce(cast(getvariable('basis') as varchar), 'published');
-- What we held was public, even where its usual hour was assumed to be later.
create or replace macro is_known(published, loaded) as
    case when basis() = 'loaded' then loaded else least(published, loaded) end <= known_at();
create or replace macro this_moment() as
    coalesce(try_cast(getvariable('now') as timestamp), cast(now() at time zone 'UTC' as timestamp));
