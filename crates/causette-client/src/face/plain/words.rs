//! An entry in words, and whether its time is said.

use super::{Plain, SILENCE, Times};
use crate::core::entry::{Entry, Said};
use crate::core::wording::{reactions_of, spoken, text_of};
use crate::driver::now;

impl Plain {
    pub(super) fn words(&self, said: &Said, is_private: bool, peer: &str) -> String {
        let locale = self.driver.locale();
        let mut words = if is_private && said.is_mine {
            format!(
                "{}{}",
                locale.text_with("client-prompt-to", &[("name", peer)]),
                text_of(said, locale)
            )
        } else if is_private {
            let text = text_of(said, locale);
            locale.text_with(
                "client-said-privately",
                &[("nick", &said.from), ("text", &text)],
            )
        } else {
            spoken(said, locale)
        };
        let reactions = reactions_of(said);
        if !reactions.is_empty() {
            words.push_str(&format!("  [{reactions}]"));
        }
        words.replace('\n', "\n  ")
    }

    pub(super) fn set_times(&mut self, setting: &str) {
        self.times = match setting.trim() {
            "on" => Times::On,
            "off" => Times::Off,
            _ => Times::Gap,
        };
    }

    pub(super) fn with_time(&mut self, entry: &Entry, line: String) -> String {
        let locale = self.driver.locale();
        let (year, month, day) = locale.day(entry.time);
        let mut hour = locale.hour(entry.time);
        // It may be one that was missed.
        if entry.is_alert() && (year, month, day) != locale.day(now()) {
            hour = format!("{year:04}-{month:02}-{day:02} {hour}");
        }
        let was_silent = entry.time.since(self.said_last) >= SILENCE;
        self.said_last = self.said_last.max(entry.time);
        match self.times {
            Times::On => format!("[{hour}] {line}"),
            Times::Gap if was_silent => format!("{line} ({hour})"),
            Times::Off | Times::Gap => line,
        }
    }
}
