-- The desk: exact numbers that officers look for.

-- retention: 1 hour. How often an officer searched lately, so that nobody tries numbers one after another. What was looked for is
-- not kept; whoever was found sees the look.
create table staff_search (
  id bigint generated always as identity primary key,
  staff_number text not null check (length(staff_number) <= 20),
  searched_at bigint not null
);
create index staff_search_staff on staff_search (staff_number, searched_at);
