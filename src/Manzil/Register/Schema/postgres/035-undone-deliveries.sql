-- A delivery that came back undoes what rested on it, and opening the service is a delivery (rules.md, Delivery): what the database
-- itself holds to.

-- retention: ended + 3 years. The worker opened the service, signed in, after an act of their case: a delivery of it that no message
-- carries, also where they have no channel. act_number: the opening, or the decision. It only grows.
create table act_opened (
  act_number text primary key check (length(act_number) = 16),
  worker_id bigint not null references worker (id),
  opened_at bigint not null
);
create index act_opened_worker on act_opened (worker_id);
create trigger act_opened_grows before update on act_opened for each row execute function refuse_change();
create trigger act_opened_kept before delete on act_opened for each row execute function refuse_kept();
create trigger act_opened_not_emptied before truncate on act_opened for each statement execute function refuse_change();

-- Of a message that came back there counts that the worker opened the service after it was written. Dates are local, and the database
-- knows no zone: a day may lie 14 hours before the same moment's day in UTC.
create function is_delivered_by(act text, latest text) returns boolean language plpgsql as $$
begin
  return exists (
      select 1 from message m where m.act_number = act and m.delivered_at is not null and (m.bounced_at is null or m.opened_at is not null)
        and to_char(to_timestamp(m.delivered_at / 1000 - 50400) at time zone 'UTC', 'YYYY-MM-DD') <= latest)
    or exists (select 1 from handed_over h where h.act_number = act and h.day <= latest)
    or exists (
      select 1 from act_opened o where o.act_number = act
        and to_char(to_timestamp(o.opened_at / 1000 - 50400) at time zone 'UTC', 'YYYY-MM-DD') <= latest);
end $$;
create or replace function is_delivered(act text) returns boolean language plpgsql as $$
begin
  return is_delivered_by(act, '9999-12-31');
end $$;

create or replace function refuse_removal() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from case_file c where c.id = new.case_id and c.worker_id = new.worker_id and c.stage = 3
      and c.proposed_by = new.proposed_by and c.agreed_by = new.agreed_by
  ) then raise exception 'a removal rests on a case in which two officers decided, and no appeal is open';
  end if;
  if not exists (select 1 from case_file c where c.id = new.case_id and is_delivered(c.decision_act)
  ) then raise exception 'a removal rests on a decision that was delivered';
  end if;
  if exists (select 1 from removal_pause where lifted_at is null) then raise exception 'removals are paused';
  end if;
  return new;
end $$;
create or replace function refuse_untold_removal() returns trigger language plpgsql as $$
begin
  if new.undone_act is not null or not is_staff(new.put_in_effect_by, '{caseworker}') then raise exception 'a caseworker puts a removal in effect'; end if;
  if not exists (select 1 from register_entry r where r.worker_id = new.worker_id and r.standing = 3)
  then raise exception 'a removal is of somebody whose removal is pending';
  end if;
  if not exists (select 1 from case_file c where c.id = new.case_id and is_delivered(c.act_number))
  then raise exception 'nobody is removed unheard: the opening was not delivered';
  end if;
  if not exists (
    select 1 from case_file c where c.id = new.case_id and is_delivered_by(c.decision_act, new.told_on))
  then raise exception 'a decision is not told before it is delivered';
  end if;
  return new;
end $$;
create or replace function refuse_early_proposal() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from told_until t
    where t.act_number = old.act_number and t.until_day < latest_day()
    -- Counted from a delivery that stands.
    and is_delivered_by(old.act_number, t.counted_from))
  then raise exception 'the time to answer runs';
  end if;
  return new;
end $$;
create or replace function refuse_move() returns trigger language plpgsql as $$
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
  if new.stage <> old.stage and (old.stage = 0 or (new.stage <> 0 and move not in (12, 21, 23, 34, 43, 35, 54, 31, 41)))
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
    and not ((old.stage = 2 and new.decision_act is not distinct from new.agreed_act) or (old.stage = 1 and new.decision_act is null) or (old.stage = 4 and decided))
  then raise exception 'a decision is an agreement, or that of an appeal';
  end if;
  if new.appeal_act is distinct from old.appeal_act and old.stage not in (3, 5) and not (old.stage = 1 and new.appeal_act is null)
  then raise exception 'an appeal is against a decision';
  end if;
  -- What was undone left no step to anybody.
  if new.step_left is distinct from old.step_left and move not in (23, 34, 54, 43) and not (move in (31, 41) and new.step_left <= old.step_left)
  then raise exception 'nothing else restarts the authority''s time';
  end if;
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
  if move in (12, 23, 43) and not is_delivered(old.act_number) then raise exception 'nobody is removed unheard: the opening was not delivered'; end if;
  if move in (31, 41) and not exists (select 1 from message m where m.act_number = old.act_number and m.bounced_at is not null)
  then raise exception 'only a delivery that came back undoes a decision';
  end if;
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
create or replace function refuse_standing() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or (old.standing, new.standing) not in ((0, 1), (1, 2), (2, 1), (2, 3), (3, 1), (3, 2), (3, 4), (4, 3), (4, 1))
  then raise exception 'no act leads there';
  end if;
  if new.standing = 4 and not exists (select 1 from removal r where r.worker_id = new.worker_id and r.undone_act is null)
  then raise exception 'nobody is removed without a removal of two officers';
  end if;
  if new.standing = 3 and not exists (
    select 1 from case_file c where c.worker_id = new.worker_id and c.stage in (3, 4) and c.agreed_by <> c.proposed_by
  ) then raise exception 'no removal is pending without a decision of two officers';
  end if;
  return new;
end $$;

-- As in schema 034; and a departure that was undone (7) begins no period, but while it stood nothing was asked of the worker: only a
-- reminder from after the undoing counts. What was told of the period stands all the same.
create or replace function refuse_case_without_reminder() returns trigger language plpgsql as $$
declare
  begun text;
  since bigint;
begin
  select a.number into begun from act a
  where a.worker_id = new.worker_id and not exists (select 1 from reissue i where i.act_number = a.number)
    and (a.kind in (2, 3, 38, 39) or (a.kind = 37 and exists (select 1 from case_file c where c.worker_id = a.worker_id and c.closed_act = a.number)))
  order by a.given_at desc, a.number desc limit 1;
  select max(a.given_at) into since from act a
  where a.worker_id = new.worker_id and not exists (select 1 from reissue i where i.act_number = a.number)
    and (a.kind in (2, 3, 7, 38, 39) or (a.kind = 37 and exists (select 1 from case_file c where c.worker_id = a.worker_id and c.closed_act = a.number)));
  if not exists (
      select 1 from message m
      where m.worker_id = new.worker_id and m.reminds_of is not null and m.delivered_at is not null and m.created_at > coalesce(since, 0))
    and not exists (select 1 from reached r where r.worker_id = new.worker_id and r.recorded_at > coalesce(since, 0))
  then raise exception 'a case about silence rests on a delivered reminder of the present period';
  end if;
  -- A day may begin 14 hours before that day in UTC.
  if exists (
    select 1 from told_until t
    where t.act_number = begun and t.until_day >= to_char(to_timestamp(new.opened_at / 1000 + 50400) at time zone 'UTC', 'YYYY-MM-DD'))
  then raise exception 'the silence period that the worker was told runs';
  end if;
  return new;
end $$;
