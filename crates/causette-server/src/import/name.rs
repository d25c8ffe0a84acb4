//! What an account of an older program is called here: the same where that can be, and else a name made of it, always the same one.

use causette_core::reserved;
use causette_core::settings::Settings;
use causette_core::snapshot::Snapshot;
use causette_proto::confusable::skeleton;
use causette_proto::{AccountName, Casemap, CompactString};
use causette_text::text;
use std::collections::HashSet;

/// Letters with something on them, and what is left of them where names are ASCII.
const PLAIN: [(&str, &str); 14] = [
    ("àâäáãå", "a"),
    ("ÀÂÄÁÃÅ", "A"),
    ("éèêë", "e"),
    ("ÉÈÊË", "E"),
    ("îïíì", "i"),
    ("ÎÏÍÌ", "I"),
    ("ôöóòõø", "o"),
    ("ÔÖÓÒÕØ", "O"),
    ("ûüùú", "u"),
    ("ÛÜÙÚ", "U"),
    ("ç", "c"),
    ("Ç", "C"),
    ("ñ", "n"),
    ("œ", "oe"),
];

/// Why a name is not the one that somebody had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    /// Nobody can be called so.
    Form,
    /// It is kept for those who run the server.
    Kept,
    /// Somebody has it, or one that looks like it.
    Taken,
}

/// The names that are taken.
pub(super) struct Names<'a> {
    settings: &'a Settings,
    /// What somebody is called of whose name nothing can be kept, in the language of who imports.
    nameless: String,
    keys: HashSet<CompactString>,
    /// What they look like, where that matters.
    looks: HashSet<CompactString>,
}

impl<'a> Names<'a> {
    /// Those that are taken already: of accounts, and nicknames that people of accounts go by.
    pub(super) fn of(snapshot: &Snapshot, settings: &'a Settings) -> Self {
        let mut names = Self {
            settings,
            nameless: text(settings.language, "import-nameless"),
            keys: HashSet::new(),
            looks: HashSet::new(),
        };
        for account in &snapshot.accounts {
            names.add(account.name.as_str(), account.name.key());
            names.add(account.nick.as_str(), account.nick.key());
        }
        names
    }

    fn add(&mut self, spelled: &str, key: &str) {
        self.keys.insert(key.into());
        if self.settings.casemap == Casemap::Precis {
            self.looks.insert(skeleton(spelled));
            self.looks.insert(skeleton(key));
        }
    }

    /// Takes the name, or one made of it, and says why where it is not the same.
    pub(super) fn take(&mut self, wanted: &str) -> (AccountName, Option<Changed>) {
        let changed = match self.parse(wanted) {
            None => Changed::Form,
            Some(name) => match self.refused(&name) {
                None => {
                    self.add(name.as_str(), name.key());
                    return (name, None);
                }
                Some(changed) => changed,
            },
        };
        let form = self.formed(wanted);
        let mut number = 1_u32;
        loop {
            let suffix = match number {
                1 => String::new(),
                number => format!("-{number}"),
            };
            let cut = self.settings.limits.nick.saturating_sub(suffix.len());
            let begin = causette_proto::split::cut(&form, cut);
            let name = self.parse(&format!("{begin}{suffix}"));
            let name = name.or_else(|| self.parse(&format!("{}{suffix}", self.nameless)));
            if let Some(name) = name
                && self.refused(&name).is_none()
            {
                self.add(name.as_str(), name.key());
                return (name, Some(changed));
            }
            number += 1;
        }
    }

    fn parse(&self, name: &str) -> Option<AccountName> {
        let (max, casemap) = (self.settings.limits.nick, self.settings.casemap);
        AccountName::parse(name, max, casemap).ok()
    }

    fn refused(&self, name: &AccountName) -> Option<Changed> {
        let casemap = self.settings.casemap;
        let text = name.as_str();
        if self.settings.reserved_names.holds(text)
            || reserved::is_taken(casemap, text)
            || reserved::looks_taken(text)
        {
            return Some(Changed::Kept);
        }
        let looks = casemap == Casemap::Precis
            && (self.looks.contains(&skeleton(text)) || self.looks.contains(&skeleton(name.key())));
        (looks || self.keys.contains(name.key())).then_some(Changed::Taken)
    }

    /// The name with what cannot be in one put aside: blanks become `-`, and letters lose what is on them where names are ASCII.
    fn formed(&self, wanted: &str) -> String {
        let mut formed = String::new();
        for char in wanted.trim().chars() {
            let mut bytes = [0; 4];
            let same: &str = char.encode_utf8(&mut bytes);
            let plain = PLAIN.iter().find(|(with, _)| with.contains(char));
            let may_stay = self.parse(&format!("x{same}")).is_some();
            match (may_stay, plain) {
                (true, _) => formed.push_str(same),
                (false, Some((_, plain))) => formed.push_str(plain),
                (false, None) if !formed.ends_with('-') => formed.push('-'),
                (false, None) => {}
            }
        }
        let formed = formed.trim_matches('-');
        let is_first = |char: char| self.parse(char.encode_utf8(&mut [0; 4])).is_some();
        match formed.chars().next() {
            None => self.nameless.clone(),
            Some(first) if is_first(first) => formed.to_owned(),
            Some(_) => format!("{}-{formed}", self.nameless),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use causette_text::Language;

    fn taken(names: &mut Names<'_>, wanted: &str) -> (String, Option<Changed>) {
        let (name, changed) = names.take(wanted);
        (name.as_str().to_owned(), changed)
    }

    #[test]
    fn a_name_stays_or_is_made_fit_the_same_way_each_time() {
        for (language, nameless) in [(Language::Fr, "membre"), (Language::En, "member")] {
            let settings = Settings {
                language,
                ..Settings::default()
            };
            let mut names = Names::of(&Snapshot::default(), &settings);
            for (wanted, name, changed) in [
                ("mimi", "mimi", None),
                ("Jean Paul", "Jean-Paul", Some(Changed::Form)),
                ("Éloïse", "Eloise", Some(Changed::Form)),
                ("éé", "ee", Some(Changed::Form)),
                ("MIMI", "MIMI-2", Some(Changed::Taken)),
                ("mimi", "mimi-3", Some(Changed::Taken)),
                ("admin", "admin-2", Some(Changed::Kept)),
                ("NickServ", "NickServ-2", Some(Changed::Kept)),
                ("2pac", &format!("{nameless}-2pac"), Some(Changed::Form)),
                ("", nameless, Some(Changed::Form)),
                ("日本", &format!("{nameless}-2"), Some(Changed::Form)),
                ("a  b!", "a-b", Some(Changed::Form)),
            ] {
                let expected = (name.to_owned(), changed);
                assert_eq!(taken(&mut names, wanted), expected, "{wanted}");
            }
            let long = "x".repeat(100);
            let (name, changed) = taken(&mut names, &long);
            assert_eq!(
                (name.len(), changed),
                (settings.limits.nick, Some(Changed::Form))
            );
            let (second, _) = taken(&mut names, &long);
            assert!(second.ends_with("x-2") && second.len() == settings.limits.nick);
        }
    }

    #[test]
    fn where_names_have_letters_of_every_script_they_stay_and_none_looks_like_another() {
        let settings = Settings {
            casemap: Casemap::Precis,
            ..Settings::default()
        };
        let mut names = Names::of(&Snapshot::default(), &settings);
        for (wanted, name, changed) in [
            ("Éloïse", "Éloïse", None),
            ("日本", "日本", None),
            ("paul", "paul", None),
            ("pаul", "pаul-2", Some(Changed::Taken)),
            ("Jean Paul", "Jean-Paul", Some(Changed::Form)),
        ] {
            let expected = (name.to_owned(), changed);
            assert_eq!(taken(&mut names, wanted), expected, "{wanted}");
        }
    }
}
