-- A file of a case may have 15 MB (docs/decisions/0060-large-photos.md). SQLite cannot change a check, so the table is written anew, with
-- the same columns, and the guards that went with it. The guard of the table of cases names it, and is to go on naming it so.
pragma legacy_alter_table = on;
alter table attachment rename to attachment_before;
pragma legacy_alter_table = off;

-- retention: ended + 3 years, or the decided case's last act + 3 years. What came with an answer or an appeal. Pictures are stored
-- without what a camera writes into them.
create table attachment (
  id integer primary key,
  worker_id integer not null references worker (id),
  case_id integer not null references case_file (id),
  act_number text not null check (length(act_number) = 16),
  name text not null check (length(name) between 1 and 200),
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'application/pdf')),
  sha256 blob not null check (length(sha256) = 32),
  content blob not null check (length(content) between 1 and 15728640),
  added_at integer not null,
  by_helper integer not null default 0 check (by_helper in (0, 1))
) strict;
insert into attachment (id, worker_id, case_id, act_number, name, media_type, sha256, content, added_at, by_helper)
  select id, worker_id, case_id, act_number, name, media_type, sha256, content, added_at, by_helper from attachment_before;
drop table attachment_before;
create index attachment_case on attachment (case_id);
create index attachment_worker on attachment (worker_id);
create trigger attachment_unchanged before update on attachment begin select raise(abort, 'attachment only grows: UPDATE is refused'); end;
create trigger attachment_stays before delete on attachment when exists (select 1 from case_file c where c.id = old.case_id and c.stage <> 0)
  begin select raise(abort, 'attachment only grows: DELETE is refused'); end;
create trigger attachment_kept before delete on attachment when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'attachment only grows: DELETE is refused'); end;
create trigger attachment_not_replaced before insert on attachment when exists (select 1 from attachment o where o.id = new.id)
  begin select raise(abort, 'attachment only grows: REPLACE is refused'); end;
