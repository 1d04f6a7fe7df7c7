-- Sending (rules.md, Delivery): the outbox's attempts, what became of each message, and the SMS that come in.

-- retention: 90 days. One row an SMS that came in, by the gateway's own name for it, so that one handed over twice counts once.
-- What it said is not kept: a confirmation's own act is.
create table incoming_sms (
  gateway_id text primary key check (length(gateway_id) between 1 and 100),
  worker_id bigint,
  act_number text check (length(act_number) = 16),
  received_at bigint not null
);

-- attempts: how often it was handed over, or tried to be. next_attempt_at: not before then; null means at once. A node that
-- takes a message moves it ahead first, so that no other takes it, and one that was killed leaves it to be taken again.
alter table message add column attempts smallint not null default 0;
alter table message add column next_attempt_at bigint;
-- Not to be tried again, and why, in words without an address.
alter table message add column failed_at bigint;
alter table message add column failure text check (length(failure) <= 300);
-- It came back after all: whatever rested on its delivery no longer does.
alter table message add column bounced_at bigint;
-- With it an SMS that asks for a confirmation can be answered.
alter table message add column reply_code text check (length(reply_code) = 6);
create index message_waiting on message (id) where sent_at is null and failed_at is null;
