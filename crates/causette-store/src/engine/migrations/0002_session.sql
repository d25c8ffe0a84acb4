-- The sessions that are open: those found here at start were ended by a crash.
CREATE TABLE session (
    id {int} NOT NULL PRIMARY KEY,
    account {int},
    address {text} NOT NULL,
    opened {int} NOT NULL
) {table};
