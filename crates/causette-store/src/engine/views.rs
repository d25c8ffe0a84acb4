//! The views `connexion` and `authentification`, as far as they are the same with every engine.

use crate::error::StoreError;

pub(crate) const NAMES: [&str; 2] = ["connexion", "authentification"];

/// Those that are not among what is found, of which each says whether it is a view.
///
/// # Errors
/// [`StoreError::NoView`] where something else has the name of one: whoever asks it would be told that nothing was said.
pub(crate) fn missing(
    found: &[(String, bool)],
    database: &str,
) -> Result<Vec<&'static str>, StoreError> {
    let of = |name: &str| found.iter().find(|(found, _)| found == name);
    if let Some(view) = NAMES
        .into_iter()
        .find(|name| of(name).is_some_and(|(_, is_view)| !is_view))
    {
        return Err(StoreError::NoView {
            database: database.to_owned(),
            view,
        });
    }
    Ok(NAMES
        .into_iter()
        .filter(|name| of(name).is_none())
        .collect())
}

/// Whether a statement makes a view of one of these names.
#[cfg(feature = "sql")]
pub(crate) fn is_of(statement: &str, names: &[&str]) -> bool {
    let mut words = statement.split_whitespace();
    let name = words.by_ref().find(|word| *word == "VIEW");
    name.and_then(|_| words.next())
        .is_some_and(|name| names.contains(&name))
}
