-- The lists of a channel by their mode: b, e or I.
CREATE TABLE list_mask (
    room {int} NOT NULL REFERENCES room (id),
    mode {key} NOT NULL,
    mask {key} NOT NULL,
    set_by {text} NOT NULL,
    set_at {int} NOT NULL,
    PRIMARY KEY (room, mode, mask)
) {clustered};
INSERT INTO list_mask (room, mode, mask, set_by, set_at) SELECT room, 'b', mask, set_by, set_at FROM ban;
DROP TABLE ban;

-- When the account was dropped; NULL while it lives. A dropped account keeps its name for the register alone: folded, nick and
-- verifier are then such that nobody finds it or signs in to it.
ALTER TABLE account ADD COLUMN dropped {int};

CREATE TABLE account_setting (
    account {int} NOT NULL REFERENCES account (id),
    name {key} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (account, name)
) {clustered};

-- fingerprint is the SHA-256 of the certificate in hexadecimal.
CREATE TABLE account_certificate (
    fingerprint {key} NOT NULL PRIMARY KEY,
    account {int} NOT NULL REFERENCES account (id)
) {clustered};
CREATE INDEX account_certificate_account ON account_certificate (account);

CREATE TABLE account_device (
    account {int} NOT NULL REFERENCES account (id),
    name {key} NOT NULL,
    last_used {int} NOT NULL,
    PRIMARY KEY (account, name)
) {clustered};

-- The account whose channel it is, where it is registered.
ALTER TABLE room ADD COLUMN founder {int};
CREATE INDEX room_founder ON room (founder);

CREATE TABLE room_access (
    room {int} NOT NULL REFERENCES room (id),
    account {int} NOT NULL REFERENCES account (id),
    prefixes {text} NOT NULL,
    PRIMARY KEY (room, account)
) {clustered};
CREATE INDEX room_access_account ON room_access (account);

-- Up to when an account has read a room. room_key is 'room:id' for a channel, 'dm:low:high' for a conversation, which may
-- have been read before anything was said in it.
CREATE TABLE read_marker (
    account {int} NOT NULL REFERENCES account (id),
    room_key {key} NOT NULL,
    time {int} NOT NULL,
    PRIMARY KEY (account, room_key)
) {clustered};
CREATE INDEX read_marker_room ON read_marker (room_key);

-- class tells who is shown a row: 0 an event and 1 a PRIVMSG or NOTICE that everyone may see, 2 a PRIVMSG or NOTICE and 4 a
-- TAGMSG that only some got, 3 what was said and taken back, which nobody is shown. reach is empty for what everyone got, else
-- its letter. redacted is when it was taken back.
ALTER TABLE message RENAME COLUMN spoken TO class;
ALTER TABLE message ADD COLUMN reach {key} NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN redacted {int};
