-- Cases: what an officer works on. Opened by the system after silence (rules.md, Confirming an address, 4), or by an officer.

-- retention: ended + 3 years, or the decided case's last act + 3 years. One row a case; whether it is open stands in the
-- worker's standing. act_number: the act that opened it. due and reminded_at: the confirmation that was missing, and when
-- the reminder was delivered that the case rests on; null where an officer opened it.
create table case_file (
  id integer primary key,
  worker_id integer not null references worker (id),
  ground text not null check (ground in ('silence', 'other')),
  act_number text not null unique check (length(act_number) = 16),
  opened_at integer not null,
  due text check (length(due) = 10),
  reminded_at integer,
  check (ground <> 'silence' or (due is not null and reminded_at is not null))
) strict;
create index case_file_worker on case_file (worker_id);

-- When a message was delivered, as rules.md (Delivery) means it; null while nobody knows that it was.
alter table message add column delivered_at integer;
create index message_reminder on message (worker_id) where reminds_of is not null;
