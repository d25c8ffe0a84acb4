//! Runs [`causette_proto::fuzzing::file_names`], which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| causette_proto::fuzzing::file_names(input));
