//! Who may become an operator of the server: one `[[operator]]`.

use super::reader::{ConfigError, Problem, Section};
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
pub(super) fn read(sections: Vec<Section<'_>>) -> Result<Vec<Operator>, ConfigError> {
    let mut operators: Vec<Operator> = Vec::with_capacity(sections.len());
    for mut section in sections {
        let name = word(&mut section, "name")?;
        let Some(name) = name else {
            return Err(section.mistake("name", "\"root\""));
        };
        if operators
            .iter()
            .any(|other| other.name.eq_ignore_ascii_case(&name))
        {
            let mut error = section.mistake("name", "");
            error.problem = Problem::Twice(name.into());
            return Err(error);
        }
        let class = word(&mut section, "class")?;
        let Some(password_hash) = section.verifier("password_hash")? else {
            return Err(section.mistake("password_hash", super::reader::VERIFIER));
        };
        section.finish()?;
        operators.push(Operator {
            name,
            class: class.unwrap_or(CompactString::const_new(CLASS)),
            password_hash,
        });
    }
    Ok(operators)
}

/// Letters, digits and a few signs: what can stand as one parameter of a command.
fn word(
    section: &mut Section<'_>,
    key: &'static str,
) -> Result<Option<CompactString>, ConfigError> {
    let Some(word) = section.string(key)? else {
        return Ok(None);
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if word.is_empty() || word.len() > WORD_BYTES || !word.bytes().all(allowed) {
        let expected = format!("\"root\", a-z A-Z 0-9 - _ ., 1 … {WORD_BYTES}");
        return Err(section.mistake(key, expected));
    }
    Ok(Some(word.into()))
}
