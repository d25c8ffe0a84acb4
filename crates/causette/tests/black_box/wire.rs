//! A network between a server and its database that is cut where a test says so.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a trap may wait for its prey.
const DEADLINE: Duration = Duration::from_secs(30);

/// How the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    /// Everything goes through.
    Fair,
    /// Nothing goes through and nobody is told: packets are lost. What was sent arrives when it is fair again.
    Lost,
    /// Nobody gets through, and who is connected is put out.
    Refused,
}

/// What becomes of the next COMMIT of the connection that appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trap {
    /// It arrives, and its answer does not: the connection ends.
    Answer,
    /// The connection ends before it arrives.
    Question,
}

#[derive(Debug)]
struct State {
    weather: Weather,
    /// Connections with a smaller number are lost for ever, without being closed: as behind a router that was exchanged.
    first: u64,
    next: u64,
    trap: Option<Trap>,
    sprung: bool,
    /// Both ends of each connection.
    links: Vec<(TcpStream, TcpStream)>,
    is_over: bool,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Waits until something of this connection may pass; says whether it ever may.
    fn passes(&self, link: u64) -> bool {
        let state = self.lock();
        let waits = |state: &mut State| {
            !state.is_over && (state.weather == Weather::Lost || link < state.first)
        };
        let state = self.changed.wait_while(state, waits);
        !state.unwrap_or_else(PoisonError::into_inner).is_over
    }
}

/// Passes on what is said to a port.
#[derive(Debug)]
pub(crate) struct Wire {
    port: u16,
    shared: Arc<Shared>,
}

impl Wire {
    /// One that leads to a port of this machine.
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wire = Self {
            port: listener.local_addr().unwrap().port(),
            shared: Arc::new(Shared {
                state: Mutex::new(State {
                    weather: Weather::Fair,
                    first: 0,
                    next: 0,
                    trap: None,
                    sprung: false,
                    links: Vec::new(),
                    is_over: false,
                }),
                changed: Condvar::new(),
            }),
        };
        let shared = wire.shared.clone();
        std::thread::spawn(move || accept(&listener, &shared, port));
        wire
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on everything is lost.
    pub(crate) fn lose(&self) {
        self.shared.change(|state| state.weather = Weather::Lost);
    }

    /// From now on nobody gets through, and all are put out.
    pub(crate) fn refuse(&self) {
        self.shared.change(|state| {
            state.weather = Weather::Refused;
            state.put_out();
        });
    }

    /// From now on everything goes through, also what was held up.
    pub(crate) fn mend(&self) {
        self.shared.change(|state| state.weather = Weather::Fair);
    }

    /// Loses everything of the connections that there are, and tells neither end; new ones are made as ever.
    pub(crate) fn forget(&self) {
        self.shared.change(|state| state.first = state.next);
    }

    /// Sets a trap for the next COMMIT of the connection that appends.
    pub(crate) fn set(&self, trap: Trap) {
        self.shared.change(|state| {
            state.trap = Some(trap);
            state.sprung = false;
        });
    }

    /// Waits until the trap has sprung.
    pub(crate) fn wait_for_trap(&self) {
        let state = self.shared.lock();
        let changed = &self.shared.changed;
        let (_state, waited) = changed
            .wait_timeout_while(state, DEADLINE, |state| !state.sprung)
            .unwrap();
        assert!(!waited.timed_out(), "nothing was committed");
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.shared.change(|state| {
            state.is_over = true;
            state.put_out();
        });
        // So that the listener looks.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl State {
    fn put_out(&mut self) {
        for (near, far) in self.links.drain(..) {
            let _ = near.shutdown(Shutdown::Both);
            let _ = far.shutdown(Shutdown::Both);
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, port: u16) {
    for near in listener.incoming().map_while(Result::ok) {
        let mut state = shared.lock();
        if state.is_over {
            return;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let refused = state.weather == Weather::Refused;
        // Where the database is down, whoever connects is put out as by the machine that it is on.
        let Some(far) = (!refused)
            .then(|| TcpStream::connect(address).ok())
            .flatten()
        else {
            continue;
        };
        for end in [&near, &far] {
            end.set_nodelay(true).unwrap();
        }
        let link = state.next;
        state.next += 1;
        let ends = (near.try_clone().unwrap(), far.try_clone().unwrap());
        state.links.push(ends);
        let there = (near.try_clone().unwrap(), far.try_clone().unwrap());
        let of_link = shared.clone();
        std::thread::spawn(move || ask(there.0, there.1, link, &of_link));
        let of_link = shared.clone();
        std::thread::spawn(move || answer(far, near, link, &of_link));
    }
}

/// Passes on what is asked.
fn ask(mut near: TcpStream, mut far: TcpStream, link: u64, shared: &Shared) {
    let mut appends = false;
    let mut piece = vec![0; 1 << 16];
    while let Ok(length @ 1..) = near.read(&mut piece) {
        if !shared.passes(link) {
            return;
        }
        let asked = &piece[..length];
        appends |= contains(asked, b"last_batch");
        if appends && contains(asked, b"COMMIT") {
            let trap = shared.lock().trap.take();
            match trap {
                None => {}
                Some(Trap::Question) => {
                    end(&near, &far);
                    shared.change(|state| state.sprung = true);
                    return;
                }
                Some(Trap::Answer) => {
                    // Nobody else reads the answer from here on, and with it it is certain that the question arrived.
                    shared.change(|state| state.weather = Weather::Lost);
                    let _ = far.write_all(asked);
                    let mut answered = [0];
                    let _ = far.peek(&mut answered);
                    end(&near, &far);
                    shared.change(|state| {
                        state.sprung = true;
                        state.weather = Weather::Fair;
                    });
                    return;
                }
            }
        }
        if far.write_all(asked).is_err() {
            break;
        }
    }
    let _ = far.shutdown(Shutdown::Write);
}

/// Passes on what is answered.
fn answer(mut far: TcpStream, mut near: TcpStream, link: u64, shared: &Shared) {
    let mut piece = vec![0; 1 << 16];
    loop {
        // Looked at before it is taken, so that what a trap waits for is still there.
        let is_there = matches!(far.peek(&mut [0]), Ok(1..));
        if !is_there || !shared.passes(link) {
            break;
        }
        let Ok(length @ 1..) = far.read(&mut piece) else {
            break;
        };
        if near.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    let _ = near.shutdown(Shutdown::Write);
}

fn end(near: &TcpStream, far: &TcpStream) {
    let _ = near.shutdown(Shutdown::Both);
    let _ = far.shutdown(Shutdown::Both);
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
