//! What is no ordinary file, and what is no ordinary end of one: each is told as it is, and leaves nothing behind.

use crate::backup::done;
use crate::chat::{PASSWORD, Person};
use crate::files::{contents, own};
use crate::http::{Answer, ask, authorization};
use crate::programs::{installed, skip};
use crate::support::{Client, Folder, QUICK, Server};
use crate::terminal::{Desk, within_deadline};
use crate::transfers::{Cable, Way};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::geteuid;
use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

/// Bytes that take more than one piece of a cable.
const LONG: usize = 4 << 20;

/// A server, a cable to it, and alice at the other end of that.
fn cabled() -> (Folder, Server, Cable, Person) {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let cable = Cable::to(server.address);
    let alice = Person::known_by(&folder, &server, "alice", &cable.address.to_string());
    (folder, server, cable, alice)
}

/// Somebody by another client, in which they are in the same rooms.
fn again(server: &Server, name: &str) -> Client {
    let mut client = server.plain();
    client.send(&format!("PASS {name}:{PASSWORD}"));
    client.register(name);
    client
}

/// What a verb says that fails where permissions count, also for root: without the right to pass them by.
fn barred(person: &Person, arguments: &[&str]) -> (i32, String) {
    if !geteuid().is_root() {
        return person.fails(arguments, "");
    }
    let program = person.program("dumb", arguments);
    let script = format!("exec setpriv --bounding-set -dac_override,-dac_read_search {program}");
    let told = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .output();
    let told = told.unwrap();
    let said = String::from_utf8(told.stderr).unwrap();
    (told.status.code().unwrap(), said)
}

#[test]
fn what_cannot_be_sent_is_refused_in_words_before_a_byte_of_it_is() {
    let folder = Folder::new();
    let small = "[files]\nmax_size = \"1MiB\"\nquota = \"1MiB\"\n";
    let server = Server::start(folder.path(), &format!("{QUICK}{small}"));
    let alice = Person::known(&folder, &server, "alice");
    let amelie = Person::new(&folder, "amelie").french();
    let login = ["login", "--account", "alice", "--password-stdin"];
    let address = server.address.to_string();
    let told = amelie.run(
        &[&login[..], &[&address]].concat(),
        &format!("{PASSWORD}\n"),
    );
    assert!(told.status.success(), "{told:?}");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder")).unwrap();
    mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    fs::write(at("too much"), vec![0; 1_200_000]).unwrap();
    fs::write(at("closed"), "secret").unwrap();
    fs::set_permissions(at("closed"), Permissions::from_mode(0o000)).unwrap();
    // It would take its time to count what is in it.
    File::create(at("huge")).unwrap().set_len(10 << 30).unwrap();
    for (name, status, words, in_french) in [
        ("folder", 2, "is a folder", "est un dossier"),
        ("pipe", 2, "is a pipe or a device", "est un tube"),
        (
            "none",
            6,
            "there is no such file",
            "il n'y a pas de tel fichier",
        ),
        ("too much", 5, "1048576", "1048576"),
        ("huge", 5, "huge has 10.7 GB", "huge fait 10,7 Go"),
        ("closed", 1, "no permission", "la permission"),
    ] {
        let path = at(name).display().to_string();
        for (person, words) in [(&alice, words), (&amelie, in_french)] {
            let told = match name {
                "closed" => barred(person, &["upload", &path]),
                _ => person.fails(&["upload", &path], ""),
            };
            assert!(
                told.0 == status && told.1.contains(words),
                "{name}: {told:?}"
            );
        }
    }
    assert!(own(server.address, "alice").is_empty());
    let incoming = folder.path().join("causette-data/files/incoming");
    let incoming = fs::read_dir(incoming).into_iter().flatten();
    assert_eq!(incoming.count(), 0);
    // Of several, the one is named that has not arrived; nothing is kept of it here.
    for name in ["one", "two"] {
        fs::write(at(name), vec![name.len() as u8; 600_000]).unwrap();
    }
    let paths = ["one", "two"].map(|name| at(name).display().to_string());
    let told = alice.fails(&["upload", &paths[0], &paths[1]], "");
    assert!(
        told.0 == 8 && told.1.contains("two: There is no room"),
        "{told:?}"
    );
    assert!(!alice.keeps("by_verb"));
}

#[test]
fn whatever_a_file_is_called_it_is_found_by_its_name_its_number_and_its_address() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let [alice, bob] = ["alice", "bob"].map(|name| Person::known(&folder, &server, name));
    let names = [
        "my own notes.txt".to_owned(),
        "été — brûlé.txt".to_owned(),
        "#1 100% &=+;.txt".to_owned(),
        "a%20b.txt".to_owned(),
        "🎉👩‍👩‍👧.txt".to_owned(),
        "-f".to_owned(),
        format!("{}n.txt", "é".repeat(125)),
    ];
    assert_eq!(names[6].len(), 255);
    for name in &names {
        let path = folder.path().join(name).display().to_string();
        fs::write(&path, name).unwrap();
        let address = alice.does(&["upload", &path, "--room", "#general"]);
        let address = address.trim();
        let path = &address[address.find("/files/").unwrap()..];
        let get = format!("GET {path}");
        assert_eq!(
            ask(server.address, &get, &[&authorization("bob")], b"").body,
            name.as_bytes()
        );
        let number = own(server.address, "alice")[0]["id"].to_string();
        for wanted in [name.as_str(), &number, address] {
            let fetched = bob.does(&["download", "-o", "-", "--", wanted]);
            assert_eq!(&fetched, name, "{wanted}");
        }
        let listed = bob.does(&["files"]);
        assert!(listed.contains(&format!("{number}  {name} · ")), "{listed}");
    }
}

#[test]
fn what_one_may_see_is_asked_at_once_however_many_rooms_one_is_in() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let [alice, bob] = ["alice", "bob"].map(|name| Person::known(&folder, &server, name));
    let rooms: Vec<String> = (10..50).map(|number| format!("#room{number}")).collect();
    for name in ["alice", "bob"] {
        let mut client = again(&server, name);
        for room in &rooms {
            client.ask(&format!("JOIN {room}"));
        }
    }
    let path = folder.path().join("note.txt").display().to_string();
    fs::write(&path, "note").unwrap();
    // More rooms than a client asks of one by one.
    let ends = [&rooms[0], &rooms[39]];
    for room in ends {
        alice.does(&["upload", &path, "--room", room]);
    }
    let listed = bob.does(&["files"]);
    let rooms: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.rsplit(' ').next())
        .collect();
    assert_eq!(rooms, ["#room49", "#room10"]);
    alice.does(&["upload", &path]);
    assert_eq!(bob.does(&["files"]), listed);
}

#[test]
fn an_empty_file_goes_up_and_down_and_not_where_it_is_put_aside() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let [alice, bob] = ["alice", "bob"].map(|name| Person::known(&folder, &server, name));
    let path = folder.path().join("empty").display().to_string();
    fs::write(&path, "").unwrap();
    alice.does(&["upload", &path, "--public"]);
    let into = folder.path().join("fetched");
    let output = into.display().to_string();
    assert_eq!(
        bob.does(&["download", "empty", "-o", &output]).trim(),
        output
    );
    assert_eq!(fs::read(&into).unwrap(), b"");
    assert_eq!(bob.does(&["download", "empty", "-o", "-"]), "");
    fs::remove_file(&into).unwrap();
    done(
        &folder,
        &["admin", "file", "quarantine", "1", "--reason", "a virus?"],
    );
    for output in [output.as_str(), "-"] {
        let told = alice.fails(&["download", "1", "-o", output], "");
        assert!(told.0 == 5 && told.1.contains("aside"), "{told:?}");
        let told = bob.fails(&["download", "1", "-o", output], "");
        assert!(told.0 == 5 || told.0 == 6, "{told:?}");
    }
    assert!(alice.does(&["files"]).contains("put aside"));
    let left = fs::read_dir(folder.path()).unwrap().flatten();
    let mut left = left.map(|entry| entry.file_name().into_string().unwrap());
    assert!(!left.any(|name| name.starts_with("fetched")));
}

#[test]
fn a_file_that_is_removed_while_it_is_fetched_leaves_no_part_of_it() {
    let (folder, server, cable, alice) = cabled();
    let path = folder.path().join("long").display().to_string();
    fs::write(&path, vec![7; LONG]).unwrap();
    alice.does(&["upload", &path]);
    let into = folder.path().join("fetched");
    fs::create_dir(&into).unwrap();
    cable.hold_behind(Way::Down, LONG as u64 / 2);
    let mut command = alice.command(&["download", "1", "-o", &into.display().to_string()]);
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    cable.wait(Way::Down, &mut child);
    assert_eq!(fs::read_dir(&into).unwrap().count(), 1);
    let removed: Answer = ask(
        server.address,
        "DELETE /api/v1/files/1",
        &[&authorization("alice")],
        b"",
    );
    assert_eq!(removed.status, 204);
    cable.cut();
    let told = child.wait_with_output().unwrap();
    assert_eq!(told.status.code(), Some(6), "{told:?}");
    assert_eq!(fs::read_dir(&into).unwrap().count(), 0);
    assert!(!alice.keeps("by_verb"));
}

#[test]
fn the_same_file_twice_at_once_is_two_files_and_one_content() {
    let (folder, server, cable, alice) = cabled();
    let path = folder.path().join("long").display().to_string();
    fs::write(&path, vec![7; LONG]).unwrap();
    // Neither is through while the other begins.
    cable.hold_behind(Way::Up, LONG as u64 / 2);
    let both = ["first", "second"].map(|_| {
        let mut command = alice.command(&["upload", &path]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    });
    let [mut first, second] = both;
    cable.wait(Way::Up, &mut first);
    cable.hold_behind(Way::Up, u64::MAX);
    let told = [first, second].map(|child| child.wait_with_output().unwrap());
    let addresses: BTreeSet<_> = told.iter().map(|told| told.stdout.clone()).collect();
    assert!(
        told.iter().all(|told| told.status.success()) && addresses.len() == 2,
        "{told:?}"
    );
    assert_eq!(own(server.address, "alice").len(), 2);
    assert_eq!(contents(folder.path()).len(), 1);
}

#[test]
fn who_has_left_the_room_meanwhile_is_told_that_nobody_there_was() {
    if !installed("a file for a room that is left", &["tmux"]) {
        return;
    }
    let (folder, server, cable, alice) = cabled();
    let mut bob = server.plain();
    bob.sign_up("bob");
    let path = folder.path().join("long");
    fs::write(&path, vec![7; LONG]).unwrap();
    let desk = Desk::new(folder.path());
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (120, 30));
    screen.see("#general ❯");
    cable.hold_behind(Way::Up, LONG as u64 / 2);
    screen.enter(&format!("/upload {}", path.display()));
    cable.wait_while(Way::Up, || true);
    again(&server, "alice").ask("PART #general");
    bob.expect("PART #general");
    screen.see("1 departure");
    cable.hold_behind(Way::Up, u64::MAX);
    screen.see("not told: you have left");
    let told = bob.ask("LUSERS");
    assert!(!told.iter().any(|line| line.contains("📎")), "{told:?}");
    assert_eq!(own(server.address, "alice")[0]["room"], "#general");
}

#[test]
fn who_leaves_while_pausing_finds_it_paused_where_it_was() {
    if !installed("a file that is paused", &["tmux"]) {
        return;
    }
    let (folder, _server, cable, alice) = cabled();
    let path = folder.path().join("long").display().to_string();
    let content: Vec<u8> = (0..LONG).map(|at| (at * 31 % 251) as u8).collect();
    fs::write(&path, &content).unwrap();
    alice.does(&["upload", &path]);
    let desk = Desk::new(folder.path());
    let program = alice.program("screen-256color", &["chat"]);
    let mut screen = desk.open(&program, (120, 30));
    screen.see("#general ❯");
    cable.hold_behind(Way::Down, LONG as u64 / 2);
    screen.enter("/download 1");
    cable.wait_while(Way::Down, || true);
    let part = alice.folder().join("long.part");
    let has_come = || {
        part.metadata()
            .is_ok_and(|part| part.len() > LONG as u64 / 4)
    };
    assert!(within_deadline(has_come));
    screen.enter("/transfers pause 1");
    screen.enter("/quit");
    assert_eq!(screen.see_the_end(), 0);
    cable.cut();
    let mut screen = desk.open(&program, (120, 30));
    screen.see("#general ❯");
    screen.enter("/transfers");
    let listed = screen.see("% · paused");
    assert!(!listed.contains(" 0 % · paused"), "{listed}");
    screen.enter("/transfers resume 1");
    screen.see("long goes on");
    screen.see("long has arrived");
    let fetched = fs::read(alice.folder().join("long")).unwrap();
    assert!(fetched == content, "it is another one");
}

#[test]
fn where_nothing_can_be_put_is_told_and_a_full_disk_is_gone_on_with() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let path = folder.path().join("long").display().to_string();
    fs::write(&path, vec![7; LONG]).unwrap();
    alice.does(&["upload", &path]);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let told = alice.fails(&["download", "1", "-o", &at("none/long")], "");
    assert!(
        told.0 == 6 && told.1.contains("there is no such folder"),
        "{told:?}"
    );
    fs::create_dir(at("closed")).unwrap();
    fs::set_permissions(at("closed"), Permissions::from_mode(0o500)).unwrap();
    let told = barred(&alice, &["download", "1", "-o", &at("closed")]);
    assert!(told.0 == 1 && told.1.contains("no permission"), "{told:?}");
    if !installed("a full disk", &["unshare", "mount"]) {
        return;
    }
    let disk = at("disk");
    fs::create_dir(&disk).unwrap();
    let own = ["--map-root-user", "--mount"];
    let mut may = Command::new("unshare");
    may.args(own).args(["mount", "-t", "tmpfs", "none", &disk]);
    if !may.status().is_ok_and(|status| status.success()) {
        return skip(
            "a full disk",
            "this machine lets nobody mount one of their own",
        );
    }
    // A disk of which one mebibyte is free, and then all.
    let program = alice.program("xterm", &["download", "1", "-o", &disk]);
    let script = format!(
        "mount -t tmpfs -o size=5m none '{disk}' && head -c 4194304 '{path}' > '{disk}/old' || exit 90\n\
         {program} 2> '{disk}.told'; [ $? = 1 ] || exit 91\n\
         [ -s '{disk}/long.part' ] && rm '{disk}/old' || exit 92\n\
         {program} > '{disk}.path' && cmp '{path}' '{disk}/long'"
    );
    let status = Command::new("unshare")
        .args(own)
        .args(["sh", "-c", &script])
        .status();
    let told = fs::read_to_string(format!("{disk}.told")).unwrap_or_default();
    assert_eq!(status.unwrap().code(), Some(0), "{told}");
    assert!(
        told.contains("the disk is full") && told.contains("give the same command again"),
        "{told}"
    );
}
