//! SIGHUP reads the configuration again.

use crate::support::Host;
use rustix::process::{Signal, getpid, kill_process};
use std::time::{Duration, Instant};

/// Waits until a new connection meets what is expected: a signal does not say when it has been heard.
fn until(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_signal_puts_a_new_configuration_in_force() {
    let host = Host::start("");
    host.client().register("alice");
    host.write("[server]\nnetwork = \"Elsewhere\"");
    kill_process(getpid(), Signal::HUP).unwrap();
    until(|| host.get("/", "").contains("Elsewhere"));
    // One that cannot be read leaves it so, and everybody where they are.
    host.write("[server]\nnetwrok = \"Nowhere\"");
    kill_process(getpid(), Signal::HUP).unwrap();
    host.client().register("bob");
    assert!(host.get("/", "").contains("Elsewhere"));
}
