-- A delivery that came back undoes what rested on it, and opening the service is a delivery (rules.md, Delivery): what the database
-- itself holds to.

-- retention: ended + 3 years. The worker opened the service, signed in, after an act of their case: a delivery of it that no message
-- carries, also where they have no channel. act_number: the opening, or the decision. It only grows.
create table act_opened (
  act_number text primary key check (length(act_number) = 16),
  worker_id integer not null references worker (id),
  opened_at integer not null
) strict;
create index act_opened_worker on act_opened (worker_id);
create trigger act_opened_grows before update on act_opened begin select raise(abort, 'act_opened only grows: UPDATE is refused'); end;
create trigger act_opened_kept before delete on act_opened when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'act_opened only grows: DELETE is refused'); end;
create trigger act_opened_not_replaced before insert on act_opened when exists (select 1 from act_opened o where o.act_number = new.act_number)
  begin select raise(abort, 'act_opened only grows: REPLACE is refused'); end;

-- Of a message that came back there counts that the worker opened the service after it was written.
create view act_delivered (act_number, day) as
  select m.act_number, date(m.delivered_at / 1000 - 50400, 'unixepoch') from message m
    where m.act_number is not null and m.delivered_at is not null and (m.bounced_at is null or m.opened_at is not null)
  union all select h.act_number, h.day from handed_over h
  union all select o.act_number, date(o.opened_at / 1000 - 50400, 'unixepoch') from act_opened o;

drop trigger removal_rests;
create trigger removal_rests before insert on removal begin
  select raise(abort, 'a removal rests on a case in which two officers decided, and no appeal is open') where not exists (
    select 1 from case_file c where c.id = new.case_id and c.worker_id = new.worker_id and c.stage = 3
      and c.proposed_by = new.proposed_by and c.agreed_by = new.agreed_by);
  select raise(abort, 'a removal rests on a decision that was delivered') where not exists (
    select 1 from case_file c join act_delivered d on d.act_number = c.decision_act where c.id = new.case_id);
  select raise(abort, 'removals are paused') where exists (select 1 from removal_pause where lifted_at is null);
end;
drop trigger removal_is_told;
create trigger removal_is_told before insert on removal begin
  select raise(abort, 'a caseworker puts a removal in effect') where new.undone_act is not null or not exists (
    select 1 from staff s where s.number = new.put_in_effect_by and s.role = 'caseworker' and s.agreed_at is not null and s.dismissed_at is null);
  select raise(abort, 'a removal is of somebody whose removal is pending')
    where not exists (select 1 from register_entry r where r.worker_id = new.worker_id and r.standing = 3);
  select raise(abort, 'nobody is removed unheard: the opening was not delivered') where not exists (
    select 1 from case_file c join act_delivered d on d.act_number = c.act_number where c.id = new.case_id);
  select raise(abort, 'a decision is not told before it is delivered') where not exists (
    select 1 from case_file c join act_delivered d on d.act_number = c.decision_act where c.id = new.case_id and d.day <= new.told_on);
end;
-- The newest asks first.
drop trigger removal_not_replaced;
create trigger removal_not_replaced before insert on removal when exists (select 1 from removal o where o.act_number = new.act_number)
  begin select raise(abort, 'removal only grows: REPLACE is refused'); end;
drop trigger case_file_in_time;
create trigger case_file_in_time before update of stage on case_file when old.stage = 1 and new.stage = 2 begin
  select raise(abort, 'the time to answer runs') where not exists (
    select 1 from told_until t
    where t.act_number = old.act_number and t.until_day < date((select max(minute) from heartbeat) * 60 + 50400, 'unixepoch')
      -- Counted from a delivery that stands.
      and exists (select 1 from act_delivered d where d.act_number = old.act_number and d.day <= t.counted_from));
end;
drop trigger case_file_moves;
create trigger case_file_moves before update on case_file begin
  select raise(abort, 'what a case rests on is not rewritten')
    where new.id <> old.id or new.worker_id <> old.worker_id or new.ground <> old.ground or new.act_number <> old.act_number
      or new.opened_at <> old.opened_at or new.opened_by is not old.opened_by or new.due is not old.due
      or (new.reason is not old.reason and not (old.stage = 0 and new.reason is null));
  select raise(abort, 'no act leads there')
    where new.stage <> old.stage and (old.stage = 0 or (new.stage <> 0 and old.stage * 10 + new.stage not in (12, 21, 23, 34, 43, 35, 54, 31, 41)));
  select raise(abort, 'a proposal stays as it was made')
    where old.stage <> 1 and (new.proposed_by is not old.proposed_by or new.proposed_act is not old.proposed_act);
  select raise(abort, 'an agreement answers a proposal')
    where (new.agreed_by is not old.agreed_by or new.agreed_act is not old.agreed_act)
      and not (old.stage = 2 or (old.stage = 1 and new.agreed_by is null and new.agreed_act is null));
  select raise(abort, 'a decision is an agreement, or that of an appeal')
    where new.decision_act is not old.decision_act and not (
      (old.stage = 2 and new.decision_act is new.agreed_act)
      or (old.stage = 1 and new.decision_act is null)
      or (old.stage = 4 and exists (
        select 1 from appeal_decision d where d.case_id = old.id and d.act_number = new.decision_act and d.appeal_act = old.appeal_act and d.reversed = 0)));
  select raise(abort, 'an appeal is against a decision') where new.appeal_act is not old.appeal_act and old.stage not in (3, 5)
      and not (old.stage = 1 and new.appeal_act is null);
  select raise(abort, 'nothing else restarts the authority''s time')
    where new.step_left is not old.step_left and old.stage * 10 + new.stage not in (23, 34, 54, 43)
      -- What was undone left no step to anybody.
      and not (old.stage * 10 + new.stage in (31, 41) and new.step_left <= old.step_left);
  select raise(abort, 'a case closes once')
    where (new.closed_act is not old.closed_act or new.closed_at is not old.closed_at) and not (old.stage <> 0 and new.stage = 0);
  select raise(abort, 'a caseworker proposes removal')
    where old.stage = 1 and new.stage = 2 and (new.proposed_act is null or new.agreed_by is not null or not exists (
      select 1 from staff s where s.number = new.proposed_by and s.role = 'caseworker' and s.agreed_at is not null and s.dismissed_at is null));
  select raise(abort, 'another caseworker agrees')
    where old.stage = 2 and new.stage = 3 and (
      new.agreed_act is null or new.decision_act is not new.agreed_act or new.agreed_by = new.proposed_by or not exists (
        select 1 from staff s where s.number = new.agreed_by and s.role = 'caseworker' and s.agreed_at is not null and s.dismissed_at is null));
  select raise(abort, 'who agrees has opened every document')
    where old.stage = 2 and new.stage = 3 and exists (
      select 1 from attachment a where a.case_id = old.id and not exists (
        select 1 from look l where l.worker_id = a.worker_id and l.what = 'document' and l.item = cast(a.id as text) and l.staff_number = new.agreed_by));
  select raise(abort, 'nobody is removed unheard: the opening was not delivered')
    where old.stage * 10 + new.stage in (12, 23, 43) and not exists (select 1 from act_delivered d where d.act_number = old.act_number);
  select raise(abort, 'only a delivery that came back undoes a decision')
    where old.stage * 10 + new.stage in (31, 41)
      and not exists (select 1 from message m where m.act_number = old.act_number and m.bounced_at is not null);
  select raise(abort, 'removals are paused')
    where old.stage * 10 + new.stage in (12, 23) and exists (select 1 from removal_pause where lifted_at is null);
  select raise(abort, 'an appeal is an act') where new.stage = 4 and old.stage <> 4 and new.appeal_act is null;
  select raise(abort, 'an open appeal is decided by a reviewer')
    where old.stage = 4 and new.stage = 3 and not exists (
      select 1 from appeal_decision d where d.case_id = old.id and d.act_number = new.decision_act and d.appeal_act = old.appeal_act and d.reversed = 0);
  select raise(abort, 'nobody is removed without a removal of two officers')
    where old.stage = 3 and new.stage = 5 and not exists (select 1 from removal r where r.case_id = old.id and r.undone_act is null);
  select raise(abort, 'a removal in effect is undone by an act')
    where old.stage = 5 and new.stage <> 5 and exists (select 1 from removal r where r.case_id = old.id and r.undone_act is null);
end;
drop trigger register_entry_moves;
create trigger register_entry_moves before update of standing on register_entry when new.standing <> old.standing begin
  select raise(abort, 'no act leads there')
    where old.standing * 10 + new.standing not in (1, 12, 21, 23, 31, 32, 34, 43, 41);
  select raise(abort, 'nobody is removed without a removal of two officers')
    where new.standing = 4 and not exists (select 1 from removal r where r.worker_id = new.worker_id and r.undone_act is null);
  select raise(abort, 'no removal is pending without a decision of two officers')
    where new.standing = 3 and not exists (
      select 1 from case_file c where c.worker_id = new.worker_id and c.stage in (3, 4) and c.agreed_by <> c.proposed_by);
end;

-- As in schema 034; and a departure that was undone (7) begins no period, but while it stood nothing was asked of the worker: only a
-- reminder from after the undoing counts. What was told of the period stands all the same.
drop trigger case_file_rests;
create trigger case_file_rests before insert on case_file when new.ground = 'silence' begin
  select raise(abort, 'a case about silence rests on a delivered reminder of the present period') where not exists (
    select 1 from (
      select m.created_at as at from message m where m.worker_id = new.worker_id and m.reminds_of is not null and m.delivered_at is not null
      union all
      select r.recorded_at as at from reached r where r.worker_id = new.worker_id) d
    where d.at > coalesce((
      select max(a.given_at) from act a
      where a.worker_id = new.worker_id and not exists (select 1 from reissue i where i.act_number = a.number)
        and (a.kind in (2, 3, 7, 38, 39) or (a.kind = 37 and exists (select 1 from case_file c where c.worker_id = a.worker_id and c.closed_act = a.number)))), 0));
  -- A day may begin 14 hours before that day in UTC.
  select raise(abort, 'the silence period that the worker was told runs') where exists (
    select 1 from told_until t
    where t.until_day >= date(new.opened_at / 1000 + 50400, 'unixepoch') and t.act_number = (
      select a.number from act a
      where a.worker_id = new.worker_id and not exists (select 1 from reissue i where i.act_number = a.number)
        and (a.kind in (2, 3, 38, 39) or (a.kind = 37 and exists (select 1 from case_file c where c.worker_id = a.worker_id and c.closed_act = a.number)))
      order by a.given_at desc, a.number desc limit 1));
end;
drop trigger case_file_not_replaced;
create trigger case_file_not_replaced before insert on case_file when exists (select 1 from case_file o where o.id = new.id)
  begin select raise(abort, 'case_file only grows: REPLACE is refused'); end;
