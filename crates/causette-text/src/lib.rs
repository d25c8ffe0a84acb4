//! Every text that a person reads from the server or a client, out of `locales/{en,fr}.ftl`, and the languages they are in.
//!
//! A numeric whose text is its name in the specification still has it here, so that a French reader is answered in French.

mod nearness;

pub use nearness::distance;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::OnceLock;
use unic_langid::LanguageIdentifier;

/// A language that Causette speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// Its tag. <https://www.rfc-editor.org/rfc/rfc5646>
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// The language of a tag, of whatever country.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

/// The text of a key. A key that does not exist gives itself, and a test that fails.
pub fn text(language: Language, key: &str) -> String {
    text_with(language, key, &[])
}

/// The text of a key with its variables filled in.
pub fn text_with(language: Language, key: &str, variables: &[(&str, &str)]) -> String {
    let bundle = bundle(language);
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        debug_assert!(false, "no text for the key {key}");
        return key.to_owned();
    };
    let mut arguments = FluentArgs::with_capacity(variables.len());
    for (name, value) in variables {
        arguments.set(*name, argument(value));
    }
    bundle
        .format_pattern(pattern, Some(&arguments), &mut Vec::new())
        .into_owned()
}

/// A variable's value. What is written as a number is one, so that a text can have a singular and a plural; it is shown as it
/// was written.
fn argument(value: &str) -> FluentValue<'_> {
    match value.parse::<u32>() {
        Ok(number) if number.to_string() == value => FluentValue::from(number),
        _ => FluentValue::from(value),
    }
}

/// Whether a key has a text in a language.
pub fn has_text(language: Language, key: &str) -> bool {
    bundle(language).has_message(key)
}

fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static EN: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    static FR: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
    let (cell, locale, source) = match language {
        Language::En => (&EN, "en", include_str!("../../../locales/en.ftl")),
        Language::Fr => (&FR, "fr", include_str!("../../../locales/fr.ftl")),
    };
    cell.get_or_init(|| {
        let resource = FluentResource::try_new(source.to_owned());
        let resource = resource
            .unwrap_or_else(|(_, errors)| panic!("the {locale} texts do not parse: {errors:?}"));
        let language_identifier: LanguageIdentifier = locale
            .parse()
            .expect("the two languages have valid identifiers");
        let mut bundle = FluentBundle::new_concurrent(vec![language_identifier]);
        // The marks that Fluent puts around variables for right-to-left text would reach terminals as noise.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        bundle
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_answer() {
        let variables = [("channel", "#thé")];
        assert_eq!(
            text_with(Language::En, "chanserv-registered-already", &variables),
            "#thé has an owner already"
        );
        assert_eq!(
            text_with(Language::Fr, "chanserv-registered-already", &variables),
            "#thé a déjà un propriétaire"
        );
    }

    #[test]
    fn one_and_many_are_told_apart_and_numbers_stay_as_they_are_written() {
        let new = |language, count| text_with(language, "client-new-messages", &[("count", count)]);
        assert_eq!(new(Language::En, "1"), "1 new message");
        assert_eq!(new(Language::En, "1200"), "1200 new messages");
        assert_eq!(new(Language::Fr, "0"), "0 nouveau message");
        assert_eq!(new(Language::Fr, "2"), "2 nouveaux messages");
        let said = |nick| text_with(Language::En, "client-joined", &[("nick", nick)]);
        assert_eq!(said("007"), "007 joins");
        assert_eq!(said("12345678901234567890"), "12345678901234567890 joins");
    }
}
