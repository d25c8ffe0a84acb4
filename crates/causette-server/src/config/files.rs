//! What is kept of files, and how much: `[files]`.

use super::backup::DAYS_MAX;
use super::reader::Section;
use super::rule::Rule;
use super::{backup, set};
use crate::files::guard::GuardSettings;
use crate::files::scan::{ScanSettings, Scanner};
use causette_core::file::AddressKey;
use causette_core::limits::FILES;
use causette_core::settings::{FileSettings, Settings};
use std::path::PathBuf;
use std::time::Duration;

/// The units of a number of bytes.
const UNITS: [(&str, u64); 4] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Bytes of an address that all others begin with: the name of a file and the rest of a line have to stand behind it.
const URL_BYTES: usize = 150;

/// The most bytes that can be said.
const BYTES_MAX: u64 = 1 << 50;

/// The port that nobody needs to say.
const HTTPS: u16 = 443;

/// Where files are, and what stays free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileConfig {
    /// The share of its disk that stays free, in percent. `files.disk_floor`.
    pub disk_floor: u8,
    /// Whether `files.url` was said.
    pub has_url: bool,
    /// The folder whose files are offered to all. `files.offered`.
    pub offered: Option<PathBuf>,
    /// What is asked of a file before others see it.
    pub guards: GuardSettings,
}

impl Default for FileConfig {
    fn default() -> Self {
        Self {
            disk_floor: 5,
            has_url: false,
            offered: None,
            guards: GuardSettings::default(),
        }
    }
}

impl FileConfig {
    /// Reads `[files]`.
    pub(super) fn read(&mut self, mut section: Section<'_>, settings: &mut FileSettings) {
        if let Some(url) = section.string("url") {
            match origin(&url) {
                Some(url) => {
                    self.has_url = true;
                    settings.url = url.into();
                }
                None => section.mistake("url", "rule-files-url"),
            }
        }
        for (key, place) in [
            ("max_size", &mut settings.file_bytes),
            ("quota", &mut settings.account_bytes),
            ("daily", &mut settings.day_bytes),
        ] {
            let Some(said) = section.string(key) else {
                continue;
            };
            match bytes(&said) {
                Some(bytes) => *place = bytes,
                None => section.mistake(key, "rule-bytes"),
            }
        }
        let files = section.number("quota_files", 0..=FILES);
        set(&mut settings.account_files, files);
        let floor = section.number("disk_floor", 0..=90);
        let mut keep = section.section("keep");
        for (key, place) in [
            ("public", &mut settings.keep.public),
            ("room", &mut settings.keep.room),
            ("link", &mut settings.keep.link),
            ("private", &mut settings.keep.private),
        ] {
            let Some(said) = keep.string(key) else {
                continue;
            };
            match backup::duration(&said) {
                Some(kept) => *place = kept.as_secs(),
                None if said == "0" => *place = 0,
                None => keep.mistake(key, Rule::from("rule-kept").with("days", DAYS_MAX)),
            }
        }
        keep.finish();
        set(
            &mut self.disk_floor,
            floor.and_then(|floor| u8::try_from(floor).ok()),
        );
        if let Some(folder) = section.string("offered").map(PathBuf::from) {
            if folder.is_absolute() {
                self.offered = Some(folder);
            } else {
                section.mistake("offered", "rule-whole-path");
            }
        }
        let clean = section.boolean("clean_pictures");
        set(&mut self.guards.clean_pictures, clean);
        // Those who arrive are cleaned by the server; which of the others may be shown to more people, the core says.
        set(&mut settings.clean_pictures, clean);
        scan(section.section("scan"), &mut self.guards.scan);
        section.finish();
    }
}

/// Reads `[files.scan]`.
fn scan(mut section: Section<'_>, settings: &mut ScanSettings) {
    if let Some(daemon) = section.string("clamd") {
        match (daemon.strip_prefix("unix:"), daemon.strip_prefix("tcp:")) {
            (Some(path), _) if path.starts_with('/') => {
                settings.scanners.push(Scanner::ClamdAt(path.into()));
            }
            (_, Some(address)) if is_address(address) => {
                settings.scanners.push(Scanner::ClamdOn(address.into()));
            }
            _ => section.mistake("clamd", "rule-clamd"),
        }
    }
    if let Some(words) = section.strings("command") {
        let is_whole = words
            .first()
            .is_some_and(|program| program.starts_with('/'));
        if is_whole && words.iter().any(|word| word == "{path}") {
            settings.scanners.push(Scanner::Command(words));
        } else {
            section.mistake("command", "rule-scan-command");
        }
    }
    match section.string("on_failure").as_deref() {
        None | Some("refuse") => {}
        Some("accept") => settings.open = true,
        Some(_) => section.mistake("on_failure", "rule-scan-failure"),
    }
    let seconds = section.number("timeout", 1..=600);
    let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
    set(&mut settings.timeout, seconds.map(Duration::from_secs));
    if let Some(said) = section.string("max_size") {
        match bytes(&said) {
            Some(bytes) => settings.bytes_max = bytes,
            None => section.mistake("max_size", "rule-bytes"),
        }
    }
    section.finish();
}

/// Whether a text is a host and a port.
fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once(':');
    parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

impl FileConfig {
    /// What no configuration says: by what addresses are signed; and where nobody has said where files are, they are where people come to
    /// with TLS: at that port, where it is known.
    pub(crate) fn settle(&self, settings: &mut Settings, port: Option<u16>, key: AddressKey) {
        settings.files.key = key;
        if self.has_url {
            return;
        }
        let server = &settings.server;
        settings.files.url = match port {
            None | Some(HTTPS) => format!("https://{server}").into(),
            Some(port) => format!("https://{server}:{port}").into(),
        };
    }
}

/// How many bytes a text says: a whole number with a unit, or 0.
fn bytes(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let (unit, factor) = UNITS.iter().find(|(unit, _)| text.ends_with(unit))?;
    let number = text.strip_suffix(unit)?.trim_end();
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let bytes = number.parse::<u64>().ok()?.checked_mul(*factor)?;
    (bytes <= BYTES_MAX).then_some(bytes)
}

/// The address as all others begin with it: a scheme, a host, perhaps a port, perhaps a path, without a slash at the end.
fn origin(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let is_plain = rest.bytes().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'/' | b'_' | b'~')
    });
    let is_host = rest.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[');
    (is_plain && is_host && url.len() <= URL_BYTES).then(|| url.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Config;

    #[test]
    fn bytes_are_said_with_their_unit() {
        for (text, said) in [
            ("0", Some(0)),
            ("1KiB", Some(1024)),
            ("100 MiB", Some(100 << 20)),
            ("2GiB", Some(2 << 30)),
            ("1024TiB", Some(1 << 50)),
            ("1025TiB", None),
            ("100", None),
            ("100MB", None),
            ("-1MiB", None),
            ("MiB", None),
            ("99999999999999999999KiB", None),
        ] {
            assert_eq!(bytes(text), said, "{text}");
        }
    }

    #[test]
    fn what_is_said_of_files_is_in_force() {
        let text = "[files]\nurl = \"https://files.example.org/\"\nmax_size = \"2GiB\"\nquota = \"10GiB\"\nquota_files = 7\ndaily = \"5GiB\"\ndisk_floor = 10\nkeep = { link = \"30d\", public = \"0\" }";
        let config = Config::parse(text).unwrap();
        let expected = FileConfig {
            disk_floor: 10,
            has_url: true,
            ..FileConfig::default()
        };
        assert_eq!(config.files, expected);
        let settings = &config.settings.files;
        assert_eq!(settings.url, "https://files.example.org");
        assert_eq!(settings.file_bytes, 2 << 30);
        assert_eq!(settings.account_bytes, 10 << 30);
        assert_eq!(settings.day_bytes, 5 << 30);
        assert_eq!(settings.account_files, 7);
        assert_eq!((settings.keep.link, settings.keep.public), (30 * 86_400, 0));
    }

    #[test]
    fn who_looks_for_harm_is_named() {
        let text = "[files]\noffered = \"/srv/shared\"\nclean_pictures = false\n[files.scan]\nclamd = \"unix:/run/clamd.ctl\"\ncommand = [\"/bin/scan\", \"{path}\"]\non_failure = \"accept\"\ntimeout = 5\nmax_size = \"1GiB\"";
        let files = Config::parse(text).unwrap().files;
        let expected = ScanSettings {
            scanners: vec![
                Scanner::ClamdAt("/run/clamd.ctl".into()),
                Scanner::Command(vec!["/bin/scan".into(), "{path}".into()]),
            ],
            open: true,
            timeout: Duration::from_secs(5),
            bytes_max: 1 << 30,
        };
        assert_eq!(files.guards.scan, expected);
        assert!(!files.guards.clean_pictures);
        assert!(!Config::parse(text).unwrap().settings.files.clean_pictures);
        assert_eq!(files.offered, Some(PathBuf::from("/srv/shared")));
    }

    #[test]
    fn where_files_are_is_known_without_being_said() {
        let settled = |text: &str, port| {
            let mut config = Config::parse(text).unwrap();
            config
                .files
                .settle(&mut config.settings, port, AddressKey::default());
            config.settings.files.url
        };
        let named = "[server]\nname = \"chat.example.org\"";
        for (port, url) in [
            (Some(52020), "https://chat.example.org:52020"),
            (Some(443), "https://chat.example.org"),
            (None, "https://chat.example.org"),
        ] {
            assert_eq!(settled(named, port), url);
        }
        let said = "[files]\nurl = \"https://files.example.org/a\"";
        assert_eq!(settled(said, Some(1)), "https://files.example.org/a");
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (text, key) in [
            ("url = \"files.example.org\"", "files.url"),
            ("url = \"https://a b\"", "files.url"),
            ("url = \"https://a?b\"", "files.url"),
            ("max_size = \"much\"", "files.max_size"),
            ("quota = \"1\"", "files.quota"),
            ("daily = \"\"", "files.daily"),
            ("quota_files = 100001", "files.quota_files"),
            ("disk_floor = 91", "files.disk_floor"),
            ("keep = { room = \"long\" }", "files.keep.room"),
            ("offered = \"shared\"", "files.offered"),
            ("clean_pictures = 1", "files.clean_pictures"),
            ("[files.scan]\nclamd = \"/run/clamd\"", "files.scan.clamd"),
            ("[files.scan]\nclamd = \"tcp:3310\"", "files.scan.clamd"),
            (
                "[files.scan]\ncommand = [\"scan\", \"{path}\"]",
                "files.scan.command",
            ),
            (
                "[files.scan]\ncommand = [\"/bin/scan\"]",
                "files.scan.command",
            ),
            (
                "[files.scan]\non_failure = \"maybe\"",
                "files.scan.on_failure",
            ),
            ("[files.scan]\ntimeout = 0", "files.scan.timeout"),
            ("[files.scan]\nmax_size = \"1\"", "files.scan.max_size"),
        ] {
            let mistakes = Config::parse(&format!("[files]\n{text}")).unwrap_err();
            let keys: Vec<_> = mistakes.iter().map(|mistake| &*mistake.key).collect();
            assert_eq!(keys, [key]);
        }
    }
}
