//! A room full of members that read all the time, and what they saw.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use causette_proto::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::client::{Client, codec};

/// Bytes that a member reads at a time.
const READ_BYTES: usize = 16 * 1024;
/// How many clients connect at a time.
const CONNECTING: usize = 64;
/// How often a counter is looked at.
const POLL: Duration = Duration::from_millis(1);
/// How long the last messages of a measure may take.
const ARRIVAL_MAX: Duration = Duration::from_secs(60);

/// How members present themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// Each with a new account and the capabilities of a present-day client.
    Account,
    /// With a nickname only, and no capability; what one sends does not come back.
    Guest,
}

/// The members of one room.
#[derive(Debug)]
pub(crate) struct Crowd {
    channel: String,
    entrance: Entrance,
    writers: Vec<OwnedWriteHalf>,
    readers: Vec<JoinHandle<()>>,
    seen: Arc<Seen>,
}

/// What the members have received together.
#[derive(Debug)]
struct Seen {
    /// Messages, counted once for each member that received them.
    deliveries: AtomicU64,
    /// Stamps are counted from here.
    epoch: Instant,
    /// Latencies of the stamped messages, in microseconds, for each member.
    latencies: Vec<Mutex<Vec<u32>>>,
}

impl Crowd {
    /// Connects `size` members and lets them join. They read from then on.
    pub(crate) async fn gather(
        server: SocketAddr,
        channel: &str,
        size: usize,
        entrance: Entrance,
    ) -> anyhow::Result<Self> {
        let mut members = join_all(server, channel, size, entrance).await?;
        // Whoever came early still has to read that the others came.
        let mut settling = JoinSet::new();
        for mut member in members.drain(..) {
            settling.spawn(async move { member.settle().await.map(|()| member) });
        }
        let seen = Arc::new(Seen {
            deliveries: AtomicU64::new(0),
            epoch: Instant::now(),
            latencies: (0..size).map(|_| Mutex::default()).collect(),
        });
        let (mut writers, mut readers) = (Vec::new(), Vec::new());
        while let Some(member) = settling.join_next().await {
            let (reader, writer) = member??.into_split();
            readers.push(tokio::spawn(read(reader, seen.clone(), readers.len())));
            writers.push(writer);
        }
        Ok(Self {
            channel: channel.to_owned(),
            entrance,
            writers,
            readers,
            seen,
        })
    }

    /// How many members receive one message.
    pub(crate) fn audience(&self) -> u64 {
        let members = self.readers.len() as u64;
        if self.entrance == Entrance::Guest {
            members - 1
        } else {
            members
        }
    }

    /// Messages received so far, counted once for each member.
    pub(crate) fn deliveries(&self) -> u64 {
        self.seen.deliveries.load(Ordering::Relaxed)
    }

    /// Waits until the members have received `deliveries` since the beginning.
    pub(crate) async fn wait_for(&self, deliveries: u64) -> anyhow::Result<()> {
        let begun = Instant::now();
        while self.deliveries() < deliveries {
            if begun.elapsed() > ARRIVAL_MAX {
                bail!("{} of {deliveries} deliveries arrived", self.deliveries());
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Takes the first members' writing sides, one for each of `count` senders. A sender that is dropped leaves the room.
    pub(crate) fn senders(&mut self, count: usize) -> Vec<Sender> {
        self.writers
            .drain(..count.min(self.writers.len()))
            .map(|writer| Sender {
                writer,
                channel: self.channel.clone(),
                seen: self.seen.clone(),
            })
            .collect()
    }

    /// Gives a member its writing side back.
    pub(crate) fn give_back(&mut self, sender: Sender) {
        self.writers.push(sender.writer);
    }

    /// Takes the latencies of what arrived since the last time, in microseconds.
    pub(crate) fn latencies(&self) -> Vec<u32> {
        let take = |member: &Mutex<Vec<u32>>| {
            std::mem::take(&mut *member.lock().unwrap_or_else(PoisonError::into_inner))
        };
        self.seen.latencies.iter().flat_map(take).collect()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for reader in &self.readers {
            reader.abort();
        }
    }
}

/// The writing side of one member.
#[derive(Debug)]
pub(crate) struct Sender {
    writer: OwnedWriteHalf,
    channel: String,
    seen: Arc<Seen>,
}

impl Sender {
    /// Sends as long as fewer than `waiting` deliveries wait to be received, until the task is aborted or the server ends.
    ///
    /// `sent` counts the messages of all senders, `audience` is who receives each.
    pub(crate) async fn send_flat_out(mut self, sent: Arc<AtomicU64>, audience: u64, waiting: u64) {
        let line = self.line(".", TEXT_BYTES);
        loop {
            let due = (sent.load(Ordering::Relaxed) * audience)
                .saturating_sub(self.seen.deliveries.load(Ordering::Relaxed));
            if due >= waiting {
                sleep(POLL).await;
                continue;
            }
            sent.fetch_add(1, Ordering::Relaxed);
            if self.writer.write_all(line.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    /// Sends `count` messages at `rate` a second, whatever becomes of them, with `text_bytes` of text each. A message that
    /// cannot be sent in time keeps the moment at which it was due.
    pub(crate) async fn send_paced(
        &mut self,
        rate: u32,
        count: u32,
        text_bytes: usize,
    ) -> anyhow::Result<()> {
        // A thread, because the timer of the runtime is a millisecond coarse.
        let (beat, mut beats) = mpsc::channel(1024);
        let epoch = self.seen.epoch;
        let metronome = std::thread::spawn(move || {
            let start = Instant::now();
            for number in 0..count {
                let due = start + Duration::from_secs(1) * number / rate;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                if beat.blocking_send((due - epoch).as_micros()).is_err() {
                    return;
                }
            }
        });
        while let Some(due) = beats.recv().await {
            let line = self.line(&due.to_string(), text_bytes);
            self.writer
                .write_all(line.as_bytes())
                .await
                .context("the sender was disconnected")?;
        }
        metronome
            .join()
            .map_err(|_| anyhow::anyhow!("the metronome failed"))
    }

    fn line(&self, last_word: &str, text_bytes: usize) -> String {
        let padding = "x".repeat(text_bytes.saturating_sub(last_word.len() + 1));
        format!("PRIVMSG {} :{padding} {last_word}\r\n", self.channel)
    }
}

/// Bytes of the text of a message, as people write.
pub(crate) const TEXT_BYTES: usize = 80;

async fn join_all(
    server: SocketAddr,
    channel: &str,
    size: usize,
    entrance: Entrance,
) -> anyhow::Result<Vec<Client<tokio::net::TcpStream>>> {
    let door = Arc::new(Semaphore::new(CONNECTING));
    let mut joining = JoinSet::new();
    for number in 0..size {
        let (door, channel) = (door.clone(), channel.to_owned());
        joining.spawn(async move {
            let _turn = door.acquire().await?;
            let mut client = Client::connect(server, 0).await?;
            // The room is part of the name, so that one server can see several crowds.
            let nick = format!("m{number}{}", channel.trim_start_matches('#'));
            match entrance {
                Entrance::Account => client.sign_up(&nick).await?,
                Entrance::Guest => client.introduce(&nick).await?,
            }
            client.join(&channel).await?;
            anyhow::Ok(client)
        });
    }
    let mut members = Vec::with_capacity(size);
    while let Some(member) = joining.join_next().await {
        members.push(member??);
    }
    Ok(members)
}

/// Reads until the connection ends: counts messages, and notes the latency of those that carry a stamp.
async fn read(mut reader: OwnedReadHalf, seen: Arc<Seen>, member: usize) {
    let mut codec = codec();
    let mut bytes = vec![0; READ_BYTES];
    while let Ok(read @ 1..) = reader.read(&mut bytes).await {
        let now = seen.epoch.elapsed().as_micros();
        codec.push(&bytes[..read]);
        let mut deliveries = 0;
        let mut latencies = seen.latencies[member]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while let Some(Frame::Line(line)) = codec.next() {
            if !is_message(line) {
                continue;
            }
            deliveries += 1;
            if let Some(due) = stamp(line) {
                latencies.push(u32::try_from(now.saturating_sub(due)).unwrap_or(u32::MAX));
            }
        }
        drop(latencies);
        seen.deliveries.fetch_add(deliveries, Ordering::Relaxed);
    }
}

/// Whether a line is a PRIVMSG: its second word is, or its third after tags. Cheaper than to parse it.
fn is_message(line: &[u8]) -> bool {
    let words = if line.first() == Some(&b'@') { 2 } else { 1 };
    line.split(|byte| *byte == b' ').nth(words) == Some(b"PRIVMSG")
}

/// The moment at which a message was due, in microseconds since the epoch of its crowd: its last word.
fn stamp(line: &[u8]) -> Option<u128> {
    let word = line.rsplit(|byte| *byte == b' ').next()?;
    std::str::from_utf8(word).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_from_other_lines() {
        assert!(is_message(b":a!a@h PRIVMSG #r :xxx 12"));
        assert!(is_message(b"@time=1;msgid=2 :a!a@h PRIVMSG #r :xxx 12"));
        assert!(!is_message(b":a!a@h JOIN #PRIVMSG"));
        assert!(!is_message(b"PING x"));
    }

    #[test]
    fn a_stamp_is_the_last_word() {
        assert_eq!(stamp(b":a!a@h PRIVMSG #r :xxx 12"), Some(12));
        assert_eq!(stamp(b":a!a@h PRIVMSG #r :xxx ."), None);
    }
}
