//! Texts as long as they may be, and of all characters: each comes back as it was.

use crate::scribe::*;
use causette_core::event::{Prefixes, What};
use causette_core::history::Selector;
use causette_core::id::{AccountId, Room};
use causette_core::limits::MASK_BYTES;
use causette_core::record::Fact;
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Casemap, ChannelName, CompactString};
use causette_store::Store;

/// Quotation marks, backslashes, a bell, signs of four bytes, what a collation overlooks, and a space at the end.
const ODD: &str = "l'été \"à\" \\' %s ? $1 {key} \u{7}\u{1} 🦀👩‍👩‍👧 ß ẞ \u{ad}e\u{301} ";

#[test]
fn texts_come_back_as_they_were() {
    let masks = [
        "b".repeat(MASK_BYTES),
        format!("*!*@{}", "🦀".repeat((MASK_BYTES - 4) / 4)),
        "*!*@a".to_owned(),
        "*!*@A".to_owned(),
        "*!*@á".to_owned(),
    ];
    let (nick, channel) = ("n".repeat(64), format!("#{}", "é".repeat(99)));
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.write(Fact::AccountCreated {
            account: AccountId(11),
            name: AccountName::parse(&nick, 64, Casemap::Ascii).unwrap(),
            verifier: Verifier(ODD.to_owned()),
            by_administrator: false,
            invitation: None,
            waiting: false,
        });
        scribe.write(Fact::RoomOpened {
            room: TEA,
            name: ChannelName::parse(&channel, 200, Casemap::Ascii).unwrap(),
            permanent: false,
            modes: "+nt".into(),
        });
        let tea = [Room::Channel(TEA)];
        scribe.happens(&ALICE, &tea, joined(Prefixes::of('o')));
        let changes = masks.iter().map(|mask| mode(true, 'b', mask, None));
        let changes = changes.collect();
        let after = CompactString::from("+nt");
        scribe.happens(&ALICE, &tea, What::Mode { changes, after });
        let text = CompactString::from(ODD);
        scribe.happens(&ALICE, &tea, What::Topic { text });
        let long = format!("{ODD}\n{}", "🦀".repeat(16_000));
        scribe.says(&ALICE, tea[0], &long);

        let store = Store::open(store.database().clone()).unwrap();
        let snapshot = store.snapshot().unwrap();
        let channels = &snapshot.channels[0];
        assert_eq!(snapshot.accounts[0].name.as_str(), nick);
        assert_eq!(channels.name.as_str(), channel);
        assert_eq!(channels.topic.as_ref().unwrap().text, ODD);
        let mut found: Vec<&str> = channels.masks.iter().map(|row| row.mask.as_str()).collect();
        let mut expected: Vec<&str> = masks.iter().map(String::as_str).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
        let mut reader = store.reader().unwrap();
        let all = page_query(tea[0], Selector::Latest(None), 10, false);
        assert_eq!(texts(&reader.page(&all).unwrap().events), [long.as_str()]);
        reader.check_register().unwrap();
    }
}
