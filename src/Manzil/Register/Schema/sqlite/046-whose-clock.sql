-- The guards reckon by times that the service's statements write: the head's, the heartbeats'. Here the database holds those to the
-- machine's clock (docs/decisions/0047), so that none of them unlocks what waits for a time to come.

-- retention: ever. One row where the clock is moved by hand: in the demo and in tests, with invented people only. None where people are served.
create table movable_clock (
  id integer primary key check (id = 1),
  noted_at integer not null
) strict;
-- Demos from before this script.
insert into movable_clock (id, noted_at) select 1, created_at from installation
  where issuer in ('http://localhost', 'http://127.0.0.1') or issuer like 'http://localhost:%' or issuer like 'http://localhost/%'
    or issuer like 'http://127.0.0.1:%' or issuer like 'http://127.0.0.1/%';
create trigger movable_clock_begins before insert on movable_clock when exists (select 1 from installation) or exists (select 1 from movable_clock)
  begin select raise(abort, 'a clock can be moved from a database''s beginning, or never'); end;
create trigger movable_clock_grows before update on movable_clock begin select raise(abort, 'movable_clock only grows: UPDATE is refused'); end;
create trigger movable_clock_stays before delete on movable_clock begin select raise(abort, 'movable_clock only grows: DELETE is refused'); end;

-- Empty where the clock can be moved: then nothing below is compared with it.
create view machine_time (at) as
  select cast(strftime('%s', 'now') as integer) * 1000 where not exists (select 1 from movable_clock);

create trigger log_head_begins_in_time before insert on log_head when exists (select 1 from machine_time t where new.newest_at > t.at + 3600000)
  begin select raise(abort, 'the head''s time does not run ahead of the clock'); end;
create trigger log_head_in_time before update of newest_at on log_head when exists (select 1 from machine_time t where new.newest_at > t.at + 3600000)
  begin select raise(abort, 'the head''s time does not run ahead of the clock'); end;

-- A minute is marked while it is: one of the future would end somebody's time, and one of the past would hide an outage.
create trigger heartbeat_in_time before insert on heartbeat
  when exists (select 1 from machine_time t where new.minute * 60000 not between t.at - 3600000 and t.at + 3600000)
  begin select raise(abort, 'a heartbeat is of the present minute'); end;
create trigger heartbeat_stays_in_time before update on heartbeat
  when exists (select 1 from machine_time t where new.minute * 60000 not between t.at - 3600000 and t.at + 3600000)
  begin select raise(abort, 'a heartbeat is of the present minute'); end;

-- A day is judged once it has ended; the first of all, of which nobody knows what was before it, is not judged. A day may end 14 hours
-- before it ends in UTC.
create trigger outage_verdict_begins_in_time before insert on outage_verdict
  when exists (select 1 from machine_time t where new.judged_through > date(t.at / 1000 + 54000, 'unixepoch'))
  begin select raise(abort, 'a day is judged once it has ended'); end;
create trigger outage_verdict_in_time before update on outage_verdict
  when exists (select 1 from machine_time t where new.judged_through >= date(t.at / 1000 + 54000, 'unixepoch'))
  begin select raise(abort, 'a day is judged once it has ended'); end;

-- What the rules file says of keeping may become longer. Shorter is the owner's to say, past this trigger (docs/operating.md).
create trigger retention_term_longer before insert on retention_term when exists (
    select 1 from retention_term t
    where t.id = (select max(id) from retention_term) and (new.file_years < t.file_years or new.key_days < t.key_days))
  begin select raise(abort, 'a time for keeping becomes shorter only where the owner of the tables says so'); end;
