//! Uploads by the public clients of tus, for node and for Python, each broken off and gone on with. What they do is in `tests/clients/tus.*`.

use crate::chat::Running;
use crate::http::{ask, authorization};
use crate::programs::{has_modules, installed, modules, not_installed, scripts};
use crate::support::{Folder, QUICK, Server};
use std::path::PathBuf;
use std::process::Command;

/// Lines that are different all over: what is put together wrongly is not the same.
fn content() -> Vec<u8> {
    (0..40_000)
        .flat_map(|line| format!("ligne {line}\n").into_bytes())
        .collect()
}

/// A server, on which alice has an account, and a file of hers.
struct Bench {
    _folder: Folder,
    server: Server,
    file: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let folder = Folder::new();
        let server = Server::start(folder.path(), QUICK);
        server.tls().sign_up("alice");
        let file = folder.path().join("content");
        std::fs::write(&file, content()).unwrap();
        Self {
            _folder: folder,
            server,
            file,
        }
    }

    fn authorization() -> String {
        let header = authorization("alice");
        header.trim_start_matches("Authorization: ").to_owned()
    }

    fn endpoint(&self) -> String {
        format!("http://{}/api/v1/uploads", self.server.address)
    }

    /// The file of that name is there, once, and is what was uploaded.
    fn has(&self, name: &str) {
        let get = |path: &str| {
            let answer = ask(
                self.server.address,
                &format!("GET {path}"),
                &[&authorization("alice")],
                b"",
            );
            assert_eq!(answer.status, 200, "{}", answer.head);
            answer
        };
        let list = get("/api/v1/files?which=public").json();
        let files = list["files"].as_array().unwrap();
        let names: Vec<_> = files.iter().map(|file| file["name"].as_str()).collect();
        assert_eq!(names, [Some(name)]);
        let bytes = get(files[0]["path"].as_str().unwrap()).body;
        assert!(bytes == content(), "{} bytes", bytes.len());
    }
}

#[test]
fn tus_js_client_uploads_breaks_off_and_goes_on() {
    let list = scripts();
    if !installed("tus-js-client", &["node"])
        || !has_modules(
            "tus-js-client",
            &list,
            &modules("clients"),
            &["tus-js-client"],
        )
    {
        return;
    }
    let bench = Bench::new();
    let mut command = Command::new("node");
    command
        .arg(scripts().join("tus.mjs"))
        .arg(modules("clients"))
        .arg(bench.endpoint())
        .arg(Bench::authorization())
        .arg(&bench.file)
        .args(["été.txt", "200000"]);
    let mut upload = Running::new(command);
    upload.see("accepted 262144");
    upload.see("broken off");
    upload.see(&format!("done {}/", bench.endpoint()));
    bench.has("été.txt");
}

#[test]
fn tuspy_uploads_and_goes_on_with_sums() {
    let python = modules("python").join("bin/python");
    if !python.is_file() {
        let list = scripts().join("requirements.txt");
        let folder = modules("python");
        not_installed(
            "tuspy",
            &format!(
                "tuspy (python3 -m venv {0} && {0}/bin/pip install -r {1})",
                folder.display(),
                list.display()
            ),
        );
        return;
    }
    let bench = Bench::new();
    let mut command = Command::new(python);
    command
        .arg(scripts().join("tus.py"))
        .args([&bench.endpoint(), &Bench::authorization()])
        .arg(&bench.file)
        .arg("été.txt");
    let mut upload = Running::new(command);
    upload.see("accepted 65536");
    upload.see("goes on at 65536");
    upload.see(&format!("done {}/", bench.endpoint()));
    bench.has("été.txt");
}
