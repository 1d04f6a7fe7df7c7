-- What a phone signs while it has no network (rules.md, Days).

-- retention: until its session ends, with which it is erased. The public half of a key whose other half never leaves the phone.
create table session_key (
  token_hash blob primary key references session (token_hash) on delete cascade,
  public_key blob not null check (length(public_key) <= 256),
  recorded_at integer not null
) strict;
