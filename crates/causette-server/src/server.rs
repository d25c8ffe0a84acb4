//! Puts the parts together: what is opened in which order at the start.

mod threads;

pub(crate) use threads::Threads;

use crate::admin::register::Shelf;
use crate::admin::{AdminSocket, Office};
use crate::backup::Schedule;
use crate::config::live::Live;
use crate::config::reload::{self, Reloader, Source};
use crate::config::{Config, PORT};
use crate::countdown::StopOrder;
use crate::data_dir::DataDir;
use crate::engine::pipe::Pipe;
use crate::engine::ticket::Tickets;
use crate::engine::timepiece::Timepiece;
use crate::engine::{Arrival, now};
use crate::files::offered::Offering;
use crate::files::sweep::Sweep;
use crate::files::{FILES, Files};
use crate::http::{Http, Site};
use crate::identity::certificate::Certificate;
use crate::identity::cloak::Cloak;
use crate::identity::scram::Decoy;
use crate::identity::{fingerprint, trust, vigil};
use crate::net::connection::{Lobby, SessionIds};
use crate::net::listen::{BoundListener, Room, raise_file_limit};
use crate::net::tls::Tls;
use crate::net::turnstile::Turnstile;
use crate::notify::Notifier;
use crate::signals::{Signals, StopSignals};
use crate::status::Status;
use crate::{beginning, ticks};
use causette_core::Core;
use causette_core::file::AddressKey;
use causette_core::input::Input;
use causette_core::limits::{HANDSHAKES_PER_CORE, INBOX, RELOADS_WAITING};
use causette_core::output::Outputs;
use causette_core::settings::Settings;
use causette_text::{text, text_with};
use std::mem::ManuallyDrop;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use threads::Parts;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, Semaphore, mpsc};

/// Starts servers.
#[derive(Debug)]
pub struct Server;

/// A server that accepts connections.
pub struct Running {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) live: Arc<Live>,
    pub(crate) tls: Arc<Tls>,
    pub(crate) runtime: Runtime,
    pub(crate) stop_signals: StopSignals,
    pub(crate) notifier: Arc<Notifier>,
    pub(crate) inbox: mpsc::Sender<Arrival>,
    pub(crate) status: Arc<Status>,
    /// Told when every session was told of the stop.
    pub(crate) stopped: Arc<Notify>,
    /// Told when everything is recorded and the recorder has ended.
    pub(crate) recorded: Arc<Notify>,
    /// Stops that the administrator asks for.
    pub(crate) stops: mpsc::Receiver<StopOrder>,
    /// What accepts connections.
    pub(crate) accepting: Vec<tokio::task::JoinHandle<()>>,
    pub(crate) threads: Threads,
    /// Given back only where nothing is written there any more; otherwise it goes with the process, and with it whatever still
    /// writes.
    pub(crate) data_dir: ManuallyDrop<DataDir>,
}

impl Server {
    /// Starts a server; it accepts connections when this returns. `source` reads its configuration again. A signal to stop
    /// that comes before anybody is served ends the process.
    ///
    /// # Errors
    /// Names the key of the configuration that cannot be honoured here, or what the system refused.
    pub fn start(config: Config, source: Source, signals: Signals) -> anyhow::Result<Running> {
        let live = Arc::new(Live::new(config));
        let config = live.config();
        let (files_max, language) = (raise_file_limit(), config.start_language());
        let mut data_dir = DataDir::claim(&config.data_dir, language)?;
        if let Some(file) = config.database().file() {
            data_dir.hold_database(file, language)?;
        }
        // Before the doors: where somebody can connect, an administrator who asks is answered when the start is over.
        let admin = signals
            .runtime
            .block_on(async { AdminSocket::open(data_dir.path()) })?;
        let doors = config
            .listeners
            .iter()
            .map(|listener| BoundListener::open(listener, language))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let addresses = doors
            .iter()
            .map(BoundListener::address)
            .collect::<Result<Vec<_>, _>>()?;

        // Before the keys: those that are there tell that there was a database.
        let mut store =
            beginning::open(&config, data_dir.path())?.with_casemap(config.settings.casemap);
        let cloak = Cloak::load(data_dir.path())?;
        let public_port = trust::public_port(&config.listeners, &addresses);
        let address_key = AddressKey::new(cloak.derive_bytes("addresses of files"));
        live.settle(public_port, address_key);
        let config = live.config();
        let decoy = Arc::new(Decoy::new(cloak.derive("decoys of SCRAM")));
        let certificate = Certificate::load(
            config.certificate.as_ref(),
            data_dir.path(),
            &config.settings.server,
            language,
        )?;
        certificate.follow(None);
        vigil::warn(&certificate, now(), live.language());
        let tls = Arc::new(Tls::new(certificate, HANDSHAKES_PER_CORE * cores()));
        let (snapshot, stepped) = beginning::take_up(&mut store, &config)?;

        let Signals {
            runtime,
            starting,
            stop: stop_signals,
            hangup,
        } = signals;
        let notifier = Arc::new(Notifier::from_environment());
        let pipe = Arc::new(Pipe::default());
        let status = Arc::new(Status::new(pipe.clone()));
        status.set_certificate(&tls.certificate());
        status.metrics.clock_steps.add(usize::from(stepped));
        let (inbox, arrivals) = mpsc::channel(INBOX);
        let (stop, stops) = mpsc::channel(1);
        let (reloads, reloads_asked) = mpsc::channel(RELOADS_WAITING);
        let (stopped, recorded) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let tickets = Arc::new(Tickets::default());
        let visits = Arc::new(Tickets::default());
        let timepiece = Timepiece::start();
        let ids = SessionIds::after(snapshot.last_id, timepiece);
        let mut settings = config.settings.clone();
        tls.promise(public_port).settle(&mut settings);
        let kept = snapshot
            .files
            .rows
            .iter()
            .filter(|file| file.path.is_none());
        let contents = kept.map(|file| file.sha256).collect();
        let mut core = Core::new(settings, snapshot, getrandom::u64()?);
        let mut outputs = Outputs::default();
        core.start(timepiece.moment(), &mut outputs);
        let (files, permits) = Files::open_folder(&data_dir.path().join(FILES))?;
        let files = Arc::new(files);
        core.handle(timepiece.moment(), Input::Permits(permits), &mut outputs);

        let store = Arc::new(store);
        let office = Arc::new(Office {
            spoken: None,
            shelf: Shelf::new(store.clone()),
            examination: Arc::new(Semaphore::new(1)),
            inbox: inbox.clone(),
            tickets: tickets.clone(),
            stop: stop.clone(),
            reloads: reloads.clone(),
            status: status.clone(),
            live: live.clone(),
            tls: tls.clone(),
            // Where only proxies connect, the administrator has to say where people come to.
            port: public_port.unwrap_or_else(|| addresses.first().map_or(PORT, SocketAddr::port)),
        });
        // From here on there is something to record, so that a stop takes its time.
        starting.finish();
        let data_dir = ManuallyDrop::new(data_dir);
        let threads = Threads::start(
            core,
            outputs,
            timepiece,
            arrivals,
            &store,
            &Parts {
                live: &live,
                decoy: &decoy,
                stop,
                reloads: reloads.clone(),
                pipe: pipe.clone(),
                status: status.clone(),
                inbox: &inbox,
                tickets: tickets.clone(),
                visits: visits.clone(),
                stopped: stopped.clone(),
                recorded: recorded.clone(),
                runtime: runtime.handle().clone(),
                files: files.clone(),
            },
        )?;

        let offering = Offering {
            files: files.clone(),
            live: live.clone(),
            inbox: inbox.clone(),
        };
        let sweep = Sweep::new(&files, &inbox, &visits);
        let lobby = Arc::new(Lobby {
            live: live.clone(),
            tls: tls.clone(),
            cloak,
            addresses: Arc::default(),
            turnstile: Turnstile::default(),
            http: Http::new(Site {
                live: live.clone(),
                status: status.clone(),
                inbox: inbox.clone(),
                visits,
                files: files.clone(),
                office: office.clone(),
            }),
            inbox: inbox.clone(),
            ids,
            status: status.clone(),
        });
        let reloader = Reloader {
            source,
            live: live.clone(),
            tls: tls.clone(),
            data_dir: data_dir.path().to_owned(),
            files: files.clone(),
            address_key,
            public_port,
            status: status.clone(),
            inbox: inbox.clone(),
            notifier: notifier.clone(),
        };
        let schedule = Schedule {
            live: live.clone(),
            status: status.clone(),
            data_dir: data_dir.path().to_owned(),
            inbox: inbox.clone(),
            tickets,
        };
        let room = Arc::new(Room::measure(files_max));
        let mut accepting = vec![
            runtime.spawn(admin.serve(office)),
            runtime.spawn(ticks::tell(inbox.clone(), status.clone(), pipe.clone())),
            runtime.spawn(reloader.run(reloads_asked)),
            runtime.spawn(schedule.run()),
            runtime.spawn(sweep.run(contents)),
            runtime.spawn(files.free_removed()),
            runtime.spawn(offering.run()),
            runtime.spawn(notifier.clone().keep_telling(status.clone(), live.clone())),
        ];
        for door in doors {
            let serving = door.serve(lobby.clone(), room.clone());
            let status = status.clone();
            accepting.push(runtime.spawn(async move {
                if let Err(error) = serving.await {
                    status.set_accepting(false);
                    tracing::error!(event = "listen.failed", error = %error, "a listener has ended");
                }
            }));
        }
        status.set_accepting(true);
        data_dir.tell_addresses(&addresses)?;
        let mut running = Running {
            addresses,
            live,
            tls,
            runtime,
            stop_signals,
            notifier,
            inbox,
            status,
            stopped,
            recorded,
            stops,
            accepting,
            threads,
            data_dir,
        };
        running.announce();
        running.notifier.ready();
        // Not before: a manager wants to hear of the start first.
        let hangups = running.runtime.spawn(reload::on_signal(hangup, reloads));
        running.accepting.push(hangups);
        Ok(running)
    }
}

impl Running {
    /// The addresses it listens on, with the ports that the system chose for port 0.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The SHA-256 of its certificate, in hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.tls.certificate().fingerprint.clone()
    }

    /// Where it keeps everything.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    pub(crate) fn address_file(&self) -> PathBuf {
        self.data_dir.address_file()
    }

    /// Tells the administrator where the server is, how to recognise it and how to connect.
    fn announce(&self) {
        let config = self.live.config();
        let language = config.settings.language;
        for address in &self.addresses {
            let (host, port) = (address.ip().to_string(), address.port().to_string());
            // The name by default is no name of any machine.
            let server = &config.settings.server;
            let named = *server != Settings::default().server;
            let host = match (address.ip().is_unspecified(), named) {
                (true, true) => server.to_string(),
                (true, false) => text(language, "start-this-machine"),
                (false, _) => host,
            };
            let address = address.to_string();
            let variables = [
                ("address", address.as_str()),
                ("host", host.as_str()),
                ("port", port.as_str()),
            ];
            let message = text_with(language, "start-listening", &variables);
            tracing::info!(event = "server.listening", address, "{message}");
        }
        let certificate = self.tls.certificate();
        let key = if certificate.self_signed {
            "start-certificate-self-signed"
        } else {
            "start-certificate"
        };
        let message = text_with(language, key, &[("fingerprint", &certificate.fingerprint)]);
        tracing::info!(
            event = "server.certificate",
            sha256 = certificate.fingerprint,
            "{message}"
        );
        let rows = fingerprint::rows(&certificate.public_key).join("  ");
        let message = text_with(language, "start-public-key", &[("fingerprint", &rows)]);
        tracing::info!(
            event = "server.public_key",
            sha256 = certificate.public_key,
            "{message}"
        );
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
