-- A letter, or what was handed over, counts from the day on which that is recorded, whatever earlier day is named (docs/decisions/0047).
-- Otherwise as in schema 035.
drop view act_delivered;
create view act_delivered (act_number, day) as
  select m.act_number, date(m.delivered_at / 1000 - 50400, 'unixepoch') from message m
    where m.act_number is not null and m.delivered_at is not null and (m.bounced_at is null or m.opened_at is not null)
  union all select h.act_number, max(h.day, date(h.recorded_at / 1000 - 50400, 'unixepoch')) from handed_over h
  union all select o.act_number, date(o.opened_at / 1000 - 50400, 'unixepoch') from act_opened o;
