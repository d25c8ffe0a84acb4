-- Up to when an account has read a channel is kept by the channel's folded name from here on, and outlasts the room: room_key of
-- read_marker is that, or 'dm:low:high'.

-- Whom those who moderate a channel have invited, and who has not entered since; at is by the clock that never goes back.
CREATE TABLE room_invited (
    room {int} NOT NULL REFERENCES room (id),
    account {int} NOT NULL REFERENCES account (id),
    at {int} NOT NULL,
    PRIMARY KEY (room, account)
) {clustered};
CREATE INDEX room_invited_account ON room_invited (account);

-- class has two more words: 5 a PRIVMSG or NOTICE and 6 another event from a time at which not everyone could enter the channel, whose
-- reach is C. opened is when what had been said in it was opened to all its members, by the clock that never goes back.
ALTER TABLE room ADD COLUMN opened {int};
