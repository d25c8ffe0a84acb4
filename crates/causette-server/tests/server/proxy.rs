//! Who speaks for others, and what is known of those.

use crate::support::{Client, Host};
use crate::websocket::Socket;
use std::io::{Read, Write};

const TRUSTED: &str = "[proxy]\ntrusted = [\"127.0.0.0/8\"]\n";

const FOR_PROXIES: &str = "[[listener]]\naddress = \"127.0.0.1:0\"\nproxy_protocol = true\nallow_plaintext = true\n\
                           [[listener]]\naddress = \"127.0.0.1:0\"\nproxy_protocol = true\n\
                           [[listener]]\naddress = \"127.0.0.1:0\"\nallow_plaintext = true\n\
                           [[listener]]\naddress = \"127.0.0.1:0\"\n";

/// The first, which takes clients of a proxy in clear; the second, which wants TLS on their side; and those to which
/// nobody says PROXY.
const ANY: usize = 0;
const SECURE: usize = 1;
const DIRECT: usize = 2;
const DIRECT_SECURE: usize = 3;

fn host(more: &str) -> Host {
    Host::start(&format!("{FOR_PROXIES}{TRUSTED}{more}"))
}

/// A client that begins with some bytes.
fn client(host: &Host, listener: usize, bytes: &[u8]) -> Client<std::net::TcpStream> {
    let mut stream = host.connect(listener);
    stream.write_all(bytes).unwrap();
    Client::new(stream)
}

/// The second form, for a client of 198.51.100.2 that speaks TLS with the proxy.
fn binary() -> Vec<u8> {
    let mut bytes = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x1e".to_vec();
    bytes.extend([198, 51, 100, 2, 192, 0, 2, 1, 0, 1, 0, 2]);
    bytes.extend(b"\x20\0\x0f\x01\0\0\0\0\x21\0\x07TLSv1.3");
    bytes
}

impl<S: Read + Write> Client<S> {
    /// Checks under which address they are known; only they see it.
    fn comes_from(&mut self, nick: &str, address: &str) {
        self.register(nick);
        self.send(&format!("WHOIS {nick}"));
        let line = self.expect(" 378 ");
        assert!(line.contains(address), "{line}");
    }
}

#[test]
fn the_client_of_a_proxy_is_known_by_its_own_address() {
    let host = host("");
    let header = b"PROXY TCP4 198.51.100.1 192.0.2.1 4711 6667\r\n";
    client(&host, ANY, header).comes_from("alice", "198.51.100.1");
    let header = b"PROXY TCP6 2001:db8::1 2001:db8::2 4711 6667\r\n";
    client(&host, ANY, header).comes_from("bob", "2001:db8::1");
    client(&host, ANY, b"PROXY UNKNOWN\r\n").comes_from("carol", "127.0.0.1");
    // It has to speak TLS, which the second form can say.
    let mut plain = client(
        &host,
        SECURE,
        b"PROXY TCP4 198.51.100.1 192.0.2.1 4711 6667\r\nNICK d\r\n",
    );
    plain.expect("ERROR :This server speaks TLS only");
    client(&host, SECURE, &binary()).comes_from("dave", "198.51.100.2");
}

#[test]
fn a_client_of_a_proxy_has_the_connections_of_its_address() {
    let host = host("[limits]\nsessions_per_ip = 1\n");
    let header = |last: u8| format!("PROXY TCP4 198.51.100.{last} 192.0.2.1 4711 6667\r\n");
    let mut first = client(&host, ANY, header(1).as_bytes());
    first.register("alice");
    let mut second = client(&host, ANY, header(1).as_bytes());
    second.expect("ERROR :Too many connections");
    client(&host, ANY, header(2).as_bytes()).register("bob");
    // A gateway's clients count with them.
    let mut third = client(&host, DIRECT, b"WEBIRC x gw host 198.51.100.1\r\n");
    third.expect("ERROR :Too many connections");
}

#[test]
fn who_is_not_trusted_speaks_for_nobody() {
    let host = Host::start(&format!(
        "{FOR_PROXIES}[proxy]\ntrusted = [\"192.0.2.0/24\"]\n"
    ));
    let mut proxy = client(
        &host,
        ANY,
        b"PROXY TCP4 198.51.100.1 192.0.2.1 4711 6667\r\n",
    );
    proxy.expect("ERROR :Only this server's proxies");
    for line in [
        "WEBIRC x gw host 198.51.100.1",
        "webirc x gw host 198.51.100.1 :secure",
    ] {
        let mut gateway = client(&host, DIRECT, format!("{line}\r\n").as_bytes());
        gateway.expect("ERROR :This address may not speak for others");
    }
    let headers = "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\n";
    let mut socket = Socket::open(host.connect(DIRECT), "/ws", headers);
    socket.send(1, b"NICK alice");
    socket.send(1, b"USER a 0 * :Alice");
    socket.send(1, b"WHOIS alice");
    assert!(socket.expect(1, " 378 ").contains("127.0.0.1"));
}

#[test]
fn a_trusted_proxy_that_says_nothing_is_not_heard() {
    let host = host("");
    let mut stream = host.connect(ANY);
    stream
        .write_all(b"NICK alice\r\nUSER a 0 * :Alice\r\n")
        .unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn the_client_of_a_gateway_is_known_by_its_own_address() {
    let host = host("");
    let line = b"WEBIRC x gw host 198.51.100.1\r\n";
    client(&host, DIRECT, line).comes_from("alice", "198.51.100.1");
    // In clear as far as the gateway, it is in clear; what the gateway of this machine says of its TLS is believed.
    client(&host, DIRECT_SECURE, line).expect("ERROR :This server speaks TLS only");
    let line = b"WEBIRC x gw host 2001:db8::1 :secure\r\n";
    client(&host, DIRECT_SECURE, line).comes_from("bob", "2001:db8::1");
    client(&host, DIRECT, b"WEBIRC x gw host\r\n").expect("ERROR :WEBIRC does not say for whom");
    // Who may speak for others may also speak for itself.
    client(&host, DIRECT_SECURE, b"").comes_from("carol", "127.0.0.1");

    let host = Host::start(TRUSTED);
    let mut gateway = Client::new(host.tls());
    gateway.send("WEBIRC x gw host 198.51.100.1 :secure");
    gateway.comes_from("alice", "198.51.100.1");
    let mut gateway = Client::new(host.tls());
    gateway.send("WEBIRC x gw host 198.51.100.1");
    gateway.expect("ERROR :This server speaks TLS only");
}

#[test]
fn the_client_of_a_proxy_of_http_is_known_by_its_own_address() {
    let host = host("");
    for (listener, scheme, nick) in [(DIRECT, "http", "alice"), (DIRECT_SECURE, "https", "bob")] {
        let headers =
            format!("X-Forwarded-For: 127.0.0.1, 198.51.100.1\r\nX-Forwarded-Proto: {scheme}\r\n");
        let mut socket = Socket::open(host.connect(listener), "/ws", &headers);
        socket.send(1, format!("NICK {nick}").as_bytes());
        socket.send(1, b"USER a 0 * :Alice");
        socket.send(1, format!("WHOIS {nick}").as_bytes());
        assert!(socket.expect(1, " 378 ").contains("198.51.100.1"));
    }
    let headers = "X-Forwarded-For: 198.51.100.1\r\n";
    let socket = Socket::ask(host.connect(DIRECT_SECURE), "/ws", headers);
    assert!(socket.head.starts_with("HTTP/1.1 308 "), "{}", socket.head);
}
