//! What an operator of the server brings about outside of the rules: another configuration, and the end.

use crate::support::{Client, Host, hash};
use std::net::TcpStream;

fn configuration(name: &str, more: &str) -> String {
    let hash = hash("open sesame");
    format!("[[operator]]\nname = \"{name}\"\npassword_hash = \"{hash}\"\n{more}")
}

/// Somebody with an account who has become an operator.
fn operator(host: &Host) -> Client<TcpStream> {
    let mut root = host.client();
    root.register("rosa");
    root.send("REGISTER * * :correct horse battery staple");
    root.expect("REGISTER SUCCESS");
    root.send("OPER admin :open barley");
    root.expect(" 464 ");
    root.send("OPER Admin :open sesame");
    root.expect(" 381 ");
    root
}

#[test]
fn an_operator_puts_a_new_configuration_in_force() {
    let host = Host::start(&configuration("admin", ""));
    let mut root = operator(&host);
    host.write(&configuration(
        "other",
        "[server]\nnetwork = \"Elsewhere\"\n",
    ));
    root.send("REHASH");
    root.expect(" 382 ");
    assert!(host.get("/", "").contains("Elsewhere"));
    // The rules and the one who checks passwords have heard of it.
    let mut eve = host.client();
    eve.register("eve");
    eve.send("OPER admin :open sesame");
    eve.expect(" 464 ");

    // Who was an operator by a name that is gone is none any more.
    root.send("OPER other :open sesame");
    root.expect(" 381 ");
    for (wrong, told) in [
        ("[server]\nnetwrok = \"Nowhere\"\n", "server.netwrok"),
        ("[server]\nname = \"other.example.org\"\n", "server.name"),
        ("[server\n", "line"),
    ] {
        host.write(wrong);
        root.send("REHASH");
        root.expect(told);
    }
    assert!(host.get("/", "").contains("Elsewhere"));
}

#[test]
fn a_new_configuration_chooses_the_rooms_that_stay() {
    let host = Host::start(&configuration("admin", ""));
    let mut alice = operator(&host);
    alice.send("JOIN #tea");
    alice.expect(" 366 ");
    host.write(&configuration(
        "admin",
        "[channels]\nauto_join = [\"#Tea\"]\n",
    ));
    alice.send("REHASH");
    alice.expect(" 382 ");
    alice.send("PART #tea,#general");
    alice.expect(" PART #general");
    alice.send("MODE #tea");
    alice.expect(" 324 ");
    alice.send("MODE #general");
    alice.expect(" 403 ");
}

#[test]
fn an_operator_ends_the_server_as_a_signal_does() {
    let host = Host::start(&configuration("admin", ""));
    let mut root = operator(&host);
    let mut alice = host.client();
    alice.register("alice");
    root.send("DIE :a new disk");
    assert_eq!(host.wait(), "at the request of rosa: a new disk");
    for client in [&mut root, &mut alice] {
        assert!(client.expect("ERROR :").contains("a new disk"));
    }
}
