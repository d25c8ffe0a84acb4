//! What may be asked, as the table of [`VERBS`] tells it.

use super::fields::Fields;
use super::verbs::VERBS;
use super::wanted::Wanted;
use causette_core::right::Scope;

/// Something that may be asked.
#[derive(Debug)]
pub struct Verb {
    /// By what it is asked for. A point stands between a group and a verb of that group.
    pub name: &'static str,
    /// The key of its summary.
    pub about: &'static str,
    /// What it does.
    pub nature: Nature,
    /// What is said with it, in the order in which it is written.
    pub fields: &'static [Field],
    /// How the console calls it.
    pub spellings: &'static [Spelling],
    /// What is to be done, from fields that were checked.
    pub(super) wanted: fn(&mut Fields<'_>) -> Wanted,
}

/// What a verb does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Nothing but tell.
    Tells,
    /// Something that can be taken back.
    Acts,
    /// Something that somebody suffers or that cannot be taken back: whoever asks for it at a terminal is asked again.
    Harms,
    /// Something that another command has done already, and that is to be entered: nobody asks for it by itself.
    Notes,
}

/// Something that is said with a verb.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it must be there.
    pub is_required: bool,
    /// Whether the command line wants its name before it.
    pub is_option: bool,
    /// The key of what stands for its value in a usage.
    pub value: &'static str,
    /// The key of its summary.
    pub about: &'static str,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A word without blanks.
    Word,
    /// The name of a room.
    Room,
    /// Words with commas between them; on a command line blanks do as well.
    Words,
    /// Words, to the end of the line.
    Text,
    /// A length of time.
    Span,
    /// A number.
    Number,
    /// A length in bytes.
    Size,
    /// A SHA-256 in hexadecimal.
    Digest,
    /// What a token is good for: words with commas between them.
    Scopes,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A password: no command line takes it.
    Secret,
    /// Yes or no.
    Flag,
}

/// A word by which the console knows a verb, with what that says already.
#[derive(Debug)]
pub struct Spelling {
    /// The word, as it is shown.
    pub word: &'static str,
    /// The fields that it fills.
    pub fills: &'static [(&'static str, &'static str)],
}

impl FieldKind {
    /// The words of which one is to be said, or several; none where it takes others.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::OneOf(words) => words.to_vec(),
            Self::Scopes => Scope::ALL.map(Scope::name).to_vec(),
            _ => Vec::new(),
        }
    }
}

impl Verb {
    /// The verb of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.name == name)
    }

    /// The group that it belongs to, where it does, and its name in it.
    pub fn place(&self) -> (Option<&'static str>, &'static str) {
        match self.name.split_once('.') {
            Some((group, name)) => (Some(group), name),
            None => (None, self.name),
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Spelling {
    pub(super) const fn plain(word: &'static str) -> Self {
        Self { word, fills: &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::super::verbs::{ACTIONS, REGISTRATIONS, ROLES};
    use super::*;
    use causette_core::filter::FilterAction;
    use causette_core::right::Role;
    use causette_core::settings::Registration;
    use causette_text::{Language, has_text};

    #[test]
    fn no_verb_and_no_field_is_without_its_words() {
        for verb in VERBS {
            let fields = verb
                .fields
                .iter()
                .flat_map(|field| [field.about, field.value]);
            for key in fields.chain([verb.about]).filter(|key| !key.is_empty()) {
                assert!(
                    Language::ALL
                        .iter()
                        .all(|language| has_text(*language, key)),
                    "{key}"
                );
            }
            assert!(
                Verb::named(verb.name).is_some_and(|found| std::ptr::eq(found, verb)),
                "{}",
                verb.name
            );
            for spelling in verb.spellings {
                let fills = spelling.fills.iter();
                assert!(
                    fills.clone().all(|(field, _)| verb.field(field).is_some()),
                    "{}",
                    spelling.word
                );
            }
        }
    }

    #[test]
    fn where_a_person_is_touched_there_is_a_reason() {
        for verb in VERBS.iter().filter(|verb| verb.nature == Nature::Harms) {
            // Whoever has forgotten a password asks for another; the stop has a reason of its own.
            let has_reason = verb.field("reason").is_some_and(|field| field.is_required);
            let needs_none = ["stop", "account.password"].contains(&verb.name);
            assert!(has_reason != needs_none, "{}", verb.name);
        }
    }

    #[test]
    fn every_role_and_every_mode_of_the_sign_up_can_be_asked_for() {
        let named = Role::ALL.map(Role::name);
        let given: Vec<&str> = named.into_iter().filter(|name| *name != "guest").collect();
        assert_eq!(given, ROLES);
        let modes = Registration::ALL.map(Registration::name);
        assert_eq!(modes[..], REGISTRATIONS[..modes.len()]);
        assert_eq!(FilterAction::ALL.map(FilterAction::name), ACTIONS);
    }
}
