-- Who may act for the authority, and who said so.

-- retention: ended + 3 years. Who was invited, given another role, agreed to, refused or dismissed, with which role, and by whom:
-- by_staff_id is a lead reviewer, and null where it was done at the command line, or where the installation agreed to its first
-- lead reviewer. It only grows.
create table staff_change (
  id bigint generated always as identity primary key,
  staff_id bigint not null references staff (id),
  what text not null check (what in ('invited', 'role', 'agreed', 'refused', 'dismissed')),
  role text not null check (length(role) <= 20),
  by_staff_id bigint references staff (id),
  changed_at bigint not null
);
create index staff_change_staff on staff_change (staff_id, id);
create trigger staff_change_grows before update on staff_change for each row execute function refuse_change();

-- A lead reviewer did not agree; the next invitation or change of role asks anew.
alter table staff add column refused_at bigint;

-- What the program checks as well: a lead reviewer who may act agrees, and never to themselves.
create function refuse_staff() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then raise exception 'nobody is agreed to before they were invited';
  end if;
  if new.agreed_by = new.id then raise exception 'another person agrees';
  end if;
  if not exists (
    select 1 from staff l where l.id = new.agreed_by and l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null) then
    raise exception 'a lead reviewer agrees';
  end if;
  return new;
end $$;
create trigger staff_agreed before update of agreed_by on staff for each row when (new.agreed_by is not null) execute function refuse_staff();
create trigger staff_begins before insert on staff for each row when (new.agreed_by is not null) execute function refuse_staff();
