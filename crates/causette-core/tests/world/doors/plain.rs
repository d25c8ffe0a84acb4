//! What an act leaves, in a text that is the same whenever it was done.

use crate::world::World;
use std::collections::BTreeSet;

pub(super) fn effect(world: &World) -> String {
    let snapshot = world.core.snapshot();
    format!(
        "{:?} {:?} {:?} {:?}",
        snapshot.accounts, snapshot.channels, snapshot.markers, snapshot.held
    )
}

/// The long numbers of a text: identities and times.
pub(super) fn numbers(text: &str) -> BTreeSet<String> {
    let words = text.split(|char: char| !char.is_ascii_digit());
    let long = words.filter(|word| word.len() >= 9);
    long.map(str::to_owned).collect()
}

/// A text without the identities and the times that are new: they depend on how many lines a door takes.
pub(super) fn without_new(text: &str, known: &BTreeSet<String>) -> String {
    let mut plain = text.to_owned();
    for number in numbers(text).difference(known) {
        plain = plain.replace(number, "#");
    }
    plain
}
