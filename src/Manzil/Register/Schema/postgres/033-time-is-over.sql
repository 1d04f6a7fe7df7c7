-- Nobody is decided about while their time runs (privacy.md, 13; rules.md, A case). The database knows no working days: it holds to what
-- the worker was told (told_until). Its clock here are the heartbeats; dates are local, and a day may begin 14 hours before that day in UTC.
create function latest_day() returns text language sql stable as $$
  select to_char(to_timestamp((select max(minute) from heartbeat) * 60 + 50400) at time zone 'UTC', 'YYYY-MM-DD')
$$;
create function refuse_early_proposal() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from told_until t where t.act_number = old.act_number and t.until_day < latest_day())
  then raise exception 'the time to answer runs';
  end if;
  return new;
end $$;
create trigger case_file_in_time before update of stage on case_file for each row when (old.stage = 1 and new.stage = 2) execute function refuse_early_proposal();
create function refuse_early_removal() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from case_file c join told_until t on t.act_number = c.decision_act
    where c.id = new.case_id and t.until_day <= new.window_until and new.in_effect_on <= latest_day())
  then raise exception 'the time to appeal runs';
  end if;
  return new;
end $$;
create trigger removal_in_time before insert on removal for each row execute function refuse_early_removal();
