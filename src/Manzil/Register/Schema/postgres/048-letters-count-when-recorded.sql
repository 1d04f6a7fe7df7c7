-- A letter, or what was handed over, counts from the day on which that is recorded, whatever earlier day is named (docs/decisions/0047).
-- Otherwise as in schema 035.
create or replace function is_delivered_by(act text, latest text) returns boolean language plpgsql as $$
begin
  return exists (
      select 1 from message m where m.act_number = act and m.delivered_at is not null and (m.bounced_at is null or m.opened_at is not null)
        and to_char(to_timestamp(m.delivered_at / 1000 - 50400) at time zone 'UTC', 'YYYY-MM-DD') <= latest)
    or exists (select 1 from handed_over h where h.act_number = act and greatest(h.day, local_day(h.recorded_at, -14)) <= latest)
    or exists (
      select 1 from act_opened o where o.act_number = act
        and to_char(to_timestamp(o.opened_at / 1000 - 50400) at time zone 'UTC', 'YYYY-MM-DD') <= latest);
end $$;
