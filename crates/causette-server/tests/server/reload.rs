//! SIGHUP reads the configuration again.

use crate::support::{Host, until};
use rustix::process::{Signal, getpid, kill_process};

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
