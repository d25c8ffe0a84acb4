//! The page itself: one table for each kind of entry, as Markdown.

use crate::people::People;
use crate::replies::REPLIES;
use crate::setters::{Setter, setter};
use crate::sources;
use causette_core::commands::{COMMANDS, Needs};
use causette_core::isupport::TOKENS;
use causette_core::modes::{CHANNEL_MODES, Mode, USER_MODES};
use causette_core::settings::Settings;
use causette_proto::Capability;
use causette_proto::mode::Arity;
use causette_text::Language;
use causette_text::{has_text, text_with};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A page being written.
pub(crate) struct Page {
    language: Language,
    text: String,
    /// The keys of the texts that it used.
    used: BTreeSet<String>,
}

/// The keys of all texts that the page uses.
pub(crate) fn keys() -> BTreeSet<String> {
    Page::of(Language::En).used
}

impl Page {
    /// The page in a language, and the keys that have no text in it.
    pub(crate) fn write(language: Language) -> (String, Vec<String>) {
        let page = Self::of(language);
        let missing = page.used.iter();
        let missing = missing.filter(|key| !has_text(language, key)).cloned();
        (page.text, missing.collect())
    }

    fn of(language: Language) -> Self {
        let mut page = Self {
            language,
            text: String::new(),
            used: BTreeSet::new(),
        };
        page.opening();
        page.commands();
        page.channel_modes();
        page.user_modes();
        page.capabilities();
        page.tokens();
        page.numerics();
        page.replies();
        page
    }

    fn opening(&mut self) {
        let title = self.say("page-title");
        let about = sentences(&self.say("page-about"));
        let overview = self.say("page-overview");
        let here = self.language.tag();
        self.text
            .push_str("<!-- Written by UPDATE_EXPECT=1 cargo test -p causette-core --test protocol: change the code, not this file. -->\n");
        let _ = write!(
            self.text,
            "\n# {title}\n\n{about}\n{overview} [docs/{here}/protocol.md](../{here}/protocol.md).\n"
        );
        for other in Language::ALL
            .into_iter()
            .filter(|tag| *tag != self.language)
        {
            let title = text_with(other, "page-title", &[]);
            let _ = writeln!(self.text, "[{title}]({}.md).", other.tag());
        }
    }

    fn commands(&mut self) {
        self.section("page-commands", Some("page-commands-about"));
        self.head(&["command", "who", "effect", "spec"]);
        for command in COMMANDS {
            let who = match command.needs {
                Needs::Nothing => "page-needs-nothing",
                Needs::Welcome => "page-needs-welcome",
                Needs::Online => "page-needs-online",
                Needs::OnlineOr(_) => "page-needs-online-or",
                Needs::Right(_) => "page-needs-operator",
            };
            let (who, effect) = (self.say(who), self.say(command.summary));
            // HELP goes on with the modes, which have tables of their own here.
            let effect = effect.trim_end_matches([':', ' ', '.']).to_owned() + ".";
            self.row([code(command.syntax), who, effect, link(command.spec)]);
        }
    }

    fn channel_modes(&mut self) {
        self.section("page-channel-modes", Some("page-channel-modes-about"));
        self.modes(CHANNEL_MODES, |mode| match (mode.needs, mode.arity) {
            (None, _) => "page-argument-member",
            (_, Arity::List) => "page-argument-list",
            (_, Arity::Always) => "page-argument-always",
            (_, Arity::WhenSet) => "page-argument-when-set",
            (_, Arity::Never) => "page-argument-never",
        });
    }

    fn user_modes(&mut self) {
        self.section("page-user-modes", Some("page-user-modes-about"));
        self.modes(USER_MODES, |_| "page-argument-never");
    }

    fn modes(&mut self, modes: &[Mode], argument: impl Fn(&Mode) -> &'static str) {
        self.head(&["mode", "argument", "setter", "effect", "spec"]);
        for mode in modes {
            let setter = match setter(modes, mode) {
                Setter::Rank(rank) => {
                    let rank = rank.to_string();
                    self.say_with("page-setter-rank", &[("rank", &rank)])
                }
                Setter::Oneself => self.say("page-setter-self"),
                Setter::Operator => self.say("page-setter-operator"),
                Setter::Oper => self.say("page-setter-oper"),
                Setter::Server => self.say("page-setter-server"),
            };
            let cells = [
                code(&mode.letter.to_string()),
                self.say(argument(mode)),
                setter,
                self.say(mode.summary),
                link(mode.spec),
            ];
            self.row(cells);
        }
    }

    fn capabilities(&mut self) {
        self.section("page-capabilities", Some("page-capabilities-about"));
        self.head(&["capability", "value", "effect", "spec"]);
        let values = advertised();
        assert_eq!(values.len(), Capability::ALL.len(), "{values:?}");
        for capability in Capability::ALL {
            let name = capability.name();
            let effect = self.say(&key("capability", name));
            let value = code(&values[name]);
            self.row([code(name), value, effect, link(capability.spec_url())]);
        }
    }

    fn tokens(&mut self) {
        self.section("page-tokens", Some("page-tokens-about"));
        self.head(&["token", "value", "meaning", "spec"]);
        let settings = Settings::default();
        for token in TOKENS {
            let meaning = self.say(token.summary);
            let value = code(&token.value(&settings).unwrap_or_default());
            self.row([code(token.name), value, meaning, link(token.spec)]);
        }
    }

    fn numerics(&mut self) {
        self.section("page-numerics", Some("page-numerics-about"));
        self.head(&["number", "name", "meaning", "spec"]);
        for numeric in sources::numerics() {
            let name = numeric.name();
            let meaning = self.say(&key("numeric", name));
            let number = code(&numeric.to_string());
            self.row([number, code(name), meaning, link(&numeric.spec_url())]);
        }
    }

    fn replies(&mut self) {
        self.section("page-replies", Some("page-replies-about"));
        self.head(&["kind", "command", "code", "meaning", "spec"]);
        for reply in REPLIES {
            let cells = [
                code(reply.kind),
                code(reply.command),
                code(reply.code),
                self.say(&key("reply", reply.code)),
                link(reply.spec),
            ];
            self.row(cells);
        }
    }

    fn section(&mut self, title: &str, about: Option<&str>) {
        let title = self.say(title);
        let _ = write!(self.text, "\n## {title}\n\n");
        if let Some(about) = about {
            let about = sentences(&self.say(about));
            let _ = write!(self.text, "{about}\n\n");
        }
    }

    fn head<const COLUMNS: usize>(&mut self, columns: &[&str; COLUMNS]) {
        let titles = columns.map(|column| self.say(&key("page-column", column)));
        self.row(titles);
        self.row([(); COLUMNS].map(|()| "---".to_owned()));
    }

    fn row<const COLUMNS: usize>(&mut self, cells: [String; COLUMNS]) {
        // A bar would end the cell, also between backticks.
        let cells = cells.map(|cell| cell.replace('|', r"\|").replace('\n', " "));
        let _ = writeln!(self.text, "| {} |", cells.join(" | "));
    }

    fn say(&mut self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// A text; its key in place of one that is missing.
    fn say_with(&mut self, key: &str, variables: &[(&str, &str)]) -> String {
        self.used.insert(key.to_owned());
        if has_text(self.language, key) {
            text_with(self.language, key, variables)
        } else {
            key.to_owned()
        }
    }
}

/// The key of an entry's text: `numeric-rpl-welcome`, `capability-soju-im-no-implicit-names`.
fn key(kind: &str, name: &str) -> String {
    let name = name.to_ascii_lowercase().replace(['_', '/', '.'], "-");
    format!("{kind}-{name}")
}

/// A text with each sentence on a line of its own, so that a change shows what has changed.
fn sentences(text: &str) -> String {
    text.replace(". ", ".\n")
}

/// What stands on the wire; nothing where there is nothing.
fn code(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("`{text}`")
    }
}

/// A link that is called by its last word, or by its host where that is no word.
fn link(url: &str) -> String {
    let mut parts = url.trim_start_matches("https://").split('/');
    let host = parts.next().unwrap_or_default();
    let last = parts
        .next_back()
        .unwrap_or_default()
        .trim_start_matches('#');
    let is_word = !last.chars().all(|char| char.is_ascii_hexdigit());
    format!("[{}]({url})", if is_word { last } else { host })
}

/// The capabilities with their values, as a server without a configuration lists them.
fn advertised() -> BTreeMap<String, String> {
    let mut people = People::new(Settings {
        public_port: Some(6697),
        ..Settings::default()
    });
    let client = people.connect();
    let answer = people.say(client, "CAP LS 302");
    answer
        .lines()
        .filter_map(|line| line.rsplit_once(':'))
        .flat_map(|(_, words)| words.split_ascii_whitespace())
        .map(|word| {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            (name.to_owned(), value.to_owned())
        })
        .collect()
}
