-- A time that the worker has in a case may become longer, and never shorter than they were told (rules.md, Days).

-- retention: ended + 3 years, or the decided case's last act + 3 years. Until when a worker has time by the act that began it, the opening of a case or a decision: what they
-- were told, counted from when it was delivered.
create table told_until (
  act_number text primary key check (length(act_number) = 16),
  worker_id bigint not null references worker (id),
  counted_from text not null check (length(counted_from) = 10),
  until_day text not null check (length(until_day) = 10)
);
create index told_until_worker on told_until (worker_id);
