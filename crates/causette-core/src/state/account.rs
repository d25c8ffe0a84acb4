//! One registered identity, as far as the rules need it in memory.

use crate::cidr::Cidr;
use crate::id::{AccountId, TokenId};
use crate::limits::DEVICES;
use crate::login::LoginPolicy;
use crate::right::Role;
use crate::settings::{AlwaysOn, Settings};
use crate::snapshot::{AccountRow, DeviceRow, TokenRow};
use crate::state::marker::Markers;
use causette_proto::{AccountName, CompactString, Nick, Timestamp};
use std::collections::BTreeMap;

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) name: AccountName,
    /// The nickname that its user goes by.
    pub(crate) nick: Nick,
    /// When it was made, by the steady time.
    pub(crate) created: Timestamp,
    /// When its last connection ended, by the steady time.
    pub(crate) last_seen: Timestamp,
    /// What it is on the server.
    pub(crate) role: Role,
    /// Whether it waits to be approved: until then nobody signs in to it.
    pub(crate) waiting: bool,
    /// How often its password was changed since the start of the server: what was found out about an earlier one counts no
    /// more.
    pub(crate) passwords: u32,
    /// Whether a code stands in the place of its password, used or not: its owner has to choose one.
    pub(crate) by_code: bool,
    /// When the last alert was, or other news that is kept for who is absent, by the steady time, that one of its connections was told which
    /// has ended since. Passing: after a crash people may be told again what they were told shortly before.
    pub(crate) alerted: Timestamp,
    /// The sessions that are signed in to it.
    pub(crate) sessions: usize,
    /// Whether its owner gives it up: it goes with its last session.
    pub(crate) dropping: bool,
    /// What its owner has set, by the name that NickServ SET gives it.
    pub(crate) settings: BTreeMap<CompactString, CompactString>,
    /// The certificates that open it.
    pub(crate) certificates: Vec<CompactString>,
    /// The devices that signed in to it by name, the last used last.
    pub(crate) devices: Vec<DeviceRow>,
    /// The devices that have a token to sign in with, the oldest first.
    pub(crate) tokens: Vec<TokenRow>,
    /// The greatest number that one of these ever had.
    pub(crate) last_token: u64,
    /// Up to when it has read.
    pub(crate) markers: Markers,
}

/// A setting of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// `always-on`: whether it stays in its channels without a connection.
    AlwaysOn,
    /// `multiclient`: whether several connections may be signed in to it, a new one ends the others, or is refused.
    Multiclient,
    /// `language`: in which the server speaks to it.
    Language,
    /// `modes`: its user modes.
    Modes,
    /// `realname`: what SETNAME set.
    Realname,
    /// `login`: from where one may sign in to it.
    Login,
    /// `login-address`: the address to which its sign-ins are pinned.
    LoginAddress,
    /// `file-quota`: how many bytes of files it may keep.
    FileQuota,
    /// `email`: the address that was given, where one is asked for.
    Email,
    /// `replay`: how much its clients are shown that do not ask; with `:` and its number behind, a single device.
    Replay,
}

impl Setting {
    /// The name by which it is set and kept.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AlwaysOn => "always-on",
            Self::Multiclient => "multiclient",
            Self::Language => "language",
            Self::Modes => "modes",
            Self::Realname => "realname",
            Self::Login => LoginPolicy::SETTING,
            Self::LoginAddress => LoginPolicy::ADDRESS_SETTING,
            Self::FileQuota => "file-quota",
            Self::Email => "email",
            Self::Replay => "replay",
        }
    }
}

impl Account {
    /// An account that was just made.
    pub(crate) fn new(id: AccountId, name: AccountName, nick: Nick, created: Timestamp) -> Self {
        Self {
            id,
            name,
            nick,
            created,
            last_seen: created,
            role: Role::User,
            waiting: false,
            passwords: 0,
            by_code: false,
            alerted: Timestamp::MIN,
            sessions: 0,
            dropping: false,
            settings: BTreeMap::new(),
            certificates: Vec::new(),
            devices: Vec::new(),
            tokens: Vec::new(),
            last_token: 0,
            markers: Markers::new(),
        }
    }

    /// An account as the store remembers it.
    pub(crate) fn restored(row: AccountRow) -> Self {
        Self {
            last_seen: row.last_seen,
            role: row.role,
            waiting: row.waiting,
            by_code: row.by_code,
            settings: row.settings.into_iter().collect(),
            certificates: row.certificates,
            devices: row.devices,
            tokens: row.tokens,
            last_token: row.last_token,
            ..Self::new(row.id, row.name, row.nick, row.created)
        }
    }

    /// Notes that a device signed in, and forgets the one used longest ago where there are too many.
    pub(crate) fn used(&mut self, device: &CompactString, now: Timestamp) {
        self.devices.retain(|known| known.name != *device);
        if self.devices.len() >= DEVICES {
            self.devices.remove(0);
        }
        self.devices.push(DeviceRow {
            name: device.clone(),
            last_used: now,
        });
    }

    /// A device that has a token to sign in with.
    pub(crate) fn token(&self, id: TokenId) -> Option<&TokenRow> {
        self.tokens.iter().find(|token| token.id == id)
    }

    /// What its owner has set, where they have.
    pub(crate) fn setting(&self, setting: Setting) -> Option<&str> {
        self.settings.get(setting.name()).map(CompactString::as_str)
    }

    /// From where one may sign in to it.
    pub(crate) fn login(&self) -> LoginPolicy {
        LoginPolicy::kept(self.setting(Setting::Login))
    }

    /// The address to which its sign-ins are pinned, where they are.
    pub(crate) fn pinned(&self) -> Option<Cidr> {
        self.setting(Setting::LoginAddress)?.parse().ok()
    }

    /// Whether nobody signs in to it while somebody is.
    pub(crate) fn refuses_others(&self) -> bool {
        self.setting(Setting::Multiclient) == Some("refuse")
    }

    /// Whether it stays in its channels without a connection.
    pub(crate) fn stays(&self, settings: &Settings) -> bool {
        let chosen = self.setting(Setting::AlwaysOn);
        let stays = match settings.always_on {
            AlwaysOn::OptOut => chosen != Some("off"),
            AlwaysOn::OptIn => chosen == Some("on"),
            AlwaysOn::Off => false,
        };
        stays && !self.dropping
    }

    /// Whether nobody has ever signed in to it: its first sign-in lands in the channels of `auto_join`.
    pub(crate) fn is_fresh(&self) -> bool {
        self.last_seen == self.created
    }
}
