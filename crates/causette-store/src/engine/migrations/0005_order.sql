-- What people are shown of the time may go back; last_steady is the clock that never does. So are the times in room, account and
-- membership, but for closed and dropped: before the first step of the clock both are the same.
ALTER TABLE lane ADD COLUMN last_steady {int} NOT NULL DEFAULT 0;
UPDATE lane SET last_steady = last_time;

-- The steps of the clock, by the entry that tells of each: what it would have shown, what it showed, and the steady time. From
-- that entry on steady - to_time is what a shown time lacks of the steady one.
CREATE TABLE clock_step (
    entry {int} NOT NULL PRIMARY KEY,
    from_time {int} NOT NULL,
    to_time {int} NOT NULL,
    steady {int} NOT NULL
) {table};

-- What happened in several rooms at once, NICK and QUIT: one entry and one row, and a narrow one in each room.
CREATE TABLE shared_event (
    entry {int} NOT NULL PRIMARY KEY,
    time {int} NOT NULL,
    msgid {key} NOT NULL UNIQUE,
    kind {int} NOT NULL,
    author {int} NOT NULL,
    source {text} NOT NULL,
    account {text},
    text {text} NOT NULL,
    reach {key} NOT NULL
) {table};
CREATE TABLE shared_place (
    room {int} NOT NULL,
    class {int} NOT NULL,
    seq {int} NOT NULL,
    entry {int} NOT NULL,
    PRIMARY KEY (room, class, seq)
) {clustered};
CREATE INDEX shared_place_entry ON shared_place (entry);

DROP INDEX message_page {on message};
CREATE INDEX message_page ON message (room, class, seq);

-- What an entry commits to may be erased: then meta, content and both salts are NULL, and erased is the entry that says so.
-- bound is for entries made before this version: what was found then of their rows, by a salt of their own.
CREATE TABLE register_payload_bound (
    seq {int} NOT NULL PRIMARY KEY,
    meta {text},
    meta_salt {blob},
    content {text},
    room {int},
    message {int},
    content_salt {blob},
    erased {int},
    bound {blob}
) {table};
