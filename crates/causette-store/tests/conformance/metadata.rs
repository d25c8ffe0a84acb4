//! What is said of accounts and channels under keys: kept, changed, and gone with what it is of; and what the register tells of it.

use crate::scribe::{ALICE, BOB, GUEST, Scribe, TEA, stores};
use causette_core::id::{AccountId, RoomId};
use causette_core::metadata::{Metadatum, Whose};
use causette_core::record::Fact;

const ALICE_ID: AccountId = AccountId(ALICE.id.0);
const BOB_ID: AccountId = AccountId(BOB.id.0);
const COFFEE: RoomId = RoomId(TEA.0 + 2);

fn datum(whose: Whose, key: &str, value: &str) -> Metadatum {
    Metadatum {
        whose,
        key: key.into(),
        value: value.into(),
    }
}

fn says(scribe: &mut Scribe, whose: Whose, key: &str, value: &str) -> Metadatum {
    let said = datum(whose, key, value);
    scribe.write(Fact::MetadataSet(Box::new(said.clone())));
    said
}

#[test]
fn what_is_said_stays_until_it_changes_or_what_it_is_of_is_gone() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        scribe.opens(COFFEE, "#coffee");
        let (alice, bob) = (Whose::Account(ALICE_ID), Whose::Account(BOB_ID));
        let (tea, coffee) = (Whose::Room(TEA), Whose::Room(COFFEE));
        says(&mut scribe, alice, "status", "here");
        says(&mut scribe, alice, "status", "with tea, \"'\\ and 🌸");
        let name = says(&mut scribe, alice, "display-name", "Alice");
        says(&mut scribe, alice, "avatar", "https://example.org/a.png");
        says(&mut scribe, alice, "avatar", "");
        let his = says(&mut scribe, bob, "status", "Here");
        says(&mut scribe, tea, "avatar", "https://example.org/tea.png");
        let brew = says(
            &mut scribe,
            coffee,
            "avatar",
            "https://example.org/coffee.png",
        );
        says(&mut scribe, Whose::Guest(GUEST.id), "status", "passing");
        let status = datum(alice, "status", "with tea, \"'\\ and 🌸");
        let leaves = datum(tea, "avatar", "https://example.org/tea.png");
        assert_eq!(
            store.snapshot().unwrap().metadata,
            [name, status, his.clone(), leaves, brew.clone()]
        );

        scribe.write(Fact::RoomClosed { room: TEA });
        scribe.write(Fact::AccountDropped {
            account: ALICE_ID,
            reason: "".into(),
        });
        assert_eq!(store.snapshot().unwrap().metadata, [his, brew]);
        store.reader().unwrap().check_register().unwrap();
    }
}

#[test]
fn each_change_has_an_entry_that_tells_it() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.opens(TEA, "#tea");
        let first = store.reader().unwrap().check_register().unwrap().entries;
        for whose in [
            Whose::Account(ALICE_ID),
            Whose::Guest(GUEST.id),
            Whose::Room(TEA),
        ] {
            says(&mut scribe, whose, "status", "here");
            says(&mut scribe, whose, "status", "");
        }
        let mut reader = store.reader().unwrap();
        let entries = reader.entries(first, 100).unwrap();
        let kinds = entries.iter();
        let kinds: Vec<_> = kinds
            .map(|entry| (entry.category, entry.kind.as_str()))
            .collect();
        let (person, room) = ((2, "profil.change"), (5, "salon.profil"));
        assert_eq!(kinds, [person, person, person, person, room, room]);
        let all = reader.entries(0, 2).unwrap();
        assert_eq!(entries[0].target, all[0].target, "of whom it is said");
        assert_eq!(entries[4].target, all[1].target, "of which room");
        assert_ne!(entries[2].target, entries[0].target);
    }
}
