-- What a person who saves reports has to know: which readings stand on which source, and what its files are about.

create table check_sources (
    check_name VARCHAR not null,
    title VARCHAR not null,
    source VARCHAR not null
);
comment on table check_sources is 'Whose reports the readings of each check wait for, as its header says.';

create table source_parts (
    source VARCHAR not null,
    part VARCHAR not null,
    position INTEGER not null,
    subject VARCHAR not null
);
comment on table source_parts is 'The files one session of a source consists of, in the order of its questions, and the metals or products each is about. A source without a row has one file that says all.';
