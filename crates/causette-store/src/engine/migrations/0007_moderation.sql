-- What somebody was on the server who decided a sanction: those whom that role does not reach are kept out by none that does not name them.
ALTER TABLE sanction ADD COLUMN role {key} NOT NULL DEFAULT 'admin';

-- The entry that gave an account or a channel the name that it has, where it had another before.
ALTER TABLE account ADD COLUMN renamed {int};
ALTER TABLE room ADD COLUMN renamed {int};

-- What a program may do with a token that runs the server in an account's name, as words with commas, and until when it is good, by the clock
-- that never goes back. A device's token has neither.
ALTER TABLE device ADD COLUMN scopes {text};
ALTER TABLE device ADD COLUMN until {int};

-- The invitations, those that hold no more as well, so that no number comes twice. hash is the SHA-256 of the code, uses how many may sign up with
-- it, used how many have. since and until are by the clock that never goes back, ended is as people were shown it.
CREATE TABLE invitation (
    id {int} NOT NULL PRIMARY KEY,
    hash {text} NOT NULL,
    room {int} REFERENCES room (id),
    uses {int} NOT NULL,
    used {int} NOT NULL,
    made_by {text} NOT NULL,
    since {int} NOT NULL,
    until {int},
    ended {int},
    entry {int} NOT NULL
) {table};
CREATE INDEX invitation_ended ON invitation (ended);

-- The words that are looked for in what is said, those that were taken away as well.
CREATE TABLE word_filter (
    id {int} NOT NULL PRIMARY KEY,
    pattern {text} NOT NULL,
    action {key} NOT NULL,
    room {int} REFERENCES room (id),
    reason {text} NOT NULL,
    decided_by {text} NOT NULL,
    since {int} NOT NULL,
    removed {int},
    entry {int} NOT NULL
) {table};
CREATE INDEX word_filter_removed ON word_filter (removed);

-- The messages that wait for somebody to decide about them, and those that were decided.
CREATE TABLE held_message (
    id {int} NOT NULL PRIMARY KEY,
    room {int} NOT NULL REFERENCES room (id),
    author {int} NOT NULL,
    source {text} NOT NULL,
    account {text},
    notice {int} NOT NULL,
    text {text} NOT NULL,
    tags {text} NOT NULL,
    filter {int} NOT NULL,
    since {int} NOT NULL,
    decided {int},
    entry {int} NOT NULL
) {table};
CREATE INDEX held_message_decided ON held_message (decided);

-- What all people were told that they must not miss, by the entry that has the text.
CREATE TABLE alert (
    entry {int} NOT NULL PRIMARY KEY,
    steady {int} NOT NULL,
    text {text} NOT NULL
) {table};
