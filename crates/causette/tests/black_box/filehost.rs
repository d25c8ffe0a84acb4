//! Files with nothing but what people have: WeeChat and irssi beside curl; and `soju.im/FILEHOST` as Halloy and senpai ask for it.

use crate::chat::PASSWORD;
use crate::clients::{by_weechat, irssi_signs_up, weechat_signs_up};
use crate::programs::installed;
use crate::support::{Folder, QUICK, Server};
use crate::terminal::Desk;
use std::path::Path;
use std::process::Command;

const TEXT: &str = "le gâteau est pour Émile\n";

/// What curl prints that succeeds. The server's name leads to it, and its certificate is its own.
fn curl(server: &Server, arguments: &[&str]) -> String {
    let port = server.address.port();
    let told = Command::new("curl")
        .args(["-sS", "-k", "--resolve"])
        .arg(format!("causette.local:{port}:127.0.0.1"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(told.status.success(), "{arguments:?}: {told:?}");
    String::from_utf8(told.stdout).unwrap()
}

/// The address in a text that begins so.
fn address<'a>(text: &'a str, beginning: &str) -> &'a str {
    let at = text.find(beginning).unwrap_or_else(|| panic!("{text}"));
    text[at..].split_whitespace().next().unwrap()
}

fn file(folder: &Path) -> String {
    let path = folder.join("note.txt");
    std::fs::write(&path, TEXT).unwrap();
    path.display().to_string()
}

#[test]
fn weechat_gives_a_file_and_irssi_takes_it_with_curl() {
    if !installed("files by curl", &["tmux", "weechat", "irssi", "curl"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());
    let site = format!("https://causette.local:{}", server.address.port());

    let mut alice = weechat_signs_up(&desk, &by_weechat(&server));
    let mut bob = irssi_signs_up(&desk, &server, ("bob", PASSWORD), &[]);
    bob.see("[Act: 2]");
    bob.enter("/window goto 2");
    bob.see("bob@account/bob] has joined #general");

    alice.enter("/buffer irc.server.causette");
    alice.enter("/quote FILESERV UPLOAD note.txt for #general");
    let screen = alice.see(&format!("{site}/upload/"));
    let link = address(&screen, &format!("{site}/upload/"));
    let told = curl(&server, &["-T", &file(folder.path()), link]);
    let place = told.trim();
    assert!(place.starts_with(&format!("{site}/files/")), "{told}");

    let screen = bob.see("note.txt (27 B)");
    assert_eq!(address(&screen, &format!("{site}/files/")), place);
    let user = format!("bob:{PASSWORD}");
    assert_eq!(curl(&server, &["-u", &user, place]), TEXT);
    // By an address of his own, which needs no password.
    bob.enter("/window goto 1");
    bob.enter("/quote FILESERV GET 1");
    let screen = bob.see("?t=");
    let own = address(&screen, &format!("{site}/files/"));
    assert_eq!(curl(&server, &[own]), TEXT);
    let refused = curl(&server, &["-o", "/dev/null", "-w", "%{http_code}", place]);
    assert_eq!(refused, "401");
}

#[test]
fn halloy_uploads_in_one_request() {
    if !installed("FILEHOST by curl", &["curl"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.sign_up("alice");
    let site = format!("https://causette.local:{}", server.address.port());
    alice.send("VERSION");
    alice.expect(&format!(" soju.im/FILEHOST={site}/upload "));
    let (upload, user) = (format!("{site}/upload"), format!("alice:{PASSWORD}"));
    // It names the file twice, and wants exactly 201; the place may be relative.
    let told = curl(
        &server,
        &[
            "-u",
            &user,
            "-H",
            "Content-Type: text/plain",
            "-H",
            "Content-Disposition: attachment; filename=\"ete.txt\"; filename*=UTF-8''%C3%A9t%C3%A9.txt",
            "--data-binary",
            &format!("@{}", file(folder.path())),
            "-o",
            "/dev/null",
            "-w",
            "%{http_code} %header{location}",
            &upload,
        ],
    );
    let (status, place) = told.split_once(' ').unwrap();
    assert_eq!(status, "201", "{told}");
    assert!(place.ends_with("/%C3%A9t%C3%A9.txt"), "{told}");
    let place = match place.strip_prefix('/') {
        Some(path) => format!("{site}/{path}"),
        None => place.to_owned(),
    };
    // Whoever has the address sees it, in the page.
    let head = curl(&server, &["-I", &place]).to_lowercase();
    assert!(head.contains("content-type: text/plain"), "{head}");
    assert!(head.contains("content-disposition: inline"), "{head}");
    assert_eq!(curl(&server, &[&place]), TEXT);
}

#[test]
fn senpai_asks_how_much_may_be_sent_and_reads_it_from_a_refusal() {
    if !installed("FILEHOST by curl", &["curl"]) {
        return;
    }
    let folder = Folder::new();
    let small = "[files]\nmax_size = \"1KiB\"\n";
    let server = Server::start(folder.path(), &format!("{QUICK}{small}"));
    server.tls().sign_up("alice");
    let upload = format!("https://causette.local:{}/upload", server.address.port());
    let offered = curl(&server, &["-X", "OPTIONS", "-i", &upload]).to_lowercase();
    for line in [
        "accept-post: */*",
        "upload-limit: max-size=1024, maxsize=1024",
    ] {
        assert!(offered.contains(line), "{offered}");
    }
    let large = folder.path().join("large");
    std::fs::write(&large, vec![b'x'; 2048]).unwrap();
    let (user, body) = (format!("alice:{PASSWORD}"), format!("@{}", large.display()));
    let refused = curl(
        &server,
        &["-u", &user, "-i", "--data-binary", &body, &upload],
    );
    let refused = refused.to_lowercase();
    assert!(refused.starts_with("http/1.1 413"), "{refused}");
    assert!(
        refused.contains("upload-limit: max-size=1024, maxsize=1024"),
        "{refused}"
    );
    // The network's name behind the account's is not a part of it.
    let (user, body) = (
        format!("alice/causette:{PASSWORD}"),
        format!("@{}", file(folder.path())),
    );
    let taken = curl(
        &server,
        &["-u", &user, "-i", "--data-binary", &body, &upload],
    );
    assert!(taken.starts_with("HTTP/1.1 201"), "{taken}");
}
