//! Completing the word before the cursor: commands, people, channels.

use crate::core::buffer::BufferKind;
use crate::core::client::Client;
use crate::core::command::COMMANDS;
use causette_text::Language;

/// Candidates at most.
const CANDIDATES_MAX: usize = 50;

/// A word that is being completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What stands before the word.
    pub before: String,
    /// What stands behind the cursor.
    pub after: String,
    /// What it may become, with a word about it.
    pub candidates: Vec<(String, String)>,
    /// Which one is chosen.
    pub chosen: usize,
}

impl Completion {
    /// Begins to complete the word before the cursor; `None` when there is nothing that fits.
    pub fn begin(client: &Client, before: &str, after: &str) -> Option<Self> {
        let start = before
            .rfind(char::is_whitespace)
            .map_or(0, |index| index + 1);
        let (line, word) = before.split_at(start);
        if word.is_empty() {
            return None;
        }
        let candidates = candidates(client, word, line.trim().is_empty());
        (!candidates.is_empty()).then(|| Self {
            before: line.to_owned(),
            after: after.to_owned(),
            candidates,
            chosen: 0,
        })
    }

    /// A word that becomes one of these.
    pub fn of(before: &str, after: &str, mut candidates: Vec<(String, String)>) -> Option<Self> {
        candidates.truncate(CANDIDATES_MAX);
        (!candidates.is_empty()).then(|| Self {
            before: before.to_owned(),
            after: after.to_owned(),
            candidates,
            chosen: 0,
        })
    }

    /// The next candidate, or the one before.
    pub fn turn(&mut self, step: isize) {
        let count = self.candidates.len().cast_signed();
        self.chosen = (self.chosen.cast_signed() + step)
            .rem_euclid(count)
            .cast_unsigned();
    }

    /// The line with the chosen candidate in it, up to the cursor.
    pub fn line(&self) -> String {
        format!("{}{}", self.before, self.candidates[self.chosen].0)
    }
}

fn candidates(client: &Client, word: &str, is_first: bool) -> Vec<(String, String)> {
    let locale = &client.settings().locale;
    let begins = |text: &str, begun: &str| text.to_lowercase().starts_with(&begun.to_lowercase());
    let mut found: Vec<(String, String)> = Vec::new();
    if is_first {
        for known in COMMANDS {
            let name = format!("/{}", known.name);
            if begins(&name, word) {
                found.push((format!("{name} "), locale.text(known.summary)));
            }
            if let Some((hash, _)) = &known.hash
                && client.settings().spelling.hash
                && begins(&format!("#{hash}"), word)
            {
                found.push((format!("#{hash} "), locale.text(known.summary)));
            }
        }
    }
    let begun = word.strip_prefix('@').unwrap_or(word);
    let mark = if word.starts_with('@') { "@" } else { "" };
    // As each language writes what follows a name.
    let address = match (is_first && mark.is_empty(), locale.language) {
        (true, Language::Fr) => " : ",
        (true, Language::En) => ": ",
        (false, _) => " ",
    };
    let current = client.current();
    let members = current.members.values().map(|member| member.nick.as_str());
    let peer = Some(current.name.as_str()).filter(|_| current.kind == BufferKind::Query);
    for nick in members.chain(peer) {
        if !begun.is_empty() && begins(nick, begun) && !client.is_me(nick) {
            found.push((format!("{mark}{nick}{address}"), String::new()));
        }
    }
    for buffer in client.buffers().iter().skip(1) {
        if begins(&buffer.name, word) && buffer.kind == BufferKind::Channel {
            found.push((format!("{} ", buffer.name), String::new()));
        }
    }
    found.truncate(CANDIDATES_MAX);
    found
}
