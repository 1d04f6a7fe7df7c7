-- The schema, for SQLite. The same tables, for PostgreSQL, stand in ../postgres/001-first-stone.sql.
-- Instants are milliseconds since 1970-01-01T00:00Z; dates are ISO 8601 text, local in the rules' zone.
-- Each table says its retention class: 'ever' (no personal data), or what its erasure waits for (rules.md, Retention).

-- retention: ever. One row: which installation this is.
create table installation (
  id integer primary key check (id = 1),
  database_id text not null,
  issuer text not null,
  created_at integer not null
) strict;

-- retention: ever. The public halves of the keys that sign statements: the private ones are files beside the service.
create table signing_key (
  key_id blob primary key check (length(key_id) = 8),
  public_key blob not null check (length(public_key) <= 256),
  valid_from integer not null,
  valid_until integer,
  revoked_at integer
) strict;

-- retention: ever. One row a log origin; more than one only after 'manzil log reopen'.
create table log (
  number integer primary key,
  origin text not null unique,
  verifier_key text not null,
  opened_at integer not null,
  closed_at integer,
  last_checkpoint text
) strict;

-- retention: ever. One row: where the log stands. Every act moves it, so it orders all nodes.
create table log_head (
  id integer primary key check (id = 1),
  log integer not null references log (number),
  size integer not null,
  frontier blob not null,
  checkpoint text not null,
  newest_at integer not null
) strict;

-- retention: ever. The entries (32 bytes each, end to end) of one batch, and the checkpoint that was signed with it.
create table log_batch (
  log integer not null,
  first integer not null,
  size integer not null check (size > first),
  entries blob not null check (length(entries) = 32 * (size - first)),
  checkpoint text not null,
  primary key (log, first)
) strict;

-- retention: ever. The hash of each complete subtree of 256^level entries, from level 1 up.
create table log_node (
  log integer not null,
  level integer not null,
  node integer not null,
  hash blob not null check (length(hash) = 32),
  primary key (log, level, node)
) strict;

-- retention: ended + 3 years.
create table worker (
  id integer primary key,
  card_number text not null unique check (length(card_number) between 2 and 20),
  name text not null check (length(name) between 1 and 200),
  language text not null check (length(language) <= 20),
  office text not null check (length(office) <= 12),
  enrolled_at integer not null
) strict;

-- retention: ended + 3 years. 'stretched' is the key of the holder check (PBKDF2, made once).
-- The number stands first in the index, so that none leads to the people of one state.
create table document (
  id integer primary key,
  worker_id integer not null references worker (id),
  state text not null check (length(state) between 1 and 3),
  number text not null check (length(number) between 1 and 20),
  birth_date text not null check (length(birth_date) = 10),
  stretched blob not null check (length(stretched) = 32),
  recorded_at integer not null,
  unique (number, state)
) strict;
create index document_worker on document (worker_id);

-- retention: ended + 3 years. A channel counts once confirmed; a removed one gets copies for 30 days.
create table channel (
  id integer primary key,
  worker_id integer not null references worker (id),
  kind text not null check (kind in ('sms', 'email')),
  address text not null check (length(address) between 3 and 254),
  confirmed_at integer,
  removed_at integer
) strict;
create index channel_worker on channel (worker_id);

-- retention: ended + 3 years. The worker's present state, derived from the acts.
create table register_entry (
  worker_id integer primary key references worker (id),
  standing integer not null check (standing between 0 and 4),
  office text check (length(office) <= 12),
  registered_on text check (length(registered_on) = 10),
  residence_number text check (length(residence_number) = 16),
  residence_from text check (length(residence_from) = 10),
  last_told text check (length(last_told) = 10),
  next_deadline text check (length(next_deadline) = 10),
  departure_number text check (length(departure_number) = 16),
  departure_on text check (length(departure_on) = 10),
  departure_told text check (length(departure_told) = 10)
) strict;

-- retention: ended + 3 years; idempotency_key: 30 days. One row an act. The log's order is the order of all acts.
create table act (
  log integer not null,
  leaf integer not null,
  number text not null unique check (length(number) = 16),
  worker_id integer,
  kind integer not null,
  given_at integer not null,
  effective_from text not null check (length(effective_from) = 10),
  next_deadline text check (length(next_deadline) = 10),
  replaces text check (length(replaces) = 16),
  channel text not null check (length(channel) <= 10),
  idempotency_key text check (length(idempotency_key) <= 100),
  content_hash blob check (length(content_hash) = 32),
  statement blob not null check (length(statement) <= 1024),
  record blob not null check (length(record) <= 65536),
  primary key (log, leaf),
  unique (worker_id, idempotency_key)
) strict;
create unique index act_replaces on act (replaces) where replaces is not null;

-- retention: 90 days. What is to be told, by which channel; written in the transaction of the act that causes it.
create table message (
  id integer primary key,
  worker_id integer not null,
  act_number text check (length(act_number) = 16),
  channel_kind text not null check (channel_kind in ('sms', 'email')),
  address text not null check (length(address) <= 254),
  language text not null,
  subject text not null check (length(subject) <= 200),
  body text not null check (length(body) <= 2000),
  created_at integer not null,
  sent_at integer
) strict;
create index message_act on message (act_number) where act_number is not null;

-- retention: 30 days after it ends. Codes are kept as PBKDF2 hashes only.
create table activation_code (
  worker_id integer primary key references worker (id),
  salt blob not null check (length(salt) = 16),
  hash blob not null check (length(hash) = 32),
  expires_at integer not null,
  used_at integer
) strict;

-- retention: 1 day. A code sent to a channel, to show that the person holding this session also holds the channel.
create table one_time_code (
  worker_id integer not null references worker (id),
  purpose text not null check (length(purpose) <= 100),
  salt blob not null check (length(salt) = 16),
  hash blob not null check (length(hash) = 32),
  expires_at integer not null,
  attempts_left integer not null,
  primary key (worker_id, purpose)
) strict;

-- retention: until it expires. The token itself is with the worker; here stands its SHA-256.
create table session (
  token_hash blob primary key check (length(token_hash) = 32),
  worker_id integer not null references worker (id),
  kind text not null check (kind in ('api', 'browser', 'phone')),
  created_at integer not null,
  last_used_at integer not null,
  expires_at integer not null,
  fresh_until integer not null
) strict;
create index session_worker on session (worker_id);

-- retention: ended + 3 years, or until the worker removes it.
create table passkey (
  credential_id blob primary key check (length(credential_id) <= 1023),
  worker_id integer not null references worker (id),
  data text not null check (length(data) <= 16000),
  created_at integer not null,
  last_used_at integer
) strict;
create index passkey_worker on passkey (worker_id);

-- retention: 5 minutes. A challenge is taken out by its first use.
create table passkey_challenge (
  id_hash blob primary key check (length(id_hash) = 32),
  state text not null check (length(state) <= 16000),
  expires_at integer not null
) strict;

-- retention: ever. Keys that protect forms against forgery across nodes.
create table form_key (
  id text primary key,
  xml text not null
) strict;

create trigger log_batch_no_update before update on log_batch begin select raise(abort, 'log_batch only grows: UPDATE is refused'); end;
create trigger log_batch_no_delete before delete on log_batch begin select raise(abort, 'log_batch only grows: DELETE is refused'); end;
create trigger log_node_no_update before update on log_node begin select raise(abort, 'log_node only grows: UPDATE is refused'); end;
create trigger log_node_no_delete before delete on log_node begin select raise(abort, 'log_node only grows: DELETE is refused'); end;
create trigger log_stays before delete on log begin select raise(abort, 'log only grows: DELETE is refused'); end;
create trigger act_unchanged before update of log, leaf, number, worker_id, kind, given_at, effective_from, next_deadline,
  replaces, channel, content_hash, statement, record on act begin select raise(abort, 'act only grows: UPDATE is refused'); end;
create trigger act_stays before delete on act begin select raise(abort, 'act only grows: DELETE is refused'); end;
