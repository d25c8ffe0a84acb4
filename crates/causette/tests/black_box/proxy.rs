//! A way to the server that a test can cut, mend, and make swallow what the server says.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the way does with what comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It passes all on.
    Open,
    /// What the server says is lost; what it is told arrives.
    Swallowing,
    /// Nobody gets through, and who was through is cut off.
    Cut,
}

struct State {
    way: Way,
    streams: Vec<TcpStream>,
}

/// The way.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// A way to a server, open.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            way: Way::Open,
            streams: Vec::new(),
        }));
        let shared = state.clone();
        // Ends with the process of the test: one that waits for nobody costs nothing.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                pass(client, server, &shared);
            }
        });
        Self { address, state }
    }

    /// Cuts off who is through, and lets nobody through.
    pub(crate) fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        state.way = Way::Cut;
        for stream in state.streams.drain(..) {
            // The other end may have gone already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets everybody through again.
    pub(crate) fn mend(&self) {
        self.state.lock().unwrap().way = Way::Open;
    }

    /// Loses what the server says from now on.
    pub(crate) fn swallow(&self) {
        self.state.lock().unwrap().way = Way::Swallowing;
    }
}

fn pass(client: TcpStream, server: SocketAddr, shared: &Arc<Mutex<State>>) {
    let mut state = shared.lock().unwrap();
    if state.way == Way::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(server) else {
        return;
    };
    for stream in [&client, &server] {
        state.streams.push(stream.try_clone().unwrap());
    }
    drop(state);
    let (from_client, from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || copy(from_client, server, || true));
    let shared = shared.clone();
    thread::spawn(move || {
        copy(from_server, client, || {
            shared.lock().unwrap().way == Way::Open
        });
    });
}

/// Copies until one end goes away, and closes the other.
fn copy(mut from: TcpStream, mut to: TcpStream, passes: impl Fn() -> bool) {
    let mut bytes = [0; 16 * 1_024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if passes() && to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    // Either may be closed already.
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
