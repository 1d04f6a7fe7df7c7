-- Who may act for the authority, and who said so.

-- retention: ended + 3 years. Who was invited, given another role, agreed to, refused or dismissed, with which role, and by whom:
-- by_staff_id is a lead reviewer, and null where it was done at the command line, or where the installation agreed to its first
-- lead reviewer. It only grows.
create table staff_change (
  id integer primary key,
  staff_id integer not null references staff (id),
  what text not null check (what in ('invited', 'role', 'agreed', 'refused', 'dismissed')),
  role text not null check (length(role) <= 20),
  by_staff_id integer references staff (id),
  changed_at integer not null
) strict;
create index staff_change_staff on staff_change (staff_id, id);
create trigger staff_change_grows before update on staff_change begin select raise(abort, 'staff_change only grows: UPDATE is refused'); end;

-- A lead reviewer did not agree; the next invitation or change of role asks anew.
alter table staff add column refused_at integer;

-- What the program checks as well: a lead reviewer who may act agrees, and never to themselves.
create trigger staff_agreed before update of agreed_by on staff when new.agreed_by is not null begin
  select raise(abort, 'another person agrees') where new.agreed_by = new.id;
  select raise(abort, 'a lead reviewer agrees') where not exists (
    select 1 from staff l where l.id = new.agreed_by and l.role = 'lead-reviewer' and l.agreed_at is not null and l.dismissed_at is null);
end;
create trigger staff_begins before insert on staff when new.agreed_by is not null
  begin select raise(abort, 'nobody is agreed to before they were invited'); end;
