-- An idempotency key belongs to the filer and the door by which it came; act.idempotency_key holds both, and a digest of the text.
-- A worker's own keys stay unique by (worker_id, idempotency_key); those of officers, helpers, strangers and the service itself name no
-- worker, or several, and are unique by themselves.
-- Keys from before this script do not say whose they are, so nothing that comes later can be held against them: they are forgotten.
alter table act disable trigger act_key_unchanged;
update act set idempotency_key = null where idempotency_key is not null;
alter table act enable trigger act_key_unchanged;

create unique index act_key_of_others on act (idempotency_key) where substr(idempotency_key, 1, 7) <> 'worker/';
