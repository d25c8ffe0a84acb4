//! Who may speak for others.

use super::*;

#[test]
fn a_listener_for_proxies_needs_some_that_are_trusted() {
    let listener = "[[listener]]\nproxy_protocol = true\n";
    assert_eq!(mistake(listener).0, "proxy.trusted");
    assert_eq!(mistake(&format!("{listener}[proxy]\ntrusted = []")).1, 4);
    assert!(Config::parse(&format!("{listener}[proxy]\ntrusted = [\"10.0.0.1\"]")).is_ok());
}
