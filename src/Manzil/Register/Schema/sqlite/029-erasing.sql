-- Erasing (rules.md, Retention): what the database lets go, and when. Whatever stands in an append-only table stays as it is until
-- the retention of the person it is about has ended by the database's own reckoning; then it goes, and nothing else does.

-- retention: ever. How long the rules file says that what is kept: a row each time it says something new, and the newest counts.
create table retention_term (
  id integer primary key,
  file_years integer not null check (file_years between 1 and 75),
  key_days integer not null check (key_days between 1 and 366),
  stated_at integer not null
) strict;
create trigger retention_term_grows before update on retention_term begin select raise(abort, 'retention_term only grows: UPDATE is refused'); end;
create trigger retention_term_stays before delete on retention_term begin select raise(abort, 'retention_term only grows: DELETE is refused'); end;

-- retention: its own transaction. Who is being erased. Nobody else's rows can be deleted or blanked, and a row is let in only when the
-- person's retention has ended. 'never' refers to nobody, so that no transaction can end while a row is here.
create table erasure (
  worker_id integer primary key references worker (id) on delete cascade check (worker_id > 0),
  ended_on text not null check (length(ended_on) = 10),
  keep_until integer not null,
  never integer not null default 0 check (never = 0) references erasure (worker_id) deferrable initially deferred
) strict;
create trigger erasure_unchanged before update on erasure begin select raise(abort, 'erasure is not rewritten'); end;

-- retention: ever. One row: up to which entry of which log the keys of repeated requests are erased.
create table key_erasure (
  id integer primary key check (id = 1),
  log integer not null,
  leaf integer not null
) strict;
insert into key_erasure (id, log, leaf) values (1, 0, -1);

-- Dates are local, and the database knows no zone: it allows a day. It knows no working days either: that a departure took effect no
-- later than ended_on is the program's reckoning, and that it did so no earlier than it was given and told is checked.
create trigger erasure_in_time before insert on erasure begin
  select raise(abort, 'an open case holds its file') where exists (select 1 from case_file c where c.worker_id = new.worker_id and c.stage <> 0);
  select raise(abort, 'retention has not ended') where not exists (
    select 1 from register_entry r, log_head h, retention_term t
    where r.worker_id = new.worker_id and h.id = 1 and t.id = (select max(id) from retention_term)
      and r.standing = 1 and r.departure_on <= new.ended_on and r.departure_told <= new.ended_on
      and new.keep_until < h.newest_at
      and new.keep_until >= unixepoch(date(new.ended_on, '+' || t.file_years || ' years', '-1 day')) * 1000
      and new.keep_until >= unixepoch(date(coalesce((
          select max(at) from (
            select coalesce(c.closed_at, c.opened_at) as at from case_file c where c.worker_id = new.worker_id
            union all select a.given_at from act a where a.worker_id = new.worker_id and a.kind between 32 and 41)), 0) / 1000,
        'unixepoch', '+' || t.file_years || ' years', '-1 day')) * 1000);
end;

-- The head's time is the clock of all this. It only moves ahead.
create trigger log_head_ahead before update of newest_at on log_head when new.newest_at < old.newest_at
  begin select raise(abort, 'log_head only grows: UPDATE is refused'); end;
create trigger log_head_stays before delete on log_head begin select raise(abort, 'log_head only grows: DELETE is refused'); end;

-- An act's row stays for ever, with its log, leaf, number and kind; what is personal in it is blanked whole, once.
drop trigger act_unchanged;
create trigger act_unchanged before update of log, leaf, number, worker_id, kind, given_at, effective_from, next_deadline,
  replaces, channel, content_hash, statement, record on act
  when not (
    exists (select 1 from erasure e where e.worker_id = old.worker_id)
    and new.log = old.log and new.leaf = old.leaf and new.number = old.number and new.kind = old.kind and new.given_at = old.given_at
    and new.channel = old.channel and new.worker_id is null and new.effective_from = '0000-00-00' and new.next_deadline is null
    and new.replaces is null and new.idempotency_key is null and new.content_hash is null and length(new.statement) = 0 and length(new.record) = 0)
  begin select raise(abort, 'act only grows: UPDATE is refused'); end;
create trigger act_key_unchanged before update of idempotency_key on act
  when not (new.idempotency_key is null and (
    exists (select 1 from erasure e where e.worker_id = old.worker_id)
    or exists (
      select 1 from log_head h, retention_term t
      where h.id = 1 and t.id = (select max(id) from retention_term) and old.given_at < h.newest_at - t.key_days * 86400000)))
  begin select raise(abort, 'act only grows: UPDATE is refused'); end;

-- What history stands in goes with the person it is about.
create trigger case_file_kept before delete on case_file when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'case_file only grows: DELETE is refused'); end;
create trigger attachment_kept before delete on attachment when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'attachment only grows: DELETE is refused'); end;
create trigger handed_over_kept before delete on handed_over when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'handed_over only grows: DELETE is refused'); end;
create trigger removal_kept before delete on removal when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'removal only grows: DELETE is refused'); end;
create trigger appeal_decision_kept before delete on appeal_decision
  when not exists (select 1 from erasure e join case_file c on c.worker_id = e.worker_id where c.id = old.case_id)
  begin select raise(abort, 'appeal_decision only grows: DELETE is refused'); end;
create trigger helper_grant_kept before delete on helper_grant when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'helper_grant only grows: DELETE is refused'); end;
create trigger document_kept before delete on document when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'document only grows: DELETE is refused'); end;
create trigger register_entry_kept before delete on register_entry when not exists (select 1 from erasure e where e.worker_id = old.worker_id)
  begin select raise(abort, 'register_entry only grows: DELETE is refused'); end;
-- The register entry goes before the worker does; whoever was looked at lately stays without a name until the looks have gone.
create trigger worker_kept before delete on worker when exists (select 1 from register_entry r where r.worker_id = old.id)
  begin select raise(abort, 'worker only grows: DELETE is refused'); end;
create trigger staff_change_kept before delete on staff_change
  when not exists (
    select 1 from staff s, log_head h, retention_term t
    where s.id = old.staff_id and h.id = 1 and t.id = (select max(id) from retention_term)
      and unixepoch(date(s.dismissed_at / 1000, 'unixepoch', '+' || t.file_years || ' years', '-1 day')) * 1000 < h.newest_at)
  begin select raise(abort, 'staff_change only grows: DELETE is refused'); end;

-- INSERT OR REPLACE deletes what it replaces without asking the triggers of DELETE. (act is left out: each notice would pay for it, and
-- log_batch holds the digest of what its statement was.)
create trigger look_not_replaced before insert on look when exists (select 1 from look o where o.id = new.id)
  begin select raise(abort, 'look only grows: REPLACE is refused'); end;
create trigger log_not_replaced before insert on log when exists (select 1 from log o where o.number = new.number)
  begin select raise(abort, 'log only grows: REPLACE is refused'); end;
create trigger log_head_not_replaced before insert on log_head when exists (select 1 from log_head o where o.id = new.id)
  begin select raise(abort, 'log_head only grows: REPLACE is refused'); end;
create trigger case_move_not_replaced before insert on case_move when exists (select 1 from case_move o where o.id = new.id)
  begin select raise(abort, 'case_move only grows: REPLACE is refused'); end;
create trigger attachment_not_replaced before insert on attachment when exists (select 1 from attachment o where o.id = new.id)
  begin select raise(abort, 'attachment only grows: REPLACE is refused'); end;
create trigger handed_over_not_replaced before insert on handed_over when exists (select 1 from handed_over o where o.act_number = new.act_number)
  begin select raise(abort, 'handed_over only grows: REPLACE is refused'); end;
create trigger appeal_decision_not_replaced before insert on appeal_decision when exists (select 1 from appeal_decision o where o.act_number = new.act_number)
  begin select raise(abort, 'appeal_decision only grows: REPLACE is refused'); end;
create trigger removal_not_replaced before insert on removal when exists (select 1 from removal o where o.act_number = new.act_number)
  begin select raise(abort, 'removal only grows: REPLACE is refused'); end;
create trigger removal_pause_not_replaced before insert on removal_pause when exists (select 1 from removal_pause o where o.act_number = new.act_number)
  begin select raise(abort, 'removal_pause only grows: REPLACE is refused'); end;
create trigger staff_change_not_replaced before insert on staff_change when exists (select 1 from staff_change o where o.id = new.id)
  begin select raise(abort, 'staff_change only grows: REPLACE is refused'); end;
create trigger outage_day_not_replaced before insert on outage_day when exists (select 1 from outage_day o where o.day = new.day)
  begin select raise(abort, 'outage_day only grows: REPLACE is refused'); end;
create trigger retention_term_not_replaced before insert on retention_term when exists (select 1 from retention_term o where o.id = new.id)
  begin select raise(abort, 'retention_term only grows: REPLACE is refused'); end;
create trigger log_batch_not_replaced before insert on log_batch when exists (select 1 from log_batch o where o.log = new.log and o.first = new.first)
  begin select raise(abort, 'log_batch only grows: REPLACE is refused'); end;
create trigger log_node_not_replaced before insert on log_node when exists (select 1 from log_node o where o.log = new.log and o.level = new.level and o.node = new.node)
  begin select raise(abort, 'log_node only grows: REPLACE is refused'); end;

-- Whoever left is found by the date; each table that hangs on a worker or a case is found by it.
create index register_entry_left on register_entry (departure_on, worker_id) where departure_told is not null;
create index attachment_worker on attachment (worker_id);
create index handed_over_worker on handed_over (worker_id);
create index appeal_decision_case on appeal_decision (case_id);
create index removal_case on removal (case_id);
create index helper_grant_case on helper_grant (case_id);
create index incoming_sms_worker on incoming_sms (worker_id);
create index incoming_sms_received on incoming_sms (received_at);
