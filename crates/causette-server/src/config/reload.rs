//! Reads the configuration again, on a signal or on the word of an operator or the administrator, and puts it in force whole or not at all.

use crate::config::live::Live;
use crate::config::{Config, Unusable};
use crate::engine::{Arrival, now};
use crate::files::Files;
use crate::identity::certificate::Certificate;
use crate::identity::vigil;
use crate::log;
use crate::net::tls::Tls;
use crate::notify::Notifier;
use crate::status::Status;
use causette_core::file::AddressKey;
use causette_core::id::SessionId;
use causette_core::input::{By, Input};
use causette_core::settings::Settings;
use causette_text::Language;
use causette_text::{text, text_with};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::signal::unix::Signal;
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;

/// Reads the configuration as it was read at the start: the same file, the same options of the command line.
pub struct Source(Box<Read>);

/// Reads a configuration and says in a language what is wrong with it.
type Read = dyn Fn(Language) -> Result<Config, Unusable> + Send + Sync;

impl Source {
    /// What reads it.
    pub fn new(
        read: impl Fn(Language) -> Result<Config, Unusable> + Send + Sync + 'static,
    ) -> Self {
        Self(Box::new(read))
    }
}

/// Who asks for the configuration to be read again, and is told what came of it.
#[derive(Debug)]
pub(crate) enum Requester {
    /// A signal: only the log is told.
    Signal,
    /// An operator, by IRC.
    Session(SessionId),
    /// The administrator, as the register names them.
    Administrator(By, oneshot::Sender<Result<(), Unusable>>),
}

/// Puts another configuration in force.
pub(crate) struct Reloader {
    /// Where it comes from.
    pub(crate) source: Source,
    /// Where it goes.
    pub(crate) live: Arc<Live>,
    /// What shows the certificate.
    pub(crate) tls: Arc<Tls>,
    /// The folder of the certificate, where it is our own.
    pub(crate) data_dir: PathBuf,
    /// What looks again through the files that are offered.
    pub(crate) files: Arc<Files>,
    /// By what addresses of files are signed.
    pub(crate) address_key: AddressKey,
    /// Where clients come with TLS, if the certificate is one that they trust.
    pub(crate) public_port: Option<u16>,
    /// Where the certificate's end is shown.
    pub(crate) status: Arc<Status>,
    /// The engine's inbox.
    pub(crate) inbox: mpsc::Sender<Arrival>,
    /// The service manager, which wants to know when another configuration is on its way.
    pub(crate) notifier: Arc<Notifier>,
}

impl Reloader {
    /// Reads it for each who asks, one after the other. In between it looks after the certificate: nobody else may put another
    /// in its place.
    pub(crate) async fn run(self, mut requests: mpsc::Receiver<Requester>) {
        let this = Arc::new(self);
        let mut hours = vigil::hours();
        loop {
            let requested = tokio::select! {
                requested = requests.recv() => requested,
                _ = hours.tick() => {
                    if this.clone().watch().await.is_err() {
                        return;
                    }
                    continue;
                }
            };
            let Some(asker) = requested else { return };
            this.notifier.reloading();
            let reloader = this.clone();
            let result = spawn_blocking(move || reloader.reload()).await;
            let result = result.unwrap_or_else(|_| {
                let reason = text(this.live.language(), "admin-unavailable");
                Err(Unusable::for_now(reason))
            });
            match &result {
                Ok(_) => tracing::info!(
                    event = "config.reloaded",
                    "the configuration was read again"
                ),
                Err(unusable) => {
                    for reason in unusable.reasons() {
                        tracing::error!(
                            event = "config.reload_failed",
                            reason,
                            "the configuration stays as it was"
                        );
                    }
                }
            }
            // Ready for what comes next, with the one configuration or the other.
            this.notifier.ready();
            let answer = result.as_ref().map(drop).map_err(Clone::clone);
            let (by, waiting) = match asker {
                Requester::Session(session) => (By::Session(session), None),
                Requester::Signal => (By::Server, None),
                Requester::Administrator(by, waiting) => (by, Some(waiting)),
            };
            // Who asked by IRC is told in any case, and the core of what is in force now.
            if matches!(by, By::Session(_)) || result.is_ok() {
                let in_short = |unusable: Unusable| unusable.in_short(this.live.language());
                let reloaded = Input::Reloaded {
                    by,
                    result: result
                        .map(Box::new)
                        .map_err(|unusable| on_one_line(&in_short(unusable))),
                };
                if this.inbox.send(Arrival::Input(reloaded)).await.is_err() {
                    return;
                }
            }
            if let Some(waiting) = waiting {
                // Who has waited long enough has gone.
                let _ = waiting.send(answer);
            }
        }
    }

    /// Reads everything before it changes anything.
    fn reload(&self) -> Result<Settings, Unusable> {
        let (old, language) = (self.live.config(), self.live.language());
        let mut new = (self.source.0)(language)?;
        if let Some(key) = needs_restart(&old, &new) {
            let reason = text_with(language, "reload-needs-restart", &[("key", key)]);
            return Err(Unusable::because(reason));
        }
        let files = new.certificate.as_ref();
        let server = &new.settings.server;
        let certificate = Certificate::load(files, &self.data_dir, server, language)?;
        let log_file = log::open(&new.log, language)?;
        certificate.follow(Some(&self.tls.certificate()));
        vigil::warn(&certificate, now(), new.settings.language);
        self.status.set_certificate(&certificate);
        self.tls.show(certificate);
        self.tls.promise(self.public_port).settle(&mut new.settings);
        new.files
            .settle(&mut new.settings, self.public_port, self.address_key);
        let settings = new.settings.clone();
        log::apply(&new.log, log_file);
        self.live.replace(new);
        self.files.offered.look_again();
        Ok(settings)
    }
}

/// A reason may come from a library, and goes onto one line of IRC.
fn on_one_line(reason: &str) -> String {
    let words: Vec<&str> = reason.split(|c: char| c.is_control()).collect();
    words.join(" ")
}

/// Asks for a reload at each signal, for as long as it is let.
pub(crate) async fn on_signal(mut hangup: Signal, requests: mpsc::Sender<Requester>) {
    while hangup.recv().await.is_some() {
        if requests.send(Requester::Signal).await.is_err() {
            return;
        }
    }
}

/// The first key that differs and that only a start can honour: what names are bound to, and where everything is kept.
fn needs_restart(old: &Config, new: &Config) -> Option<&'static str> {
    if old.settings.server != new.settings.server {
        Some("server.name")
    } else if old.settings.casemap != new.settings.casemap {
        Some("server.casemapping")
    } else if old.data_dir != new.data_dir {
        Some("server.data_dir")
    } else if old.database.to_string() != new.database.to_string() {
        Some("database.url")
    } else if old.database != new.database {
        // The same place, and another way to it.
        Some("[database]")
    } else if old.listeners != new.listeners {
        Some("[[listener]]")
    } else if old.log.format != new.log.format {
        Some("log.format")
    } else if old.log.file != new.log.file {
        Some("log.file")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;
    use crate::identity::certificate::tests::ours;
    use std::path::Path;
    use std::sync::Mutex;

    /// A reloader and the text of the configuration that it reads.
    struct Bench {
        folder: Folder,
        text: Arc<Mutex<String>>,
        live: Arc<Live>,
        tls: Arc<Tls>,
        requests: mpsc::Sender<Requester>,
        arrivals: mpsc::Receiver<Arrival>,
    }

    fn bench(first: &str) -> Bench {
        let folder = Folder::new();
        let text = Arc::new(Mutex::new(first.to_owned()));
        let source = Source::new({
            let text = text.clone();
            move |language| {
                Config::parse(&text.lock().unwrap())
                    .map_err(|mistakes| Unusable::in_file(Path::new("test"), &mistakes, language))
            }
        });
        let live = Arc::new(Live::new(Config::parse(first).unwrap()));
        let tls = Arc::new(Tls::new(ours(&folder), 1));
        let (inbox, arrivals) = mpsc::channel(1);
        let (requests, requested) = mpsc::channel(1);
        let reloader = Reloader {
            source,
            live: live.clone(),
            tls: tls.clone(),
            data_dir: folder.0.clone(),
            files: Arc::new(Files::nowhere()),
            address_key: AddressKey::default(),
            public_port: Some(6697),
            status: Arc::new(Status::new(Arc::default())),
            inbox,
            notifier: Arc::new(Notifier::from_environment()),
        };
        tokio::spawn(reloader.run(requested));
        Bench {
            folder,
            text,
            live,
            tls,
            requests,
            arrivals,
        }
    }

    impl Bench {
        /// Reads another text for a session, and gives what the core is told.
        async fn reload(&mut self, text: &str) -> Result<Box<Settings>, String> {
            text.clone_into(&mut self.text.lock().unwrap());
            let session = SessionId(1);
            self.requests
                .send(Requester::Session(session))
                .await
                .unwrap();
            match self.arrivals.recv().await.unwrap() {
                Arrival::Input(Input::Reloaded {
                    by: By::Session(of),
                    result,
                }) if of == session => result,
                other => panic!("{other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn what_may_change_is_in_force_at_once() {
        let mut bench = bench("");
        let settings = bench
            .reload("[server]\nnetwork = \"Other\"\nlanguage = \"fr\"\n[flood]\nrate = 9\nexempt = [\"192.0.2.0/24\"]")
            .await
            .unwrap();
        assert_eq!(settings.network, "Other");
        let config = bench.live.config();
        assert_eq!(config.settings, *settings);
        assert_eq!(config.flood.rate, 9);
        assert!(config.flood.exempts("192.0.2.7".parse().unwrap()));
        assert_eq!(bench.live.language(), Language::Fr);
    }

    #[tokio::test]
    async fn what_needs_a_start_is_told_with_its_key_and_nothing_changes() {
        let mut bench = bench("");
        for (key, text) in [
            ("server.name", "[server]\nname = \"chat.example.org\""),
            ("server.data_dir", "[server]\ndata_dir = \"other\""),
            ("server.casemapping", "[server]\ncasemapping = \"precis\""),
            ("database.url", "[database]\nurl = \"sqlite:other.db\""),
            (
                "database.url",
                "[database]\nurl = \"mysql://a@db.test/chat\"",
            ),
            ("[[listener]]", "[[listener]]\nallow_plaintext = true"),
            ("log.format", "[log]\nformat = \"json\""),
            ("log.file", "[log]\nfile = \"causette.log\""),
        ] {
            let text = format!("{text}\n[accounts]\npassword_min = 3");
            let refusal = bench.reload(&text).await.unwrap_err();
            assert!(refusal.contains(key), "{refusal}");
            assert_eq!(bench.live.config().settings, Settings::default());
        }
    }

    #[tokio::test]
    async fn a_log_that_cannot_be_opened_again_changes_nothing() {
        let log = "[log]\nfile = \"/nowhere/at.all\"\n";
        let mut bench = bench(log);
        let reload = bench.reload(&format!("{log}[flood]\nrate = 9")).await;
        let refusal = reload.unwrap_err();
        assert!(refusal.contains("log.file"), "{refusal}");
        assert_ne!(bench.live.config().flood.rate, 9);
    }

    #[tokio::test]
    async fn a_wrong_file_changes_nothing_and_a_signal_tells_only_the_log() {
        let mut bench = bench("");
        assert_eq!(on_one_line("a\r\nb: c"), "a  b: c");
        let wrong = "[limits]\nnick = 0";
        wrong.clone_into(&mut bench.text.lock().unwrap());
        bench.requests.send(Requester::Signal).await.unwrap();
        // The first that the core hears of is what a session asked for after the signal.
        let refusal = bench.reload(wrong).await.unwrap_err();
        assert!(refusal.contains("limits.nick"), "{refusal}");
        "[server]\nnetwork = \"Other\"".clone_into(&mut bench.text.lock().unwrap());
        bench.requests.send(Requester::Signal).await.unwrap();
        let arrival = bench.arrivals.recv().await.unwrap();
        assert!(
            matches!(
                arrival,
                Arrival::Input(Input::Reloaded {
                    by: By::Server,
                    result: Ok(_)
                })
            ),
            "{arrival:?}"
        );
    }

    #[tokio::test]
    async fn the_administrator_waits_for_the_result_and_gets_all_of_it() {
        let mut bench = bench("");
        let ask = async |bench: &Bench, text: &str| {
            text.clone_into(&mut bench.text.lock().unwrap());
            let (waiting, told) = oneshot::channel();
            bench
                .requests
                .send(Requester::Administrator(By::System("root".into()), waiting))
                .await
                .unwrap();
            told.await
        };
        let told = ask(&bench, "[limits]\nnick = 0\ntopic = 0").await.unwrap();
        let reasons = told.unwrap_err().reasons().join("\n");
        assert!(
            reasons.contains("limits.nick") && reasons.contains("limits.topic"),
            "{reasons}"
        );
        assert_eq!(ask(&bench, "[flood]\nrate = 9").await.unwrap(), Ok(()));
        assert_eq!(bench.live.config().flood.rate, 9);
        let arrival = bench.arrivals.recv().await.unwrap();
        assert!(matches!(
            arrival,
            Arrival::Input(Input::Reloaded {
                by: By::System(name),
                result: Ok(_)
            }) if name == "root"
        ));
    }

    #[tokio::test]
    async fn new_connections_are_shown_the_new_certificate_and_a_broken_one_is_not_taken() {
        let mut bench = bench("");
        let first = bench.tls.certificate().fingerprint.clone();
        let other = Folder::new();
        let made = ours(&other);
        let text = format!(
            "[tls]\ncertificate = {:?}\nkey = {:?}\n",
            other.0.join("certificate.pem"),
            other.0.join("key.pem")
        );
        let settings = bench.reload(&text).await.unwrap();
        assert_eq!(settings.public_port, None, "no authority knows it");
        let certificate = bench.tls.certificate();
        assert_eq!(certificate.fingerprint, made.fingerprint);
        assert!(certificate.fingerprint != first && !certificate.self_signed);

        std::fs::copy(bench.folder.0.join("key.pem"), other.0.join("key.pem")).unwrap();
        let refusal = bench.reload(&format!("{text}[flood]\nrate = 9")).await;
        assert!(refusal.unwrap_err().contains("tls.key"));
        assert_eq!(bench.tls.certificate().fingerprint, made.fingerprint);
        assert_ne!(bench.live.config().flood.rate, 9);
    }
}
