-- The files, those that are no more as well, so that no number comes twice. file_key is their name in addresses, visibility one of public, room,
-- link and private, with the room where it is that; path is where one is that the server offers by itself. since and until are by the clock that
-- never goes back, removed is as people were shown it.
CREATE TABLE file (
    id {int} NOT NULL PRIMARY KEY,
    file_key {key} NOT NULL,
    owner {int} REFERENCES account (id),
    name {text} NOT NULL,
    media_type {text} NOT NULL,
    size {int} NOT NULL,
    sha256 {key} NOT NULL,
    visibility {key} NOT NULL,
    room {int} REFERENCES room (id),
    path {text},
    quarantined {int} NOT NULL,
    since {int} NOT NULL,
    until {int},
    removed {int},
    entry {int} NOT NULL
) {table};
CREATE UNIQUE INDEX file_address ON file (file_key);
CREATE INDEX file_owner ON file (owner);
CREATE INDEX file_room ON file (room);

-- To whom files were sent, and it was not taken back.
CREATE TABLE file_grant (
    file {int} NOT NULL REFERENCES file (id),
    account {int} NOT NULL REFERENCES account (id),
    entry {int} NOT NULL,
    PRIMARY KEY (file, account)
) {clustered};
CREATE INDEX file_grant_account ON file_grant (account);

-- Whom those who moderate a channel have invited, and who has not entered since; at is as people were shown it.
CREATE TABLE room_invited (
    room {int} NOT NULL REFERENCES room (id),
    account {int} NOT NULL REFERENCES account (id),
    at {int} NOT NULL,
    PRIMARY KEY (room, account)
) {clustered};
CREATE INDEX room_invited_account ON room_invited (account);
