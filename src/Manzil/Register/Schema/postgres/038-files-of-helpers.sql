-- A helper's files are counted apart from the worker's own, so that neither uses up what the other may send (Cases/Files/FileLimits.cs).
-- Files from before count as the worker's.
alter table attachment add column by_helper integer not null default 0 check (by_helper in (0, 1));
