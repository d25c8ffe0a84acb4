//! Runs [`causette_server::fuzzing::older`], which says what must hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| causette_server::fuzzing::older(input));
