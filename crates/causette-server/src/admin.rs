//! The administrator's door: requests over a Unix socket in the data folder, one JSON object a line.
//!
//! Each names a [verb](VERBS) with its fields, as `{"verb":"kick","nick":…,"reason":…}`, and is answered by `{"ok":…,"text":…}`, with the number of the entry in
//! the register and the data where there are some; a stop once more when it is over. `{"verb":"watch"}` is followed by what happens, an event a line, until the
//! connection ends. Only root and the server's own user may ask.

mod asking;
mod data;
mod examining;
mod fields;
mod lists;
mod office;
mod plain;
pub(crate) mod register;
mod request;
pub mod span;
pub(crate) mod system_user;
mod verb;
mod verbs;
mod wanted;
mod watch;
mod witnesses;

pub use asking::{Farewell, Stop, Stream, Unanswered, ask, follow, stop, watch};
pub(crate) use data::of as data_of;
pub(crate) use office::Office;
pub(crate) use office::invite::terms as invitation_terms;
pub(crate) use request::Obeyed;
pub use request::{Kind, Reply, Request};
pub use verb::{Field, FieldKind, Nature, Spelling, Verb};
pub use verbs::VERBS;
pub(crate) use wanted::Wanted;
pub(crate) use watch::Watchers;
pub(crate) use witnesses::Witnesses;

use crate::net::listen::{Spare, is_out_of_files};
use crate::net::shortage::Resource;
use anyhow::Context as _;
use causette_core::limits::ADMIN_CONNECTIONS;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::sync::Semaphore;

/// The socket's name in the data folder.
pub(crate) const SOCKET: &str = "admin.sock";

/// How long a request may take to arrive, and an answer to be made.
const PATIENCE: Duration = Duration::from_secs(30);

/// The socket. Who asks before the start is over waits for its end.
pub(crate) struct AdminSocket {
    listener: UnixListener,
    path: PathBuf,
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
    pub(crate) async fn serve(self, office: Arc<Office>) {
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
