//! The accounts that there are, and the ways to find them.

use super::State;
use super::account::{Account, Setting};
use super::naming::nick_taken;
use super::user::User;
use crate::id::{AccountId, UserId};
use crate::modes::Letters;
use crate::report::Away;
use crate::reserved::is_administration;
use crate::right::Role;
use crate::settings::Settings;
use causette_proto::{AccountName, CompactString, Nick};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

impl State {
    /// The accounts, by their ids. What changes of them changes by a fact.
    pub(crate) fn accounts(&self) -> &FxHashMap<AccountId, Account> {
        &self.accounts
    }

    /// The accounts of names as they are compared, in their order.
    pub(crate) fn account_names(&self) -> &BTreeMap<CompactString, AccountId> {
        &self.account_names
    }

    /// The accounts that certificates open.
    pub(crate) fn certificates(&self) -> &FxHashMap<CompactString, AccountId> {
        &self.certificates
    }

    pub(super) fn add_account(&mut self, account: Account) {
        self.account_names
            .insert(account.name.key().into(), account.id);
        self.likenesses.add_account(&account.name, account.id);
        for certificate in &account.certificates {
            self.certificates.insert(certificate.clone(), account.id);
        }
        if account.role != Role::User {
            self.officers.insert(account.id);
        }
        if account.waiting {
            self.unapproved.insert(account.id);
        }
        for token in &account.tokens {
            self.note_end(account.id, token);
        }
        self.accounts.insert(account.id, account);
    }

    /// An account has another name, and so what others see of where its person comes from.
    pub(super) fn rename_account(&mut self, id: AccountId, name: &AccountName) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        self.account_names.remove(account.name.key());
        self.likenesses.remove_account(&account.name, id);
        self.whowas.forget_account(account.name.as_str());
        account.name = name.clone();
        self.account_names.insert(name.key().into(), id);
        self.likenesses.add_account(name, id);
        if let Some(user) = self.users.get_mut(&UserId::from(id)) {
            user.belong_to(name);
        }
    }

    pub(super) fn remove_account(&mut self, id: AccountId) {
        if let Some(account) = self.accounts.remove(&id) {
            self.account_names.remove(account.name.key());
            self.officers.remove(&id);
            self.unapproved.remove(&id);
            for token in &account.tokens {
                self.forget_end(id, token);
            }
            self.whowas.forget_account(account.name.as_str());
            self.likenesses.remove_account(&account.name, id);
            for certificate in &account.certificates {
                self.certificates.remove(certificate);
            }
        }
    }

    /// Makes the user of an account that has none, under a nickname that is free.
    pub(crate) fn add_account_user(&mut self, account: AccountId, settings: &Settings) -> UserId {
        let found = &self.accounts[&account];
        let Account { id, name, nick, .. } = found;
        let modes = found
            .setting(Setting::Modes)
            .unwrap_or(&settings.default_user_modes);
        let modes = Letters::of(modes);
        let realname = found.setting(Setting::Realname).map(CompactString::new);
        let named = Nick::from(name);
        let user = UserId::from(account);
        let taken =
            |nick: &Nick| nick_taken(self, settings, nick, Some(user), Some(account)).is_some();
        let mut nick = nick.clone();
        if taken(&nick) {
            nick = named.clone();
        }
        let mut number = 1;
        // What it was given itself is refused to it only where somebody goes by it.
        while self.nicks.contains_key(nick.key())
            || is_administration(self.casemap, nick.key())
            || (number > 1 && taken(&nick))
        {
            number += 1;
            nick = Nick::kept(&format!("{named}{number}"), self.casemap)
                .expect("digits may stand behind every nickname");
        }
        let (host, now) = (CompactString::default(), self.clock.steady());
        let own = UserId::from(*id);
        let mut user = User::new(own, Some(*id), nick, host, self.casemap, now);
        user.belong_to(name);
        user.modes = modes;
        user.away = Some(Away::Found("away-disconnected"));
        if let Some(realname) = realname {
            user.realname = realname;
        }
        self.add_user(user)
    }

    /// The owner of an account gives it up. It goes with its last session, which is the fact.
    pub(crate) fn give_up(&mut self, account: AccountId) {
        if let Some(account) = self.accounts.get_mut(&account) {
            account.dropping = true;
        }
    }
}
