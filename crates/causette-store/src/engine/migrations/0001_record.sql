-- How far the recorder has come. One row per sequencer; there is one, number 0.
CREATE TABLE lane (
    lane {int} NOT NULL PRIMARY KEY,
    epoch {int} NOT NULL,
    last_batch {int} NOT NULL,
    last_time {int} NOT NULL,
    last_id {int} NOT NULL
) {table};
INSERT INTO lane (lane, epoch, last_batch, last_time, last_id) VALUES (0, 0, -1, 0, 0);

CREATE TABLE account (
    id {int} NOT NULL PRIMARY KEY,
    name {key} NOT NULL,
    folded {key} NOT NULL UNIQUE,
    nick {key} NOT NULL,
    verifier {text} NOT NULL,
    created {int} NOT NULL,
    last_seen {int} NOT NULL
) {table};

-- Channels have the core's ids, which are positive; direct conversations have the store's own, which are negative.
-- room_key is the folded name of an open channel, 'dm:low:high' for a conversation, NULL for a closed channel.
CREATE TABLE room (
    id {int} NOT NULL PRIMARY KEY,
    room_key {key} UNIQUE,
    name {text},
    permanent {int} NOT NULL,
    modes {text} NOT NULL,
    topic_text {text},
    topic_by {text},
    topic_at {int},
    acl_version {int} NOT NULL,
    last_seq {int} NOT NULL,
    last_time {int} NOT NULL,
    created {int} NOT NULL,
    closed {int}
) {table};

CREATE TABLE membership (
    room {int} NOT NULL REFERENCES room (id),
    account {int} NOT NULL REFERENCES account (id),
    prefixes {text} NOT NULL,
    joined {int} NOT NULL,
    PRIMARY KEY (room, account)
) {clustered};
CREATE INDEX membership_account ON membership (account);

CREATE TABLE ban (
    room {int} NOT NULL REFERENCES room (id),
    mask {key} NOT NULL,
    set_by {text} NOT NULL,
    set_at {int} NOT NULL,
    PRIMARY KEY (room, mask)
) {clustered};

-- The two people of a direct conversation, one row each. peer_nick is the last nickname of a guest who wrote in it.
CREATE TABLE participant (
    person {int} NOT NULL,
    room {int} NOT NULL REFERENCES room (id),
    peer {int} NOT NULL,
    peer_nick {text},
    PRIMARY KEY (person, room)
) {clustered};

-- spoken is 1 for PRIVMSG and NOTICE, which every page shows. entry is the seq of the message's register entry.
CREATE TABLE message (
    room {int} NOT NULL,
    seq {int} NOT NULL,
    time {int} NOT NULL,
    msgid {key} NOT NULL,
    kind {int} NOT NULL,
    spoken {int} NOT NULL,
    author {int} NOT NULL,
    source {text} NOT NULL,
    account {text},
    text {text} NOT NULL,
    tags {text} NOT NULL,
    entry {int} NOT NULL,
    PRIMARY KEY (room, seq)
) {clustered};
CREATE UNIQUE INDEX message_msgid ON message (msgid, room);
CREATE INDEX message_page ON message (room, spoken, time, seq);

CREATE TABLE register_entry (
    seq {int} NOT NULL PRIMARY KEY,
    time {int} NOT NULL,
    category {int} NOT NULL,
    type {text} NOT NULL,
    actor_tag {blob},
    target_tag {blob},
    meta_commitment {blob} NOT NULL,
    content_commitment {blob}
) {table};

-- What the commitments of an entry commit to. The content is in content, or is the message row (room, message).
CREATE TABLE register_payload (
    seq {int} NOT NULL PRIMARY KEY,
    meta {text} NOT NULL,
    meta_salt {blob} NOT NULL,
    content {text},
    room {int},
    message {int},
    content_salt {blob}
) {table};

CREATE TABLE register_key (
    month {key} NOT NULL PRIMARY KEY,
    secret {blob} NOT NULL
) {table};
