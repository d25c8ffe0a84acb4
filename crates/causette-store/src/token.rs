//! The rows of devices that have a token to sign in with. Of the token there is only its hash.

use crate::error::StoreError;
use crate::history::Reader;
use causette_core::id::{AccountId, TokenId};
use causette_core::secret::Verifier;
use causette_proto::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::net::IpAddr;

pub(crate) fn added(
    connection: &Connection,
    time: Timestamp,
    account: AccountId,
    token: TokenId,
    name: &str,
    verifier: &Verifier,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO device (account, id, name, token_hash, created) VALUES (?, ?, ?, ?, ?)",
        )?
        .execute(params![
            account.0.cast_signed(),
            token.0.cast_signed(),
            name,
            verifier.0,
            time.0
        ])?;
    Ok(())
}

pub(crate) fn removed(
    connection: &Connection,
    time: Timestamp,
    account: AccountId,
    token: TokenId,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE device SET token_hash = NULL, revoked = ? WHERE account = ? AND id = ?",
        )?
        .execute([time.0, account.0.cast_signed(), token.0.cast_signed()])?;
    Ok(())
}

/// Notes when a device signed in, and from where.
pub(crate) fn used(
    connection: &Connection,
    time: Timestamp,
    account: AccountId,
    token: TokenId,
    address: IpAddr,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE device SET last_used = ?, last_address = ? WHERE account = ? AND id = ?",
        )?
        .execute(params![
            time.0,
            address.to_string(),
            account.0.cast_signed(),
            token.0.cast_signed()
        ])?;
    Ok(())
}

impl Reader {
    /// Whose token it is whose SHA-256 this is, and which device's. `None` for one that was taken back.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_token(
        &mut self,
        hash: &Verifier,
    ) -> std::result::Result<Option<(AccountId, TokenId)>, StoreError> {
        let found = self
            .connection
            .prepare_cached("SELECT account, id FROM device WHERE token_hash = ?")?
            .query_row([&hash.0], |row| {
                let id = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
                Ok((AccountId(id(0)?), TokenId(id(1)?)))
            })
            .optional()?;
        Ok(found)
    }
}
