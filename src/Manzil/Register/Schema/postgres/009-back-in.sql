-- Back in without the card: by document and a code, at a centre, or by recovery codes.

-- retention: 1 day. One row a try to get back in by document and code, for what belongs to nobody as well: worker_id and a
-- hash that a code can match come once the document was found. Bound to one browser by a token, of which here stands the SHA-256.
create table back_in_try (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  worker_id bigint references worker (id),
  salt bytea not null check (octet_length(salt) = 16),
  hash bytea not null check (octet_length(hash) = 32),
  expires_at bigint not null,
  attempts_left smallint not null
);
create index back_in_try_expires on back_in_try (expires_at);

-- retention: ended + 3 years, or until the worker makes new ones. One row a code; the ten of one set share a salt, so that
-- one slow hash tells which of them was typed.
create table recovery_code (
  worker_id bigint not null references worker (id),
  number smallint not null check (number between 1 and 10),
  salt bytea not null check (octet_length(salt) = 16),
  hash bytea not null check (octet_length(hash) = 32),
  made_at bigint not null,
  used_at bigint,
  primary key (worker_id, number)
);

-- retention: 1 day. How many codes of one purpose went to a phone or e-mail address in the day that began with the first.
create table code_count (
  address_hash bytea not null check (octet_length(address_hash) = 32),
  purpose text not null check (purpose in ('signed-in', 'new-channel', 'back-in')),
  first_at bigint not null,
  sent integer not null,
  primary key (address_hash, purpose)
);
create index code_count_first on code_count (first_at);

-- Since when the card is known to be lost: until a centre gives a new activation code, nobody signs in with it.
alter table worker add column card_lost_at bigint;
