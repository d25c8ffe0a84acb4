//! What the server says about itself over HTTP.

use crate::support::{Host, until};

/// The value of one line of the metrics.
fn metric(page: &str, name: &str) -> f64 {
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let value = line.unwrap_or_else(|| panic!("no {name} in {page}"));
    value.parse().unwrap()
}

#[test]
fn what_happens_is_counted() {
    let host = Host::start("");
    assert!(host.get("/readyz", "").starts_with("HTTP/1.1 200 "));
    let before = host.get("/metrics", "");
    assert_eq!(
        metric(&before, "causette_connections{transport=\"irc\"}"),
        0.0
    );

    let mut alice = host.client();
    alice.register("alice");
    alice.expect(" JOIN #general");
    alice.send("REGISTER * * :correct horse battery staple");
    alice.expect("REGISTER SUCCESS");
    alice.send("PRIVMSG #general :bonjour");
    let mut eve = host.client();
    eve.send("CAP REQ sasl");
    eve.send("AUTHENTICATE PLAIN");
    // \0alice\0password
    eve.send("AUTHENTICATE AGFsaWNlAHBhc3N3b3Jk");
    eve.expect(" 904 ");
    // Everything of hers is recorded before the answer to this.
    alice.send("PING barrier");
    alice.expect("PONG");

    let after = host.get("/metrics", "");
    for (name, least) in [
        ("causette_connections{transport=\"irc\"}", 2.0),
        ("causette_inputs_total{kind=\"opened\"}", 2.0),
        ("causette_inputs_total{kind=\"line\"}", 8.0),
        ("causette_messages_total", 1.0),
        ("causette_batches_total", 1.0),
        ("causette_commit_seconds_count", 1.0),
        ("causette_handling_seconds_count", 10.0),
        ("causette_sign_in_failures_total", 1.0),
        ("causette_received_bytes_total", 100.0),
        ("causette_sent_bytes_total", 100.0),
        ("causette_start_time_seconds", 1.0),
    ] {
        assert!(metric(&after, name) >= least, "{name} in {after}");
    }
    assert_eq!(metric(&after, "causette_messages_total"), 1.0);
    assert_eq!(metric(&after, "causette_sign_in_failures_total"), 1.0);
    assert_eq!(metric(&after, "causette_outbox_overflows_total"), 0.0);
    // The core tells each second how much it has.
    until(|| metric(&host.get("/metrics", ""), "causette_accounts") == 1.0);
    let after = host.get("/metrics", "");
    assert_eq!(metric(&after, "causette_channels"), 1.0);
    assert_eq!(metric(&after, "causette_operators"), 0.0);
}
