-- People decide (rules.md, A case): officers, what they looked at, what they decided, and what the database itself refuses.

-- retention: ended + 3 years. Officers. One person, one number. Nobody gets in before a lead reviewer agreed; the first lead
-- reviewer is agreed to by the installation.
create table staff (
  id integer primary key,
  number text not null unique check (length(number) between 1 and 20),
  name text not null check (length(name) between 1 and 200),
  role text not null check (role in ('clerk', 'caseworker', 'reviewer', 'lead-reviewer', 'auditor', 'operator')),
  office text not null check (length(office) <= 12),
  language text not null check (length(language) <= 20),
  invited_at integer not null,
  agreed_by integer references staff (id),
  agreed_at integer,
  dismissed_at integer
) strict;

-- retention: 30 days after it ends. The one-time link of an invitation is with the invited; here stands its SHA-256.
create table staff_invitation (
  token_hash blob primary key check (length(token_hash) = 32),
  staff_id integer not null references staff (id),
  expires_at integer not null,
  used_at integer
) strict;

-- retention: until dismissed.
create table staff_passkey (
  credential_id blob primary key check (length(credential_id) <= 1023),
  staff_id integer not null references staff (id),
  data text not null check (length(data) <= 16000),
  created_at integer not null,
  last_used_at integer
) strict;
create index staff_passkey_staff on staff_passkey (staff_id);

-- retention: until it ends (30 minutes after its last use).
create table staff_session (
  token_hash blob primary key check (length(token_hash) = 32),
  staff_id integer not null references staff (id),
  created_at integer not null,
  last_used_at integer not null
) strict;
create index staff_session_staff on staff_session (staff_id);

-- retention: 3 years (keep_until). Every look at a person, with the reason given before the content was shown. It only grows, and the
-- person sees it. what: 'file', 'document' (item: the attachment's id), 'answer' (item: the answer's number), 'search',
-- 'reach' (an entry of the list to be reached), 'desk' (somebody at the desk). helper: the name of a helper who looked.
create table look (
  id integer primary key,
  worker_id integer not null references worker (id),
  staff_number text check (length(staff_number) <= 20),
  role text check (length(role) <= 20),
  office text check (length(office) <= 12),
  helper text check (length(helper) <= 200),
  what text not null check (what in ('file', 'document', 'answer', 'search', 'reach', 'desk')),
  item text check (length(item) <= 40),
  reason text not null check (length(reason) between 3 and 500),
  looked_at integer not null,
  keep_until integer not null check (keep_until > looked_at),
  check ((staff_number is null) <> (helper is null))
) strict;
create index look_worker on look (worker_id, id);
create trigger look_grows before update on look begin select raise(abort, 'look only grows: UPDATE is refused'); end;
-- The newest act's time is the clock here: it only moves ahead, and nobody sets it.
create trigger look_stays before delete on look
  when old.keep_until >= (select newest_at from log_head where id = 1)
  begin select raise(abort, 'look only grows: DELETE is refused'); end;

-- Where a case is. act numbers name the acts that brought it there; staff numbers name people. step_left: the local date of
-- the act that left the next step to the authority. decision_act: the newest decision against the worker, whose delivery counts.
alter table case_file add column stage integer not null default 1 check (stage between 0 and 5);
alter table case_file add column opened_by text check (length(opened_by) <= 20);
alter table case_file add column reason text check (length(reason) <= 16000);
alter table case_file add column step_left text check (length(step_left) = 10);
alter table case_file add column proposed_by text check (length(proposed_by) <= 20);
alter table case_file add column proposed_act text check (length(proposed_act) = 16);
alter table case_file add column agreed_by text check (length(agreed_by) <= 20);
alter table case_file add column agreed_act text check (length(agreed_act) = 16);
alter table case_file add column decision_act text check (length(decision_act) = 16);
alter table case_file add column appeal_act text check (length(appeal_act) = 16);
alter table case_file add column closed_act text check (length(closed_act) = 16);
alter table case_file add column closed_at integer;

-- retention: ended + 3 years, or the decided case's last act + 3 years. What came with an answer or an appeal. Pictures are stored
-- without what a camera writes into them.
create table attachment (
  id integer primary key,
  worker_id integer not null references worker (id),
  case_id integer not null references case_file (id),
  act_number text not null check (length(act_number) = 16),
  name text not null check (length(name) between 1 and 200),
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'application/pdf')),
  sha256 blob not null check (length(sha256) = 32),
  content blob not null check (length(content) between 1 and 5242880),
  added_at integer not null
) strict;
create index attachment_case on attachment (case_id);

-- retention: ended + 3 years, or the decided case's last act + 3 years. A letter that arrived, or a hand-over at the desk: deliveries
-- that no gateway reports (rules.md, Delivery).
create table handed_over (
  act_number text primary key check (length(act_number) = 16),
  worker_id integer not null references worker (id),
  how text not null check (how in ('post', 'desk')),
  day text not null check (length(day) = 10),
  staff_number text not null check (length(staff_number) <= 20),
  recorded_at integer not null
) strict;

-- retention: ended + 3 years, or the decided case's last act + 3 years. A decided appeal.
create table appeal_decision (
  act_number text primary key check (length(act_number) = 16),
  case_id integer not null references case_file (id),
  decided_by text not null check (length(decided_by) <= 20),
  reversed integer not null check (reversed between 0 and 1),
  decided_at integer not null
) strict;

-- retention: ever. The circuit breaker: while a row is not lifted, nobody proposes, agrees to or puts in effect a removal.
create table removal_pause (
  act_number text primary key check (length(act_number) = 16),
  started_at integer not null,
  lifted_act text check (length(lifted_act) = 16),
  lifted_by text check (length(lifted_by) <= 20),
  lifted_at integer
) strict;

-- retention: ended + 3 years, or the decided case's last act + 3 years. A removal in effect. The row cannot be without two
-- different officers, a delivered decision and a closed window, whatever the program says.
create table removal (
  act_number text primary key check (length(act_number) = 16),
  worker_id integer not null references worker (id),
  case_id integer not null references case_file (id),
  proposed_by text not null check (length(proposed_by) between 1 and 20),
  agreed_by text not null check (length(agreed_by) between 1 and 20),
  put_in_effect_by text not null check (length(put_in_effect_by) between 1 and 20),
  told_on text not null check (length(told_on) = 10),
  window_until text not null check (length(window_until) = 10),
  in_effect_on text not null check (length(in_effect_on) = 10),
  undone_act text check (length(undone_act) = 16),
  check (agreed_by <> proposed_by),
  check (window_until > told_on),
  check (in_effect_on > window_until)
) strict;
create index removal_worker on removal (worker_id);

create trigger removal_rests before insert on removal begin
  select raise(abort, 'a removal rests on a case in which two officers decided, and no appeal is open') where not exists (
    select 1 from case_file c where c.id = new.case_id and c.worker_id = new.worker_id and c.stage = 3
      and c.proposed_by = new.proposed_by and c.agreed_by = new.agreed_by);
  select raise(abort, 'a removal rests on a decision that was delivered') where not exists (
    select 1 from case_file c where c.id = new.case_id and (
      exists (select 1 from message m where m.act_number = c.decision_act and m.delivered_at is not null and m.bounced_at is null)
      or exists (select 1 from handed_over h where h.act_number = c.decision_act)));
  select raise(abort, 'removals are paused') where exists (select 1 from removal_pause where lifted_at is null);
end;

-- Standings move as the table in rules.md says, and in no other way. Numbers: 0 enrolled, 1 registered, 2 under review,
-- 3 removal pending, 4 removed.
create trigger register_entry_moves before update of standing on register_entry when new.standing <> old.standing begin
  select raise(abort, 'no act leads there')
    where old.standing * 10 + new.standing not in (1, 12, 21, 23, 31, 34, 43, 41);
  select raise(abort, 'nobody is removed without a removal of two officers')
    where new.standing = 4 and not exists (select 1 from removal r where r.worker_id = new.worker_id and r.undone_act is null);
  select raise(abort, 'no removal is pending without a decision of two officers')
    where new.standing = 3 and not exists (
      select 1 from case_file c where c.worker_id = new.worker_id and c.stage in (3, 4) and c.agreed_by <> c.proposed_by);
end;
create trigger register_entry_begins before insert on register_entry when new.standing > 1
  begin select raise(abort, 'no act leads there'); end;

create trigger case_file_agreed before update on case_file begin
  select raise(abort, 'the second officer is another person') where new.agreed_by = new.proposed_by;
  select raise(abort, 'two officers decide') where new.stage in (3, 4, 5) and (new.agreed_by is null or new.proposed_by is null);
end;
create trigger case_file_begins before insert on case_file when new.stage > 1
  begin select raise(abort, 'two officers decide'); end;

-- The queue is ordered by dates alone; whoever is registered is not in it.
create index register_entry_review on register_entry (worker_id) where standing in (2, 3);
