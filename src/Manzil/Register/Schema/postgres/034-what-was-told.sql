-- What a worker was told stands (rules.md, Days), and no case rests on another period's reminder (Confirming an address, 3).

-- A period begins with a residence (2), a confirmation (3), the closing of a case (38), a reinstatement (39), or an appeal's decision (37)
-- that closed the case; a receipt issued anew begins none.
create function refuse_case_without_reminder() returns trigger language plpgsql as $$
declare
  begun text;
  since bigint;
begin
  select a.number, a.given_at into begun, since from act a
  where a.worker_id = new.worker_id and not exists (select 1 from reissue i where i.act_number = a.number)
    and (a.kind in (2, 3, 38, 39) or (a.kind = 37 and exists (select 1 from case_file c where c.worker_id = a.worker_id and c.closed_act = a.number)))
  order by a.given_at desc, a.number desc limit 1;
  if not exists (
      select 1 from message m
      where m.worker_id = new.worker_id and m.reminds_of is not null and m.delivered_at is not null and m.created_at > coalesce(since, 0))
    and not exists (select 1 from reached r where r.worker_id = new.worker_id and r.recorded_at > coalesce(since, 0))
  then raise exception 'a case about silence rests on a delivered reminder of the present period';
  end if;
  -- A day may begin 14 hours before that day in UTC.
  if exists (
    select 1 from told_until t
    where t.act_number = begun and t.until_day >= to_char(to_timestamp(new.opened_at / 1000 + 50400) at time zone 'UTC', 'YYYY-MM-DD'))
  then raise exception 'the silence period that the worker was told runs';
  end if;
  return new;
end $$;
create trigger case_file_rests before insert on case_file for each row when (new.ground = 'silence') execute function refuse_case_without_reminder();

-- Within a period the due date moves one way only.
create function refuse_earlier_due() returns trigger language plpgsql as $$
begin
  raise exception 'a due date that was told becomes no earlier';
end $$;
create trigger register_entry_told before update of next_deadline on register_entry
  for each row when (new.next_deadline < old.next_deadline and new.last_told is not distinct from old.last_told) execute function refuse_earlier_due();
