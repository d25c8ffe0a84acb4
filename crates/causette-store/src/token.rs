//! What people sign in with: tokens, of which only the hash is kept, and verifiers.

use crate::engine::values;
use crate::error::StoreError;
use crate::history::Reader;
use causette_core::id::{AccountId, TokenId};
use causette_core::secret::Verifier;

impl Reader {
    /// Whose token it is whose SHA-256 this is, and which device's. `None` for one that was taken back.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_token(
        &mut self,
        hash: &Verifier,
    ) -> Result<Option<(AccountId, TokenId)>, StoreError> {
        let select = "SELECT account, id FROM device WHERE token_hash = ?";
        let found = self.reading.now()?.first(select, values![&hash.0], |row| {
            Ok((AccountId(row.id(0)?), TokenId(row.id(1)?)))
        })?;
        Ok(found)
    }

    /// What the store keeps of an account's password; `None` where there is no such account, or no more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verifier(&mut self, account: AccountId) -> Result<Option<Verifier>, StoreError> {
        let select = "SELECT verifier FROM account WHERE id = ? AND dropped IS NULL";
        let verifier = self.reading.now()?.first(select, values![account], |row| {
            Ok(Verifier(row.text(0)?.to_owned()))
        })?;
        Ok(verifier)
    }
}
