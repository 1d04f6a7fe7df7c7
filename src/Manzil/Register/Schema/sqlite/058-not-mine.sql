-- Whoever gets a worker's messages by mistake says so by what the message alone holds.
-- mark: six digits that stand in every message to this channel. not_mine_at: when somebody said with them that the messages are not theirs.
alter table channel add column mark text check (length(mark) = 6);
alter table channel add column not_mine_at integer;
update channel set mark = printf('%06d', (random() & 9223372036854775807) % 1000000);
create trigger channel_marked after insert on channel when new.mark is null
  begin update channel set mark = printf('%06d', (random() & 9223372036854775807) % 1000000) where id = new.id; end;
create index channel_mark on channel (address, mark);
