-- INSERT OR REPLACE takes the row away that stands in its way, and no trigger on DELETE is asked. Scripts 029 and 033 stop it where the
-- new row has the old one's key; these stop it where another unique value is the same. An act had neither.
create trigger act_not_replaced before insert on act when exists (select 1 from act o where o.log = new.log and o.leaf = new.leaf)
  or exists (select 1 from act o where o.number = new.number)
  or (new.replaces is not null and exists (select 1 from act o where o.replaces = new.replaces))
  or (new.idempotency_key is not null and (
    exists (select 1 from act o where o.worker_id = new.worker_id and o.idempotency_key = new.idempotency_key)
    or (substr(new.idempotency_key, 1, 7) <> 'worker/'
      and exists (select 1 from act o where o.idempotency_key = new.idempotency_key and substr(o.idempotency_key, 1, 7) <> 'worker/'))))
  begin select raise(abort, 'act only grows: REPLACE is refused'); end;
create trigger case_file_stays_beside before insert on case_file when exists (select 1 from case_file o where o.act_number = new.act_number)
  or (new.stage <> 0 and exists (select 1 from case_file o where o.worker_id = new.worker_id and o.stage <> 0))
  begin select raise(abort, 'case_file only grows: REPLACE is refused'); end;
create trigger removal_stays_beside before insert on removal
  when new.undone_act is null and exists (select 1 from removal o where o.worker_id = new.worker_id and o.undone_act is null)
  begin select raise(abort, 'removal only grows: REPLACE is refused'); end;
create trigger appeal_decision_stays_beside before insert on appeal_decision when exists (select 1 from appeal_decision o where o.appeal_act = new.appeal_act)
  begin select raise(abort, 'appeal_decision only grows: REPLACE is refused'); end;
create trigger helper_grant_stays_beside before insert on helper_grant when exists (select 1 from helper_grant o where o.act_number = new.act_number)
  or (new.code_hash is not null and exists (select 1 from helper_grant o where o.code_hash = new.code_hash))
  begin select raise(abort, 'helper_grant only grows: REPLACE is refused'); end;
create trigger document_stays_beside before insert on document when exists (select 1 from document o where o.number = new.number and o.state = new.state)
  begin select raise(abort, 'document only grows: REPLACE is refused'); end;
create trigger worker_stays_beside before insert on worker when exists (select 1 from worker o where o.card_number = new.card_number)
  begin select raise(abort, 'worker only grows: REPLACE is refused'); end;
create trigger log_stays_beside before insert on log when exists (select 1 from log o where o.origin = new.origin)
  begin select raise(abort, 'log only grows: REPLACE is refused'); end;
