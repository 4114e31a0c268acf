-- What the market checks have to know beside the facts: when futures settle, which price levels count, which shares are miners.

create table settlement_moments (
    product VARCHAR not null,
    zone VARCHAR not null,
    local_time VARCHAR not null,
    valid_from DATE not null,
    valid_to DATE not null,
    origin VARCHAR not null
);
comment on table settlement_moments is 'The hour a settlement price is of, in the venue''s zone (valid_to excluded): a spot quote is paired with it only when close.';

create table price_levels (
    metal VARCHAR not null,
    level_usd_oz DOUBLE not null,
    valid_from DATE not null,
    valid_to DATE not null,
    origin VARCHAR not null
);
comment on table price_levels is 'Prices whose crossing is told, USD per troy ounce (valid_to excluded).';

create table miners (
    symbol VARCHAR not null,
    metal VARCHAR not null,
    proxy VARCHAR not null,
    meaning VARCHAR not null
);
comment on table miners is 'Shares of miners, and funds of such shares, with the bullion fund whose close stands for the metal at 16:00 New York. Leveraged funds are none.';
