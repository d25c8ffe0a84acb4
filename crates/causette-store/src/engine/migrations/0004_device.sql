-- The devices that have a token to sign in with, numbered within their account. token_hash is the SHA-256 of the token in
-- hexadecimal, and NULL once it was taken back. The row stays then, so that its number is never given again.
CREATE TABLE device (
    account {int} NOT NULL REFERENCES account (id),
    id {int} NOT NULL,
    name {text} NOT NULL,
    token_hash {key} UNIQUE,
    created {int} NOT NULL,
    last_used {int},
    last_address {text},
    revoked {int},
    PRIMARY KEY (account, id)
) {clustered};
