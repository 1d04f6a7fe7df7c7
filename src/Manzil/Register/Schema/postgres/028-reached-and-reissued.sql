-- People whom no message reached, and receipts issued anew for a renewed document or a changed name.

-- retention: ended + 3 years. Somebody of the list 'to be reached' was reached (rules.md, Confirming an address, 3): from recorded_at
-- their silence period runs, as from a reminder's delivery. due: the confirmation that they were to be reminded of. It only grows.
create table reached (
  act_number text primary key check (length(act_number) = 16),
  worker_id bigint not null references worker (id),
  due text not null check (length(due) = 10),
  how text not null check (how in ('phone', 'visit', 'relative', 'desk')),
  staff_number text not null check (length(staff_number) <= 20),
  recorded_at bigint not null
);
create index reached_worker on reached (worker_id);
create trigger reached_grows before update on reached for each row execute function refuse_change();
-- 100: on that list (register_entry.reminded).
create function refuse_reached() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from register_entry r where r.worker_id = new.worker_id and r.reminded = 100 and r.standing = 1 and r.next_deadline = new.due)
  then raise exception 'only who is to be reached can be recorded as reached';
  end if;
  if not is_staff(new.staff_number, '{clerk}') then raise exception 'a clerk records that somebody was reached'; end if;
  return new;
end $$;
create trigger reached_rests before insert on reached for each row execute function refuse_reached();

-- retention: ended + 3 years. An act that states again what an earlier one stated, for the newest document and name. first_act: the
-- act that did it. What was done is that one alone: nothing begins or is answered by stating it again.
create table reissue (
  act_number text primary key check (length(act_number) = 16),
  worker_id bigint not null references worker (id),
  first_act text not null check (length(first_act) = 16 and first_act <> act_number)
);
create index reissue_worker on reissue (worker_id);
create trigger reissue_grows before update on reissue for each row execute function refuse_change();
create function refuse_reissue() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from act a where a.number = new.first_act and a.worker_id = new.worker_id)
  then raise exception 'a receipt is issued anew for whom it was issued';
  end if;
  return new;
end $$;
create trigger reissue_rests before insert on reissue for each row execute function refuse_reissue();

-- Both go with their worker, and with nobody else (erasure: script 029), and are not emptied at one stroke.
create function refuse_forgetting() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from erasure e where e.worker_id = old.worker_id) then raise exception '% only grows: % is refused', tg_table_name, tg_op; end if;
  return old;
end $$;
create trigger reached_kept before delete on reached for each row execute function refuse_forgetting();
create trigger reissue_kept before delete on reissue for each row execute function refuse_forgetting();
create trigger reached_not_emptied before truncate on reached for each statement execute function refuse_change();
create trigger reissue_not_emptied before truncate on reissue for each statement execute function refuse_change();
