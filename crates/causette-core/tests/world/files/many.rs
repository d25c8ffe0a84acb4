//! What lists of many files cost.

use crate::memory::Memory;
use crate::settings::settings;
use causette_core::Core;
use causette_core::file::{Digest, File, FileKey, Visibility};
use causette_core::id::FileId;
use causette_core::input::{Input, Moment};
use causette_core::limits::{FILES, FILES_PER_PAGE};
use causette_core::order::{FileSearch, Order};
use causette_core::output::{Output, Outputs};
use causette_core::report::Report;
use causette_proto::{FileName, Timestamp};

/// Holds up whoever waits behind it for milliseconds at most: it looks at every file once, and reports a page.
#[test]
fn a_page_of_many_files_holds_nobody_up() {
    let file = |number: u64| File {
        id: FileId(number),
        key: FileKey(u128::from(number).to_be_bytes()),
        owner: None,
        name: FileName::nearest(&format!("Notes {number}.txt")),
        media_type: "text/plain".into(),
        size: 1000,
        sha256: Digest([7; 32]),
        says_beside: false,
        visibility: Visibility::Public,
        closed: None,
        granted: Vec::new(),
        path: Some(format!("Notes {number}.txt").into()),
        aside: None,
        since: Timestamp(1),
        until: None,
    };
    let mut memory = Memory::default();
    memory.files.last = FILES as u64;
    memory.files.rows = (1..=FILES as u64).map(file).collect();
    let now = Timestamp(1_767_225_600_000_000);
    let mut core = Core::new(settings(), memory.snapshot(), 1);
    let mut out = Outputs::default();
    let at = Moment {
        wall: now,
        elapsed: std::time::Duration::ZERO,
    };
    core.start(at, &mut out);
    let begun = std::time::Instant::now();
    for (pattern, found) in [("", FILES_PER_PAGE), ("NOTES 99999.", 1), ("nobody's", 0)] {
        let search = FileSearch {
            pattern: pattern.into(),
            count: usize::MAX,
            ..FileSearch::default()
        };
        let input = Input::Admin {
            ticket: 1,
            by: "root".into(),
            language: None,
            order: Order::ListFiles(search),
        };
        core.handle(at, input, &mut out);
        let Some(Output::Told { result, .. }) = out.as_slice().last() else {
            panic!("{out:?}");
        };
        let Ok(Report::Files { files, .. }) = result.as_ref().map(|told| &told.report) else {
            panic!("{result:?}");
        };
        assert_eq!(files.len(), found, "{pattern}");
    }
    let took = begun.elapsed();
    println!("three pages of 100 000 files: {took:?}");
    // Without optimisation, and on a machine that does other things.
    assert!(took < std::time::Duration::from_secs(2), "{took:?}");
}
