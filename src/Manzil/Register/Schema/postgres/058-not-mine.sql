-- Whoever gets a worker's messages by mistake says so by what the message alone holds.
-- mark: six digits that stand in every message to this channel. not_mine_at: when somebody said with them that the messages are not theirs.
alter table channel add column mark text default lpad(((('x' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 8))::bit(32)::bigint) % 1000000)::text, 6, '0') check (length(mark) = 6);
alter table channel add column not_mine_at bigint;
create index channel_mark on channel (address, mark);
