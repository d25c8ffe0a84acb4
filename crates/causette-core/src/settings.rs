//! The part of the configuration that the rules depend on. The server fills it from `causette.toml`.

use crate::client_tags::DeniedClientTags;
use crate::file::{AddressKey, Visibility};
use crate::limits::{self, Limits};
use crate::login::LoginPolicy;
use crate::reserved::ReservedNames;
use causette_proto::{Casemap, ChannelName, CompactString, Timestamp};
use causette_text::Language;

/// What the rules depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The server's name, source of its numerics. `server.name`.
    pub server: CompactString,
    /// The network's name, NETWORK in 005. `server.network`.
    pub network: CompactString,
    /// What the server says of itself in WHOIS. `server.description`.
    pub description: CompactString,
    /// Where people reach whoever runs the server; empty where nothing is said. `server.contact`.
    pub contact: CompactString,
    /// The rules, or where they are; empty where there are none. `server.rules`.
    pub rules: CompactString,
    /// What is kept about people, or where that is said; empty where nothing is. `server.privacy`.
    pub privacy: CompactString,
    /// The message of the day, line by line; `None` for the server's own. The file `server.motd`.
    pub motd: Option<Vec<CompactString>>,
    /// The program's version, for 002, 004 and the register.
    pub version: CompactString,
    /// Which spellings are the same name. Fixed from the start on. `server.casemapping`.
    pub casemap: Casemap,
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
    /// From where one may sign in to a new account, unless it is decided otherwise of that account. `accounts.login`.
    pub login: LoginPolicy,
    /// Whether one may sign up before the connection is registered. `accounts.registration_before_connect`.
    pub registration_before_connect: bool,
    /// Whether who signs up for themselves gives an e-mail address, which is kept. `accounts.email_required`.
    pub email_required: bool,
    /// Whether a password may be easy to guess: one character again and again, or the account's name. `accounts.weak_passwords`.
    pub weak_passwords: bool,
    /// Characters of a password at least. `accounts.password_min`.
    pub password_min: usize,
    /// By which nickname somebody goes who comes by an account. `accounts.nick`.
    pub account_nick: AccountNick,
    /// Whether the name of an account is kept for it as nickname. `accounts.nick_reservation`.
    pub nick_reservation: bool,
    /// The names that are kept for those who run the server. `accounts.reserved_names`.
    pub reserved_names: ReservedNames,
    /// Whether one may sign in by SCRAM-SHA-256, and what that needs is kept of passwords. `accounts.scram`.
    pub scram: bool,
    /// Whether accounts stay in their channels without a connection. `accounts.always_on`.
    pub always_on: AlwaysOn,
    /// The channels that everyone lands in; they never close. `channels.auto_join`.
    pub auto_join: Vec<ChannelName>,
    /// The channel in which those who run the server read what others of them have done; `None` for none. `server.administration_room`.
    pub administration_room: Option<ChannelName>,
    /// Whether channels can be registered with ChanServ. `channels.registration`.
    pub channel_registration: bool,
    /// The user modes of newcomers. `server.default_user_modes`.
    pub default_user_modes: CompactString,
    /// The client-only tags that are not passed on. `server.client_tags_denied`, CLIENTTAGDENY in 005.
    pub client_tags_denied: DeniedClientTags,
    /// The port where TLS is spoken with a certificate that every client trusts by itself; `None` where there is none. Only then
    /// clients may be told to come with TLS for ever (STS), and where the network's icon is.
    pub public_port: Option<u16>,
    /// Whether clients that were told to come with TLS for ever must be let go: the certificate is one that they trust no more.
    pub sts_withdrawn: bool,
    /// The largest page of history. `history.max_messages`, CHATHISTORY in 005.
    pub history_max: usize,
    /// Recent lines replayed on join to clients that do not ask; 0 for none. `history.replay_on_join`.
    pub replay_on_join: usize,
    /// What people may keep here. `[files]`.
    pub files: FileSettings,
    /// The bounds.
    pub limits: Limits,
    /// How long the names are that there are: longer than the bounds where those were wider before. The core finds that out.
    pub longest: Longest,
}

/// What people may keep here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// Bytes of one file; 0 where nobody may upload. `files.max_size`.
    pub file_bytes: u64,
    /// Bytes of all files of one account. `files.quota`.
    pub account_bytes: u64,
    /// Files of one account. `files.quota_files`.
    pub account_files: usize,
    /// Bytes that one account may upload in a day; those who come from one network together
    /// [so many times](limits::ACCOUNTS_PER_NETWORK) as much. `files.daily`.
    pub day_bytes: u64,
    /// How long files are kept. `files.keep`.
    pub keep: Keep,
    /// Whether pictures that many may see say nothing beside what they show. `files.clean_pictures`.
    pub clean_pictures: bool,
    /// Where files are, as addresses begin, without a slash at the end: `https://chat.example.org`. `files.url`.
    pub url: CompactString,
    /// By what addresses of files are signed for those who may fetch them. The server keeps it.
    pub key: AddressKey,
}

impl FileSettings {
    /// Where files are, where that is on another machine than where IRC is spoken, by its name.
    #[must_use]
    pub fn other_origin(&self, server: &str) -> Option<&str> {
        let url = Some(self.url.as_str()).filter(|url| !url.is_empty())?;
        let place = url.split_once("://").map_or(url, |(_, place)| place);
        let host = place.split(['/', ':']).next().unwrap_or_default();
        (!host.eq_ignore_ascii_case(server)).then_some(url)
    }
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            file_bytes: limits::FILE_BYTES,
            account_bytes: limits::FILES_BYTES_PER_ACCOUNT,
            account_files: limits::FILES_PER_ACCOUNT,
            day_bytes: limits::FILE_BYTES_PER_DAY,
            keep: Keep::default(),
            clean_pictures: true,
            url: CompactString::default(),
            key: AddressKey::default(),
        }
    }
}

/// For how many seconds files are kept, by who may see them; 0 for ever. Counted from when they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Those for all.
    pub public: u64,
    /// Those for a room.
    pub room: u64,
    /// Those for whoever knows the address.
    pub link: u64,
    /// Those for nobody else, and those to whom they were sent.
    pub private: u64,
}

impl Keep {
    /// Until when a file is kept which is there since a moment; `None` for ever.
    #[must_use]
    pub fn until(self, visibility: Visibility, since: Timestamp) -> Option<Timestamp> {
        let seconds = match visibility {
            Visibility::Public => self.public,
            Visibility::Room(_) => self.room,
            Visibility::Link => self.link,
            Visibility::Private => self.private,
        };
        let seconds = i64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
        seconds.map(|seconds| since.plus_seconds(seconds))
    }
}

/// Bytes of the longest names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Longest {
    /// Of a nickname or an account.
    pub nick: usize,
    /// Of a channel.
    pub channel: usize,
}

/// One who may become an operator of the server. The password stays outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorSettings {
    /// The name that OPER takes, compared without regard to ASCII case; no two share one.
    pub name: CompactString,
    /// What kind of operator, for the register and WHOIS.
    pub class: CompactString,
}

/// Who stays in their channels without a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlwaysOn {
    /// Every account, unless its owner wants otherwise.
    #[default]
    OptOut,
    /// The accounts whose owner wants it.
    OptIn,
    /// None.
    Off,
}

/// By which nickname somebody goes who comes by an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountNick {
    /// The account's name. What they take by NICK lives as long as their connections.
    #[default]
    Account,
    /// The one for which the first of their connections asks, where it is free.
    Client,
}

impl AccountNick {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Account, Self::Client];

    /// The word by which it is configured.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Client => "client",
        }
    }
}

/// Who may sign up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Everyone.
    #[default]
    Open,
    /// Who has the code of an invitation.
    Invite,
    /// Everyone; nobody signs in to the account before somebody who runs the server has approved it.
    Approve,
    /// No one; the administrator makes accounts.
    Closed,
}

impl Registration {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Open, Self::Invite, Self::Approve, Self::Closed];

    /// The word by which it is kept and asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Approve => "approve",
            Self::Closed => "closed",
        }
    }

    /// The one of a word.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server: CompactString::const_new("causette.local"),
            network: CompactString::const_new("Causette"),
            description: CompactString::const_new("Causette"),
            contact: CompactString::const_new(""),
            rules: CompactString::const_new(""),
            privacy: CompactString::const_new(""),
            motd: None,
            version: CompactString::const_new(concat!("causette-", env!("CARGO_PKG_VERSION"))),
            casemap: Casemap::Ascii,
            language: Language::En,
            server_password: false,
            accounts_required: true,
            registration: Registration::Open,
            login: LoginPolicy::Any,
            registration_before_connect: true,
            email_required: false,
            weak_passwords: false,
            password_min: 12,
            account_nick: AccountNick::Account,
            nick_reservation: true,
            reserved_names: ReservedNames::default(),
            scram: false,
            always_on: AlwaysOn::OptOut,
            auto_join: vec![
                ChannelName::parse("#general", 64, Casemap::Ascii)
                    .expect("the default channel's name is valid"),
            ],
            administration_room: Some(
                ChannelName::parse("#administration", 64, Casemap::Ascii)
                    .expect("the default channel's name is valid"),
            ),
            channel_registration: true,
            default_user_modes: CompactString::const_new("i"),
            client_tags_denied: DeniedClientTags::default(),
            operators: Vec::new(),
            public_port: None,
            sts_withdrawn: false,
            history_max: 1000,
            replay_on_join: 50,
            files: FileSettings::default(),
            limits: Limits::default(),
            longest: Longest::default(),
        }
    }
}
