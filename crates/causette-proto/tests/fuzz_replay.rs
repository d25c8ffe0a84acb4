//! Replays the inputs of `fuzz/corpus/regression/` without a fuzzer.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

// The bodies are compiled into this test, under the paths that they have in the crate: so they are
// replayed by every run of the tests, and the library need not offer them without its feature.
use causette_proto::{
    casemap, codec, confusable, file_name, isupport, limits, mask, message, mode, name, sasl,
    scram, split, time,
};

#[expect(unreachable_pub, reason = "public in the crate, private here")]
#[path = "../src/fuzzing.rs"]
mod fuzzing;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus/regression")
        .join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        body(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs > 0, "{} is empty", folder.display());
}

#[test]
fn message_inputs() {
    replay("message", fuzzing::message);
}

#[test]
fn codec_inputs() {
    replay("codec", fuzzing::codec);
}

#[test]
fn mask_inputs() {
    replay("mask", fuzzing::mask);
}

#[test]
fn mode_inputs() {
    replay("mode", fuzzing::mode);
}

#[test]
fn names_inputs() {
    replay("names", fuzzing::names);
}

#[test]
fn scram_inputs() {
    replay("scram", fuzzing::scram);
}

#[test]
fn file_names_inputs() {
    replay("file_names", fuzzing::file_names);
}
