-- Delivery (rules.md, Delivery): what is known of each message's way, kept apart, so that a bounce undoes no more than it disproves.

-- retention: 1 day. How many SMS of a number held no code that counts, on a local date: so many and no more are read.
create table sms_try (
  address text not null check (length(address) <= 254),
  day text not null check (length(day) = 10),
  tries smallint not null,
  primary key (address, day)
);

-- When the handset's report came in; null again once it came back.
alter table message add column arrived_at bigint;
-- When the worker first opened the service, signed in, after it was written. delivered_at is the earlier of the two.
alter table message add column opened_at bigint;
-- The gateway's own time of its newest report, so that an older one that comes late changes nothing.
alter table message add column status_at bigint;
-- 1: it holds a code that signs in or proves a channel, so it is shown on no page.
alter table message add column holds_code smallint not null default 0;
create index message_worker on message (worker_id);

create index channel_sms on channel (address) where kind = 'sms' and confirmed_at is not null and removed_at is null;
create index register_entry_leaving on register_entry (worker_id) where departure_number is not null and departure_told is null;
