//! Those who asked for the stop: they wait for the end, and hear whether it is recorded. Only a word says that it is: who hears
//! nothing but the end of the connection must take it that the server was killed.

use super::{Kind, Reply};
use causette_core::limits::ADMIN_CONNECTIONS;
use std::io::Write as _;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

/// Their sockets, kept apart from the tasks that answer: these are gone when the end is known.
#[derive(Debug, Default)]
pub(crate) struct Witnesses(Mutex<Vec<UnixStream>>);

impl Witnesses {
    /// One more. Who is too many, or has no file left, hears only that the connection ends.
    pub(crate) fn add(&self, socket: &impl AsFd) {
        let mut sockets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sockets.len() < ADMIN_CONNECTIONS
            && let Ok(socket) = socket.as_fd().try_clone_to_owned()
        {
            sockets.push(socket.into());
        }
    }

    /// Tells them what came of it, and lets them go.
    pub(crate) fn tell(&self, ended: &anyhow::Result<()>) {
        let ended = ended.as_ref().map(|()| String::new());
        self.say(&ended.map_err(|error| format!("{error:#}")).into());
    }

    /// Tells them that nothing comes of it, and lets them go.
    pub(crate) fn call_off(&self, text: String) {
        self.say(&Reply::refusal_of(Kind::Refused, text));
    }

    fn say(&self, reply: &Reply) {
        let sockets = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let Ok(mut told) = serde_json::to_vec(reply) else {
            return;
        };
        told.push(b'\n');
        for mut socket in sockets {
            // There is one short line before it, if any: it fits, or the other end has left.
            let _ = socket.write_all(&told);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::io::Read as _;

    fn heard(ended: &anyhow::Result<()>) -> String {
        let witnesses = Witnesses::default();
        let (server, mut client) = UnixStream::pair().unwrap();
        witnesses.add(&server);
        drop(server);
        witnesses.tell(ended);
        let mut heard = String::new();
        client.read_to_string(&mut heard).unwrap();
        heard
    }

    #[test]
    fn who_asked_for_the_stop_hears_what_came_of_it() {
        assert_eq!(heard(&Ok(())), "{\"ok\":true,\"text\":\"\"}\n");
        let failed = Err(anyhow::anyhow!("the disk refuses"));
        let told = "{\"ok\":false,\"text\":\"the disk refuses\"}\n";
        assert_eq!(heard(&failed), told);
    }

    #[test]
    fn who_asked_for_a_stop_that_is_called_off_hears_that_it_was() {
        let witnesses = Witnesses::default();
        let (server, mut client) = UnixStream::pair().unwrap();
        witnesses.add(&server);
        drop(server);
        witnesses.call_off("it goes on".to_owned());
        let mut heard = String::new();
        client.read_to_string(&mut heard).unwrap();
        assert_eq!(
            heard,
            "{\"ok\":false,\"text\":\"it goes on\",\"kind\":\"refused\"}\n"
        );
    }
}
