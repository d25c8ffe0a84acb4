//! The examples of proxies in front, with the real programs: what comes through them comes from whom it is, over TLS.

use crate::programs::installed;
use crate::support::{Client, DEADLINE, Folder, QUICK, Server, free_address, tls_over};
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where who comes through a proxy comes from: another address than the proxy's own, and one that Causette does not trust.
const PERSON: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 7);

/// What a person says of themselves, who would like to be another.
const PRETENDED: &str = "203.0.113.9";

/// A server behind a proxy, and where the proxy is.
struct Front {
    folder: Folder,
    server: Server,
    proxy: Option<Child>,
    /// Causette's listeners, for the web and for IRC.
    inside: [SocketAddr; 2],
    /// The proxy's.
    outside: [SocketAddr; 2],
}

impl Front {
    /// A server with the configuration of the examples.
    fn new() -> Self {
        let folder = Folder::new();
        let inside = [free_address(), free_address()];
        let listeners = within(&example("causette.toml"), inside);
        let quick = QUICK.replacen("[accounts]\n", "[accounts]\nrequired = false\n", 1);
        let configuration = format!("{listeners}\n{quick}");
        let server = Server::start_with_files(folder.path(), &configuration, 1024);
        Self {
            folder,
            server,
            proxy: None,
            inside,
            outside: [free_address(), free_address()],
        }
    }

    /// Starts a proxy in the server's folder, with the configuration that is written there.
    fn start(&mut self, configuration: &str, program: &str, arguments: &[&str]) {
        let folder = self.folder.path();
        fs::write(folder.join("proxy.conf"), configuration).unwrap();
        let log = fs::File::create(folder.join("proxy.log")).unwrap();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
            command.env(name, folder);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.proxy = Some(command.spawn().unwrap());
    }

    /// The certificate that the server has made, for the proxy too, with or without its key.
    fn certificate(&self, name: &str) -> PathBuf {
        self.folder.path().join("causette-data").join(name)
    }

    /// A connection to the proxy, over TLS, as soon as it listens.
    fn connect(&self, address: SocketAddr) -> impl crate::support::Stream + use<> {
        let begun = Instant::now();
        let socket = loop {
            match connect_from(PERSON, address) {
                Ok(socket) => break socket,
                Err(error) => assert!(begun.elapsed() < DEADLINE, "{error}: {}", self.log()),
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        tls_over(socket, &self.server.fingerprint)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("proxy.log")).unwrap()
    }

    /// What WHOIS says of a person who comes by WebSocket.
    fn check_websocket(&self) {
        let mut stream = self.connect(self.outside[0]);
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: chat.example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: text.ircv3.net\r\nX-Forwarded-For: {PRETENDED}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut read = Vec::new();
        read_until(&mut stream, &mut read, "\r\n\r\n");
        let answer = String::from_utf8_lossy(&read).into_owned();
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        for line in ["NICK wanda", "USER wanda 0 * :Wanda", "WHOIS wanda"] {
            stream.write_all(&frame(line)).unwrap();
        }
        read_until(&mut stream, &mut read, " 318 ");
        judge(&String::from_utf8_lossy(&read));
    }

    /// What WHOIS says of a person who comes by IRC.
    fn check_irc(&self) {
        let mut client = Client::new(self.connect(self.outside[1]));
        client.register("iris");
        judge(&client.ask("WHOIS iris").join("\n"));
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if let Some(proxy) = &mut self.proxy {
            // It may have ended already; either way no process outlives its test.
            let _ = proxy.kill();
            let _ = proxy.wait();
        }
    }
}

/// From where, and over TLS: nobody is whom they pretend to be.
#[track_caller]
fn judge(whois: &str) {
    assert!(
        whois.contains(&format!("is connecting from {PERSON} ")),
        "{whois}"
    );
    assert!(whois.contains(" 671 "), "not over TLS: {whois}");
    assert!(!whois.contains(PRETENDED), "{whois}");
}

fn read_until(stream: &mut impl std::io::Read, read: &mut Vec<u8>, end: &str) {
    while !String::from_utf8_lossy(read).contains(end) {
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).unwrap();
        assert!(length > 0, "closed: {}", String::from_utf8_lossy(read));
        read.extend(&bytes[..length]);
    }
}

/// A short text in a frame of a WebSocket, under a mask that changes nothing.
fn frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat()
}

pub(crate) fn connect_from(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    bind(&socket, &SocketAddrV4::new(from, 0))?;
    connect(&socket, &to)?;
    Ok(socket.into())
}

fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/proxy");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// An example with the server's addresses in place of those that it has.
fn within(example: &str, inside: [SocketAddr; 2]) -> String {
    let text = example.replace("127.0.0.1:52020", &inside[0].to_string());
    text.replace("127.0.0.1:52021", &inside[1].to_string())
}

/// Replaces what must be there.
#[track_caller]
fn replace(text: &str, pairs: &[(&str, String)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example has no {from:?}");
        text.replace(from, to)
    })
}

#[test]
fn nginx_passes_on_websocket_and_irc_and_says_for_whom() {
    let module = Path::new("/usr/lib/nginx/modules/ngx_stream_module.so");
    if !installed("nginx in front", &["nginx"]) {
        return;
    }
    if !module.exists() {
        return crate::programs::not_installed("nginx in front", "libnginx-mod-stream");
    }
    let mut front = Front::new();
    let [web, irc] = front.outside;
    let live = "/etc/letsencrypt/live/chat.example.org";
    let path = |name: &str| front.certificate(name).display().to_string();
    let example = replace(
        &within(&example("nginx.conf"), front.inside),
        &[
            ("    listen [::]:443 ssl;\n", String::new()),
            ("#        listen [::]:6697;\n", String::new()),
            ("listen 443 ssl", format!("listen {web} ssl")),
            ("listen 6697", format!("listen {irc}")),
            (&format!("{live}/fullchain.pem"), path("certificate.pem")),
            (&format!("{live}/privkey.pem"), path("key.pem")),
        ],
    );
    let (http, stream) = example.split_once("#stream {").unwrap();
    let stream = format!("#stream {{{stream}").replace("\n#", "\n");
    let folder = front.folder.path().display();
    let own: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("{name}_temp_path {folder}/{name};\n"))
        .collect();
    let configuration = format!(
        "load_module {};\ndaemon off;\npid {folder}/pid;\nerror_log {folder}/proxy.log;\nevents {{}}\n\
         http {{\naccess_log off;\n{own}{http}}}\n{}",
        module.display(),
        stream.trim_start_matches('#')
    );
    let file = front.folder.path().join("proxy.conf");
    front.start(&configuration, "nginx", &["-c", file.to_str().unwrap()]);
    front.check_websocket();
    front.check_irc();
}

#[test]
fn haproxy_passes_on_websocket_and_irc_and_says_for_whom() {
    if !installed("HAProxy in front", &["haproxy"]) {
        return;
    }
    let mut front = Front::new();
    let [web, irc] = front.outside;
    let both = front.folder.path().join("both.pem");
    let pem = ["certificate.pem", "key.pem"].map(|name| fs::read(front.certificate(name)).unwrap());
    fs::write(&both, pem.concat()).unwrap();
    let example = replace(
        &within(&example("haproxy.cfg"), front.inside),
        &[
            (":::443 v4v6", web.to_string()),
            (":::6697 v4v6", irc.to_string()),
            (
                "/etc/haproxy/chat.example.org.pem",
                both.display().to_string(),
            ),
        ],
    );
    let times = "timeout connect 5s\ntimeout client 50s\ntimeout server 50s\n";
    front.start(
        &format!("defaults\n{times}\n{example}"),
        "haproxy",
        &["-db", "-f", "proxy.conf"],
    );
    front.check_websocket();
    front.check_irc();
}

#[test]
fn caddy_passes_on_websocket_and_says_for_whom() {
    if !installed("Caddy in front", &["caddy"]) {
        return;
    }
    let mut front = Front::new();
    let port = front.outside[0].port();
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| front.certificate(name));
    // By the name that the test calls it; the certificate is there already.
    let site = format!(
        "https://localhost:{port}, https://chat.example.org:{port} {{\n\tbind 127.0.0.1\n\ttls {} {}\n",
        certificate.display(),
        key.display()
    );
    let example = within(&example("Caddyfile"), front.inside);
    let example = replace(&example, &[("chat.example.org {\n", site)]);
    let global = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n";
    let arguments = ["run", "--adapter", "caddyfile", "--config", "proxy.conf"];
    front.start(&format!("{global}{example}"), "caddy", &arguments);
    front.check_websocket();
}
