//! What lists of many files cost.

use super::roles::{account, snapshot};
use super::*;
use crate::file::{Digest, File, FileKey, Listed, Listing, Visibility};
use crate::files::list::{list, search};
use crate::id::FileId;
use crate::order::FileSearch;
use causette_proto::FileName;

fn file(number: u64) -> File {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&number.to_be_bytes());
    File {
        id: FileId(number),
        key: FileKey(key),
        owner: Some(AccountId(2 + 2 * (number % 10))),
        name: FileName::nearest(&format!("Notes {number}.txt")),
        media_type: "text/plain".into(),
        size: 1000,
        sha256: Digest([7; 32]),
        visibility: Visibility::Public,
        granted: Vec::new(),
        path: None,
        quarantined: false,
        since: Timestamp(1),
        until: None,
    }
}

/// Holds up whoever waits behind it for milliseconds at most: it looks at every file once, and reports a page.
#[test]
fn a_page_of_many_files_holds_nobody_up() {
    let mut found = snapshot((1..=10).map(|number| account(2 * number, &format!("a{number}"))));
    found.files.last = limits::FILES as u64;
    found.files.rows = (1..=limits::FILES as u64).map(file).collect();
    let mut core = Core::new(Settings::default(), found, 1);
    let mut out = Outputs::default();
    core.start(at(1), &mut out);
    let turn = core.turn(&mut out);
    let reader = Actor::Account {
        account: AccountId(2),
        token: None,
        address: [192, 0, 2, 9].into(),
    };
    let begun = std::time::Instant::now();
    for (pattern, more) in [("", true), ("notes 99999.", false), ("nobody's", false)] {
        let wanted = Listing {
            which: Listed::Public,
            pattern: pattern.into(),
            before: None,
            count: usize::MAX,
        };
        let page = list(&turn, &reader, &wanted).unwrap();
        assert!(page.files.len() <= limits::FILES_PER_PAGE);
        assert_eq!(page.more, more, "{pattern}");
    }
    let wanted = FileSearch {
        sha256: Some(Digest([8; 32])),
        ..FileSearch::default()
    };
    assert!(search(&turn, &system(), &wanted).unwrap().files.is_empty());
    let took = begun.elapsed();
    println!("four pages of 100 000 files: {took:?}");
    // Without optimisation, and on a machine that does other things.
    assert!(took < Duration::from_secs(2), "{took:?}");
}
