//! A server in a folder of its own, and clients that speak lines to it. Everything waits for events, with a deadline after
//! which the test fails.

use causette_core::secret::Secret;
use causette_server::config::{Argon2Cost, Config, Unusable};
use causette_server::{Running, Server, Signals, Source};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Passwords that cost little, and guests.
const CHEAP: &str =
    "[accounts]\nrequired = false\nargon2 = { memory_kib = 8, iterations = 1, parallelism = 1 }\n";

/// Looks again and again until something is so, where nothing says when: a signal that is heard, a second that is over.
pub(crate) fn until(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A running server. It listens on ports that the system chose.
pub(crate) struct Host {
    running: Option<Running>,
    folder: PathBuf,
    text: Arc<Mutex<String>>,
}

impl Host {
    /// Starts one with a configuration, or with a listener that takes whatever comes where it names none.
    pub(crate) fn start(configuration: &str) -> Self {
        let name = format!("causette-server-{:016x}", getrandom::u64().unwrap());
        let folder = std::env::temp_dir().join(name);
        let text = Arc::new(Mutex::new(configuration.to_owned()));
        let read = {
            let (text, folder) = (text.clone(), folder.clone());
            move || configuration_of(&text.lock().unwrap(), &folder)
        };
        let source = Source::new({
            let read = read.clone();
            move |_| read().map_err(Unusable::because)
        });
        let running = Server::start(read().unwrap(), source, Signals::install().unwrap()).unwrap();
        Self {
            running: Some(running),
            folder,
            text,
        }
    }

    /// Writes another configuration, without telling the server.
    pub(crate) fn write(&self, configuration: &str) {
        configuration.clone_into(&mut self.text.lock().unwrap());
    }

    /// Waits until the server is told to stop, stops it, and says why.
    pub(crate) fn wait(mut self) -> String {
        let mut running = self.running.take().unwrap();
        let halt = running.wait();
        let reason = halt.reason.clone();
        running.stop(halt).unwrap();
        reason.into()
    }

    /// Stops the server.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        self.running.take().unwrap().stop("the test stops it")
    }

    /// The folder of everything that is kept.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A socket to the first listener, or to another.
    pub(crate) fn connect(&self, listener: usize) -> TcpStream {
        let address: SocketAddr = self.running.as_ref().unwrap().addresses()[listener];
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// A client in clear.
    pub(crate) fn client(&self) -> Client<TcpStream> {
        Client::new(self.connect(0))
    }

    /// A TLS stream to the first listener, by a client that trusts the server's certificate.
    pub(crate) fn tls(&self) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        let path = self.folder.join("certificate.pem");
        roots
            .add(CertificateDer::from_pem_file(path).unwrap())
            .unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        StreamOwned::new(connection, self.connect(0))
    }

    /// The whole answer to a GET with headers.
    pub(crate) fn get(&self, path: &str, headers: &str) -> String {
        let mut stream = self.connect(0);
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop("the test has ended").unwrap();
        }
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

/// The hash of a password that costs little.
pub(crate) fn hash(password: &str) -> String {
    let cost = Argon2Cost {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
    };
    causette_server::identity::password::hash(&Secret::new(password), cost)
        .unwrap()
        .0
}

fn configuration_of(text: &str, folder: &Path) -> anyhow::Result<Config> {
    let listener = if text.contains("[[listener]]") {
        ""
    } else {
        "[[listener]]\naddress = \"127.0.0.1:0\"\n"
    };
    let mut config = Config::parse(&format!("{CHEAP}{listener}{text}"))?;
    config.data_dir = folder.to_owned();
    Ok(config)
}

/// Someone who speaks lines.
pub(crate) struct Client<S> {
    pub(crate) stream: BufReader<S>,
}

impl<S: Read + Write> Client<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Says a line.
    pub(crate) fn send(&mut self, line: &str) {
        let line = format!("{line}\r\n");
        self.stream.get_mut().write_all(line.as_bytes()).unwrap();
    }

    /// The next line that contains a text; lines before it are passed over.
    pub(crate) fn expect(&mut self, text: &str) -> String {
        let mut passed = Vec::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).unwrap() == 0 {
                panic!("no line with {text:?}, only {passed:#?}");
            }
            if line.contains(text) {
                return line.trim_end().to_owned();
            }
            passed.push(line);
        }
    }

    /// Takes a nickname and completes the connection.
    pub(crate) fn register(&mut self, nick: &str) {
        self.send(&format!("NICK {nick}"));
        self.send("USER test 0 * :Test");
        self.expect(" 001 ");
    }
}
