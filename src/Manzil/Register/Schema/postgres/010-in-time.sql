-- What a phone signs while it has no network (rules.md, Days).

-- retention: until its session ends, with which it is erased. The public half of a key whose other half never leaves the phone.
create table session_key (
  token_hash bytea primary key references session (token_hash) on delete cascade,
  public_key bytea not null check (octet_length(public_key) <= 256),
  recorded_at bigint not null
);
