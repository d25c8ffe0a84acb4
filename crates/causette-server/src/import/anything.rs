//! Whatever stands in what an older program left, it is read to its end, and each line has a place in it.

use super::dump::Dump;
use super::old::Old;
use super::program_a::{self, Kind};
use super::{program_b, text};
use causette_proto::Timestamp;
use jiff::tz::TimeZone;

/// Some time, which all that is read lies before.
const NOW: Timestamp = Timestamp(1_795_316_400_000_000);

/// Reads some bytes as each of the files.
pub(crate) fn read(bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
    let zone = TimeZone::UTC;
    let mut old = Old::default();
    for kind in [Kind::Chat, Kind::Log] {
        let names = ["bob", "alice"].map(str::to_owned).into();
        let file = ("file", bytes, kind);
        program_a::lines(file, (&names, &zone), (NOW, NOW), &mut old);
    }
    let dump = Dump::read(bytes, &program_b::TABLES);
    for row in &dump.rows {
        assert_eq!(row.cells.len(), program_b::TABLES[row.table].columns.len());
    }
    let damages = dump.damages.len();
    let [accounts, rows] = program_b::of_dump("file", dump, &mut old.problems);
    assert_eq!(
        old.problems
            .iter()
            .filter(|one| one.kind().starts_with("damaged"))
            .count(),
        damages
    );
    let count = rows.len();
    program_b::accounts("file", accounts, &mut old);
    program_b::lines("file", rows, (&zone, NOW, NOW), &mut old);
    assert_eq!(old.files.last().map(Vec::len), Some(count));
    for line in old.files.iter().flatten() {
        assert!((1..=lines).contains(&line.place.line), "{line:?}");
        assert!(line.time <= NOW, "{line:?}");
    }
    for file in &old.files[..2] {
        assert!(file.windows(2).all(|pair| pair[0].time <= pair[1].time));
    }
    for found in [text::of_mixed(bytes), text::of_encoded(bytes)] {
        assert!(found.decoded || found.text == text::of_bytes(bytes));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn anything_is_read_to_its_end(
            parts in prop::collection::vec(
                prop_oneof![
                    Just("INSERT INTO connexion VALUES ('a','b','c','d','e')".to_owned()),
                    Just("INSERT INTO authentification (`ip`, id, mdp) VALUES (0x41,'b','c'),".to_owned()),
                    Just("CREATE TABLE `connexion` (`date_time` text, `type` text,".to_owned()),
                    Just("[18/09/2022 13:39:20] bob -> alice : ".to_owned()),
                    Just("\n".to_owned()),
                    "[(),;'\\\\`/*# 0x-]{1,6}",
                    "\\PC{0,8}",
                ],
                0..20,
            )
        ) {
            super::read(parts.concat().as_bytes());
        }
    }
}
