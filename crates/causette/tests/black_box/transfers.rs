//! Large files by the verbs of the client, cut at random on their way: the client is killed or interrupted, the server is killed, what lies
//! between them is cut. They go on where they were, and are whole in the end.

use crate::chat::Person;
use crate::http::{ask, authorization};
use crate::support::{DEADLINE, Folder, QUICK, Server};
use aws_lc_rs::digest::{Context, SHA256};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long one way from a cut to the next may take at full length.
const PATIENCE: Duration = Duration::from_secs(600);

/// Bytes that lie between the two ends at a time.
const PIECE: usize = 1 << 16;

#[test]
fn an_upload_and_a_download_go_on_behind_each_cut() {
    cut_both_ways(8 << 20, 4);
}

#[test]
#[ignore = "takes minutes: cargo xtask files"]
fn two_gibibytes_go_on_behind_ten_cuts() {
    cut_both_ways(2 << 30, 10);
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

fn cut_both_ways(bytes: u64, cuts: u64) {
    let seed = getrandom::u64().unwrap();
    eprintln!("cut at random, seed {seed}");
    let mut random = Random(seed | 1);
    let folder = Folder::new();
    let roomy = "[files]\nmax_size = \"4GiB\"\nquota = \"10GiB\"\ndaily = \"100GiB\"\n";
    let server = Server::start(folder.path(), &format!("{QUICK}{roomy}"));
    let cable = Cable::to(server.address);
    let alice = Person::known_by(&folder, &server, "alice", &cable.address.to_string());
    let content = folder.path().join("content.bin");
    let sha256 = fill(&content, bytes);
    let mut scene = Scene {
        folder,
        server: Some(server),
        cable,
        alice,
    };

    let file = content.display().to_string();
    scene.cut(
        &["upload", &file, "--link"],
        Way::Up,
        bytes,
        cuts,
        &mut random,
    );
    let server = scene.server.as_ref().unwrap().address;
    let list = ask(
        server,
        "GET /api/v1/files?which=own",
        &[&authorization("alice")],
        b"",
    );
    let list = list.json();
    let files = list["files"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{list}");
    assert_eq!(files[0]["sha256"].as_str(), Some(sha256.as_str()));

    let copy = scene.folder.path().join("copy.bin");
    let to = copy.display().to_string();
    scene.cut(
        &["download", "content.bin", "-o", &to],
        Way::Down,
        bytes,
        cuts,
        &mut random,
    );
    assert_eq!(counted(&copy), sha256);
}

struct Scene {
    folder: Folder,
    server: Option<Server>,
    cable: Cable,
    alice: Person,
}

impl Scene {
    /// Runs a verb that is cut so often, and goes on to its end.
    fn cut(&mut self, verb: &[&str], way: Way, bytes: u64, cuts: u64, random: &mut Random) {
        let mut child = self.start(verb);
        let (begun, first) = (Instant::now(), random.below(4));
        for cut in 1..=cuts {
            // Somewhere in its share of the whole.
            let share = bytes / (cuts + 1);
            self.cable
                .hold_behind(way, share / 2 + random.below(share / 2));
            self.cable.wait(way, &mut child);
            match (cut + first) % 4 {
                0 => {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    self.cable.cut_and_hold(way);
                    child = self.start(verb);
                }
                // Ctrl+C.
                2 => {
                    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
                    assert_eq!(child.wait().unwrap().code(), Some(130));
                    self.cable.cut_and_hold(way);
                    child = self.start(verb);
                }
                1 => {
                    let server = self.server.take().unwrap();
                    server.signal(Signal::KILL);
                    server.wait();
                    self.cable.cut_and_hold(way);
                    let address = self.cable.server;
                    self.server = Some(Server::start_at(self.folder.path(), address));
                }
                _ => self.cable.cut_and_hold(way),
            }
            eprintln!("{way:?}: cut {cut} after {:?}", begun.elapsed());
        }
        self.cable.hold_behind(way, u64::MAX);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        eprintln!("{way:?}: whole after {:?}", begun.elapsed());
    }

    fn start(&self, verb: &[&str]) -> Child {
        let mut command = self.alice.command(verb);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// What lies between a client and its server: it lets so many bytes pass, and can be cut.
pub(crate) struct Cable {
    pub(crate) address: SocketAddr,
    server: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    held: Mutex<Held>,
    changed: Condvar,
}

struct Held {
    /// How many bytes may still pass each way.
    left: [u64; 2],
    /// What is cut.
    streams: Vec<TcpStream>,
    /// Connections from before a cut move no more bytes.
    era: u64,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            left: [u64::MAX; 2],
            streams: Vec::new(),
            era: 0,
        }
    }
}

impl Cable {
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state: Arc<State> = Arc::default();
        let shared = state.clone();
        // It ends with the test.
        thread::spawn(move || {
            for client in listener.incoming() {
                // While the server is away, who comes is turned away.
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(server)) else {
                    continue;
                };
                shared.join(client, server).unwrap();
            }
        });
        Self {
            address,
            server,
            state,
        }
    }

    /// Lets so many more bytes pass that way, then none.
    pub(crate) fn hold_behind(&self, way: Way, bytes: u64) {
        self.state.held.lock().unwrap().left[way as usize] = bytes;
        self.state.changed.notify_all();
    }

    /// Waits until that many have passed.
    pub(crate) fn wait(&self, way: Way, child: &mut Child) {
        self.wait_while(way, || child.try_wait().unwrap().is_none());
    }

    /// The same, while somebody is still there who sends or fetches.
    pub(crate) fn wait_while(&self, way: Way, mut goes_on: impl FnMut() -> bool) {
        let begun = Instant::now();
        let mut held = self.state.held.lock().unwrap();
        while held.left[way as usize] > 0 {
            assert!(begun.elapsed() < PATIENCE, "nothing moves");
            let waited = self.state.changed.wait_timeout(held, DEADLINE / 20);
            held = waited.unwrap().0;
            assert!(goes_on(), "it ended before it was cut");
        }
    }

    /// Ends all connections, and lets nothing pass that way until it is told how much.
    fn cut_and_hold(&self, way: Way) {
        self.cut_and_leave(way, 0);
    }

    /// Ends all connections.
    pub(crate) fn cut(&self) {
        self.cut_and_leave(Way::Up, u64::MAX);
    }

    fn cut_and_leave(&self, way: Way, bytes: u64) {
        let mut held = self.state.held.lock().unwrap();
        held.era += 1;
        for stream in held.streams.drain(..) {
            // The other end may have gone already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        held.left = [u64::MAX; 2];
        held.left[way as usize] = bytes;
        self.state.changed.notify_all();
    }
}

impl State {
    fn join(self: &Arc<Self>, client: TcpStream, server: TcpStream) -> io::Result<()> {
        let mut held = self.held.lock().unwrap();
        let era = held.era;
        held.streams
            .extend([client.try_clone()?, server.try_clone()?]);
        for (from, to, way) in [
            (client.try_clone()?, server.try_clone()?, Way::Up),
            (server, client, Way::Down),
        ] {
            let shared = self.clone();
            thread::spawn(move || {
                // Either end may go at any time.
                let _ = shared.carry(&from, &to, way, era);
                let _ = to.shutdown(Shutdown::Both);
                let _ = from.shutdown(Shutdown::Both);
            });
        }
        Ok(())
    }

    fn carry(
        &self,
        mut from: &TcpStream,
        mut to: &TcpStream,
        way: Way,
        era: u64,
    ) -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        loop {
            let read = from.read(&mut piece)?;
            if read == 0 {
                return Ok(());
            }
            let mut passed = 0;
            while passed < read {
                let some = {
                    let mut held = self.held.lock().unwrap();
                    while held.left[way as usize] == 0 && held.era == era {
                        held = self.changed.wait(held).unwrap();
                    }
                    if held.era != era {
                        return Ok(());
                    }
                    let left = &mut held.left[way as usize];
                    let some = (*left).min((read - passed) as u64);
                    *left -= some;
                    if *left == 0 {
                        self.changed.notify_all();
                    }
                    usize::try_from(some).unwrap()
                };
                to.write_all(&piece[passed..passed + some])?;
                passed += some;
            }
        }
    }
}

/// Writes a file of so many bytes, and says their SHA-256.
fn fill(path: &Path, bytes: u64) -> String {
    // Not a divisor of any piece: what is put together wrongly is noticed.
    let mut piece = vec![0; (1 << 20) + 7];
    getrandom::fill(&mut piece).unwrap();
    let mut file = File::create(path).unwrap();
    let mut left = bytes;
    while left > 0 {
        let some = usize::try_from(left.min(piece.len() as u64)).unwrap();
        file.write_all(&piece[..some]).unwrap();
        left -= some as u64;
    }
    counted(path)
}

fn counted(path: &Path) -> String {
    let mut file = File::open(path).unwrap();
    let mut digest = Context::new(&SHA256);
    let mut piece = vec![0; 1 << 20];
    loop {
        match file.read(&mut piece).unwrap() {
            0 => break,
            read => digest.update(&piece[..read]),
        }
    }
    let digest = digest.finish();
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Xorshift: where it is cut.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
