//! Names of every script, from the configuration to the database and back.

use crate::support::{Client, Folder, QUICK, Server, causette, run};
use rustix::process::Signal;

const PASSWORD: &str = "correct horse battery staple";

fn configuration(casemapping: &str) -> String {
    format!("{QUICK}[server]\ncasemapping = \"{casemapping}\"\n")
}

/// Signs in by PASS, and is welcomed under the name that the account has.
fn sign_in(server: &Server, name: &str) -> Client {
    let mut client = server.plain();
    client.send(&format!("PASS :{name}:{PASSWORD}"));
    client.send("NICK someone");
    client.send("USER test 0 * :Test");
    client.expect(" 001 Élodie ");
    client
}

fn stop(server: Server) {
    server.signal(Signal::TERM);
    assert!(server.wait().0.success());
}

#[test]
fn who_signs_up_with_an_accent_is_found_in_either_case_and_after_a_change_of_the_mapping() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &configuration("precis"));
    let mut elodie = server.tls();
    elodie.sign_up("Élodie");
    let mut bob = server.plain();
    bob.sign_up("bob");
    bob.send("PRIVMSG élodie :bonjour");
    assert!(elodie.expect("bonjour").contains(" PRIVMSG Élodie "));
    let found = bob.ask("WHOIS ÉLODIE").join("\n");
    assert!(
        found.contains(" 311 bob Élodie élodie account/Élodie "),
        "{found}"
    );
    // With a Cyrillic о.
    let refused = bob.ask("NICK Élоdie").join("\n");
    assert!(refused.contains(" 433 bob Élоdie "), "{refused}");
    elodie.ask("JOIN #THÉ");
    bob.send("JOIN #thé");
    bob.expect(" JOIN #THÉ");
    drop((elodie, bob));
    stop(server);

    let server = Server::start(folder.path(), &configuration("ascii"));
    let mut back = sign_in(&server, "Élodie");
    back.expect(" JOIN #THÉ");
    let created = run(
        folder.path(),
        &["account", "create", "--password-stdin", "Chloé"],
        PASSWORD,
    );
    assert!(!created.status.success(), "an accent in a new name");
    // In this mapping another room, which the other one has no place for.
    back.ask("JOIN #thé");
    stop(server);

    std::fs::write(folder.path().join("causette.toml"), configuration("precis")).unwrap();
    let output = causette(folder.path(), &["serve", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(78));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("#THÉ") && error.contains("#thé") && error.contains("server.casemapping"),
        "{error}"
    );

    let server = Server::start(folder.path(), &configuration("ascii"));
    let mut back = sign_in(&server, "Élodie");
    back.ask("PART #thé");
    drop(back);
    stop(server);

    let server = Server::start(folder.path(), &configuration("precis"));
    sign_in(&server, "élodie");
    // The administrator gives what is kept, and nothing that is taken.
    for (name, made) in [
        ("admin", true),
        ("ÉLODIE", false),
        ("а1ice", true),
        ("alice", false),
    ] {
        let output = run(
            folder.path(),
            &["account", "create", "--password-stdin", name],
            PASSWORD,
        );
        assert_eq!(output.status.success(), made, "{name}: {output:?}");
    }
}
