//! Files from one person's terminal to another's, as the client's verbs and commands carry them.

use crate::chat::Person;
use crate::support::{Folder, QUICK, Server};
use serde_json::Value;

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

#[test]
fn a_file_goes_from_one_person_to_another_and_to_nobody_else() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let people = ["alice", "bob", "carol"].map(|name| Person::known(&folder, &server, name));
    let [alice, bob, carol] = people;
    let content = bytes(300_000);
    let path = folder.path().join("my report.pdf");
    std::fs::write(&path, &content).unwrap();
    // In the words of the older program, from a pipe: it ends when the file is there.
    let typed = format!("#TrfU \"{}\"\n#ListF\n", path.display());
    let told = alice.run(&["chat", "--commands", "--to", "#general"], &typed);
    let said = String::from_utf8_lossy(&told.stdout);
    assert!(
        told.status.success() && said.contains("my report.pdf · 300.0 kB"),
        "{told:?}"
    );
    // Who is in the room reads of it, and fetches it.
    let message = bob.history("#general").pop().unwrap();
    assert_eq!(message["file"], 1, "{message}");
    let fetched = folder.path().join("fetched.pdf");
    let output = fetched.display().to_string();
    assert_eq!(
        bob.does(&["download", "my report.pdf", "-o", &output])
            .trim(),
        output
    );
    assert_eq!(std::fs::read(&fetched).unwrap(), content);
    // Nothing is written over.
    assert_eq!(bob.fails(&["download", "1", "-o", &output], "").0, 1);
    // For one person alone, who is not there.
    let sent = alice.run(
        &[
            "upload",
            "-",
            "--name",
            "secret.txt",
            "--to",
            "bob",
            "--json",
        ],
        "psst",
    );
    assert!(sent.status.success(), "{sent:?}");
    let last = String::from_utf8_lossy(&sent.stdout);
    let file: Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&file["type"], &file["file"]["sent_to"][0]),
        (&"file".into(), &"bob".into())
    );
    assert_eq!(bob.does(&["download", "secret.txt", "-o", "-"]), "psst");
    assert!(
        bob.does(&["files", "--which", "sent"])
            .contains("secret.txt")
    );
    // Nobody else can tell whether there is one.
    let number = file["file"]["id"].to_string();
    let none = |wanted: &str| carol.fails(&["download", wanted, "-o", "-"], "");
    assert_eq!(none(&number).0, 6);
    assert_eq!(
        none(&number).1.replace(&number, "N"),
        none("99").1.replace("99", "N")
    );
    assert!(!carol.does(&["files"]).contains("secret.txt"));
}
