-- Claims of articles, with what became of them.

create or replace view claims as
select number, document, statement, metric, value, unit, date as claimed_for, tolerance, verdict, evidence, ask
from claim_rows;

comment on view claims is 'What five articles of early 2026 claimed, in our words, and what the reports say to it.';
comment on column claims.number is 'Number of the claim; 46 is not in use.';
comment on column claims.document is 'Number of the article, 000 to 004.';
comment on column claims.statement is 'What is claimed, in our words.';
comment on column claims.metric is 'Figure it is about.';
comment on column claims.value is 'Number claimed, in unit.';
comment on column claims.unit is 'Unit of the number claimed.';
comment on column claims.claimed_for is 'Date the claim is about, or of the article.';
comment on column claims.tolerance is 'How far the number may be off and still agree, in unit or in percent; NULL where it is no matter of digits.';
comment on column claims.verdict is 'agrees; right number, wrong date or definition; contradicted; or cannot be known.';
comment on column claims.evidence is 'What the verdict rests on.';
comment on column claims.ask is 'The claim as `bullion claim` reads it; NULL where neither a table of ours nor a report that can be loaded tells it. A claim of several parts may be asked in part.';
