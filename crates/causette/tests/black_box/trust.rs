//! A certificate that everybody trusts: clients are told to come with TLS only.

use crate::serve::fetch;
use crate::support::{Client, DEADLINE, Folder, QUICK, Server};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustix::process::Signal;
use std::path::Path;
use std::time::{Duration, Instant};

/// Makes an authority that a file names, which vouches for a certificate for `chat.example.org`.
fn authority(file: &Path, folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap();
    std::fs::write(file, root.pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let params = CertificateParams::new(vec!["chat.example.org".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let made = params.signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.join("server.pem"), made.pem()).unwrap();
    std::fs::write(folder.join("server-key.pem"), key.serialize_pem()).unwrap();
}

/// What a client is told about TLS, if anything.
fn sts(mut client: Client) -> Option<String> {
    client.send("CAP LS 302");
    client.send("CAP END");
    client.send("PING barrier");
    let mut told = None;
    while let Some(line) = client.line() {
        if line.contains("barrier") {
            return told;
        }
        let mut words = line.split([' ', ':']);
        told = told.or_else(|| words.find_map(|word| word.strip_prefix("sts=").map(str::to_owned)));
    }
    panic!("the server closed");
}

#[test]
fn clients_come_with_tls_only_where_everybody_trusts_the_certificate() {
    let (folder, other) = (Folder::new(), Folder::new());
    let (roots, ours) = (
        other.path().join("roots.pem"),
        other.path().join("ours.pem"),
    );
    authority(&ours, folder.path());
    authority(&roots, other.path());
    let configuration = format!(
        "[server]\nname = \"chat.example.org\"\n\
         [tls]\ncertificate = \"server.pem\"\nkey = \"server-key.pem\"\n{QUICK}"
    );
    let environment = [("SSL_CERT_FILE", roots.as_path())];
    let server = Server::start_in(folder.path(), &configuration, &environment);
    assert_eq!((sts(server.plain()), sts(server.tls())), (None, None));

    // The administrator's machine learns of the authority.
    std::fs::copy(&ours, &roots).unwrap();
    server.signal(Signal::HUP);
    let start = Instant::now();
    let port = server.address.port();
    let expected = Some(format!("port={port}"));
    while sts(server.plain()) != expected {
        assert!(start.elapsed() < DEADLINE, "nobody is told of TLS");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(sts(server.tls()).as_deref(), Some("duration=2678400"));
    let mut alice = server.tls();
    alice.register("alice");
    let icon = alice.expect("draft/ICON=");
    assert!(
        icon.contains(&format!(
            "draft/ICON=https://chat.example.org:{port}/icon.svg"
        )),
        "{icon}"
    );

    // And knows it from the start the next time.
    drop(alice);
    drop(server);
    let server = Server::start_in(folder.path(), &configuration, &environment);
    let port = server.address.port();
    assert_eq!(sts(server.plain()), Some(format!("port={port}")));
}

#[test]
fn the_icon_is_a_picture_that_browsers_keep() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let answer = fetch(server.tls_stream(&server.fingerprint), "/icon.svg");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(head.contains("content-type: image/svg+xml"), "{head}");
    assert!(
        head.contains("cache-control: public, max-age=86400"),
        "{head}"
    );
    assert!(
        body.starts_with("<svg ") && body.ends_with("</svg>\n"),
        "{body}"
    );
}
