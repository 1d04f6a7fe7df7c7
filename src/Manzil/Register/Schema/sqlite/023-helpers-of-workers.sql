-- A worker lets somebody help: see the file, or act in one case.

-- retention: ended + 3 years. Whom the worker named, for what and until when. code_hash: SHA-256 of the code that lets the helper
-- in once (80 random bits, so no slow hash is needed); gone once it was used, withdrawn or is over. case_id: of scope 'act' only.
create table helper_grant (
  id integer primary key,
  worker_id integer not null references worker (id),
  act_number text not null unique check (length(act_number) = 16),
  name text not null check (length(name) between 1 and 200),
  scope text not null check (scope in ('see', 'act')),
  case_id integer references case_file (id),
  code_hash blob unique check (length(code_hash) = 32),
  given_at integer not null,
  expires_at integer not null check (expires_at > given_at),
  entered_at integer,
  withdrawn_act text check (length(withdrawn_act) = 16),
  withdrawn_at integer,
  check ((scope = 'act') = (case_id is not null))
) strict;
create index helper_grant_worker on helper_grant (worker_id);

-- retention: until what was given ends, or is withdrawn. The token is with the helper's browser; here stands its SHA-256.
create table helper_session (
  token_hash blob primary key check (length(token_hash) = 32),
  grant_id integer not null references helper_grant (id),
  created_at integer not null
) strict;
create index helper_session_grant on helper_session (grant_id);
