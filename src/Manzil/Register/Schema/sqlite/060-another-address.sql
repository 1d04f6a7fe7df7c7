-- An installation that moved to another address said so by name ('manzil serve --instead-of'): receipts name the issuer for ever.

-- retention: ever. A row for each move; the newest one's issuer is the installation's.
create table issuer_move (
  number integer primary key,
  issuer text not null,
  moved_at integer not null
) strict;
create trigger issuer_move_once before insert on issuer_move when exists (select 1 from issuer_move where number >= new.number)
  begin select raise(abort, 'a move of the issuer is written once'); end;
create trigger issuer_move_grows before update on issuer_move begin select raise(abort, 'issuer_move only grows: UPDATE is refused'); end;
create trigger issuer_move_stays before delete on issuer_move begin select raise(abort, 'issuer_move only grows: DELETE is refused'); end;
