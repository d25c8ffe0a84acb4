//! The configuration: what `causette.toml` may say, its defaults, and what the rules get of it.
//!
//! Every key of the contract is named here. A key whose feature comes with a later version is accepted only with the value
//! that describes what this version does.

mod accounts;
mod backup;
mod database;
mod files;
mod flood;
mod listener;
pub(crate) mod live;
mod log;
mod mistake;
mod operator;
mod reader;
pub(crate) mod reload;
mod rule;
mod unusable;

pub use backup::BackupSettings;
pub use causette_core::cidr::Cidr;
pub(crate) use database::{look_at_tls, rule as database_rule, secret_in};
pub use files::FileConfig;
pub use flood::Flood;
pub use listener::{Listener, ListenerKind, ListenerTls, PORT};
pub use log::{Levels, LogFormat, LogSettings};
pub use mistake::{ConfigError, Mistakes, Problem};
pub use operator::Operator;
pub use rule::Rule;
pub use unusable::{Checked, Unusable, check};

use crate::data_dir::DATABASE;
use causette_core::client_tags::DeniedClientTags;
use causette_core::limits::{self, TooLong};
use causette_core::secret::Verifier;
use causette_core::settings::Settings;
use causette_proto::{Casemap, ChannelName};
use causette_store::Database;
use causette_text::Language;
use reader::{Document, Section};
use std::net::IpAddr;
use std::path::PathBuf;

/// The version that brings what the base of the server still lacks.
const BASE: Option<&str> = Some("0.2");
/// The version that brings the clients and the web.
const CLIENTS: Option<&str> = Some("0.3");
/// A version without a number yet.
const SOME_DAY: Option<&str> = None;

/// The modes that a new user may be given: invisible, messages from accounts only, wallops, bot.
const USER_MODES: &str = "iRwB";

/// The least `limits.sendq_bytes`: two of the largest pages of history, so that who asks for one while another is on its way
/// is not closed for it.
const SENDQ_BYTES_MIN: usize = 1 << 19;

/// Everything that the administrator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the rules depend on.
    pub settings: Settings,
    /// The folder of everything that is kept. `server.data_dir`.
    pub data_dir: PathBuf,
    /// The PHC string of the password that guards the door. `server.password_hash`.
    pub password_hash: Option<Verifier>,
    /// The file of the message of the day; [`Self::read_files`] reads it. `server.motd`.
    pub motd: Option<PathBuf>,
    /// Where connections are accepted. `[[listener]]`.
    pub listeners: Vec<Listener>,
    /// The certificate and its key, when not self-signed. `[tls]`.
    pub certificate: Option<CertificateFiles>,
    /// The database; a file relative to the data folder or absolute, see [`Self::database`]. `database.url`.
    pub database: Database,
    /// The file with the password for it; [`Self::read_password`] reads it. `database.password_file`.
    pub password_file: Option<PathBuf>,
    /// Whether a new database is meant, although the folder has the keys of a server. `--new`.
    pub new: bool,
    /// What a new password hash costs. `accounts.argon2`.
    pub argon2: Argon2Cost,
    /// How fast a session may speak. `[flood]`.
    pub flood: Flood,
    /// The addresses that may speak for others. `proxy.trusted`.
    pub proxies: Vec<Cidr>,
    /// Who may become an operator. `[[operator]]`.
    pub operators: Vec<Operator>,
    /// What is logged, how and where. `[log]`.
    pub log: LogSettings,
    /// Where files are, and what stays free. `[files]`.
    pub files: FileConfig,
    /// The backups that the server makes by itself. `[backup]`.
    pub backup: BackupSettings,
    /// The file that it was read from, where it was one.
    pub file: Option<PathBuf>,
    /// Whether it says in which language the server speaks.
    pub has_language: bool,
    /// The language of who starts the server, where they said so. `--lang`
    pub told_in: Option<Language>,
}

/// The files of the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, in PEM.
    pub certificate: PathBuf,
    /// The private key, in PEM.
    pub key: PathBuf,
}

/// What a password hash costs. <https://www.rfc-editor.org/rfc/rfc9106>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Cost {
    /// KiB of memory.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            data_dir: PathBuf::from("causette-data"),
            password_hash: None,
            motd: None,
            listeners: vec![Listener::by_default()],
            certificate: None,
            database: Database::File(PathBuf::from(DATABASE)),
            password_file: None,
            new: false,
            argon2: Argon2Cost::default(),
            flood: Flood::default(),
            proxies: Vec::new(),
            operators: Vec::new(),
            log: LogSettings::default(),
            files: FileConfig::default(),
            backup: BackupSettings::default(),
            file: None,
            has_language: false,
            told_in: None,
        }
    }
}

impl Config {
    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// Names every key that is wrong, its line, and what would be right.
    pub fn parse(text: &str) -> Result<Self, Mistakes> {
        let document = Document::new(text);
        let config = Self::read(document.root());
        document.finish()?;
        Ok(config)
    }

    fn read(mut document: Section<'_>) -> Self {
        let mut config = Self::default();
        config.read_server(document.section("server"));
        if let Some(listeners) = document.sections("listener") {
            config.listeners = Vec::with_capacity(listeners.len());
            for section in listeners {
                let listener = listener::read(section, &config.listeners);
                config.listeners.push(listener);
            }
        }
        config.read_tls(document.section("tls"));
        config.read_database(document.section("database"));
        config.read_accounts(document.section("accounts"));
        config.read_limits(document.section("limits"));
        config.read_channels(document.section("channels"));
        config.read_history(document.section("history"));
        config.flood.read(document.section("flood"));
        config.log.read(document.section("log"));
        config.backup.read(document.section("backup"));
        if let Some(operators) = document.sections("operator") {
            config.operators = operator::read(operators);
            config.settings.operators = config.operators.iter().map(Operator::settings).collect();
        }
        let files = document.section("files");
        config.files.read(files, &mut config.settings.files);
        document.later("mail", SOME_DAY);
        let mut proxy = document.section("proxy");
        set(&mut config.proxies, proxy.ranges("trusted"));
        let for_proxies = |listener: &Listener| listener.proxy_protocol;
        if config.proxies.is_empty() && config.listeners.iter().any(for_proxies) {
            // Nobody could connect there.
            proxy.mistake("trusted", "rule-proxies");
        }
        proxy.finish();
        document.later("cluster", SOME_DAY);
        document.finish();
        config
    }

    /// Reads the files that the configuration names and that the rules depend on.
    ///
    /// # Errors
    /// Names the key and the file, and what is wrong with it.
    pub fn read_files(&mut self, language: Language) -> Result<(), Unusable> {
        if let Some(file) = &self.motd {
            self.settings.motd = Some(crate::motd::read(file, language)?);
        }
        Ok(())
    }

    /// The language in which is told what is in the way of a start.
    pub fn start_language(&self) -> Language {
        self.told_in.unwrap_or(self.settings.language)
    }

    /// Whether the address may speak for others.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|range| range.contains(address))
    }

    fn read_server(&mut self, mut section: Section<'_>) {
        if let Some(name) = section.string("name") {
            let valid =
                name.contains('.') && name.len() <= 63 && !name.starts_with(['.', '-', ':']);
            if !valid
                || !name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
            {
                section.mistake("name", "rule-server-name");
            }
            self.settings.server = name.into();
        }
        if let Some(network) = section.string("network") {
            if network.is_empty()
                || network.len() > 32
                || network.chars().any(|c| c.is_whitespace() || c.is_control())
            {
                section.mistake("network", "rule-network");
            }
            self.settings.network = network.into();
        }
        if let Some(description) = section.string("description") {
            if description.len() > 150 || description.chars().any(char::is_control) {
                section.mistake("description", Rule::from("rule-line").with("max", 150));
            }
            self.settings.description = description.into();
        }
        if let Some(data_dir) = section.string("data_dir") {
            if data_dir.is_empty() {
                section.mistake("data_dir", "rule-folder");
            }
            self.data_dir = PathBuf::from(data_dir);
        }
        let words = &mut self.settings;
        for (key, place) in [
            ("contact", &mut words.contact),
            ("rules", &mut words.rules),
            ("privacy", &mut words.privacy),
        ] {
            if let Some(word) = section.string(key) {
                let max = limits::HOUSE_WORD_BYTES;
                if word.len() > max || word.chars().any(char::is_control) {
                    section.mistake(key, Rule::from("rule-line").with("max", max));
                }
                *place = word.into();
            }
        }
        self.motd = section.string("motd").map(PathBuf::from);
        let casemaps = [
            ("ascii", Ok(Casemap::Ascii)),
            ("precis", Ok(Casemap::Precis)),
        ];
        set(
            &mut self.settings.casemap,
            section.choice("casemapping", &casemaps),
        );
        if let Some(name) = section.string("administration_room") {
            // Nothing, for none.
            let (max, casemap) = (self.settings.limits.channel, self.settings.casemap);
            let parsed = ChannelName::parse(&name, max, casemap).ok();
            if parsed.is_none() && !name.is_empty() {
                section.mistake(
                    "administration_room",
                    Rule::from("rule-room").with("bytes", max),
                );
            }
            self.settings.administration_room = parsed;
        }
        if let Some(modes) = section.string("default_user_modes") {
            let is_mode = |letter: char| USER_MODES.contains(letter);
            let twice = |letter| modes.matches(letter).count() > 1;
            if !modes.chars().all(is_mode) || modes.chars().any(twice) {
                let rule = Rule::from("rule-user-modes").with("modes", USER_MODES);
                section.mistake("default_user_modes", rule);
            }
            self.settings.default_user_modes = modes.into();
        }
        if let Some(words) = section.strings("client_tags_denied") {
            let most = words.len() <= limits::CLIENT_TAGS_DENIED;
            let denied = DeniedClientTags::of(words.iter().map(String::as_str)).filter(|_| most);
            if denied.is_none() {
                let rule = Rule::from("rule-client-tags").with("max", limits::CLIENT_TAGS_DENIED);
                section.mistake("client_tags_denied", rule);
            }
            self.settings.client_tags_denied = denied.unwrap_or_default();
        }
        self.password_hash = section.verifier("password_hash");
        self.settings.server_password = self.password_hash.is_some();
        if let Some(language) = section.choice(
            "language",
            &[("en", Ok(Language::En)), ("fr", Ok(Language::Fr))],
        ) {
            section.speak(language);
            self.has_language = true;
            self.settings.language = language;
        }
        section.finish();
    }

    fn read_tls(&mut self, mut section: Section<'_>) {
        let certificate = section.string("certificate").map(PathBuf::from);
        let key = section.string("key").map(PathBuf::from);
        section.later("acme", CLIENTS);
        self.certificate = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(CertificateFiles { certificate, key }),
            (None, Some(_)) => {
                section.mistake("certificate", "rule-tls-pair");
                None
            }
            (Some(_), None) => {
                section.mistake("key", "rule-tls-pair");
                None
            }
        };
        section.finish();
    }

    fn read_channels(&mut self, mut section: Section<'_>) {
        if let Some(names) = section.strings("auto_join") {
            let (max, casemap) = (self.settings.limits.channel, self.settings.casemap);
            let parsed: Result<Vec<_>, _> = names
                .iter()
                .map(|name| ChannelName::parse(name, max, casemap))
                .collect();
            match parsed {
                Ok(parsed) if parsed.len() <= limits::CHANNELS_PER_USER => {
                    let twice = |index: &usize| parsed[..*index].contains(&parsed[*index]);
                    if let Some(index) = (0..parsed.len()).find(twice) {
                        section.problem("auto_join", Problem::Twice(names[index].clone()));
                    }
                    self.settings.auto_join = parsed;
                }
                _ => {
                    let rule = Rule::from("rule-rooms").with("bytes", self.settings.limits.channel);
                    section.mistake("auto_join", rule.with("max", limits::CHANNELS_PER_USER));
                }
            }
        }
        set(
            &mut self.settings.channel_registration,
            section.boolean("registration"),
        );
        section.finish();
    }

    fn read_history(&mut self, mut section: Section<'_>) {
        section.fixed("enabled", true, SOME_DAY);
        set(
            &mut self.settings.history_max,
            section.number("max_messages", 1..=10_000),
        );
        set(
            &mut self.settings.replay_on_join,
            section.number("replay_on_join", 0..=1_000),
        );
        section.choice("retention", &[("forever", Ok(()))]);
        section.finish();
    }

    fn read_limits(&mut self, mut section: Section<'_>) {
        let limits = &mut self.settings.limits;
        set(&mut limits.nick, section.number("nick", 1..=64));
        set(&mut limits.channel, section.number("channel", 2..=200));
        set(&mut limits.topic, section.number("topic", 1..=390));
        set(&mut limits.kick, section.number("kick", 1..=390));
        set(
            &mut limits.list_modes,
            section.number("list_modes", 1..=10_000),
        );
        set(
            &mut limits.sendq_bytes,
            section.number("sendq_bytes", SENDQ_BYTES_MIN..=1 << 30),
        );
        set(
            &mut limits.sessions_per_ip,
            section.number("sessions_per_ip", 1..=1_000_000),
        );
        set(&mut limits.away, section.number("away", 1..=390));
        set(&mut limits.monitor, section.number("monitor", 1..=1_000));
        set(&mut limits.whowas, section.number("whowas", 0..=10_000));
        set(
            &mut limits.multiline_bytes,
            section.number("multiline_bytes", 4_096..=65_536),
        );
        set(
            &mut limits.multiline_lines,
            section.number("multiline_lines", 32..=1_000),
        );
        let ways = [("refuse", Ok(TooLong::Refuse)), ("cut", Ok(TooLong::Cut))];
        set(&mut limits.too_long, section.choice("too_long", &ways));
        section.later("line", BASE);
        section.finish();
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn set_u32(place: &mut u32, value: Option<usize>) {
    set(place, value.and_then(|value| u32::try_from(value).ok()));
}

#[cfg(test)]
mod tests;
