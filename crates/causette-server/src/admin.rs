//! The administrator's door: requests over a Unix socket in the data folder, one JSON object a line.
//!
//! `{"verb":"account.create","name":…,"password":…}`, `{"verb":"account.password","name":…,"password":…}`, `{"verb":"stop","reason":…}`, `{"verb":"status"}`,
//! `{"verb":"fingerprint"}`, `{"verb":"reload"}`, `{"verb":"invite","address":…,"room":…}`, `{"verb":"backup","file":…,"bytes":…,"sha256":…}`; each is answered by `{"ok":…,"text":…}`, and a stop once more when it is over. Only root and the server's own user may ask.

mod asking;
mod request;
mod system_user;
mod witnesses;

pub use asking::{Farewell, Stop, Unanswered, ask, stop};
pub(crate) use request::Obeyed;
pub use request::{Kind, Password, Reply, Request};
pub(crate) use witnesses::Witnesses;

use crate::config::live::Live;
use crate::config::reload::Requester;
use crate::engine::ticket::Tickets;
use crate::engine::{Arrival, now};
use crate::identity::fingerprint;
use crate::identity::invitation::{self, Destination};
use crate::identity::vigil;
use crate::net::listen::{Spare, is_out_of_files};
use crate::net::shortage::Resource;
use crate::net::tls::Tls;
use crate::shutdown::Halt;
use crate::status::Status;
use anyhow::{Context as _, bail};
use causette_core::input::{By, Input, Maker, Order};
use causette_core::limits::{ADMIN_CONNECTIONS, ADMIN_REQUEST_BYTES};
use causette_core::secret::Secret;
use causette_text::{text, text_with};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// The socket's name in the data folder.
const SOCKET: &str = "admin.sock";

/// How long a request may take to arrive, and an answer to be made.
const PATIENCE: Duration = Duration::from_secs(30);

/// The socket. Who asks before the start is over waits for its end.
pub(crate) struct AdminSocket {
    listener: UnixListener,
    path: PathBuf,
}

/// What answers requests.
pub(crate) struct Office {
    /// The engine's inbox.
    pub(crate) inbox: mpsc::Sender<Arrival>,
    /// The acts that wait.
    pub(crate) tickets: Arc<Tickets<Obeyed>>,
    /// Asks for the stop, with its reason.
    pub(crate) stop: mpsc::Sender<Halt>,
    /// Asks for the configuration to be read again.
    pub(crate) reloads: mpsc::Sender<Requester>,
    /// How the server is.
    pub(crate) status: Arc<Status>,
    /// In which language to answer.
    pub(crate) live: Arc<Live>,
    /// By what clients know the server.
    pub(crate) tls: Arc<Tls>,
    /// The port that people come to.
    pub(crate) port: u16,
}

impl AdminSocket {
    /// Opens the socket. One that a crash left behind is replaced: the folder's lock says that nobody else listens.
    pub(crate) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(SOCKET);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| path.display().to_string());
            }
            _ => {}
        }
        // The folder is closed to others, so nobody comes between these two steps.
        let listener = UnixListener::bind(&path).with_context(|| path.display().to_string())?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Answers requests for as long as it is let.
    pub(crate) async fn serve(self, office: Office) {
        let office = Arc::new(office);
        let room = Arc::new(Semaphore::new(ADMIN_CONNECTIONS));
        let mut spare = Spare::keep();
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) if is_out_of_files(&error) => {
                    let turn_away = |stream| office.turn_away(stream, Resource::Files);
                    spare.lend(self.listener.accept(), turn_away).await;
                    continue;
                }
                Err(error) => {
                    tracing::warn!(event = "admin.accept_failed", error = %error, "cannot accept");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            };
            let office = office.clone();
            let Ok(permit) = room.clone().try_acquire_owned() else {
                office.turn_away(stream, Resource::Admin);
                continue;
            };
            tokio::spawn(async move {
                if let Err(error) = office.converse(stream).await {
                    tracing::warn!(event = "admin.failed", error = %error, "an administrator's request failed");
                }
                drop(permit);
            });
        }
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        // The next start replaces it anyhow.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Office {
    /// Tells somebody that too many ask at once, or that no more files may be open.
    fn turn_away(&self, stream: UnixStream, resource: Resource) {
        self.status.metrics.shortages.turn_away(resource);
        let key = match resource {
            Resource::Files => "admin-no-files",
            _ => "admin-busy",
        };
        let reply = Reply::refusal(text(self.live.language(), key));
        let told = serde_json::to_vec(&reply).map_err(std::io::Error::other);
        // The buffer of a new connection is empty: it takes a line, or the other end has left.
        let _ = told.and_then(|mut told| {
            told.push(b'\n');
            stream.into_std()?.write_all(&told)
        });
    }

    async fn converse(&self, mut stream: UnixStream) -> anyhow::Result<()> {
        let peer = stream.peer_cred()?;
        if peer.uid() != 0 && peer.uid() != rustix::process::geteuid().as_raw() {
            bail!("user {} may not administer this server", peer.uid());
        }
        // Its end is not that of the socket: a witness of the stop has it still.
        let (reader, mut writer) = stream.split();
        let mut reader = tokio::io::BufReader::new(reader);
        loop {
            let mut line = Zeroizing::new(Vec::new());
            let mut request = (&mut reader).take(ADMIN_REQUEST_BYTES as u64);
            if timeout(PATIENCE, request.read_until(b'\n', &mut line)).await?? == 0 {
                return Ok(());
            }
            let whole = line.ends_with(b"\n");
            let reply = match serde_json::from_slice(&line) {
                Ok(request) if whole => {
                    let stops = matches!(request, Request::Stop { .. });
                    if stops && self.fault(&request).is_none() {
                        self.status.witnesses.add(writer.as_ref());
                    }
                    self.answer(request, peer.uid()).await
                }
                _ => Reply::refusal(text(self.live.language(), "admin-malformed")),
            };
            let mut answer = serde_json::to_vec(&reply)?;
            answer.push(b'\n');
            writer.write_all(&answer).await?;
            if !whole {
                return Ok(());
            }
        }
    }

    /// Why nothing of a request is done, whatever it asks for.
    fn fault(&self, request: &Request) -> Option<String> {
        let config = self.live.config();
        let language = config.settings.language;
        if let Some(field) = request.with_controls() {
            return Some(text_with(language, "admin-controls", &[("field", field)]));
        }
        let max = config.settings.stop_bytes();
        match request {
            Request::Stop { reason: Some(told) } if told.len() > max => {
                // People would not read it to its end.
                let variables = [("max", &*max.to_string())];
                Some(text_with(language, "admin-stop-too-long", &variables))
            }
            _ => None,
        }
    }

    async fn answer(&self, request: Request, user: u32) -> Reply {
        if let Some(text) = self.fault(&request) {
            return Reply::refusal(text);
        }
        match request {
            Request::CreateAccount { name, mut password } => {
                let password = Secret::new(std::mem::take(&mut password.0));
                self.order(
                    user,
                    Order::CreateAccount {
                        name: name.into(),
                        password,
                    },
                )
                .await
            }
            Request::ResetPassword { name, password } => {
                let password =
                    password.map(|mut password| Secret::new(std::mem::take(&mut password.0)));
                self.order(
                    user,
                    Order::ResetPassword {
                        name: name.into(),
                        password,
                    },
                )
                .await
            }
            Request::Stop { reason } => {
                // People would read that there is a reason, and none.
                let said = reason.filter(|reason| !reason.trim().is_empty());
                let reason =
                    said.unwrap_or_else(|| text(self.live.language(), "stop-by-administrator"));
                // A stop that is already under way needs no second one.
                let (by, reason) = (system(user), reason.into());
                let _ = self.stop.try_send(Halt { by, reason });
                Ok(text(self.live.language(), "admin-stopping")).into()
            }
            Request::Fingerprint => {
                let text = self.fingerprints();
                self.order(user, Order::ShowFingerprints { text }).await
            }
            Request::Reload => self.reload(user).await,
            Request::Invite { address, room } => self.invite(user, address.as_deref(), room).await,
            Request::EnterBackup {
                file,
                bytes,
                sha256,
            } => {
                let order = Order::EnterBackup {
                    file: file.into(),
                    bytes,
                    sha256: sha256.into(),
                    maker: Maker::Administrator,
                };
                self.order(user, order).await
            }
            Request::Status => {
                let language = self.live.language();
                let certificate = vigil::describe(&self.tls.certificate(), now(), language);
                let mut told = format!("{}\n{certificate}", self.status.text(language));
                if self.live.config().backup.every.is_some() {
                    told = format!("{told}\n{}", self.status.backups.text(language));
                }
                match self.status.trouble() {
                    None => Ok(told).into(),
                    Some(_) => Reply::refusal(told),
                }
            }
        }
    }

    async fn reload(&self, user: u32) -> Reply {
        let (waiting, told) = oneshot::channel();
        let asked = self
            .reloads
            .try_send(Requester::Administrator(system(user), waiting));
        if asked.is_err() {
            return self.unavailable();
        }
        match timeout(PATIENCE, told).await {
            Ok(Ok(Ok(()))) => Ok(text(self.live.language(), "rehashed")).into(),
            Ok(Ok(Err(unusable))) => Reply {
                kind: (!unusable.may_pass()).then_some(Kind::Configuration),
                ..Reply::refusal(unusable.to_string())
            },
            Ok(Err(_)) | Err(_) => self.unavailable(),
        }
    }

    fn unavailable(&self) -> Reply {
        Reply::refusal(text(self.live.language(), "admin-unavailable"))
    }

    fn fingerprints(&self) -> String {
        let (certificate, language) = (self.tls.certificate(), self.live.language());
        let mut lines = vec![
            text(language, "admin-fingerprint-certificate"),
            format!("  {}", certificate.fingerprint),
            text(language, "admin-fingerprint-public-key"),
        ];
        let rows = fingerprint::rows(&certificate.public_key);
        lines.extend(rows.iter().map(|row| format!("  {row}")));
        lines.push(format!("  sha256:{}", certificate.public_key));
        lines.join("\n")
    }

    async fn invite(&self, user: u32, address: Option<&str>, room: Option<String>) -> Reply {
        let config = self.live.config();
        let place = Destination {
            server: &config.settings.server,
            machine: &invitation::machine(),
            port: self.port,
        };
        let Some(address) = place.address(address) else {
            let key = "admin-invite-address";
            let variables = [("address", address.unwrap_or_default())];
            return Reply::refusal(text_with(self.live.language(), key, &variables));
        };
        let public_key = place.public_key(&address, &self.tls.certificate());
        self.order(
            user,
            Order::Invite {
                address: address.into(),
                room: room.map(Into::into),
                public_key: public_key.map(Into::into),
            },
        )
        .await
    }

    async fn order(&self, user: u32, order: Order) -> Reply {
        let by = system_user::name(user).into();
        let (ticket, result) = self.tickets.draw();
        let asked = async {
            let arrival = Arrival::Input(Input::Admin { ticket, by, order });
            self.inbox.send(arrival).await.ok()?;
            result.await.ok()
        };
        match timeout(PATIENCE, asked).await {
            Ok(Some(result)) => result.into(),
            _ => self.unavailable(),
        }
    }
}

/// A system user as the register names who asks.
fn system(user: u32) -> By {
    By::System(system_user::name(user).into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::{Config, Unusable};
    use crate::data_dir::tests::Folder;
    use crate::identity::certificate::tests::ours;

    /// An office, and where what it passes on arrives.
    struct Bench {
        office: Office,
        arrivals: mpsc::Receiver<Arrival>,
        stops: mpsc::Receiver<Halt>,
        reloads: mpsc::Receiver<Requester>,
    }

    fn bench() -> Bench {
        let (inbox, arrivals) = mpsc::channel(1);
        let (stop, stops) = mpsc::channel(1);
        let (asked, reloads) = mpsc::channel(1);
        let folder = Folder::new();
        let office = Office {
            inbox,
            tickets: Arc::default(),
            stop,
            reloads: asked,
            status: Arc::new(Status::new(Arc::default())),
            live: Arc::new(Live::new(Config::default())),
            tls: Arc::new(Tls::new(ours(&folder), 1)),
            port: 52020,
        };
        Bench {
            office,
            arrivals,
            stops,
            reloads,
        }
    }

    #[tokio::test]
    async fn only_a_wrong_configuration_is_told_as_one() {
        let Bench {
            office,
            mut reloads,
            ..
        } = bench();
        for (result, kind) in [
            (Err(Unusable::because("wrong")), Some(Kind::Configuration)),
            (Err(Unusable::for_now("full")), None),
            (Ok(()), None),
        ] {
            let (reply, ()) = tokio::join!(office.reload(0), async {
                let Some(Requester::Administrator(_, waiting)) = reloads.recv().await else {
                    panic!("nobody asks");
                };
                waiting.send(result.clone()).unwrap();
            });
            assert_eq!((reply.ok, reply.kind), (result.is_ok(), kind), "{reply:?}");
            let line = serde_json::to_string(&reply).unwrap();
            assert_eq!(serde_json::from_str::<Reply>(&line).unwrap(), reply);
        }
        // One that is lost, and one for which nobody is there.
        let (lost, ()) = tokio::join!(office.reload(0), async {
            drop(reloads.recv().await);
        });
        drop(reloads);
        for reply in [lost, office.reload(0).await] {
            assert_eq!((reply.ok, reply.kind), (false, None), "{reply:?}");
        }
    }

    #[tokio::test]
    async fn control_characters_and_endless_reasons_go_no_further() {
        let Bench {
            office,
            mut arrivals,
            mut stops,
            ..
        } = bench();
        let reason = Some("x".repeat(500));
        for (field, request) in [
            ("too long", Request::Stop { reason }),
            (
                "reason",
                Request::Stop {
                    reason: Some("bye\r\n:root PRIVMSG #general :hello".to_owned()),
                },
            ),
            (
                "room",
                Request::Invite {
                    address: Some("chat.example.org".to_owned()),
                    room: Some("#a\nb".to_owned()),
                },
            ),
            (
                "name",
                Request::CreateAccount {
                    name: "\u{1b}]0;alice".to_owned(),
                    password: Password("correct horse".to_owned()),
                },
            ),
        ] {
            let reply = office.answer(request, 0).await;
            assert!(!reply.ok && reply.text.contains(field), "{reply:?}");
        }
        assert!(arrivals.try_recv().is_err() && stops.try_recv().is_err());
        let reason = Some("a new disk, à demain".to_owned());
        assert!(office.answer(Request::Stop { reason }, 0).await.ok);
        assert_eq!(stops.try_recv().unwrap().reason, "a new disk, à demain");
        for reason in [None, Some(String::new()), Some(" ".to_owned())] {
            assert!(office.answer(Request::Stop { reason }, 0).await.ok);
            assert_eq!(
                stops.try_recv().unwrap().reason,
                "stopped by the administrator"
            );
        }
    }
}
