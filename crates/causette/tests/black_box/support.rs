//! A server in a temporary folder, and clients that speak lines to it in clear or over TLS. Everything waits for events, with
//! a deadline after which the test fails.

use rustix::process::{Pid, Signal, kill_process};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long anything may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Passwords that cost little, and no throttle for this machine.
pub(crate) const QUICK: &str = "[accounts]\nargon2 = { memory_kib = 8, iterations = 1, parallelism = 1 }\n\
                                [flood]\nexempt = [\"127.0.0.0/8\"]\n";

/// A folder that goes away with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder =
            std::env::temp_dir().join(format!("causette-{:016x}", getrandom::u64().unwrap()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test that already fails shows its own reason.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The program with arguments, to be run in a folder, speaking English.
pub(crate) fn causette(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causette"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", "C");
    command
}

/// How long a program may run that should come to its end by itself.
const RUN: Duration = Duration::from_secs(60);

/// Runs the program to its end with a text on its standard input. One that does not end, as a server that starts where it
/// should have refused to, is ended and fails the test with what it said.
pub(crate) fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    run_command(causette(folder, arguments), input)
}

/// The same for a program that is described already.
pub(crate) fn run_command(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that refuses at once does not read what it is told.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let (mut output, mut error) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let stdout = std::thread::spawn(move || read_all(&mut output));
    let stderr = std::thread::spawn(move || read_all(&mut error));
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if begun.elapsed() > RUN => {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    let Some(status) = status else {
        panic!(
            "{command:?} did not end; it said {:?} and {:?}",
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        );
    };
    Output {
        status,
        stdout,
        stderr,
    }
}

fn read_all(pipe: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).unwrap();
    bytes
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    /// Reads the log to its end.
    log: Option<JoinHandle<String>>,
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: String,
}

impl Server {
    /// Starts one in a folder with a configuration, and waits until it accepts connections.
    pub(crate) fn start(folder: &Path, configuration: &str) -> Self {
        Self::start_in(folder, configuration, &[])
    }

    /// The same, with variables in its environment.
    pub(crate) fn start_in(
        folder: &Path,
        configuration: &str,
        environment: &[(&str, &Path)],
    ) -> Self {
        std::fs::write(folder.join("causette.toml"), configuration).unwrap();
        Self::serve(folder, "127.0.0.1:0", environment, &[])
    }

    /// The same, with arguments.
    pub(crate) fn start_with(folder: &Path, configuration: &str, arguments: &[&str]) -> Self {
        std::fs::write(folder.join("causette.toml"), configuration).unwrap();
        Self::serve(folder, "127.0.0.1:0", &[], arguments)
    }

    /// The same, where so many files may be open; with the listeners of the configuration, where it has any.
    pub(crate) fn start_with_files(folder: &Path, configuration: &str, files: usize) -> Self {
        std::fs::write(folder.join("causette.toml"), configuration).unwrap();
        let files = files.to_string();
        let limited = ["-c", "ulimit -n \"$0\" && exec \"$@\"", &files];
        let mut command = Command::new("sh");
        command.args(limited).arg(env!("CARGO_BIN_EXE_causette"));
        let command = command.current_dir(folder).env("LANG", "C");
        command.env_remove("LC_ALL").env_remove("LC_MESSAGES");
        let listen: &[&str] = if configuration.contains("[[listener]]") {
            &[]
        } else {
            &["--listen", "127.0.0.1:0"]
        };
        Self::spawn(command, listen)
    }

    /// Starts one at an address, with the configuration and the data that are in the folder.
    pub(crate) fn start_at(folder: &Path, address: SocketAddr) -> Self {
        Self::serve(folder, &address.to_string(), &[], &[])
    }

    /// Starts one with the configuration and the data that are in the folder. Where it ends instead: its status, and what it said.
    pub(crate) fn attempt(folder: &Path) -> Result<Self, (ExitStatus, String)> {
        Self::try_spawn(&mut causette(folder, &[]), &["--listen", "127.0.0.1:0"])
    }

    fn serve(
        folder: &Path,
        address: &str,
        environment: &[(&str, &Path)],
        arguments: &[&str],
    ) -> Self {
        let mut command = causette(folder, &[]);
        command.envs(environment.iter().copied());
        let listen = ["--listen", address];
        Self::spawn(&mut command, &[&listen, arguments].concat())
    }

    fn spawn(command: &mut Command, arguments: &[&str]) -> Self {
        Self::try_spawn(command, arguments)
            .unwrap_or_else(|(_, seen)| panic!("the server ended at its start: {seen}"))
    }

    fn try_spawn(command: &mut Command, arguments: &[&str]) -> Result<Self, (ExitStatus, String)> {
        let mut child = command
            .args(["serve", "--log-format", "json"])
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut address = None;
        let mut seen = String::new();
        let fingerprint = loop {
            let start = seen.len();
            if log.read_line(&mut seen).unwrap() == 0 {
                return Err((child.wait().unwrap(), seen));
            }
            // What it says when it cannot start is for people.
            let Ok(entry) = serde_json::from_str::<serde_json::Value>(&seen[start..]) else {
                continue;
            };
            let text = |key: &str| entry[key].as_str().unwrap().to_owned();
            match entry["event"].as_str() {
                Some("server.listening") => address = Some(text("address").parse().unwrap()),
                Some("server.certificate") => break text("sha256"),
                _ => {}
            }
        };
        let log = std::thread::spawn(move || {
            log.read_to_string(&mut seen).unwrap();
            seen
        });
        Ok(Self {
            child,
            log: Some(log),
            address: address.unwrap(),
            fingerprint,
        })
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end of the process; gives its status and its whole log.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.log.take().unwrap().join().unwrap())
    }

    /// A client in clear.
    pub(crate) fn plain(&self) -> Client {
        Client::new(self.connect())
    }

    /// A client over TLS, which knows the server by its fingerprint.
    pub(crate) fn tls(&self) -> Client {
        Client::new(self.tls_stream(&self.fingerprint))
    }

    /// A TLS stream to a server of that fingerprint.
    pub(crate) fn tls_stream(&self, fingerprint: &str) -> StreamOwned<ClientConnection, TcpStream> {
        tls_over(self.connect(), fingerprint)
    }

    /// A socket.
    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; either way no process outlives its test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address for what will be started there more than once: below the ports that sockets are given by themselves, so that
/// nobody takes it meanwhile.
pub(crate) fn free_address() -> SocketAddr {
    loop {
        let port = 20_000 + u16::try_from(getrandom::u32().unwrap() % 10_000).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// A socket at which nobody waits for ever.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// TLS on a socket, with a server of that fingerprint.
pub(crate) fn tls_over(
    socket: TcpStream,
    fingerprint: &str,
) -> StreamOwned<ClientConnection, TcpStream> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let pinned = Pinned {
        fingerprint: fingerprint.to_owned(),
        provider: provider.clone(),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pinned))
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(connection, socket)
}

/// A fingerprint as some clients want it.
pub(crate) fn with_colons(fingerprint: &str) -> String {
    let bytes: Vec<&str> = (0..fingerprint.len())
        .step_by(2)
        .map(|start| &fingerprint[start..start + 2])
        .collect();
    bytes.join(":").to_uppercase()
}

/// What lines go through.
pub(crate) trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// Someone who speaks lines.
pub(crate) struct Client {
    stream: BufReader<Box<dyn Stream>>,
}

impl Client {
    pub(crate) fn new(stream: impl Stream + 'static) -> Self {
        Self {
            stream: BufReader::new(Box::new(stream)),
        }
    }

    /// Says a line.
    pub(crate) fn send(&mut self, line: &str) {
        self.stream
            .get_mut()
            .write_all(format!("{line}\r\n").as_bytes())
            .unwrap();
    }

    /// The next line, or `None` when the server has closed.
    pub(crate) fn line(&mut self) -> Option<String> {
        self.line_in_time().unwrap()
    }

    /// The same, where none may come.
    pub(crate) fn line_in_time(&mut self) -> std::io::Result<Option<String>> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim_end().to_owned()))
    }

    /// The next line that contains a text; lines before it are passed over.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) -> String {
        let mut passed = Vec::new();
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line);
            match read {
                Ok(1..) if line.contains(text) => return line.trim_end().to_owned(),
                Ok(1..) => passed.push(line),
                ended => panic!("no line with {text:?} ({ended:?}), only {passed:#?}"),
            }
        }
    }

    /// Says a line and everything it causes: the lines up to the PONG that follows.
    pub(crate) fn ask(&mut self, line: &str) -> Vec<String> {
        self.send(line);
        self.send("PING barrier");
        let mut answer = Vec::new();
        while let Some(line) = self.line() {
            if line.contains("PONG") && line.ends_with("barrier") {
                return answer;
            }
            answer.push(line);
        }
        panic!("the server closed: {answer:#?}");
    }

    /// Takes a nickname and completes the connection.
    pub(crate) fn register(&mut self, nick: &str) {
        self.send(&format!("NICK {nick}"));
        self.send("USER test 0 * :Test");
        self.expect(" 001 ");
    }

    /// Takes a nickname and makes the account of that name.
    pub(crate) fn sign_up(&mut self, nick: &str) {
        self.register(nick);
        self.send("REGISTER * * :correct horse battery staple");
        self.expect("REGISTER SUCCESS");
    }
}

/// Accepts the certificate of one fingerprint.
#[derive(Debug)]
struct Pinned {
    fingerprint: String,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let digest = ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, certificate);
        let found: String = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if found == self.fingerprint {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::General(format!(
                "the certificate is {found}"
            )))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
