-- Nobody acts for the authority to whom no lead reviewer agreed (rules.md, Roles; docs/decisions/0037), whoever writes, past the program.

-- retention: ever. One row: the installation's first lead reviewer, to whom there was nobody to agree. There is never a second.
create table first_lead (
  id smallint primary key check (id = 1),
  staff_id bigint not null references staff (id),
  agreed_at bigint not null
);
insert into first_lead (id, staff_id, agreed_at)
  select 1, c.staff_id, c.changed_at from staff_change c where c.what = 'agreed' and c.by_staff_id is null order by c.id limit 1;

-- Whoever was written down without an agreement to their present role waits for one.
update staff set agreed_by = null, agreed_at = null
where agreed_at is not null and not exists (
  select 1 from staff_change c
  where c.staff_id = staff.id and c.what = 'agreed' and c.role = staff.role and c.by_staff_id is not distinct from staff.agreed_by);

create function is_lead(wanted bigint) returns boolean language plpgsql as $$
begin
  return exists (select 1 from staff l where l.id = wanted and l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null);
end $$;

-- An officer begins waiting, and stays who they are.
create function refuse_unasked_officer() returns trigger language plpgsql as $$
begin
  raise exception 'nobody is agreed to before they were invited';
end $$;
create trigger staff_begins_waiting before insert on staff for each row when (new.agreed_at is not null) execute function refuse_unasked_officer();
create function refuse_unagreed() returns trigger language plpgsql as $$
declare
  newest staff_change%rowtype;
begin
  if new.id <> old.id or new.number <> old.number then raise exception 'a number stays with its person'; end if;
  -- Who was dismissed long ago is erased, and what is known of them with it: no date is made up for that.
  if new.dismissed_at is distinct from old.dismissed_at and new.dismissed_at < (select h.newest_at - 86400000 from log_head h where h.id = 1)
  then raise exception 'a dismissal is not dated back';
  end if;
  -- Another name, role or office, or coming back, is agreed to anew.
  if (new.name, new.role, new.office) is distinct from (old.name, old.role, old.office) or (old.dismissed_at is not null and new.dismissed_at is null) then
    new.agreed_by := null;
    new.agreed_at := null;
  elsif new.agreed_at is not null and (new.agreed_at, new.agreed_by) is distinct from (old.agreed_at, old.agreed_by) then
    select * into newest from staff_change c where c.staff_id = new.id order by c.id desc limit 1;
    if newest.what is distinct from 'agreed' or newest.role <> new.role or newest.changed_at <> new.agreed_at or newest.by_staff_id is distinct from new.agreed_by
    then raise exception 'nobody agreed to this';
    end if;
  end if;
  return new;
end $$;
create trigger staff_rests before update on staff for each row execute function refuse_unagreed();
-- And the agreement before it does for nothing any more: only what follows on the newest entry counts.
create function note_another() returns trigger language plpgsql as $$
begin
  insert into staff_change (staff_id, what, role, changed_at) values (new.id, 'role', new.role, coalesce((select h.newest_at from log_head h where h.id = 1), 0));
  return null;
end $$;
create trigger staff_is_another after update on staff for each row
  when (new.dismissed_at is null and (new.name <> old.name or new.role <> old.role or new.office <> old.office or old.dismissed_at is not null))
  execute function note_another();
create trigger staff_stays before delete on staff for each row execute function refuse_change();

-- An agreement is another lead reviewer's, to who waits, for the role that they wait for. The installation's own is the one exception.
create function refuse_agreeing() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from staff s
    where s.id = new.staff_id and s.role = new.role and s.agreed_at is null and s.refused_at is null and s.dismissed_at is null
      and (select c.what from staff_change c where c.staff_id = s.id order by c.id desc limit 1) in ('invited', 'role'))
  then raise exception 'only who waits is agreed to, and for that role';
  end if;
  if new.by_staff_id is null then
    if new.role <> 'lead-reviewer' or exists (select 1 from first_lead) or exists (select 1 from staff l where is_lead(l.id))
    then raise exception 'the installation agrees to its first lead reviewer, once';
    end if;
  elsif new.by_staff_id = new.staff_id or not is_lead(new.by_staff_id) then raise exception 'another lead reviewer agrees';
  end if;
  return new;
end $$;
create trigger staff_change_agrees before insert on staff_change for each row when (new.what = 'agreed') execute function refuse_agreeing();
create function note_first_lead() returns trigger language plpgsql as $$
begin
  insert into first_lead (id, staff_id, agreed_at) values (1, new.staff_id, new.changed_at);
  return null;
end $$;
create trigger staff_change_first after insert on staff_change for each row
  when (new.what = 'agreed' and new.by_staff_id is null) execute function note_first_lead();
create function refuse_other_first_lead() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from staff_change c
    where c.staff_id = new.staff_id and c.what = 'agreed' and c.by_staff_id is null and c.changed_at = new.agreed_at)
  then raise exception 'the installation agrees to its first lead reviewer, once';
  end if;
  return new;
end $$;
create trigger first_lead_rests before insert on first_lead for each row execute function refuse_other_first_lead();
create trigger first_lead_grows before update or delete on first_lead for each row execute function refuse_change();
create trigger first_lead_not_emptied before truncate on first_lead for each statement execute function refuse_change();

-- Whoever may not act yet, or not any more, gets no passkey and no session, looks at nobody and records no delivery.
create function refuse_stranger() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from staff s where s.id = new.staff_id and s.agreed_at is not null and s.dismissed_at is null)
  then raise exception 'only who was agreed to gets in';
  end if;
  return new;
end $$;
create trigger staff_passkey_of_officer before insert or update of staff_id on staff_passkey for each row execute function refuse_stranger();
create trigger staff_session_of_officer before insert or update of staff_id on staff_session for each row execute function refuse_stranger();
create function refuse_strangers_look() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from staff s
    where s.number = new.staff_number and s.role = new.role and s.office = new.office and s.agreed_at is not null and s.dismissed_at is null)
  then raise exception 'only who was agreed to looks at people, in their role';
  end if;
  return new;
end $$;
create trigger look_of_officer before insert on look for each row when (new.staff_number is not null) execute function refuse_strangers_look();
create function refuse_strangers_delivery() returns trigger language plpgsql as $$
begin
  if not is_staff(new.staff_number, '{clerk,caseworker}') then raise exception 'only who was agreed to records a delivery'; end if;
  return new;
end $$;
create trigger handed_over_by_officer before insert on handed_over for each row execute function refuse_strangers_delivery();
