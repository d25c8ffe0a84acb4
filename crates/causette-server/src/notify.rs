//! What the service manager is told: that the server is ready, reads its configuration again, stops, lives.
//! <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>
//!
//! Datagrams to a socket; where nobody asked for them, or they cannot be sent, nothing happens.

use crate::config::live::Live;
use crate::status::Status;
use rustix::time::{ClockId, clock_gettime};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often the line that `systemctl status` shows is renewed, where no watchdog asks for more.
const STATUS_PERIOD: Duration = Duration::from_secs(10);

/// Tells a service manager, where there is one.
#[derive(Debug)]
pub(crate) struct Notifier {
    socket: Option<(UnixDatagram, SocketAddr)>,
    /// How often it wants a sign of life at least.
    watchdog: Option<Duration>,
}

impl Notifier {
    /// The one that started the process, if it wants to be told.
    pub(crate) fn from_environment() -> Self {
        let variable = |name| std::env::var(name).ok();
        let watchdog = variable("WATCHDOG_USEC").and_then(|micros| micros.parse().ok());
        // The variables may have been meant for the process that started this one.
        let ours = variable("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
        Self::new(
            variable("NOTIFY_SOCKET").as_deref(),
            watchdog.filter(|_| ours).map(Duration::from_micros),
        )
    }

    fn new(address: Option<&str>, watchdog: Option<Duration>) -> Self {
        let address = address.and_then(|address| match address.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name).ok(),
            None if address.starts_with('/') => SocketAddr::from_pathname(address).ok(),
            None => None,
        });
        let socket = address.and_then(|address| {
            let socket = UnixDatagram::unbound().ok()?;
            // One that is not read must hold up nobody.
            socket.set_nonblocking(true).ok()?;
            Some((socket, address))
        });
        Self { socket, watchdog }
    }

    /// The start, or a reload, is over.
    pub(crate) fn ready(&self) {
        self.send("READY=1");
    }

    /// The configuration is being read again.
    pub(crate) fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1_000;
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    /// The stop has begun.
    pub(crate) fn stopping(&self) {
        self.send("STOPPING=1");
    }

    /// Says how the server is, for as long as it is let, and to the watchdog that it lives, as long as it does.
    pub(crate) async fn keep_telling(self: Arc<Self>, status: Arc<Status>, live: Arc<Live>) {
        if self.socket.is_none() {
            return;
        }
        let mut ticks = interval(self.period());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let alive = if self.watchdog.is_some() && status.answers() {
                "WATCHDOG=1\n"
            } else {
                ""
            };
            self.send(&format!("{alive}STATUS={}", status.text(live.language())));
        }
    }

    fn period(&self) -> Duration {
        // Twice as often as wanted: one may come late.
        let wanted = self.watchdog.map(|period| period / 2);
        wanted
            .filter(|period| !period.is_zero())
            .map_or(STATUS_PERIOD, |period| period.min(STATUS_PERIOD))
    }

    fn send(&self, state: &str) {
        if let Some((socket, address)) = &self.socket {
            // Who is not told acts as if there were nothing to tell.
            let _ = socket.send_to_addr(state.as_bytes(), address);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Config;
    use crate::data_dir::tests::Folder;
    use crate::status::tests::silence_engine;
    use std::path::Path;

    fn heard(socket: &UnixDatagram) -> String {
        let mut bytes = [0; 1024];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_manager_hears_it_by_a_path_and_by_an_abstract_name() {
        let folder = Folder::new();
        let path = folder.0.join("notify");
        let name = format!("causette-test-{}", getrandom::u64().unwrap());
        let abstract_name = SocketAddr::from_abstract_name(&name).unwrap();
        for (socket, address) in [
            (
                UnixDatagram::bind(&path).unwrap(),
                path.display().to_string(),
            ),
            (
                UnixDatagram::bind_addr(&abstract_name).unwrap(),
                format!("@{name}"),
            ),
        ] {
            let notifier = Notifier::new(Some(&address), None);
            notifier.ready();
            assert_eq!(heard(&socket), "READY=1");
            notifier.reloading();
            let reloading = heard(&socket);
            let micros = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
            assert!(micros.unwrap().parse::<u64>().unwrap() > 0, "{reloading}");
            notifier.stopping();
            assert_eq!(heard(&socket), "STOPPING=1");
        }
    }

    #[test]
    fn nobody_who_listens_is_no_trouble() {
        for address in [
            None,
            Some(""),
            Some("vsock:2:1"),
            Some("/nowhere/at/all"),
            Some("@nobody"),
        ] {
            Notifier::new(address, None).ready();
        }
        let folder = Folder::new();
        let path = folder.0.join("notify");
        let _unread = UnixDatagram::bind(&path).unwrap();
        let notifier = Notifier::new(path.to_str(), None);
        for _ in 0..10_000 {
            notifier.ready();
        }
    }

    #[tokio::test]
    async fn the_watchdog_hears_of_a_server_only_while_it_answers() {
        let folder = Folder::new();
        let path: &Path = &folder.0.join("notify");
        let socket = tokio::net::UnixDatagram::bind(path).unwrap();
        let notifier = Notifier::new(path.to_str(), Some(Duration::from_millis(20)));
        assert_eq!(notifier.period(), Duration::from_millis(10));
        let status = Arc::new(Status::new(Arc::default()));
        let live = Arc::new(Live::new(Config::default()));
        tokio::spawn(Arc::new(notifier).keep_telling(status.clone(), live));
        let hear = async || {
            let mut bytes = [0; 1024];
            let length = socket.recv(&mut bytes).await.unwrap();
            String::from_utf8(bytes[..length].to_vec()).unwrap()
        };
        let alive = hear().await;
        assert!(alive.starts_with("WATCHDOG=1\nSTATUS="), "{alive}");
        silence_engine(&status);
        while hear().await.contains("WATCHDOG") {}
        assert!(hear().await.starts_with("STATUS="));
    }
}
