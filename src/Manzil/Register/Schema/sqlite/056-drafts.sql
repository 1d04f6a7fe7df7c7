-- retention: 1 day. What somebody typed into a form and has not sent: encrypted, for them alone.
create table draft (
  owner text not null check (length(owner) between 1 and 80),
  path text not null check (length(path) between 1 and 400),
  content blob not null check (length(content) <= 600000),
  saved_at integer not null,
  primary key (owner, path)
) strict;
create index draft_saved on draft (saved_at);
