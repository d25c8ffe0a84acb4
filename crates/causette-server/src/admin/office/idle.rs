//! An office without a server, for tests and fuzz targets.

use super::Office;
use crate::admin::register::Shelf;
use crate::config::Config;
use crate::config::live::Live;
use crate::config::reload::Requester;
use crate::countdown::StopOrder;
use crate::engine::Arrival;
use crate::identity::certificate::Certificate;
use crate::net::tls::Tls;
use crate::status::Status;
use causette_store::Store;
use causette_text::Language;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

impl Office {
    /// One whose orders arrive somewhere, and where the stops and reloads arrive that it asks for.
    #[expect(
        clippy::unwrap_used,
        reason = "without a certificate there is nothing to try"
    )]
    pub(crate) fn idle(
        inbox: mpsc::Sender<Arrival>,
        store: Arc<Store>,
    ) -> (Self, mpsc::Receiver<StopOrder>, mpsc::Receiver<Requester>) {
        let (stop, stops) = mpsc::channel(1);
        let (reloads, asked) = mpsc::channel(1);
        let name = format!("causette-idle-{:016x}", getrandom::u64().unwrap());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let certificate = Certificate::load(None, &folder, "chat.example.org", Language::En);
        std::fs::remove_dir_all(&folder).unwrap();
        let office = Self {
            spoken: None,
            shelf: Shelf::new(store),
            inbox,
            tickets: Arc::default(),
            stop,
            reloads,
            status: Arc::new(Status::new(Arc::default())),
            live: Arc::new(Live::new(Config::default())),
            tls: Arc::new(Tls::new(certificate.unwrap(), 1)),
            port: 52020,
            examination: Arc::new(Semaphore::new(1)),
        };
        (office, stops, asked)
    }
}
