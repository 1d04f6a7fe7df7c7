-- The officers' queue in the order of dates: a page of it reads as many rows as it shows, however many cases are open.
-- Stages 1 to 3 have the authority's time for a step, stage 4 the time for an appeal (rules.md, A case), which are worked out from step_left.
create index case_file_waiting on case_file (step_left, opened_at, id) where stage in (1, 2, 3);
create index case_file_suspended on case_file (step_left, opened_at, id) where stage = 4;
