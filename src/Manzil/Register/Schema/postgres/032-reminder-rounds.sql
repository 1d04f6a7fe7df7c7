-- Who is due on one day is reminded in rounds, and nothing is written about it in the register (docs/decisions/0025).

-- retention: ever. The rounds of a due date that have begun. step: which of its reminders, from 1 on.
create table reminder_round (
  due text not null check (length(due) = 10),
  step smallint not null check (step > 0),
  primary key (due, step)
);

-- retention: until they have been reminded. A part of a round's workers, by their numbers: those up to after_worker have been reminded,
-- those up to through_worker have not.
create table reminder_part (
  due text not null,
  step smallint not null,
  part smallint not null,
  after_worker bigint not null,
  through_worker bigint not null check (through_worker > after_worker),
  primary key (due, step, part),
  foreign key (due, step) references reminder_round (due, step)
);

-- In register_entry.reminded, 0: the rounds of the due date remind this worker. -1 and below: by themselves, since the date was told or
-- moved after its rounds had begun; -1 - n: n of this period's reminders have been dealt with. 100 and 101 as before.
update register_entry set reminded = -1 - reminded where reminded between 1 and 99;
drop index register_entry_due;
create index register_entry_due on register_entry (reminded, next_deadline, (worker_id + 0));
