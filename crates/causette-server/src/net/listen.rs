//! Accepts connections: binds, counts them by address, and gives each to a task of its own.

use crate::config::Listener;
use crate::net::connection::Lobby;
use crate::net::origin::Origin;
use crate::net::refusal::Refusal;
use crate::net::shortage::Resource;
use crate::trouble;
use anyhow::anyhow;
use causette_core::limits::{
    ADMIN_CONNECTIONS, CONNECTIONS_FEW, FILES_RESERVED, NEAR_PLACES, REFUSALS_AT_ONCE,
    REFUSALS_OF_ADDRESS,
};
use causette_text::Language;
use causette_text::text_with;
use rustc_hash::FxHashMap;
use rustix::io::Errno;
use rustix::process::{Resource as Bounded, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdTcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Connections that the system keeps for us before we accept them.
const BACKLOG: i32 = 1024;

/// The pause after an accept that failed, doubled each time up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// A socket that listens, and what may be spoken there.
pub(crate) struct BoundListener {
    socket: StdTcpListener,
    listener: Listener,
}

impl BoundListener {
    /// Binds. The default address gives way to IPv4 where there is no IPv6.
    ///
    /// # Errors
    /// Names the key and the address.
    pub(crate) fn open(listener: &Listener, language: Language) -> anyhow::Result<Self> {
        let mut socket = bind(listener.address);
        let unspecified = listener.address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        if unspecified
            && socket
                .as_ref()
                .is_err_and(|error| error.kind() != io::ErrorKind::AddrInUse)
        {
            socket = bind(SocketAddr::from((
                Ipv4Addr::UNSPECIFIED,
                listener.address.port(),
            )));
        }
        let socket = socket.map_err(|error| {
            let address = listener.address.to_string();
            let key = match error.kind() {
                io::ErrorKind::AddrInUse => "start-address-in-use",
                io::ErrorKind::AddrNotAvailable => "start-address-not-here",
                io::ErrorKind::PermissionDenied => "start-address-forbidden",
                _ => "start-address-refused",
            };
            let error = trouble::of_io(&error, language);
            let variables = [("address", address.as_str()), ("error", &error)];
            anyhow!(text_with(language, key, &variables))
        })?;
        Ok(Self {
            socket,
            listener: listener.clone(),
        })
    }

    /// Where it listens, with the port that the system chose for port 0.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Accepts connections for as long as it is let. `room` bounds how many there are at a time, on all doors; who comes when
    /// it is full is told so, and does not wait.
    pub(crate) async fn serve(self, lobby: Arc<Lobby>, room: Arc<Room>) -> io::Result<()> {
        let local_port = self.address()?.port();
        let socket = TcpListener::from_std(self.socket)?;
        let listener = Arc::new(self.listener);
        let mut pause = PAUSE_MIN;
        let mut spare = Spare::keep();
        loop {
            let (stream, peer) = match socket.accept().await {
                Ok(accepted) => accepted,
                Err(error) if is_out_of_files(&error) => {
                    let turn_away = |stream| {
                        lobby.turned_away(Resource::Files);
                        lobby.turn_away_at_once(stream, Refusal::Full);
                    };
                    spare.lend(socket.accept(), turn_away).await;
                    continue;
                }
                Err(error) => {
                    tracing::warn!(event = "listen.accept_failed", error = %error, pause_ms = crate::log::millis(pause), "cannot accept");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                    continue;
                }
            };
            pause = PAUSE_MIN;
            let origin = Origin::new(peer, local_port, &lobby.live.config());
            let (lobby, listener) = (lobby.clone(), listener.clone());
            let received = match room.places.clone().try_acquire_owned() {
                Ok(permit) => lobby.receive(origin).map(|caller| (caller, permit)),
                Err(_) => Err(lobby.full(origin)),
            };
            let (caller, permit) = match received {
                Ok(received) => received,
                Err(denied) => {
                    match room.standing(&denied.origin) {
                        Some(standing) => drop(tokio::spawn(async move {
                            lobby.turn_away(stream, &listener, denied).await;
                            drop(standing);
                        })),
                        None => {
                            lobby.count_refused(denied.refusal);
                            lobby.turn_away_at_once(stream, denied.refusal);
                        }
                    }
                    continue;
                }
            };
            tokio::spawn(async move {
                // Lines are small and each is awaited by somebody. A socket that refuses this is about to fail anyway.
                let _ = stream.set_nodelay(true);
                lobby.serve(stream, &listener, caller).await;
                drop(permit);
            });
        }
    }
}

/// The places for connections, as many as files may be open beside those that the server needs.
#[derive(Debug)]
pub(crate) struct Room {
    places: Arc<Semaphore>,
    /// For this machine where there is no other.
    near: Arc<Semaphore>,
    /// For who is told that there is none.
    refused: Arc<Semaphore>,
    /// How many of these each address has.
    refused_of: Arc<Addresses>,
}

/// A place only to be told that there is none, given back when dropped.
#[derive(Debug)]
struct Standing {
    _permit: OwnedSemaphorePermit,
    /// Among those of the address; the places of this machine are not counted.
    _of_address: Option<AddressPlace>,
}

impl Room {
    /// As much as `files_max` leaves, once everything else is open.
    pub(crate) fn measure(files_max: usize) -> Self {
        let reserved = FILES_RESERVED + REFUSALS_AT_ONCE + NEAR_PLACES + ADMIN_CONNECTIONS;
        let connections = files_max
            .saturating_sub(open_files() + reserved)
            .clamp(1, Semaphore::MAX_PERMITS);
        if connections < CONNECTIONS_FEW {
            tracing::warn!(
                event = "files.few",
                files = files_max,
                connections,
                "few files may be open, which bounds the connections: raise the limit (systemd: LimitNOFILE, shell: ulimit -n)"
            );
        }
        Self {
            places: Arc::new(Semaphore::new(connections)),
            near: Arc::new(Semaphore::new(NEAR_PLACES)),
            refused: Arc::new(Semaphore::new(REFUSALS_AT_ONCE)),
            refused_of: Arc::default(),
        }
    }

    /// A place for who gets none, only to be told so.
    fn standing(&self, origin: &Origin) -> Option<Standing> {
        let place = |room: &Arc<Semaphore>| room.clone().try_acquire_owned().ok();
        if let Some(permit) = origin.is_loopback().then(|| place(&self.near)).flatten() {
            return Some(Standing {
                _permit: permit,
                _of_address: None,
            });
        }
        let of_address = self
            .refused_of
            .enter(origin.address(), REFUSALS_OF_ADDRESS)?;
        Some(Standing {
            _permit: place(&self.refused)?,
            _of_address: Some(of_address),
        })
    }
}

/// How many files are open now.
fn open_files() -> usize {
    // Where the system does not show them, as many as there are on most.
    std::fs::read_dir("/proc/self/fd").map_or(64, Iterator::count)
}

/// A file that is open only so that one is left when all are in use.
pub(crate) struct Spare(Option<File>);

impl Spare {
    pub(crate) fn keep() -> Self {
        Self(File::open("/dev/null").ok())
    }

    /// Lends it to who waits at a door, to be sent away, and waits a moment. It may be that nobody waits: the system says
    /// that there is no file before it looks.
    pub(crate) async fn lend<S, A>(
        &mut self,
        accept: impl Future<Output = io::Result<(S, A)>>,
        turn_away: impl FnOnce(S),
    ) {
        drop(self.0.take());
        if let Ok(Ok((stream, _))) = timeout(PAUSE_MIN, accept).await {
            turn_away(stream);
        }
        *self = Self::keep();
        tokio::time::sleep(PAUSE_MIN).await;
    }
}

/// Whether no file can be opened, in this process or on this machine.
pub(crate) fn is_out_of_files(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE]
        .map(Errno::raw_os_error)
        .contains(&error.raw_os_error().unwrap_or(0))
}

fn bind(address: SocketAddr) -> io::Result<StdTcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        // The one address serves both families, whatever the system's default is.
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// How many connections each address has. An IPv6 /64 counts as one: it is what one customer gets.
#[derive(Debug, Default)]
pub(crate) struct Addresses(Mutex<FxHashMap<IpAddr, usize>>);

/// The place of one connection, given back when dropped.
#[derive(Debug)]
pub(crate) struct AddressPlace {
    addresses: Arc<Addresses>,
    key: IpAddr,
}

impl Addresses {
    /// A place, unless the address has them all.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr, places: usize) -> Option<AddressPlace> {
        let key = network(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_insert(0);
        if *count >= places {
            return None;
        }
        *count += 1;
        Some(AddressPlace {
            addresses: self.clone(),
            key,
        })
    }
}

/// The address of one customer: that of IPv4, or the /64 of an IPv6 address.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
        address => address,
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut counts = self
            .addresses
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

/// Raises the limit of open files as far as the system lets us, and says how many there may be.
pub(crate) fn raise_file_limit() -> usize {
    let limit = getrlimit(Bounded::Nofile);
    // Where it is refused, the present limit holds.
    let _ = setrlimit(
        Bounded::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    );
    let files = getrlimit(Bounded::Nofile).current.unwrap_or(1 << 20);
    usize::try_from(files).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn an_address_has_its_places_and_gets_them_back() {
        let addresses = Arc::new(Addresses::default());
        let enter = |address: &str| addresses.enter(address.parse().unwrap(), 2);
        let first = enter("192.0.2.1").unwrap();
        let _second = enter("::ffff:192.0.2.1").unwrap();
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some());
        drop(first);
        assert!(enter("192.0.2.1").is_some());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let addresses = Arc::new(Addresses::default());
        let _first = addresses.enter("2001:db8::1".parse().unwrap(), 1).unwrap();
        assert!(addresses.enter("2001:db8::2".parse().unwrap(), 1).is_none());
        assert!(
            addresses
                .enter("2001:db8:0:1::1".parse().unwrap(), 1)
                .is_some()
        );
    }

    #[test]
    fn who_connects_in_masses_leaves_places_to_be_told_to_others() {
        let room = Room::measure(1);
        let config = crate::config::Config::default();
        let standing = |address: &str| {
            let peer = SocketAddr::new(address.parse().unwrap(), 1);
            room.standing(&Origin::new(peer, 1, &config))
        };
        let many = |address: &str| -> Vec<_> {
            let places = std::iter::repeat_with(|| standing(address));
            places.take(3 * REFUSALS_AT_ONCE).flatten().collect()
        };
        let first = many("192.0.2.1");
        assert_eq!(first.len(), REFUSALS_OF_ADDRESS);
        let near = many("127.0.0.1");
        assert_eq!(near.len(), NEAR_PLACES + REFUSALS_OF_ADDRESS);
        assert!(standing("192.0.2.2").is_none(), "all are in use");
        drop(first);
        assert!(standing("192.0.2.2").is_some());
        assert!(standing("192.0.2.1").is_some());
    }

    #[test]
    fn an_address_that_is_taken_is_told_with_its_key() {
        let first =
            BoundListener::open(&Listener::on("127.0.0.1:0".parse().unwrap()), Language::En)
                .unwrap();
        let error = BoundListener::open(&Listener::on(first.address().unwrap()), Language::En)
            .err()
            .unwrap();
        let told = format!("{error:#}");
        assert!(
            told.starts_with("127.0.0.1:") && told.contains("[[listener]] address"),
            "{told}"
        );
    }
}
