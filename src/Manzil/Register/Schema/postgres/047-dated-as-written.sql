-- What a guard counts from is dated when it is written: an act, a message and its delivery, a letter that arrived, a look. Nothing of that
-- is dated back by more than a day, which the longest round of the timers takes, nor ahead by more than an hour, and a row that says when
-- something was delivered says so of an act that was there (docs/decisions/0047). Where the clock can be moved, nothing is compared with it.

create function is_dated_now(at bigint) returns boolean language plpgsql as $$
declare
  now bigint := machine_time();
begin
  return now is null or at is null or at between now - 86400000 and now + 3600000;
end $$;

-- Once a statement and not once a row: batches hold many.
create function refuse_act_of_another_time() returns trigger language plpgsql as $$
declare
  now bigint := machine_time();
begin
  if exists (select 1 from added a where a.given_at not between now - 86400000 and now + 3600000) then raise exception 'an act is dated when it is written' using errcode = '55000'; end if;
  return null;
end $$;
create trigger act_dated after insert on act referencing new table as added for each statement execute function refuse_act_of_another_time();

create function refuse_message_of_another_time() returns trigger language plpgsql as $$
declare
  now bigint := machine_time();
begin
  if now is not null and exists (
    select 1 from added m
    where m.created_at not between now - 86400000 and now + 3600000
      or m.delivered_at not between m.created_at - 60000 and now + 3600000 or m.opened_at not between m.created_at - 60000 and now + 3600000
      or m.arrived_at not between m.created_at - 60000 and now + 3600000)
  then raise exception 'a message is dated when it is written, and delivered after that' using errcode = '55000';
  end if;
  return null;
end $$;
create trigger message_dated after insert on message referencing new table as added for each statement execute function refuse_message_of_another_time();
create function refuse_made_up_delivery() returns trigger language plpgsql as $$
begin
  if machine_time() is null then return new; end if;
  if (new.id, new.worker_id, new.act_number, new.channel_kind, new.created_at, new.reminds_of)
    is distinct from (old.id, old.worker_id, old.act_number, old.channel_kind, old.created_at, old.reminds_of)
  then raise exception 'a message stays the one that was written';
  end if;
  -- Of a message that came back there is left when the worker opened the service.
  if (new.delivered_at is distinct from old.delivered_at and new.delivered_at is distinct from new.opened_at
      and (not is_dated_now(new.delivered_at) or new.delivered_at < new.created_at - 60000))
    or (new.arrived_at is distinct from old.arrived_at and not is_dated_now(new.arrived_at))
    or (new.opened_at is distinct from old.opened_at and (old.opened_at is not null or not is_dated_now(new.opened_at) or new.opened_at < new.created_at - 60000))
  then raise exception 'a delivery is dated when it is recorded';
  end if;
  return new;
end $$;
create trigger message_delivered before update of id, worker_id, act_number, channel_kind, created_at, reminds_of, delivered_at, arrived_at, opened_at on message
  for each row execute function refuse_made_up_delivery();

-- The least that a rules file can say of looks is a year.
create function refuse_look_of_another_time() returns trigger language plpgsql as $$
begin
  if machine_time() is not null and (not is_dated_now(new.looked_at) or new.keep_until < years_after(day_of(new.looked_at), 1))
  then raise exception 'a look is dated when it is written, and kept for a year at least';
  end if;
  return new;
end $$;
create trigger look_dated before insert on look for each row execute function refuse_look_of_another_time();

-- A day may have begun 14 hours before that day in UTC, and may begin 12 hours after it.
create function local_day(at bigint, hours integer) returns text language sql immutable as $$
  select to_char(to_timestamp(at / 1000 + hours * 3600) at time zone 'UTC', 'YYYY-MM-DD')
$$;
create function refuse_letter_of_another_time() returns trigger language plpgsql as $$
begin
  if machine_time() is not null and (
    not is_dated_now(new.recorded_at) or new.day > local_day(new.recorded_at, 14)
    or not exists (select 1 from act a where a.number = new.act_number and a.worker_id = new.worker_id and new.day >= local_day(a.given_at, -14)))
  then raise exception 'a letter arrives after it was written, and before that is recorded';
  end if;
  return new;
end $$;
create trigger handed_over_dated before insert on handed_over for each row execute function refuse_letter_of_another_time();
create function refuse_opening_of_another_time() returns trigger language plpgsql as $$
begin
  if machine_time() is not null and (not is_dated_now(new.opened_at) or not exists (
    select 1 from act a where a.number = new.act_number and a.worker_id = new.worker_id and new.opened_at >= a.given_at - 60000))
  then raise exception 'an act is opened after it was written';
  end if;
  return new;
end $$;
create trigger act_opened_dated before insert on act_opened for each row execute function refuse_opening_of_another_time();
create function refuse_reached_at_another_time() returns trigger language plpgsql as $$
begin
  if not is_dated_now(new.recorded_at) then raise exception 'that somebody was reached is dated when it is recorded'; end if;
  return new;
end $$;
create trigger reached_dated before insert on reached for each row execute function refuse_reached_at_another_time();
create function refuse_case_of_another_time() returns trigger language plpgsql as $$
begin
  if not is_dated_now(new.opened_at) then raise exception 'a case is opened on the day on which it is'; end if;
  return new;
end $$;
create trigger case_file_dated before insert on case_file for each row execute function refuse_case_of_another_time();

-- Until when there is time is counted from no day before the act, which may be about to be written; in a case it ends after the day from
-- which it counts.
create function refuse_time_before_the_act() returns trigger language plpgsql as $$
begin
  if machine_time() is null then return new; end if;
  if new.counted_from < local_day(coalesce((select a.given_at from act a where a.number = new.act_number and a.worker_id = new.worker_id), machine_time()), -14)
    or new.until_day < new.counted_from
    or (new.until_day = new.counted_from and exists (select 1 from case_file c where new.act_number in (c.act_number, c.decision_act)))
  then raise exception 'a time is counted from no day before the act that began it';
  end if;
  return new;
end $$;
create trigger told_until_dated before insert or update on told_until for each row execute function refuse_time_before_the_act();

-- As in schema 029; and whoever is erased left by an act of theirs, given no later than they are said to have ended.
create or replace function refuse_early_erasing() returns trigger language plpgsql as $$
begin
  if exists (select 1 from case_file c where c.worker_id = new.worker_id and c.stage <> 0) then raise exception 'an open case holds its file'; end if;
  if not exists (
    select 1 from register_entry r, log_head h, retention_term t
    where r.worker_id = new.worker_id and h.id = 1 and t.id = (select max(id) from retention_term)
      and r.standing = 1 and r.departure_on <= new.ended_on and r.departure_told <= new.ended_on
      and exists (
        select 1 from act a
        where a.number = coalesce((select i.first_act from reissue i where i.act_number = r.departure_number), r.departure_number)
          and a.worker_id = r.worker_id and a.kind = 4 and local_day(a.given_at, -14) <= new.ended_on)
      and new.keep_until < h.newest_at
      and new.keep_until >= years_after(new.ended_on::date, t.file_years)
      and new.keep_until >= years_after(day_of(coalesce((
          select max(l.at) from (
            select coalesce(c.closed_at, c.opened_at) as at from case_file c where c.worker_id = new.worker_id
            union all select a.given_at from act a where a.worker_id = new.worker_id and a.kind between 32 and 41) l), 0)), t.file_years))
  then raise exception 'retention has not ended';
  end if;
  return new;
end $$;
