//! The part of the configuration that the rules depend on. The server fills it from `causette.toml`.

use crate::limits::Limits;
use causette_proto::{ChannelName, CompactString};

/// What the rules depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The server's name, source of its numerics. `server.name`.
    pub server: CompactString,
    /// The network's name, NETWORK in 005. `server.network`.
    pub network: CompactString,
    /// What the server says of itself in WHOIS. `server.description`.
    pub description: CompactString,
    /// The program's version, for 002, 004 and the register.
    pub version: CompactString,
    /// The language of the server's texts. `server.language`.
    pub language: Language,
    /// Who may become an operator of the server. `[[operator]]`.
    pub operators: Vec<OperatorSettings>,
    /// Whether `server.password_hash` guards the door.
    pub server_password: bool,
    /// Whether one must sign in. `accounts.required`.
    pub accounts_required: bool,
    /// Who may sign up. `accounts.registration`.
    pub registration: Registration,
    /// Whether one may sign up before the connection is registered. `accounts.registration_before_connect`.
    pub registration_before_connect: bool,
    /// Characters of a password at least. `accounts.password_min`.
    pub password_min: usize,
    /// Whether the name of an account is kept for it as nickname. `accounts.nick_reservation`.
    pub nick_reservation: bool,
    /// Whether accounts stay in their channels without a connection. `accounts.always_on`.
    pub always_on: bool,
    /// The modes that a new user has, as letters. `server.default_user_modes`.
    pub default_user_modes: CompactString,
    /// Whether people may register channels as theirs. `channels.registration`.
    pub channel_registration: bool,
    /// The channels that everyone lands in; they never close. `channels.auto_join`.
    pub auto_join: Vec<ChannelName>,
    /// The largest page of history. `history.max_messages`, CHATHISTORY in 005.
    pub history_max: usize,
    /// Recent lines replayed on join to clients that do not ask; 0 for none. `history.replay_on_join`.
    pub replay_on_join: usize,
    /// The bounds.
    pub limits: Limits,
}

/// Someone who may become an operator of the server (OPER). Their password is the server's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorSettings {
    /// The name by which they ask, compared without regard to ASCII case; no two share one.
    pub name: CompactString,
    /// What they may do.
    pub class: CompactString,
}

/// A language that the server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

/// Who may sign up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Everyone.
    #[default]
    Open,
    /// No one; the administrator makes accounts.
    Closed,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server: CompactString::const_new("causette.local"),
            network: CompactString::const_new("Causette"),
            description: CompactString::const_new("Causette"),
            version: CompactString::const_new(concat!("causette-", env!("CARGO_PKG_VERSION"))),
            language: Language::En,
            operators: Vec::new(),
            server_password: false,
            accounts_required: true,
            registration: Registration::Open,
            registration_before_connect: true,
            password_min: 12,
            nick_reservation: true,
            always_on: true,
            default_user_modes: CompactString::const_new("i"),
            channel_registration: true,
            auto_join: vec![
                ChannelName::parse("#general", 64).expect("the default channel's name is valid"),
            ],
            history_max: 1000,
            replay_on_join: 50,
            limits: Limits::default(),
        }
    }
}
