-- Erasing (rules.md, Retention): what the database lets go, and when. Whatever stands in an append-only table stays as it is until
-- the retention of the person it is about has ended by the database's own reckoning; then it goes, and nothing else does.

-- retention: ever. How long the rules file says that what is kept: a row each time it says something new, and the newest counts.
create table retention_term (
  id bigint generated always as identity primary key,
  file_years integer not null check (file_years between 1 and 75),
  key_days integer not null check (key_days between 1 and 366),
  stated_at bigint not null
);
create trigger retention_term_grows before update or delete on retention_term for each row execute function refuse_change();

-- retention: its own transaction. Who is being erased. Nobody else's rows can be deleted or blanked, and a row is let in only when the
-- person's retention has ended. 'never' refers to nobody, so that no transaction can end while a row is here.
create table erasure (
  worker_id bigint primary key references worker (id) on delete cascade check (worker_id > 0),
  ended_on text not null check (length(ended_on) = 10),
  keep_until bigint not null,
  never bigint not null default 0 check (never = 0) references erasure (worker_id) deferrable initially deferred
);
create trigger erasure_unchanged before update on erasure for each row execute function refuse_change();

-- retention: ever. One row: up to which entry of which log the keys of repeated requests are erased.
create table key_erasure (
  id smallint primary key check (id = 1),
  log integer not null,
  leaf bigint not null
);
insert into key_erasure (id, log, leaf) values (1, 0, -1);

-- Dates are local, and the database knows no zone: it allows a day. It knows no working days either: that a departure took effect no
-- later than ended_on is the program's reckoning, and that it did so no earlier than it was given and told is checked.
create function years_after(day date, years integer) returns bigint language sql immutable as $$
  select (extract(epoch from (day + make_interval(years => years) - interval '1 day')) * 1000)::bigint
$$;
create function day_of(at bigint) returns date language sql immutable as $$
  select (to_timestamp(at / 1000) at time zone 'UTC')::date
$$;
create function refuse_early_erasing() returns trigger language plpgsql as $$
begin
  if exists (select 1 from case_file c where c.worker_id = new.worker_id and c.stage <> 0) then raise exception 'an open case holds its file'; end if;
  if not exists (
    select 1 from register_entry r, log_head h, retention_term t
    where r.worker_id = new.worker_id and h.id = 1 and t.id = (select max(id) from retention_term)
      and r.standing = 1 and r.departure_on <= new.ended_on and r.departure_told <= new.ended_on
      and new.keep_until < h.newest_at
      and new.keep_until >= years_after(new.ended_on::date, t.file_years)
      and new.keep_until >= years_after(day_of(coalesce((
          select max(l.at) from (
            select coalesce(c.closed_at, c.opened_at) as at from case_file c where c.worker_id = new.worker_id
            union all select a.given_at from act a where a.worker_id = new.worker_id and a.kind between 32 and 41) l), 0)), t.file_years))
  then raise exception 'retention has not ended';
  end if;
  return new;
end $$;
create trigger erasure_in_time before insert on erasure for each row execute function refuse_early_erasing();
create function is_being_erased(wanted bigint) returns boolean language plpgsql as $$
begin
  return exists (select 1 from erasure e where e.worker_id = wanted);
end $$;

-- The head's time is the clock of all this. It only moves ahead.
create trigger log_head_ahead before update of newest_at on log_head for each row when (new.newest_at < old.newest_at) execute function refuse_change();
create trigger log_head_stays before delete on log_head for each row execute function refuse_change();

-- An act's row stays for ever, with its log, leaf, number and kind; what is personal in it is blanked whole, once.
create function refuse_act_change() returns trigger language plpgsql as $$
begin
  if not is_being_erased(old.worker_id)
    or (new.log, new.leaf, new.number, new.kind, new.given_at, new.channel) is distinct from (old.log, old.leaf, old.number, old.kind, old.given_at, old.channel)
    or new.worker_id is not null or new.effective_from <> '0000-00-00' or new.next_deadline is not null or new.replaces is not null
    or new.idempotency_key is not null or new.content_hash is not null or octet_length(new.statement) > 0 or octet_length(new.record) > 0
  then raise exception 'act only grows: UPDATE is refused';
  end if;
  return new;
end $$;
drop trigger act_unchanged on act;
create trigger act_unchanged before update of log, leaf, number, worker_id, kind, given_at, effective_from, next_deadline,
  replaces, channel, content_hash, statement, record on act for each row execute function refuse_act_change();
create function refuse_early_key_change() returns trigger language plpgsql as $$
begin
  if new.idempotency_key is not null or not (is_being_erased(old.worker_id) or exists (
    select 1 from log_head h, retention_term t
    where h.id = 1 and t.id = (select max(id) from retention_term) and old.given_at < h.newest_at - t.key_days * 86400000::bigint))
  then raise exception 'act only grows: UPDATE is refused';
  end if;
  return new;
end $$;
create trigger act_key_unchanged before update of idempotency_key on act for each row execute function refuse_early_key_change();

-- What history stands in goes with the person it is about.
create function refuse_kept() returns trigger language plpgsql as $$
begin
  if not is_being_erased(old.worker_id) then raise exception '% only grows: % is refused', tg_table_name, tg_op; end if;
  return old;
end $$;
create trigger case_file_kept before delete on case_file for each row execute function refuse_kept();
create trigger attachment_kept before delete on attachment for each row execute function refuse_kept();
create trigger handed_over_kept before delete on handed_over for each row execute function refuse_kept();
create trigger removal_kept before delete on removal for each row execute function refuse_kept();
create trigger helper_grant_kept before delete on helper_grant for each row execute function refuse_kept();
create trigger document_kept before delete on document for each row execute function refuse_kept();
create trigger register_entry_kept before delete on register_entry for each row execute function refuse_kept();
create function refuse_kept_decision() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from case_file c where c.id = old.case_id and is_being_erased(c.worker_id)) then
    raise exception '% only grows: % is refused', tg_table_name, tg_op;
  end if;
  return old;
end $$;
create trigger appeal_decision_kept before delete on appeal_decision for each row execute function refuse_kept_decision();
-- The register entry goes before the worker does; whoever was looked at lately stays without a name until the looks have gone.
create function refuse_kept_worker() returns trigger language plpgsql as $$
begin
  if exists (select 1 from register_entry r where r.worker_id = old.id) then raise exception '% only grows: % is refused', tg_table_name, tg_op; end if;
  return old;
end $$;
create trigger worker_kept before delete on worker for each row execute function refuse_kept_worker();
create function refuse_kept_change() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from staff s, log_head h, retention_term t
    where s.id = old.staff_id and h.id = 1 and t.id = (select max(id) from retention_term)
      and years_after(day_of(s.dismissed_at), t.file_years) < h.newest_at)
  then raise exception '% only grows: % is refused', tg_table_name, tg_op;
  end if;
  return old;
end $$;
create trigger staff_change_kept before delete on staff_change for each row execute function refuse_kept_change();

-- Nothing of all this is emptied at one stroke, past the triggers of its rows. (SQLite has no TRUNCATE.)
do $$
declare
  kept text;
begin
  foreach kept in array array[
    'installation', 'signing_key', 'log', 'log_head', 'log_batch', 'log_node', 'worker', 'document', 'register_entry', 'act', 'look',
    'case_file', 'case_move', 'attachment', 'handed_over', 'appeal_decision', 'removal', 'removal_pause', 'helper_grant', 'staff',
    'staff_change', 'outage_day', 'retention_term'] loop
    execute format('create trigger %I before truncate on %I for each statement execute function refuse_change()', kept || '_not_emptied', kept);
  end loop;
end $$;

-- Whoever left is found by the date; each table that hangs on a worker or a case is found by it.
create index register_entry_left on register_entry (departure_on, worker_id) where departure_told is not null;
create index attachment_worker on attachment (worker_id);
create index handed_over_worker on handed_over (worker_id);
create index appeal_decision_case on appeal_decision (case_id);
create index removal_case on removal (case_id);
create index helper_grant_case on helper_grant (case_id);
create index incoming_sms_worker on incoming_sms (worker_id);
create index incoming_sms_received on incoming_sms (received_at);
