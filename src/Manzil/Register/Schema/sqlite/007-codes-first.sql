-- Sending: one-time codes leave before what can wait, and not after they have expired.

-- retention: 1 day. One row a message with a one-time code that has not left yet; gone when it left or was given up.
create table message_code (
  message_id integer primary key references message (id) on delete cascade,
  expires_at integer not null
) strict;

-- A node takes what waits for one kind of channel, oldest first: trouble with one kind must not be walked over for the other.
drop index message_waiting;
create index message_waiting on message (channel_kind, id) where sent_at is null and failed_at is null;
-- What was given up lately, for the operator.
create index message_failed on message (failed_at) where failed_at is not null;
