-- An idempotency key belongs to the filer and the door by which it came; act.idempotency_key holds both, and a digest of the text.
-- A worker's own keys stay unique by (worker_id, idempotency_key); those of officers, helpers, strangers and the service itself name no
-- worker, or several, and are unique by themselves.
-- Keys from before this script do not say whose they are, so nothing that comes later can be held against them: they are forgotten.
drop trigger act_key_unchanged;
update act set idempotency_key = null where idempotency_key is not null;
create trigger act_key_unchanged before update of idempotency_key on act
  when not (new.idempotency_key is null and (
    exists (select 1 from erasure e where e.worker_id = old.worker_id)
    or exists (
      select 1 from log_head h, retention_term t
      where h.id = 1 and t.id = (select max(id) from retention_term) and old.given_at < h.newest_at - t.key_days * 86400000)))
  begin select raise(abort, 'act only grows: UPDATE is refused'); end;

create unique index act_key_of_others on act (idempotency_key) where substr(idempotency_key, 1, 7) <> 'worker/';
