-- Outages: what the service knows of the days on which it did not work (rules.md, Days).

-- retention: 30 days. One row a minute in which at least one node could write.
create table heartbeat (
  minute integer primary key
) strict;

-- retention: ever. One row: up to which local date the heartbeats have been judged.
create table outage_verdict (
  id integer primary key check (id = 1),
  judged_through text not null check (length(judged_through) = 10)
) strict;

-- retention: ever. A local date that does not count as a working day for workers, and the act that stated it.
-- moved: how many confirmations were due on it and are due later now.
create table outage_day (
  day text primary key check (length(day) = 10),
  act_number text not null check (length(act_number) = 16),
  reason text not null check (length(reason) between 1 and 300),
  computed integer not null check (computed between 0 and 1),
  moved integer not null
) strict;
create trigger outage_day_unchanged before update on outage_day begin select raise(abort, 'outage_day only grows: UPDATE is refused'); end;
create trigger outage_day_stays before delete on outage_day begin select raise(abort, 'outage_day only grows: DELETE is refused'); end;

-- What is due on a date is found without looking at everybody.
create index register_entry_deadline on register_entry (next_deadline);
