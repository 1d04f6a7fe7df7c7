-- What the database itself refuses, beyond 020: a case moves only along the table of rules.md, by the right officers, and its
-- history is not rewritten. Closed cases have stage 0, and nobody has two that are open.

-- retention: with its case. Each move of a case from stage to stage, written by the database. It only grows.
create table case_move (
  id integer primary key,
  case_id integer not null references case_file (id) on delete cascade,
  from_stage integer not null,
  to_stage integer not null
) strict;
create index case_move_case on case_move (case_id);
create trigger case_move_grows before update on case_move begin select raise(abort, 'case_move only grows: UPDATE is refused'); end;
create trigger case_move_stays before delete on case_move when exists (select 1 from case_file c where c.id = old.case_id)
  begin select raise(abort, 'case_move only grows: DELETE is refused'); end;

-- Until now a confirmation closed a case in the standing alone.
update case_file set stage = 0
where stage <> 0 and (
  not exists (select 1 from register_entry r where r.worker_id = case_file.worker_id and r.standing in (2, 3, 4))
  or exists (select 1 from case_file n where n.worker_id = case_file.worker_id and n.id > case_file.id));
create unique index case_file_open on case_file (worker_id) where stage <> 0;

-- The appeal that was decided: each is decided once.
alter table appeal_decision add column appeal_act text check (length(appeal_act) = 16);
create unique index appeal_decision_appeal on appeal_decision (appeal_act);
create unique index removal_in_effect on removal (worker_id) where undone_act is null;
create unique index removal_pause_open on removal_pause ((lifted_at is null)) where lifted_at is null;

create trigger case_file_opens before insert on case_file begin
  select raise(abort, 'a case begins open')
    where new.stage <> 1 or new.proposed_by is not null or new.proposed_act is not null or new.agreed_by is not null or new.agreed_act is not null
      or new.decision_act is not null or new.appeal_act is not null or new.closed_act is not null or new.closed_at is not null;
  select raise(abort, 'only who is registered has a case opened')
    where not exists (select 1 from register_entry r where r.worker_id = new.worker_id and r.standing = 1);
  select raise(abort, 'a caseworker opens a case, with a reason') where new.ground = 'other' and (
    length(trim(coalesce(new.reason, ''))) = 0
    or not exists (select 1 from staff s where s.number = new.opened_by and s.role = 'caseworker' and s.agreed_at is not null and s.dismissed_at is null));
end;

create trigger case_file_moves before update on case_file begin
  select raise(abort, 'what a case rests on is not rewritten')
    where new.id <> old.id or new.worker_id <> old.worker_id or new.ground <> old.ground or new.act_number <> old.act_number
      or new.opened_at <> old.opened_at or new.opened_by is not old.opened_by or new.due is not old.due
      or (new.reason is not old.reason and not (old.stage = 0 and new.reason is null));
  select raise(abort, 'no act leads there')
    where new.stage <> old.stage and (old.stage = 0 or (new.stage <> 0 and old.stage * 10 + new.stage not in (12, 21, 23, 34, 43, 35, 54)));
  select raise(abort, 'a proposal stays as it was made')
    where old.stage <> 1 and (new.proposed_by is not old.proposed_by or new.proposed_act is not old.proposed_act);
  select raise(abort, 'an agreement answers a proposal')
    where (new.agreed_by is not old.agreed_by or new.agreed_act is not old.agreed_act)
      and not (old.stage = 2 or (old.stage = 1 and new.agreed_by is null and new.agreed_act is null));
  select raise(abort, 'a decision is an agreement, or that of an appeal')
    where new.decision_act is not old.decision_act and not (
      (old.stage = 2 and new.decision_act is new.agreed_act)
      or (old.stage = 4 and exists (
        select 1 from appeal_decision d where d.case_id = old.id and d.act_number = new.decision_act and d.appeal_act = old.appeal_act and d.reversed = 0)));
  select raise(abort, 'an appeal is against a decision') where new.appeal_act is not old.appeal_act and old.stage not in (3, 5);
  select raise(abort, 'nothing else restarts the authority''s time')
    where new.step_left is not old.step_left and old.stage * 10 + new.stage not in (23, 34, 54, 43);
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
    where old.stage * 10 + new.stage in (12, 23)
      and not exists (select 1 from message m where m.act_number = old.act_number and m.delivered_at is not null and m.bounced_at is null)
      and not exists (select 1 from handed_over h where h.act_number = old.act_number);
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
create trigger case_file_moved after update of stage on case_file when new.stage <> old.stage
  begin insert into case_move (case_id, from_stage, to_stage) values (new.id, old.stage, new.stage); end;
create trigger case_file_stays before delete on case_file when old.stage <> 0 begin select raise(abort, 'an open case stays'); end;

create trigger appeal_decision_rests before insert on appeal_decision begin
  select raise(abort, 'a reviewer who took no part decides an open appeal') where not exists (
    select 1 from case_file c join staff s on s.number = new.decided_by
    where c.id = new.case_id and c.stage = 4 and c.appeal_act = new.appeal_act and c.proposed_by <> s.number and c.agreed_by <> s.number
      and s.role in ('reviewer', 'lead-reviewer') and s.agreed_at is not null and s.dismissed_at is null);
end;
create trigger appeal_decision_grows before update on appeal_decision begin select raise(abort, 'appeal_decision only grows: UPDATE is refused'); end;
create trigger appeal_decision_stays before delete on appeal_decision when exists (select 1 from case_file c where c.id = old.case_id and c.stage <> 0)
  begin select raise(abort, 'appeal_decision only grows: DELETE is refused'); end;

-- Dates are local, and the database knows no zone: a day may lie 14 hours before the same moment's day in UTC.
create trigger removal_is_told before insert on removal begin
  select raise(abort, 'a caseworker puts a removal in effect') where new.undone_act is not null or not exists (
    select 1 from staff s where s.number = new.put_in_effect_by and s.role = 'caseworker' and s.agreed_at is not null and s.dismissed_at is null);
  select raise(abort, 'a removal is of somebody whose removal is pending')
    where not exists (select 1 from register_entry r where r.worker_id = new.worker_id and r.standing = 3);
  select raise(abort, 'nobody is removed unheard: the opening was not delivered') where not exists (
    select 1 from case_file c where c.id = new.case_id and (
      exists (select 1 from message m where m.act_number = c.act_number and m.delivered_at is not null and m.bounced_at is null)
      or exists (select 1 from handed_over h where h.act_number = c.act_number)));
  select raise(abort, 'a decision is not told before it is delivered') where not exists (
    select 1 from case_file c where c.id = new.case_id and (
      exists (select 1 from message m where m.act_number = c.decision_act and m.bounced_at is null and date(m.delivered_at / 1000 - 50400, 'unixepoch') <= new.told_on)
      or exists (select 1 from handed_over h where h.act_number = c.decision_act and h.day <= new.told_on)));
end;
create trigger removal_unchanged before update on removal when old.undone_act is not null or new.undone_act is null
  or new.act_number <> old.act_number or new.worker_id <> old.worker_id or new.case_id <> old.case_id or new.proposed_by <> old.proposed_by
  or new.agreed_by <> old.agreed_by or new.put_in_effect_by <> old.put_in_effect_by or new.told_on <> old.told_on
  or new.window_until <> old.window_until or new.in_effect_on <> old.in_effect_on
  begin select raise(abort, 'a removal is undone once, and not rewritten'); end;
create trigger removal_stays before delete on removal when old.undone_act is null begin select raise(abort, 'a removal in effect stays'); end;

create trigger removal_pause_begins before insert on removal_pause when new.lifted_at is not null or new.lifted_by is not null or new.lifted_act is not null
  begin select raise(abort, 'a pause begins open'); end;
create trigger removal_pause_lifted before update on removal_pause begin
  select raise(abort, 'a lead reviewer lifts a pause, once')
    where old.lifted_at is not null or new.lifted_at is null or new.lifted_act is null or new.act_number <> old.act_number or new.started_at <> old.started_at
      or not exists (select 1 from staff s where s.number = new.lifted_by and s.role = 'lead-reviewer' and s.agreed_at is not null and s.dismissed_at is null);
end;
create trigger removal_pause_stays before delete on removal_pause begin select raise(abort, 'removal_pause only grows: DELETE is refused'); end;

create trigger handed_over_grows before update on handed_over begin select raise(abort, 'handed_over only grows: UPDATE is refused'); end;
create trigger attachment_unchanged before update on attachment begin select raise(abort, 'attachment only grows: UPDATE is refused'); end;
create trigger attachment_stays before delete on attachment when exists (select 1 from case_file c where c.id = old.case_id and c.stage <> 0)
  begin select raise(abort, 'attachment only grows: DELETE is refused'); end;

-- The standing is that of the open case, and a closed case is no ground for anything.
create trigger register_entry_rests before update of standing on register_entry when new.standing > 1 and new.standing <> old.standing begin
  select raise(abort, 'the standing is that of the open case') where not exists (
    select 1 from case_file c where c.worker_id = new.worker_id
      and ((new.standing = 2 and c.stage in (1, 2)) or (new.standing = 3 and c.stage in (3, 4)) or (new.standing = 4 and c.stage = 5)));
end;
create trigger register_entry_closes after update of standing on register_entry when new.standing = 1 and old.standing > 1 begin
  update case_file set stage = 0, closed_at = (select newest_at from log_head where id = 1) where worker_id = new.worker_id and stage <> 0;
end;
