-- What a worker was told stands (rules.md, Days), and no case rests on another period's reminder (Confirming an address, 3).

-- A period begins with a residence (2), a confirmation (3), the closing of a case (38), a reinstatement (39), or an appeal's decision (37)
-- that closed the case; a receipt issued anew begins none.
create trigger case_file_rests before insert on case_file when new.ground = 'silence' begin
  select raise(abort, 'a case about silence rests on a delivered reminder of the present period') where not exists (
    select 1 from (
      select m.created_at as at from message m where m.worker_id = new.worker_id and m.reminds_of is not null and m.delivered_at is not null
      union all
      select r.recorded_at as at from reached r where r.worker_id = new.worker_id) d
    where d.at > coalesce((
      select max(a.given_at) from act a
      where a.worker_id = new.worker_id and not exists (select 1 from reissue i where i.act_number = a.number)
        and (a.kind in (2, 3, 38, 39) or (a.kind = 37 and exists (select 1 from case_file c where c.worker_id = a.worker_id and c.closed_act = a.number)))), 0));
  -- A day may begin 14 hours before that day in UTC.
  select raise(abort, 'the silence period that the worker was told runs') where exists (
    select 1 from told_until t
    where t.until_day >= date(new.opened_at / 1000 + 50400, 'unixepoch') and t.act_number = (
      select a.number from act a
      where a.worker_id = new.worker_id and not exists (select 1 from reissue i where i.act_number = a.number)
        and (a.kind in (2, 3, 38, 39) or (a.kind = 37 and exists (select 1 from case_file c where c.worker_id = a.worker_id and c.closed_act = a.number)))
      order by a.given_at desc, a.number desc limit 1));
end;

-- Within a period the due date moves one way only.
create trigger register_entry_told before update of next_deadline on register_entry
  when new.next_deadline < old.next_deadline and new.last_told is old.last_told
  begin select raise(abort, 'a due date that was told becomes no earlier'); end;
