-- What the database itself refuses, beyond 020: a case moves only along the table of rules.md, by the right officers, and its
-- history is not rewritten. Closed cases have stage 0, and nobody has two that are open.

-- retention: with its case. Each move of a case from stage to stage, written by the database. It only grows.
create table case_move (
  id bigint generated always as identity primary key,
  case_id bigint not null references case_file (id) on delete cascade,
  from_stage smallint not null,
  to_stage smallint not null
);
create index case_move_case on case_move (case_id);
create trigger case_move_grows before update on case_move for each row execute function refuse_change();
create function refuse_forgotten_move() returns trigger language plpgsql as $$
begin
  if exists (select 1 from case_file c where c.id = old.case_id) then raise exception 'case_move only grows: DELETE is refused'; end if;
  return old;
end $$;
create trigger case_move_stays before delete on case_move for each row execute function refuse_forgotten_move();

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

create function is_staff(wanted text, roles text[]) returns boolean language plpgsql as $$
begin
  return exists (select 1 from staff s where s.number = wanted and s.role = any(roles) and s.agreed_at is not null and s.dismissed_at is null);
end $$;
create function is_delivered(act text) returns boolean language plpgsql as $$
begin
  return exists (select 1 from message m where m.act_number = act and m.delivered_at is not null and m.bounced_at is null)
    or exists (select 1 from handed_over h where h.act_number = act);
end $$;

create function refuse_opening() returns trigger language plpgsql as $$
begin
  if new.stage <> 1 or new.proposed_by is not null or new.proposed_act is not null or new.agreed_by is not null or new.agreed_act is not null
    or new.decision_act is not null or new.appeal_act is not null or new.closed_act is not null or new.closed_at is not null
  then raise exception 'a case begins open';
  end if;
  if not exists (select 1 from register_entry r where r.worker_id = new.worker_id and r.standing = 1)
  then raise exception 'only who is registered has a case opened';
  end if;
  if new.ground = 'other' and (length(trim(coalesce(new.reason, ''))) = 0 or not is_staff(new.opened_by, '{caseworker}'))
  then raise exception 'a caseworker opens a case, with a reason';
  end if;
  return new;
end $$;
create trigger case_file_opens before insert on case_file for each row execute function refuse_opening();

create function refuse_move() returns trigger language plpgsql as $$
declare
  move integer := old.stage * 10 + new.stage;
  decided boolean := exists (
    select 1 from appeal_decision d where d.case_id = old.id and d.act_number = new.decision_act and d.appeal_act = old.appeal_act and d.reversed = 0);
begin
  if new.id <> old.id or new.worker_id <> old.worker_id or new.ground <> old.ground or new.act_number <> old.act_number
    or new.opened_at <> old.opened_at or new.opened_by is distinct from old.opened_by or new.due is distinct from old.due
    or (new.reason is distinct from old.reason and not (old.stage = 0 and new.reason is null))
  then raise exception 'what a case rests on is not rewritten';
  end if;
  if new.stage <> old.stage and (old.stage = 0 or (new.stage <> 0 and move not in (12, 21, 23, 34, 43, 35, 54)))
  then raise exception 'no act leads there';
  end if;
  if old.stage <> 1 and (new.proposed_by is distinct from old.proposed_by or new.proposed_act is distinct from old.proposed_act)
  then raise exception 'a proposal stays as it was made';
  end if;
  if (new.agreed_by is distinct from old.agreed_by or new.agreed_act is distinct from old.agreed_act)
    and not (old.stage = 2 or (old.stage = 1 and new.agreed_by is null and new.agreed_act is null))
  then raise exception 'an agreement answers a proposal';
  end if;
  if new.decision_act is distinct from old.decision_act
    and not ((old.stage = 2 and new.decision_act is not distinct from new.agreed_act) or (old.stage = 4 and decided))
  then raise exception 'a decision is an agreement, or that of an appeal';
  end if;
  if new.appeal_act is distinct from old.appeal_act and old.stage not in (3, 5) then raise exception 'an appeal is against a decision'; end if;
  if new.step_left is distinct from old.step_left and move not in (23, 34, 54, 43) then raise exception 'nothing else restarts the authority''s time'; end if;
  if (new.closed_act is distinct from old.closed_act or new.closed_at is distinct from old.closed_at) and not (old.stage <> 0 and new.stage = 0)
  then raise exception 'a case closes once';
  end if;
  if move = 12 and (new.proposed_act is null or new.agreed_by is not null or not is_staff(new.proposed_by, '{caseworker}'))
  then raise exception 'a caseworker proposes removal';
  end if;
  if move = 23 and (
    new.agreed_act is null or new.decision_act is distinct from new.agreed_act or new.agreed_by = new.proposed_by or not is_staff(new.agreed_by, '{caseworker}'))
  then raise exception 'another caseworker agrees';
  end if;
  if move = 23 and exists (
    select 1 from attachment a where a.case_id = old.id and not exists (
      select 1 from look l where l.worker_id = a.worker_id and l.what = 'document' and l.item = cast(a.id as text) and l.staff_number = new.agreed_by))
  then raise exception 'who agrees has opened every document';
  end if;
  if move in (12, 23) and not is_delivered(old.act_number) then raise exception 'nobody is removed unheard: the opening was not delivered'; end if;
  if move in (12, 23) and exists (select 1 from removal_pause where lifted_at is null) then raise exception 'removals are paused'; end if;
  if new.stage = 4 and old.stage <> 4 and new.appeal_act is null then raise exception 'an appeal is an act'; end if;
  if move = 43 and not decided then raise exception 'an open appeal is decided by a reviewer'; end if;
  if move = 35 and not exists (select 1 from removal r where r.case_id = old.id and r.undone_act is null)
  then raise exception 'nobody is removed without a removal of two officers';
  end if;
  if old.stage = 5 and new.stage <> 5 and exists (select 1 from removal r where r.case_id = old.id and r.undone_act is null)
  then raise exception 'a removal in effect is undone by an act';
  end if;
  return new;
end $$;
create trigger case_file_moves before update on case_file for each row execute function refuse_move();
create function note_move() returns trigger language plpgsql as $$
begin
  insert into case_move (case_id, from_stage, to_stage) values (new.id, old.stage, new.stage);
  return null;
end $$;
create trigger case_file_moved after update of stage on case_file for each row when (new.stage <> old.stage) execute function note_move();
create function refuse_deletion() returns trigger language plpgsql as $$
begin
  raise exception '% stays: DELETE is refused', tg_table_name;
end $$;
create trigger case_file_stays before delete on case_file for each row when (old.stage <> 0) execute function refuse_deletion();

create function refuse_appeal_decision() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from case_file c
    where c.id = new.case_id and c.stage = 4 and c.appeal_act = new.appeal_act and c.proposed_by <> new.decided_by and c.agreed_by <> new.decided_by
  ) or not is_staff(new.decided_by, '{reviewer,lead-reviewer}')
  then raise exception 'a reviewer who took no part decides an open appeal';
  end if;
  return new;
end $$;
create trigger appeal_decision_rests before insert on appeal_decision for each row execute function refuse_appeal_decision();
create trigger appeal_decision_grows before update on appeal_decision for each row execute function refuse_change();
create function refuse_deletion_from_open_case() returns trigger language plpgsql as $$
begin
  if exists (select 1 from case_file c where c.id = old.case_id and c.stage <> 0) then raise exception '% only grows: DELETE is refused', tg_table_name; end if;
  return old;
end $$;
create trigger appeal_decision_stays before delete on appeal_decision for each row execute function refuse_deletion_from_open_case();

-- Dates are local, and the database knows no zone: a day may lie 14 hours before the same moment's day in UTC.
create function refuse_untold_removal() returns trigger language plpgsql as $$
begin
  if new.undone_act is not null or not is_staff(new.put_in_effect_by, '{caseworker}') then raise exception 'a caseworker puts a removal in effect'; end if;
  if not exists (select 1 from register_entry r where r.worker_id = new.worker_id and r.standing = 3)
  then raise exception 'a removal is of somebody whose removal is pending';
  end if;
  if not exists (select 1 from case_file c where c.id = new.case_id and is_delivered(c.act_number))
  then raise exception 'nobody is removed unheard: the opening was not delivered';
  end if;
  if not exists (
    select 1 from case_file c where c.id = new.case_id and (
      exists (
        select 1 from message m where m.act_number = c.decision_act and m.bounced_at is null
          and to_char(to_timestamp(m.delivered_at / 1000 - 50400) at time zone 'UTC', 'YYYY-MM-DD') <= new.told_on)
      or exists (select 1 from handed_over h where h.act_number = c.decision_act and h.day <= new.told_on)))
  then raise exception 'a decision is not told before it is delivered';
  end if;
  return new;
end $$;
create trigger removal_is_told before insert on removal for each row execute function refuse_untold_removal();
create function refuse_rewritten_removal() returns trigger language plpgsql as $$
begin
  raise exception 'a removal is undone once, and not rewritten';
end $$;
create trigger removal_unchanged before update on removal for each row when (
  old.undone_act is not null or new.undone_act is null
  or new.act_number <> old.act_number or new.worker_id <> old.worker_id or new.case_id <> old.case_id or new.proposed_by <> old.proposed_by
  or new.agreed_by <> old.agreed_by or new.put_in_effect_by <> old.put_in_effect_by or new.told_on <> old.told_on
  or new.window_until <> old.window_until or new.in_effect_on <> old.in_effect_on) execute function refuse_rewritten_removal();
create trigger removal_stays before delete on removal for each row when (old.undone_act is null) execute function refuse_deletion();

create function refuse_pause() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.lifted_at is not null or new.lifted_by is not null or new.lifted_act is not null then raise exception 'a pause begins open'; end if;
  elsif old.lifted_at is not null or new.lifted_at is null or new.lifted_act is null or new.act_number <> old.act_number or new.started_at <> old.started_at
    or not is_staff(new.lifted_by, '{lead-reviewer}')
  then raise exception 'a lead reviewer lifts a pause, once';
  end if;
  return new;
end $$;
create trigger removal_pause_changes before insert or update on removal_pause for each row execute function refuse_pause();
create trigger removal_pause_stays before delete on removal_pause for each row execute function refuse_change();

create trigger handed_over_grows before update on handed_over for each row execute function refuse_change();
create trigger attachment_unchanged before update on attachment for each row execute function refuse_change();
create trigger attachment_stays before delete on attachment for each row execute function refuse_deletion_from_open_case();

-- The standing is that of the open case, and a closed case is no ground for anything.
create function refuse_standing_without_case() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from case_file c where c.worker_id = new.worker_id
      and ((new.standing = 2 and c.stage in (1, 2)) or (new.standing = 3 and c.stage in (3, 4)) or (new.standing = 4 and c.stage = 5)))
  then raise exception 'the standing is that of the open case';
  end if;
  return new;
end $$;
create trigger register_entry_rests before update of standing on register_entry for each row
  when (new.standing > 1 and new.standing <> old.standing) execute function refuse_standing_without_case();
create function close_case() returns trigger language plpgsql as $$
begin
  update case_file set stage = 0, closed_at = (select newest_at from log_head where id = 1) where worker_id = new.worker_id and stage <> 0;
  return null;
end $$;
create trigger register_entry_closes after update of standing on register_entry for each row
  when (new.standing = 1 and old.standing > 1) execute function close_case();
