-- A worker lets somebody help: see the file, or act in one case.

-- retention: ended + 3 years. Whom the worker named, for what and until when. code_hash: SHA-256 of the code that lets the helper
-- in once (80 random bits, so no slow hash is needed); gone once it was used, withdrawn or is over. case_id: of scope 'act' only.
create table helper_grant (
  id bigint generated always as identity primary key,
  worker_id bigint not null references worker (id),
  act_number text not null unique check (length(act_number) = 16),
  name text not null check (length(name) between 1 and 200),
  scope text not null check (scope in ('see', 'act')),
  case_id bigint references case_file (id),
  code_hash bytea unique check (octet_length(code_hash) = 32),
  given_at bigint not null,
  expires_at bigint not null check (expires_at > given_at),
  entered_at bigint,
  withdrawn_act text check (length(withdrawn_act) = 16),
  withdrawn_at bigint,
  check ((scope = 'act') = (case_id is not null))
);
create index helper_grant_worker on helper_grant (worker_id);

-- retention: until what was given ends, or is withdrawn. The token is with the helper's browser; here stands its SHA-256.
create table helper_session (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  grant_id bigint not null references helper_grant (id),
  created_at bigint not null
);
create index helper_session_grant on helper_session (grant_id);
