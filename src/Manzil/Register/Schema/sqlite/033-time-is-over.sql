-- Nobody is decided about while their time runs (privacy.md, 13; rules.md, A case). The database knows no working days: it holds to what
-- the worker was told (told_until). Its clock here are the heartbeats; dates are local, and a day may begin 14 hours before that day in UTC.
create trigger case_file_in_time before update of stage on case_file when old.stage = 1 and new.stage = 2 begin
  select raise(abort, 'the time to answer runs') where not exists (
    select 1 from told_until t
    where t.act_number = old.act_number and t.until_day < date((select max(minute) from heartbeat) * 60 + 50400, 'unixepoch'));
end;
create trigger removal_in_time before insert on removal begin
  select raise(abort, 'the time to appeal runs') where not exists (
    select 1 from case_file c join told_until t on t.act_number = c.decision_act
    where c.id = new.case_id and t.until_day <= new.window_until
      and new.in_effect_on <= date((select max(minute) from heartbeat) * 60 + 50400, 'unixepoch'));
end;

-- INSERT OR REPLACE deletes what it replaces without asking the triggers of DELETE.
create trigger told_until_not_replaced before insert on told_until when exists (select 1 from told_until o where o.act_number = new.act_number)
  begin select raise(abort, 'told_until only grows: REPLACE is refused'); end;
create trigger case_file_not_replaced before insert on case_file when exists (select 1 from case_file o where o.id = new.id)
  begin select raise(abort, 'case_file only grows: REPLACE is refused'); end;
create trigger document_not_replaced before insert on document when exists (select 1 from document o where o.id = new.id)
  begin select raise(abort, 'document only grows: REPLACE is refused'); end;
create trigger helper_grant_not_replaced before insert on helper_grant when exists (select 1 from helper_grant o where o.id = new.id)
  begin select raise(abort, 'helper_grant only grows: REPLACE is refused'); end;
create trigger register_entry_not_replaced before insert on register_entry when exists (select 1 from register_entry o where o.worker_id = new.worker_id)
  begin select raise(abort, 'register_entry only grows: REPLACE is refused'); end;
create trigger worker_not_replaced before insert on worker when exists (select 1 from worker o where o.id = new.id)
  begin select raise(abort, 'worker only grows: REPLACE is refused'); end;
