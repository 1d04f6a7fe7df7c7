-- Two bytes of a digest of the code under a key that the database does not have: they tell most wrong codes without the slow hash
-- (docs/decisions/0039-guessing.md). Null: the code is of an older version.
alter table activation_code add column mark bytea check (mark is null or length(mark) = 2);
alter table recovery_code add column mark bytea check (mark is null or length(mark) = 2);
