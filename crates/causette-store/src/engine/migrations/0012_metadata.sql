-- What accounts say of themselves under keys, for clients to show. What a guest says is in no table.
CREATE TABLE account_metadata (
    account {int} NOT NULL REFERENCES account (id),
    name {key} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (account, name)
) {clustered};

-- What is said of open channels under keys.
CREATE TABLE room_metadata (
    room {int} NOT NULL REFERENCES room (id),
    name {key} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (room, name)
) {clustered};
