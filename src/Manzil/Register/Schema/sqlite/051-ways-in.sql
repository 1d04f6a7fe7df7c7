-- A code that is sent to sign in with a card is counted apart from one for whoever has no card, and a session says by which way it began.
alter table code_count rename to code_count_before;

-- retention: 1 day. How many codes of one purpose went to a phone or e-mail address in the day that began with the first.
create table code_count (
  address_hash blob not null check (length(address_hash) = 32),
  purpose text not null check (purpose in ('signed-in', 'new-channel', 'back-in', 'by-card')),
  first_at integer not null,
  sent integer not null,
  primary key (address_hash, purpose)
) strict;
insert into code_count (address_hash, purpose, first_at, sent) select address_hash, purpose, first_at, sent from code_count_before;
drop table code_count_before;
create index code_count_first on code_count (first_at);

-- Null in sessions from before this script.
alter table session add column begun_by text check (begun_by in ('slip', 'sent-code', 'document', 'recovery', 'passkey'));
