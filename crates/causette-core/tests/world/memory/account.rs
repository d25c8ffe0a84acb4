//! What a change of an account leaves in the memory.

use super::Memory;
use causette_core::id::AccountId;
use causette_core::record::AccountChange;
use causette_core::secret::code_of;
use causette_core::snapshot::TokenRow;
use causette_proto::Timestamp;

impl Memory {
    pub(super) fn change(&mut self, time: Timestamp, account: AccountId, change: &AccountChange) {
        let row = self
            .accounts
            .get_mut(&account.0)
            .expect("the account exists");
        match change {
            AccountChange::Approved => row.waiting = false,
            AccountChange::Renamed { name, .. } => row.name = name.clone(),
            AccountChange::Password(verifier)
            | AccountChange::VerifiedAnew(verifier)
            | AccountChange::Reset { verifier, .. }
            | AccountChange::CodeUsed(verifier) => {
                row.by_code = code_of(verifier).is_some();
                self.verifiers.insert(account.0, verifier.clone());
            }
            AccountChange::Setting { name, value }
            | AccountChange::SettingImposed { name, value, .. } => {
                row.settings.retain(|(held, _)| held != name);
                if !value.is_empty() {
                    row.settings.push((name.clone(), value.clone()));
                    row.settings.sort();
                }
            }
            AccountChange::CertificateAdded(fingerprint) => {
                row.certificates.push(fingerprint.clone());
                row.certificates.sort();
            }
            AccountChange::CertificateRemoved(fingerprint) => {
                row.certificates.retain(|held| held != fingerprint);
            }
            AccountChange::TokenAdded {
                token,
                name,
                verifier,
                scopes,
                until,
            } => {
                assert!(token.0 > row.last_token, "a number of a device came twice");
                row.last_token = token.0;
                row.tokens.push(TokenRow {
                    id: *token,
                    name: name.clone(),
                    created: time,
                    last_used: None,
                    last_address: None,
                    scopes: *scopes,
                    until: *until,
                });
                self.tokens_made += 1;
                self.tokens.insert(verifier.0.clone(), (account, *token));
            }
            AccountChange::TokenRemoved(token) => {
                row.tokens.retain(|held| held.id != *token);
                self.tokens.retain(|_, held| *held != (account, *token));
            }
        }
    }
}
