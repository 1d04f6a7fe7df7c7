-- The guards reckon by times that the service's statements write: the head's, the heartbeats'. Here the database holds those to its own
-- clock (docs/decisions/0047), so that none of them unlocks what waits for a time to come.

-- retention: ever. One row where the clock is moved by hand: in the demo and in tests, with invented people only. None where people are served.
create table movable_clock (
  id smallint primary key check (id = 1),
  noted_at bigint not null
);
-- Demos from before this script.
insert into movable_clock (id, noted_at) select 1, created_at from installation where issuer ~ '^http://(localhost|127\.0\.0\.1)(:|/|$)';
create function refuse_later_movable_clock() returns trigger language plpgsql as $$
begin
  if exists (select 1 from installation) then raise exception 'a clock can be moved from a database''s beginning, or never'; end if;
  return new;
end $$;
create trigger movable_clock_begins before insert on movable_clock for each row execute function refuse_later_movable_clock();
create trigger movable_clock_grows before update or delete on movable_clock for each row execute function refuse_change();
create trigger movable_clock_not_emptied before truncate on movable_clock for each statement execute function refuse_change();

-- Null where the clock can be moved: then nothing below is compared with it.
create function machine_time() returns bigint language plpgsql as $$
begin
  if exists (select 1 from movable_clock) then return null; end if;
  return (extract(epoch from clock_timestamp()) * 1000)::bigint;
end $$;

-- An hour, since clocks of several machines differ. 55000: whoever writes takes it as a database that cannot be written now.
create function refuse_head_to_come() returns trigger language plpgsql as $$
begin
  if new.newest_at > machine_time() + 3600000 then raise exception 'the head''s time does not run ahead of the clock' using errcode = '55000'; end if;
  return new;
end $$;
create trigger log_head_in_time before insert or update of newest_at on log_head for each row execute function refuse_head_to_come();

-- A minute is marked while it is: one of the future would end somebody's time, and one of the past would hide an outage.
create function refuse_other_minute() returns trigger language plpgsql as $$
begin
  if new.minute * 60000 not between machine_time() - 3600000 and machine_time() + 3600000 then
    raise exception 'a heartbeat is of the present minute' using errcode = '55000';
  end if;
  return new;
end $$;
create trigger heartbeat_in_time before insert or update on heartbeat for each row execute function refuse_other_minute();

-- A day is judged once it has ended; the first of all, of which nobody knows what was before it, is not judged. A day may end 14 hours
-- before it ends in UTC.
create function refuse_early_verdict() returns trigger language plpgsql as $$
declare
  today text := to_char(to_timestamp(machine_time() / 1000 + 54000) at time zone 'UTC', 'YYYY-MM-DD');
begin
  if new.judged_through > today or (tg_op = 'UPDATE' and new.judged_through >= today) then
    raise exception 'a day is judged once it has ended' using errcode = '55000';
  end if;
  return new;
end $$;
create trigger outage_verdict_in_time before insert or update on outage_verdict for each row execute function refuse_early_verdict();

-- What the rules file says of keeping may become longer. Shorter is the owner's to say: whoever owns the table.
create function refuse_shorter_term() returns trigger language plpgsql as $$
begin
  if exists (
      select 1 from retention_term t
      where t.id = (select max(id) from retention_term) and (new.file_years < t.file_years or new.key_days < t.key_days))
    and not pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'usage')
  then raise exception 'a time for keeping becomes shorter only where the owner of the tables says so';
  end if;
  return new;
end $$;
create trigger retention_term_longer before insert on retention_term for each row execute function refuse_shorter_term();
