-- An installation that moved to another address said so by name ('manzil serve --instead-of'): receipts name the issuer for ever.

-- retention: ever. A row for each move; the newest one's issuer is the installation's.
create table issuer_move (
  number integer primary key,
  issuer text not null,
  moved_at bigint not null
);
create trigger issuer_move_grows before update or delete on issuer_move for each row execute function refuse_change();
create trigger issuer_move_not_emptied before truncate on issuer_move for each statement execute function refuse_change();
