//! Settings for tests.

use causette_core::file::AddressKey;
use causette_core::settings::{FileSettings, OperatorSettings, Settings};
use causette_proto::{Casemap, CompactString};

/// Every other seed has names of every script.
pub(crate) fn casemap(seed: u64) -> Casemap {
    if seed % 2 == 1 {
        Casemap::Precis
    } else {
        Casemap::Ascii
    }
}

/// Settings for tests: as by default.
pub(crate) fn settings() -> Settings {
    Settings {
        server: CompactString::const_new("irc.test"),
        version: CompactString::const_new("causette-test"),
        operators: vec![OperatorSettings {
            name: CompactString::const_new("boss"),
            class: CompactString::const_new("admin"),
        }],
        files: FileSettings {
            url: CompactString::const_new("https://irc.test"),
            key: AddressKey::new([7; 32]),
            ..FileSettings::default()
        },
        ..Settings::default()
    }
}
