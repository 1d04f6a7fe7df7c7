-- People whom no message reached, and receipts issued anew for a renewed document or a changed name.

-- retention: ended + 3 years. Somebody of the list 'to be reached' was reached (rules.md, Confirming an address, 3): from recorded_at
-- their silence period runs, as from a reminder's delivery. due: the confirmation that they were to be reminded of. It only grows.
create table reached (
  act_number text primary key check (length(act_number) = 16),
  worker_id integer not null references worker (id),
  due text not null check (length(due) = 10),
  how text not null check (how in ('phone', 'visit', 'relative', 'desk')),
  staff_number text not null check (length(staff_number) <= 20),
  recorded_at integer not null
) strict;
create index reached_worker on reached (worker_id);
create trigger reached_grows before update on reached begin select raise(abort, 'reached only grows: UPDATE is refused'); end;
-- 100: on that list (register_entry.reminded).
create trigger reached_rests before insert on reached begin
  select raise(abort, 'only who is to be reached can be recorded as reached') where not exists (
    select 1 from register_entry r where r.worker_id = new.worker_id and r.reminded = 100 and r.standing = 1 and r.next_deadline = new.due);
  select raise(abort, 'a clerk records that somebody was reached') where not exists (
    select 1 from staff s where s.number = new.staff_number and s.role = 'clerk' and s.agreed_at is not null and s.dismissed_at is null);
end;

-- retention: ended + 3 years. An act that states again what an earlier one stated, for the newest document and name. first_act: the
-- act that did it. What was done is that one alone: nothing begins or is answered by stating it again.
create table reissue (
  act_number text primary key check (length(act_number) = 16),
  worker_id integer not null references worker (id),
  first_act text not null check (length(first_act) = 16 and first_act <> act_number)
) strict;
create index reissue_worker on reissue (worker_id);
create trigger reissue_grows before update on reissue begin select raise(abort, 'reissue only grows: UPDATE is refused'); end;
create trigger reissue_rests before insert on reissue begin
  select raise(abort, 'a receipt is issued anew for whom it was issued') where not exists (
    select 1 from act a where a.number = new.first_act and a.worker_id = new.worker_id);
end;

-- Both go with their worker, and with nobody else (erasure: script 029); INSERT OR REPLACE does not pass by the triggers of DELETE.
create trigger reached_kept before delete on reached when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'reached only grows: DELETE is refused'); end;
create trigger reissue_kept before delete on reissue when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'reissue only grows: DELETE is refused'); end;
create trigger reached_not_replaced before insert on reached when exists (select 1 from reached o where o.act_number = new.act_number)
  begin select raise(abort, 'reached only grows: REPLACE is refused'); end;
create trigger reissue_not_replaced before insert on reissue when exists (select 1 from reissue o where o.act_number = new.act_number)
  begin select raise(abort, 'reissue only grows: REPLACE is refused'); end;
