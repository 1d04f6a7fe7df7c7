-- A code that is sent to sign in with a card is counted apart from one for whoever has no card, and a session says by which way it began.
alter table code_count
  drop constraint code_count_purpose_check,
  add constraint code_count_purpose_check check (purpose in ('signed-in', 'new-channel', 'back-in', 'by-card'));

-- Null in sessions from before this script.
alter table session add column begun_by text check (begun_by in ('slip', 'sent-code', 'document', 'recovery', 'passkey'));
