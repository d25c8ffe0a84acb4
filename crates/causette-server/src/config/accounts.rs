//! Who may have an account, and what it is to have one.

use super::reader::Section;
use super::rule::Rule;
use super::{Config, set, set_u32};
use causette_core::limits;
use causette_core::reserved::ReservedNames;
use causette_core::settings::{AccountNick, AlwaysOn, Registration};
use causette_proto::AccountName;

impl Config {
    pub(super) fn read_accounts(&mut self, mut section: Section<'_>) {
        let settings = &mut self.settings;
        set(&mut settings.accounts_required, section.boolean("required"));
        let registrations = Registration::ALL.map(|one| (one.name(), Ok(one)));
        set(
            &mut settings.registration,
            section.choice("registration", &registrations),
        );
        set(&mut settings.login, section.login("login"));
        set(
            &mut settings.registration_before_connect,
            section.boolean("registration_before_connect"),
        );
        set(
            &mut settings.email_required,
            section.boolean("email_required"),
        );
        set(
            &mut settings.weak_passwords,
            section.boolean("weak_passwords"),
        );
        set(
            &mut settings.password_min,
            section.number("password_min", 1..=128),
        );
        let nicks = AccountNick::ALL.map(|one| (one.name(), Ok(one)));
        set(&mut settings.account_nick, section.choice("nick", &nicks));
        set(
            &mut settings.nick_reservation,
            section.boolean("nick_reservation"),
        );
        if let Some(names) = section.strings("reserved_names") {
            let casemap = settings.casemap;
            let is_name = |name: &String| AccountName::parse(name, 64, casemap).is_ok();
            if names.len() <= limits::RESERVED_NAMES && names.iter().all(is_name) {
                settings.reserved_names = ReservedNames::of(names.iter().map(String::as_str));
            } else {
                let rule = Rule::from("rule-names").with("max", limits::RESERVED_NAMES);
                section.mistake("reserved_names", rule);
            }
        }
        let always_on = [
            ("opt-out", Ok(AlwaysOn::OptOut)),
            ("opt-in", Ok(AlwaysOn::OptIn)),
            ("off", Ok(AlwaysOn::Off)),
        ];
        set(
            &mut settings.always_on,
            section.choice("always_on", &always_on),
        );
        set(&mut settings.scram, section.boolean("scram"));
        let mut argon2 = section.section("argon2");
        let cost = &mut self.argon2;
        set_u32(&mut cost.parallelism, argon2.number("parallelism", 1..=16));
        // The algorithm needs eight blocks of a KiB for each lane.
        let memory_min = 8 * cost.parallelism as usize;
        set_u32(
            &mut cost.memory_kib,
            argon2.number("memory_kib", memory_min..=1 << 20),
        );
        set_u32(&mut cost.iterations, argon2.number("iterations", 1..=100));
        argon2.finish();
        section.finish();
    }
}
