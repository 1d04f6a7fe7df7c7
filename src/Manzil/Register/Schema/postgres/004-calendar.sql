-- What goes by the calendar: days on which the service did not work, and reminders (rules.md, Days and Confirming an address).

-- retention: 30 days. One row a minute in which at least one node could write.
create table heartbeat (
  minute bigint primary key
);

-- retention: ever. One row: up to which local date the heartbeats have been judged.
create table outage_verdict (
  id smallint primary key check (id = 1),
  judged_through text not null check (length(judged_through) = 10)
);

-- retention: ever. A local date that does not count as a working day for workers, and the act that stated it.
-- moved: how many confirmations were due on it and are due later now.
create table outage_day (
  day text primary key check (length(day) = 10),
  act_number text not null check (length(act_number) = 16),
  reason text not null check (length(reason) between 1 and 300),
  computed smallint not null check (computed between 0 and 1),
  moved bigint not null
);
create trigger outage_day_grows before update or delete on outage_day for each row execute function refuse_change();

-- How many of this period's reminders have been dealt with. What is due is found by it and the date, without looking at
-- everybody: who was reminded leaves the part of the index that the next round reads.
alter table register_entry add column reminded smallint not null default 0;
create index register_entry_due on register_entry (reminded, next_deadline);
create index register_entry_waiting on register_entry (worker_id) where next_deadline is null and last_told is not null;

-- The due date of which a message reminds.
alter table message add column reminds_of text check (length(reminds_of) = 10);
