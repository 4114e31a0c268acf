-- What it costs to bring metal in: dated, each row with where it comes from.

create table duties (
    venue VARCHAR not null,
    metal VARCHAR not null,
    valid_from DATE not null,
    valid_to DATE not null,
    duty DOUBLE not null,
    content DOUBLE not null,
    origin VARCHAR not null
);
comment on table duties is 'Import duty inside a venue''s price by metal, as a fraction (valid_to excluded), and the metal in its kg as quoted against a kg as New York counts it. The origin says what is general knowledge and not confirmed.';

create table freight (
    destination VARCHAR not null,
    metal VARCHAR not null,
    valid_from DATE not null,
    valid_to DATE not null,
    share DOUBLE not null,
    transit_days DOUBLE not null,
    origin VARCHAR not null
);
comment on table freight is 'Freight and insurance from New York or London as a fraction of the price, and the days for which the metal on its way has to be financed (valid_to excluded).';
