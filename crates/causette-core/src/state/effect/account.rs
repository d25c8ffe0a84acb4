//! What changes of accounts.

use crate::id::{AccountId, TokenId, UserId};
use crate::metadata::Whose;
use crate::record::AccountChange;
use crate::snapshot::TokenRow;
use crate::state::State;
use crate::state::account::Account;
use causette_proto::{AccountName, CompactString, Nick, Timestamp};
use core::net::IpAddr;

impl State {
    pub(super) fn account_created(
        &mut self,
        id: AccountId,
        name: &AccountName,
        waiting: bool,
        time: Timestamp,
    ) {
        let nick = Nick::from(name);
        self.add_account(Account {
            waiting,
            ..Account::new(id, name.clone(), nick, time)
        });
    }

    pub(super) fn account_changed(
        &mut self,
        id: AccountId,
        change: &AccountChange,
        time: Timestamp,
    ) {
        if let AccountChange::Renamed { name, .. } = change {
            self.rename_account(id, name);
        }
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        match change {
            AccountChange::Renamed { .. } => {}
            AccountChange::Approved => {
                account.waiting = false;
                self.unapproved.remove(&id);
            }
            AccountChange::Password(_) => {
                account.passwords += 1;
                account.by_code = false;
            }
            AccountChange::Reset { code, .. } => {
                account.passwords += 1;
                account.by_code = *code;
            }
            AccountChange::CodeUsed(_) => account.passwords += 1,
            // Others who gave it at the same moment come in as well.
            AccountChange::VerifiedAnew(_) => {}
            AccountChange::Setting { name, value }
            | AccountChange::SettingImposed { name, value, .. }
                if value.is_empty() =>
            {
                account.settings.remove(name);
            }
            AccountChange::Setting { name, value }
            | AccountChange::SettingImposed { name, value, .. } => {
                account.settings.insert(name.clone(), value.clone());
            }
            AccountChange::CertificateAdded(fingerprint) => {
                account.certificates.push(fingerprint.clone());
                self.certificates.insert(fingerprint.clone(), id);
            }
            AccountChange::CertificateRemoved(fingerprint) => {
                account.certificates.retain(|held| held != fingerprint);
                self.certificates.remove(fingerprint);
            }
            AccountChange::TokenAdded {
                token,
                name,
                scopes,
                until,
                ..
            } => {
                let row = TokenRow {
                    id: *token,
                    name: name.clone(),
                    created: time,
                    last_used: None,
                    last_address: None,
                    scopes: *scopes,
                    until: *until,
                };
                account.last_token = token.0;
                account.tokens.push(row.clone());
                self.note_end(id, &row);
            }
            AccountChange::TokenRemoved(token) => {
                let place = account.tokens.iter().position(|held| held.id == *token);
                if let Some(place) = place {
                    let row = account.tokens.remove(place);
                    self.forget_end(id, &row);
                }
            }
        }
    }

    pub(super) fn account_dropped(&mut self, id: AccountId) {
        for channel in self.channels.values_mut() {
            channel.access.remove(&id);
            channel.invited.remove(&UserId::from(id));
        }
        self.sanctions.forget_account(id);
        self.files.forget_account(id);
        self.metadata.forget(Whose::Account(id));
        self.remove_account(id);
    }

    /// Somebody has signed in, from a device that has a name, a token, or neither.
    pub(super) fn account_used(
        &mut self,
        id: AccountId,
        device: Option<&CompactString>,
        token: Option<TokenId>,
        address: IpAddr,
        time: Timestamp,
    ) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        if let Some(device) = device {
            account.used(device, time);
        }
        let mut tokens = account.tokens.iter_mut();
        if let Some(held) = tokens.find(|held| Some(held.id) == token) {
            held.last_used = Some(time);
            held.last_address = Some(address);
        }
    }
}
