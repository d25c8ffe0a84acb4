//! Who may become an operator of the server: one `[[operator]]`.

use super::mistake::Problem;
use super::reader::Section;
use super::rule::Rule;
use causette_core::secret::Verifier;
use causette_core::settings::OperatorSettings;
use causette_proto::CompactString;

/// The class of an operator that names none.
const CLASS: &str = "admin";

/// Bytes of a name or a class at most.
const WORD_BYTES: usize = 32;

/// Someone who may become an operator (OPER).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The name by which they ask, compared without regard to case.
    pub name: CompactString,
    /// What they may do.
    pub class: CompactString,
    /// The PHC string of their password.
    pub password_hash: Verifier,
}

impl Operator {
    /// What the rules know of one.
    pub(super) fn settings(&self) -> OperatorSettings {
        OperatorSettings {
            name: self.name.clone(),
            class: self.class.clone(),
        }
    }
}

/// Reads all of them.
pub(super) fn read(sections: Vec<Section<'_>>) -> Vec<Operator> {
    let mut operators: Vec<Operator> = Vec::with_capacity(sections.len());
    for mut section in sections {
        let name = word(&mut section, "name");
        let known = |name: &CompactString| {
            let mut others = operators.iter().map(|other| &other.name);
            others.any(|other| other.eq_ignore_ascii_case(name))
        };
        if let Some(name) = name.as_ref().filter(|name| known(name)) {
            section.problem("name", Problem::Twice(name.to_string()));
        }
        let class = word(&mut section, "class");
        let password_hash = section.verifier("password_hash");
        if name.is_none() {
            section.mistake("name", word_rule());
        }
        if password_hash.is_none() {
            section.mistake("password_hash", "rule-verifier");
        }
        section.finish();
        if let (Some(name), Some(password_hash)) = (name, password_hash) {
            operators.push(Operator {
                name,
                class: class.unwrap_or(CompactString::const_new(CLASS)),
                password_hash,
            });
        }
    }
    operators
}

/// Letters, digits and a few signs: what can stand as one parameter of a command.
fn word(section: &mut Section<'_>, key: &'static str) -> Option<CompactString> {
    let word = section.string(key)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if word.is_empty() || word.len() > WORD_BYTES || !word.bytes().all(allowed) {
        section.mistake(key, word_rule());
        return None;
    }
    Some(word.into())
}

fn word_rule() -> Rule {
    Rule::from("rule-word").with("max", WORD_BYTES)
}
