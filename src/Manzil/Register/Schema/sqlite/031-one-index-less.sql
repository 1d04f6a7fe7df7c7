-- message_worker answers the same questions: a worker has few messages.
drop index message_reminder;
