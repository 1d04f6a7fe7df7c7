-- What a guard counts from is dated when it is written: an act, a message and its delivery, a letter that arrived, a look. Nothing of that
-- is dated back by more than a day, which the longest round of the timers takes, nor ahead by more than an hour, and a row that says when
-- something was delivered says so of an act that was there (docs/decisions/0047). Where the clock can be moved, nothing is compared with it.

create trigger act_dated before insert on act when exists (select 1 from machine_time t where new.given_at not between t.at - 86400000 and t.at + 3600000)
  begin select raise(abort, 'an act is dated when it is written'); end;

create trigger message_dated before insert on message when exists (
    select 1 from machine_time t
    where new.created_at not between t.at - 86400000 and t.at + 3600000
      or new.delivered_at not between new.created_at - 60000 and t.at + 3600000 or new.opened_at not between new.created_at - 60000 and t.at + 3600000
      or new.arrived_at not between new.created_at - 60000 and t.at + 3600000)
  begin select raise(abort, 'a message is dated when it is written, and delivered after that'); end;
create trigger message_delivered before update of id, worker_id, act_number, channel_kind, created_at, reminds_of, delivered_at, arrived_at, opened_at on message
  when exists (select 1 from machine_time) begin
  select raise(abort, 'a message stays the one that was written')
    where new.id <> old.id or new.worker_id <> old.worker_id or new.act_number is not old.act_number or new.channel_kind <> old.channel_kind
      or new.created_at <> old.created_at or new.reminds_of is not old.reminds_of;
  -- Of a message that came back there is left when the worker opened the service.
  select raise(abort, 'a delivery is dated when it is recorded') from machine_time t
    where (new.delivered_at is not old.delivered_at and new.delivered_at is not new.opened_at
        and (new.delivered_at not between t.at - 86400000 and t.at + 3600000 or new.delivered_at < new.created_at - 60000))
      or (new.arrived_at is not old.arrived_at and new.arrived_at not between t.at - 86400000 and t.at + 3600000)
      or (new.opened_at is not old.opened_at and (
        old.opened_at is not null or new.opened_at not between t.at - 86400000 and t.at + 3600000 or new.opened_at < new.created_at - 60000));
end;

-- The least that a rules file can say of looks is a year.
create trigger look_dated before insert on look when exists (
    select 1 from machine_time t
    where new.looked_at not between t.at - 86400000 and t.at + 3600000
      or new.keep_until < unixepoch(date(new.looked_at / 1000, 'unixepoch', '+1 years', '-1 day')) * 1000)
  begin select raise(abort, 'a look is dated when it is written, and kept for a year at least'); end;

-- A day may have begun 14 hours before that day in UTC, and may begin 12 hours after it.
create trigger handed_over_dated before insert on handed_over when exists (
    select 1 from machine_time t
    where new.recorded_at not between t.at - 86400000 and t.at + 3600000 or new.day > date(new.recorded_at / 1000 + 50400, 'unixepoch')
      or not exists (
        select 1 from act a where a.number = new.act_number and a.worker_id = new.worker_id and new.day >= date(a.given_at / 1000 - 50400, 'unixepoch')))
  begin select raise(abort, 'a letter arrives after it was written, and before that is recorded'); end;
create trigger act_opened_dated before insert on act_opened when exists (
    select 1 from machine_time t
    where new.opened_at not between t.at - 86400000 and t.at + 3600000 or not exists (
      select 1 from act a where a.number = new.act_number and a.worker_id = new.worker_id and new.opened_at >= a.given_at - 60000))
  begin select raise(abort, 'an act is opened after it was written'); end;
create trigger reached_dated before insert on reached when exists (select 1 from machine_time t where new.recorded_at not between t.at - 86400000 and t.at + 3600000)
  begin select raise(abort, 'that somebody was reached is dated when it is recorded'); end;
create trigger case_file_dated before insert on case_file when exists (select 1 from machine_time t where new.opened_at not between t.at - 86400000 and t.at + 3600000)
  begin select raise(abort, 'a case is opened on the day on which it is'); end;

-- Until when there is time is counted from no day before the act, which may be about to be written; in a case it ends after the day from
-- which it counts.
create trigger told_until_dated before insert on told_until when exists (
    select 1 from machine_time t
    where new.counted_from < date(coalesce((select a.given_at from act a where a.number = new.act_number and a.worker_id = new.worker_id), t.at) / 1000 - 50400, 'unixepoch')
      or new.until_day < new.counted_from
      or (new.until_day = new.counted_from and exists (select 1 from case_file c where new.act_number in (c.act_number, c.decision_act))))
  begin select raise(abort, 'a time is counted from no day before the act that began it'); end;
create trigger told_until_stays_dated before update on told_until when exists (
    select 1 from machine_time t
    where new.counted_from < date(coalesce((select a.given_at from act a where a.number = new.act_number and a.worker_id = new.worker_id), t.at) / 1000 - 50400, 'unixepoch')
      or new.until_day < new.counted_from
      or (new.until_day = new.counted_from and exists (select 1 from case_file c where new.act_number in (c.act_number, c.decision_act))))
  begin select raise(abort, 'a time is counted from no day before the act that began it'); end;

-- Beside schema 029: whoever is erased left by an act of theirs, given no later than they are said to have ended.
create trigger erasure_by_departure before insert on erasure when not exists (
    select 1 from register_entry r join act a on a.number = coalesce((select i.first_act from reissue i where i.act_number = r.departure_number), r.departure_number)
    where r.worker_id = new.worker_id and a.worker_id = r.worker_id and a.kind = 4 and date(a.given_at / 1000 - 50400, 'unixepoch') <= new.ended_on)
  begin select raise(abort, 'retention has not ended'); end;
