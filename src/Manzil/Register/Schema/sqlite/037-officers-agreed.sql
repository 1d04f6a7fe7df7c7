-- Nobody acts for the authority to whom no lead reviewer agreed (rules.md, Roles; docs/decisions/0037), whoever writes, past the program.

-- retention: ever. One row: the installation's first lead reviewer, to whom there was nobody to agree. There is never a second.
create table first_lead (
  id integer primary key check (id = 1),
  staff_id integer not null references staff (id),
  agreed_at integer not null
) strict;
insert into first_lead (id, staff_id, agreed_at)
  select 1, c.staff_id, c.changed_at from staff_change c where c.what = 'agreed' and c.by_staff_id is null order by c.id limit 1;

-- Whoever was written down without an agreement to their present role waits for one.
update staff set agreed_by = null, agreed_at = null
where agreed_at is not null and not exists (
  select 1 from staff_change c
  where c.staff_id = staff.id and c.what = 'agreed' and c.role = staff.role and c.by_staff_id is staff.agreed_by);

-- An officer begins waiting, and stays who they are.
create trigger staff_begins_waiting before insert on staff when new.agreed_at is not null
  begin select raise(abort, 'nobody is agreed to before they were invited'); end;
create trigger staff_not_replaced before insert on staff when exists (select 1 from staff o where o.id = new.id or o.number = new.number)
  begin select raise(abort, 'staff only grows: REPLACE is refused'); end;
create trigger staff_rests before update on staff begin
  select raise(abort, 'a number stays with its person') where new.id <> old.id or new.number <> old.number;
  -- Who was dismissed long ago is erased, and what is known of them with it: no date is made up for that.
  select raise(abort, 'a dismissal is not dated back')
    where new.dismissed_at is not old.dismissed_at and new.dismissed_at < (select h.newest_at - 86400000 from log_head h where h.id = 1);
  select raise(abort, 'nobody agreed to this')
    where new.agreed_at is not null and (new.agreed_at is not old.agreed_at or new.agreed_by is not old.agreed_by)
      and not exists (
        select 1 from staff_change c
        where c.id = (select max(n.id) from staff_change n where n.staff_id = new.id)
          and c.what = 'agreed' and c.role = new.role and c.changed_at = new.agreed_at and c.by_staff_id is new.agreed_by);
end;
-- Another name, role or office, or coming back, is agreed to anew. And the agreement before it does for nothing any more: only what
-- follows on the newest entry counts.
create trigger staff_is_another after update of name, role, office, dismissed_at on staff
  when new.dismissed_at is null and (new.name <> old.name or new.role <> old.role or new.office <> old.office or old.dismissed_at is not null)
  begin
    insert into staff_change (staff_id, what, role, changed_at) values (new.id, 'role', new.role, coalesce((select h.newest_at from log_head h where h.id = 1), 0));
    update staff set agreed_by = null, agreed_at = null where id = new.id and (agreed_at is not null or agreed_by is not null);
  end;
create trigger staff_stays before delete on staff begin select raise(abort, 'staff only grows: DELETE is refused'); end;

-- An agreement is another lead reviewer's, to who waits, for the role that they wait for. The installation's own is the one exception.
create trigger staff_change_agrees before insert on staff_change when new.what = 'agreed' begin
  select raise(abort, 'only who waits is agreed to, and for that role') where not exists (
    select 1 from staff s
    where s.id = new.staff_id and s.role = new.role and s.agreed_at is null and s.refused_at is null and s.dismissed_at is null
      and (select c.what from staff_change c where c.staff_id = s.id order by c.id desc limit 1) in ('invited', 'role'));
  select raise(abort, 'the installation agrees to its first lead reviewer, once')
    where new.by_staff_id is null and (new.role <> 'lead-reviewer' or exists (select 1 from first_lead)
      or exists (select 1 from staff l where l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null));
  select raise(abort, 'another lead reviewer agrees')
    where new.by_staff_id is not null and (new.by_staff_id = new.staff_id or not exists (
      select 1 from staff l where l.id = new.by_staff_id and l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null));
end;
create trigger staff_change_first after insert on staff_change when new.what = 'agreed' and new.by_staff_id is null
  begin insert into first_lead (id, staff_id, agreed_at) values (1, new.staff_id, new.changed_at); end;
create trigger first_lead_rests before insert on first_lead when not exists (
    select 1 from staff_change c
    where c.staff_id = new.staff_id and c.what = 'agreed' and c.by_staff_id is null and c.changed_at = new.agreed_at)
  begin select raise(abort, 'the installation agrees to its first lead reviewer, once'); end;
create trigger first_lead_not_replaced before insert on first_lead when exists (select 1 from first_lead)
  begin select raise(abort, 'first_lead only grows: REPLACE is refused'); end;
create trigger first_lead_grows before update on first_lead begin select raise(abort, 'first_lead only grows: UPDATE is refused'); end;
create trigger first_lead_stays before delete on first_lead begin select raise(abort, 'first_lead only grows: DELETE is refused'); end;

-- Whoever may not act yet, or not any more, gets no passkey and no session, looks at nobody and records no delivery.
create trigger staff_passkey_of_officer before insert on staff_passkey
  when not exists (select 1 from staff s where s.id = new.staff_id and s.agreed_at is not null and s.dismissed_at is null)
  begin select raise(abort, 'only who was agreed to gets in'); end;
create trigger staff_passkey_moves before update of staff_id on staff_passkey
  when not exists (select 1 from staff s where s.id = new.staff_id and s.agreed_at is not null and s.dismissed_at is null)
  begin select raise(abort, 'only who was agreed to gets in'); end;
create trigger staff_session_of_officer before insert on staff_session
  when not exists (select 1 from staff s where s.id = new.staff_id and s.agreed_at is not null and s.dismissed_at is null)
  begin select raise(abort, 'only who was agreed to gets in'); end;
create trigger staff_session_moves before update of staff_id on staff_session
  when not exists (select 1 from staff s where s.id = new.staff_id and s.agreed_at is not null and s.dismissed_at is null)
  begin select raise(abort, 'only who was agreed to gets in'); end;
create trigger look_of_officer before insert on look
  when new.staff_number is not null and not exists (
    select 1 from staff s
    where s.number = new.staff_number and s.role = new.role and s.office = new.office and s.agreed_at is not null and s.dismissed_at is null)
  begin select raise(abort, 'only who was agreed to looks at people, in their role'); end;
create trigger handed_over_by_officer before insert on handed_over
  when not exists (
    select 1 from staff s
    where s.number = new.staff_number and s.role in ('clerk', 'caseworker') and s.agreed_at is not null and s.dismissed_at is null)
  begin select raise(abort, 'only who was agreed to records a delivery'); end;
