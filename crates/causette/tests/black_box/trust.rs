//! A certificate that everybody trusts: clients are told to come with TLS only.

use crate::serve::fetch;
use crate::support::{Client, DEADLINE, Folder, QUICK, Server, run};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustix::process::Signal;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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
    // It may have been trusted before the start: who remembers that is let go.
    let released = Some("duration=0".to_owned());
    assert_eq!(sts(server.plain()), None);
    assert_eq!(sts(server.tls()), released);

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

    // The authority is one that nobody knows any more: who is connected by TLS learns it, and who comes too.
    let mut bob = server.tls();
    bob.send("CAP LS 302");
    bob.expect("sts=duration=2678400");
    authority(&roots, other.path());
    server.signal(Signal::HUP);
    assert!(bob.expect(" NEW ").ends_with("CAP * NEW :sts=duration=0"));
    assert_eq!(sts(server.plain()), None);
    assert_eq!(sts(server.tls()), released);
    std::fs::copy(&ours, &roots).unwrap();

    // And knows it from the start the next time.
    drop((alice, bob));
    drop(server);
    let server = Server::start_in(folder.path(), &configuration, &environment);
    let port = server.address.port();
    assert_eq!(sts(server.plain()), Some(format!("port={port}")));
}

/// Writes a certificate that ends in so many days, and its key.
fn certificate_for(folder: &Path, days: u64) {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let day = Duration::from_secs(24 * 3600);
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + now + day * u32::try_from(days).unwrap();
    let key = KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    std::fs::write(folder.join("server.pem"), made.pem()).unwrap();
    std::fs::write(folder.join("server-key.pem"), key.serialize_pem()).unwrap();
}

/// The metric of that name.
fn metric(server: &Server, name: &str) -> f64 {
    let page = fetch(server.connect(), "/metrics");
    let mut lines = page.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap().parse().unwrap()
}

#[test]
fn a_renewed_certificate_is_shown_after_a_reload_and_its_end_is_told() {
    let folder = Folder::new();
    certificate_for(folder.path(), 2);
    let configuration =
        format!("[tls]\ncertificate = \"server.pem\"\nkey = \"server-key.pem\"\n{QUICK}");
    let server = Server::start(folder.path(), &configuration);
    let status = || {
        let told = run(folder.path(), &["admin", "status"], "");
        String::from_utf8(told.stdout).unwrap()
    };
    assert!(
        status().contains("The certificate ends on "),
        "{}",
        status()
    );
    let first = metric(&server, "causette_certificate_end_seconds");
    assert_eq!(metric(&server, "causette_certificate_trusted"), 0.0);
    let mut alice = server.tls();
    alice.register("alice");

    certificate_for(folder.path(), 92);
    server.signal(Signal::HUP);
    let start = Instant::now();
    let end = || metric(&server, "causette_certificate_end_seconds");
    while end() - first < 89.0 * 24.0 * 3600.0 {
        assert!(
            start.elapsed() < DEADLINE,
            "the certificate is still the first"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(
        status().contains("Certificate: valid until "),
        "{}",
        status()
    );
    // Who was connected stays, and who comes sees the new one.
    alice.send("PING still");
    alice.expect("still");
    let told = run(folder.path(), &["admin", "fingerprint"], "");
    let told = String::from_utf8(told.stdout).unwrap();
    let renewed = told.lines().nth(1).unwrap().trim();
    assert_ne!(renewed, server.fingerprint);
    fetch(server.tls_stream(renewed), "/healthz");
    drop(alice);
    server.signal(Signal::TERM);
    let (_, log) = server.wait();
    assert_eq!(log.matches("tls.ends_soon").count(), 1, "{log}");
}

#[test]
fn a_certificate_that_is_missing_is_made_from_the_key_and_a_key_is_never_made_beside_one() {
    let folder = Folder::new();
    let known = |server: &Server| {
        let told = run(folder.path(), &["admin", "fingerprint"], "");
        let told = String::from_utf8(told.stdout).unwrap();
        fetch(server.tls_stream(&server.fingerprint), "/healthz");
        let mut lines = told.lines().map(str::trim);
        let key = lines.find(|line| line.starts_with("sha256:"));
        key.unwrap().to_owned()
    };
    let server = Server::start(folder.path(), QUICK);
    let first = known(&server);
    server.signal(Signal::TERM);
    server.wait();
    let data = folder.path().join("causette-data");
    std::fs::remove_file(data.join("certificate.pem")).unwrap();
    let server = Server::start(folder.path(), QUICK);
    assert_eq!(known(&server), first);
    server.signal(Signal::TERM);
    server.wait();
    std::fs::remove_file(data.join("key.pem")).unwrap();
    let refused = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"], "");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success());
    assert!(said.contains("key.pem") && said.contains("copy"), "{said}");
    assert!(!data.join("key.pem").exists());
}

#[test]
fn a_certificate_comes_from_a_credential_of_the_service() {
    let (folder, credentials) = (Folder::new(), Folder::new());
    certificate_for(credentials.path(), 92);
    let configuration = format!(
        "[tls]\ncertificate = \"credential:server.pem\"\nkey = \"credential:server-key.pem\"\n{QUICK}"
    );
    let environment = [("CREDENTIALS_DIRECTORY", credentials.path())];
    let server = Server::start_in(folder.path(), &configuration, &environment);
    fetch(server.tls_stream(&server.fingerprint), "/healthz");
    server.signal(Signal::TERM);
    server.wait();
    let refused = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"], "");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("LoadCredential="), "{said}");
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
