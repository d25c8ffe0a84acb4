-- What an account is on the server, and whether it waits to be approved.
ALTER TABLE account ADD COLUMN role {key} NOT NULL DEFAULT 'user';
ALTER TABLE account ADD COLUMN waiting {int} NOT NULL DEFAULT 0;

-- The sanctions, those that hold no more as well, so that no number comes twice. Whom one is for stands in one of account, network
-- and mask. since and until are by the clock that never goes back, lifted is as people were shown it. entry is that of the register that tells of it.
CREATE TABLE sanction (
    id {int} NOT NULL PRIMARY KEY,
    kind {key} NOT NULL,
    account {int} REFERENCES account (id),
    network {text},
    mask {text},
    room {int} REFERENCES room (id),
    reason {text} NOT NULL,
    decided_by {text} NOT NULL,
    since {int} NOT NULL,
    until {int},
    lifted {int},
    entry {int} NOT NULL
) {table};
CREATE INDEX sanction_lifted ON sanction (lifted);
CREATE INDEX sanction_account ON sanction (account);
CREATE INDEX sanction_room ON sanction (room);

-- What was set at run time otherwise than the configuration says.
CREATE TABLE server_setting (
    name {key} NOT NULL PRIMARY KEY,
    value {text} NOT NULL
) {clustered};
