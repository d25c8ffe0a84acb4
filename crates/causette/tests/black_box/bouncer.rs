//! A bouncer before the server: Debian's ZNC, which signs in with SASL over TLS with the certificate pinned. Its owner comes and
//! goes, and it is ended and started itself; what counts is what its owner reads.

use crate::house::{House, LOG, ROOMS, again};
use crate::programs::installed;
use crate::support::{Client, Folder, QUICK, Server, connect, with_colons};
use rustix::process::geteuid;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Debian's `nobody` and `nogroup`. ZNC makes root wait for half a minute.
const NOBODY: u32 = 65534;

/// What alice's clients, and the administrator's, say to ZNC.
const PASSWORD: &str = "bouncer";

#[test]
fn a_bouncer_signs_up_and_in_and_keeps_what_is_said_for_its_owner() {
    if !installed("a bouncer", &["znc"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut bob = bob(&server);
    let home = Folder::new();
    let znc = Znc::start(&server, home.path());
    let mut alice = znc.attach("alice/causette");
    sign_up_and_in(&mut alice);

    bob.send("JOIN #café");
    bob.expect(" 366 ");
    alice.send("JOIN #café");
    alice.expect(" 366 alice #café ");
    bob.expect(" JOIN #café alice ");
    alice.send("PRIVMSG #café :Le café est ouvert ☕");
    bob.expect(" PRIVMSG #café :Le café est ouvert ☕");
    bob.send("PRIVMSG #café :Émile l'a dit : « à midi »");
    alice.expect(" PRIVMSG #café :Émile l'a dit : « à midi »");
    alice.send("PRIVMSG bob :le gâteau est pour Émile");
    bob.expect(" PRIVMSG bob :le gâteau est pour Émile");
    bob.send("PRIVMSG alice :je ne dirai rien");
    alice.expect(" PRIVMSG alice :je ne dirai rien");

    leave(alice);
    bob.send("PRIVMSG #café :elle est sortie ?");
    bob.send("PRIVMSG alice :rentre tôt");
    let room = bob.expect(" PRIVMSG #café :elle est sortie ?");
    let direct = bob.expect(" PRIVMSG alice :rentre tôt");
    let mut alice = znc.attach("alice/causette");
    let read = alice.expect(" PRIVMSG #café :elle est sortie ?");
    assert_eq!(time(&read), time(&room), "ZNC has the server's time");
    let read = alice.expect(" PRIVMSG alice :rentre tôt");
    assert_eq!(time(&read), time(&direct));
}

#[test]
fn a_bouncer_that_returns_has_what_was_said_without_it() {
    if !installed("a bouncer", &["znc"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut bob = bob(&server);
    let home = Folder::new();
    let znc = Znc::start(&server, home.path());
    let mut alice = znc.attach("alice/causette");
    sign_up_and_in(&mut alice);
    // Past what bob saw of it.
    bob.ask("LUSERS");
    bob.send("PRIVMSG #general :avec elle");
    bob.send("PRIVMSG alice :avec toi");
    alice.expect(" PRIVMSG alice :avec toi");

    // It is killed, and has kept nothing.
    drop(znc);
    bob.expect(":alice!alice@account/alice AWAY :");
    bob.send("PRIVMSG #general :sans elle");
    bob.send("PRIVMSG alice :sans toi");
    bob.expect(" PRIVMSG alice :sans toi");
    let znc = Znc::start(&server, home.path());
    bob.expect(":alice!alice@account/alice AWAY");
    let mut alice = znc.attach("alice/causette");
    let read = read_until_end(&mut alice, &mut bob);
    assert_eq!(texts(&read, "#general"), ["avec elle", "sans elle"]);
    assert_eq!(texts(&read, "alice"), ["sans toi"]);

    // It loses the connection while its owner is out and has not read all: it has kept that, and is shown the room again.
    leave(alice);
    bob.send("PRIVMSG #general :pas encore lu");
    bob.send("PRIVMSG alice :pas encore lu");
    bob.expect(" PRIVMSG alice :pas encore lu");
    let mut administrator = znc.attach("administrator");
    administrator.send("PRIVMSG *controlpanel :Reconnect alice causette");
    bob.expect(":alice!alice@account/alice AWAY :");
    bob.expect(":alice!alice@account/alice AWAY");
    let mut alice = znc.attach("alice/causette");
    let read = read_until_end(&mut alice, &mut bob);
    assert_eq!(texts(&read, "alice"), ["pas encore lu"]);
    let copies: Vec<&String> = read
        .iter()
        .filter(|line| line.ends_with(" PRIVMSG #general :pas encore lu"))
        .collect();
    // By its time a copy can be told from something that was said twice.
    assert!((1..=2).contains(&copies.len()), "{read:#?}");
    assert_eq!(time(copies[0]), time(copies[copies.len() - 1]));
}

#[test]
fn a_bouncer_is_in_ten_rooms_and_is_again_when_the_server_was_killed() {
    if !installed("a bouncer in ten rooms", &["znc"]) {
        return;
    }
    let mut house = House::open();
    let home = Folder::new();
    let znc = Znc::start(house.server(), home.path());
    let mut alice = znc.attach("alice/causette");
    sign_up_and_in(&mut alice);
    alice.send(&format!("JOIN {}", ROOMS.join(",")));
    house.sees_come("alice");
    alice.expect(" PRIVMSG #un :Le café est ouvert ☕");
    alice.expect(" PRIVMSG #un :\x01ACTION sert le café\x01");
    // What its owner has not seen is kept by ZNC.
    leave(alice);
    house.says("\x01ACTION débarrasse\x01");
    house.writes_a_log();
    let mut alice = znc.attach("alice/causette");
    alice.expect(" PRIVMSG #un :\x01ACTION débarrasse\x01");
    for line in LOG {
        alice.expect(&format!(" NOTICE #un :{line}"));
    }

    house.is_killed_and_comes_back();
    for room in ROOMS {
        alice.expect(&format!(" PRIVMSG {room} :{}", again(room)));
    }
    alice.send("PRIVMSG #dix :me revoilà");
    house.reads("alice", "#dix", "me revoilà");
}

/// Somebody who talks with alice, and sees her come and go.
fn bob(server: &Server) -> Client {
    let mut bob = server.tls();
    bob.send("CAP REQ :away-notify echo-message extended-join server-time");
    bob.send("CAP END");
    bob.sign_up("bob");
    bob.expect(" 366 bob #general ");
    bob
}

/// Makes alice's account through ZNC, and lets ZNC sign in to it.
fn sign_up_and_in(alice: &mut Client) {
    alice.expect("/msg NickServ REGISTER");
    alice.send("REGISTER * * :quiet-river-blue-stone");
    alice.expect("REGISTER SUCCESS alice");
    alice.send("PRIVMSG *sasl :Mechanism PLAIN");
    alice.send("PRIVMSG *sasl :RequireAuth yes");
    alice.send("PRIVMSG *sasl :Set alice quiet-river-blue-stone");
    alice.expect("Password has been set");
    alice.send("PRIVMSG *status :Jump");
    alice.expect(" 900 alice ");
    alice.expect(" 366 alice #general ");
}

/// Detaches a client, and waits until ZNC knows.
fn leave(mut client: Client) {
    client.send("QUIT");
    while client.line().is_some() {}
}

/// Lets bob say that this is the end, in the room and to alice, and gives what alice reads until she has read both.
fn read_until_end(alice: &mut Client, bob: &mut Client) -> Vec<String> {
    let mut lines = Vec::new();
    bob.send("PRIVMSG #general :fin");
    bob.send("PRIVMSG alice :fin");
    let mut ends = [" PRIVMSG #general :fin", " PRIVMSG alice :fin"].to_vec();
    while !ends.is_empty() {
        let line = alice.line().expect("ZNC goes on");
        let before = ends.len();
        ends.retain(|end| !line.ends_with(end));
        if ends.len() == before {
            lines.push(line);
        }
    }
    lines
}

/// What bob said to a room or to alice, in the order in which it was read.
fn texts<'a>(lines: &'a [String], target: &str) -> Vec<&'a str> {
    let said = format!(" :bob!bob@account/bob PRIVMSG {target} :");
    lines
        .iter()
        .filter_map(|line| Some(line.split_once(&said)?.1))
        .collect()
}

/// When a line says that it was said.
fn time(line: &str) -> &str {
    let tags = line.split(' ').next().unwrap();
    tags.split(['@', ';'])
        .find_map(|tag| tag.strip_prefix("time="))
        .unwrap_or_else(|| panic!("no time in {line}"))
}

/// A running ZNC, killed when it is dropped.
struct Znc {
    process: Child,
    /// What it says, for as long as it runs.
    _output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Znc {
    /// Starts it in its folder, and waits until it accepts connections.
    fn start(server: &Server, home: &Path) -> Self {
        for _ in 0..5 {
            let address = free_address();
            let configuration = configuration(server, address.port());
            let mut process = run(home, &configuration);
            let mut output = BufReader::new(process.stdout.take().unwrap());
            let mut said = String::new();
            while output.read_line(&mut said).unwrap() > 0 {
                // The last of what it says at its start.
                if said.contains("\nZNC ") {
                    return Self {
                        process,
                        _output: output,
                        address,
                    };
                }
            }
            process.wait().unwrap();
            // The address that was free a moment ago was taken.
            assert!(said.contains("Unable to bind"), "{said}");
        }
        panic!("no address is free for ZNC")
    }

    /// A client of one of ZNC's people.
    fn attach(&self, name: &str) -> Client {
        let mut client = Client::new(connect(self.address));
        client.send("CAP REQ :server-time");
        client.send(&format!("PASS {name}:{PASSWORD}"));
        client.send("NICK alice");
        client.send("USER alice 0 * :Alice");
        client.send("CAP END");
        client.expect(" 001 ");
        client
    }
}

impl Drop for Znc {
    fn drop(&mut self) {
        // It may have ended already; either way no process outlives its test.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// Alice, who is slowed down by nothing and reconnects at once, and an administrator, who can make her reconnect.
fn configuration(server: &Server, port: u16) -> String {
    let server_port = server.address.port();
    let fingerprint = with_colons(&server.fingerprint);
    format!(
        "Version = 1.8.2\nConnectDelay = 1\nServerThrottle = 1\n\
         <Listener clients>\nHost = 127.0.0.1\nPort = {port}\nIPv6 = false\nSSL = false\n</Listener>\n\
         <User administrator>\nPass = plain#{PASSWORD}\nAdmin = true\nLoadModule = controlpanel\n</User>\n\
         <User alice>\nPass = plain#{PASSWORD}\nNick = alice\n\
         <Network causette>\nServer = 127.0.0.1 +{server_port}\nTrustedServerFingerprint = {fingerprint}\n\
         LoadModule = sasl\nFloodBurst = 100\nFloodRate = 100\n</Network>\n</User>\n"
    )
}

/// Starts ZNC in its folder, as nobody if we are root.
fn run(home: &Path, configuration: &str) -> Child {
    let configs = home.join("configs");
    let file = configs.join("znc.conf");
    fs::create_dir_all(&configs).unwrap();
    fs::write(&file, configuration).unwrap();
    let mut command = Command::new("znc");
    command
        .args(["--foreground", "--datadir"])
        .arg(home)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if geteuid().is_root() {
        for path in [home, &configs, &file] {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    command.spawn().unwrap()
}
