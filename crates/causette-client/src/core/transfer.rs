//! Files on their way between this machine and the server, as faces show them. The bytes are carried by
//! [`transfer`](mod@crate::transfer), which tells the client how far each one is.

mod words;

use crate::core::disarm::disarmed;
use crate::core::locale::Locale;
use causette_proto::{CompactString, FileName};
use serde::{Deserialize, Deserializer, Serialize};
use std::time::Duration;

/// Which transfer; it outlives a run of the client.
pub type TransferId = CompactString;

/// For whom a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// For whoever has an account.
    Public,
    /// For whoever knows its address.
    Link,
    /// For oneself.
    Private,
    /// For those in a room.
    Room(CompactString),
    /// For one person, to whom it is sent.
    To(CompactString),
}

/// From where the bytes of a file come that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// From a file of this machine, as the person named it.
    Path(String),
    /// From a text that was typed or pasted.
    Text {
        /// What the file is called.
        name: String,
        /// The text.
        text: String,
    },
}

/// Which files are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Whatever the person may see: what is for everybody, their own, what was sent to them, and what is for these rooms, in which
    /// they are.
    Seen(Vec<CompactString>),
    /// Whatever there is, for those who run the server.
    All,
    /// What is for everybody.
    Public,
    /// One's own.
    Own,
    /// What was sent to the person.
    Sent,
    /// What is for a room.
    Room(CompactString),
}

impl Which {
    /// Reads what a person writes.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.to_lowercase().as_str() {
            "all" => Self::All,
            "public" => Self::Public,
            "own" => Self::Own,
            "sent" => Self::Sent,
            _ if word.starts_with(['#', '&']) => Self::Room(word.into()),
            _ => return None,
        })
    }
}

/// What is wanted of a transfer that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It waits until it is wanted again.
    Pause,
    /// It goes on.
    Resume,
    /// It is given up, and nothing of it is left.
    Cancel,
}

/// What the client wants carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// A file to the server.
    Upload {
        /// Under which name the transfer is known.
        id: TransferId,
        /// What.
        source: Source,
        /// For whom.
        audience: Audience,
    },
    /// A file from the server.
    Download {
        /// Under which name the transfer is known.
        id: TransferId,
        /// Its number, its name or its address.
        wanted: String,
    },
    /// The list of the files.
    List(Which),
    /// Something about a transfer that there is.
    Act(TransferId, Act),
}

/// In which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the server.
    Up,
    /// From the server.
    Down,
}

/// A file on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Which.
    pub id: TransferId,
    /// In which way.
    pub way: Way,
    /// What the file is called.
    pub name: String,
    /// For whom it is sent; of one that is fetched nothing.
    pub audience: Option<Audience>,
    /// Bytes that it has, as far as that is known.
    pub size: u64,
    /// Bytes that have arrived.
    pub done: u64,
    /// Bytes in a second lately; zero while that is not known.
    pub pace: u64,
    /// How far it has come.
    pub stage: Stage,
}

/// How far a transfer has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Others go before it.
    Waiting,
    /// Its SHA-256 is counted.
    Counting,
    /// It moves.
    Moving,
    /// The network or the server is away, for this reason; it goes on by itself.
    Away(String),
    /// The person has stopped it.
    Paused,
    /// It is there, whole.
    Done(Outcome),
    /// It is not, and does not go on by itself.
    Failed(Setback),
    /// The person has given it up.
    Cancelled,
}

/// What became of a file that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The file as the server knows it; nothing of it is known on a server of another kind.
    pub file: Option<Box<FileRow>>,
    /// Where on this machine it is.
    pub path: Option<String>,
    /// Its address.
    pub address: Option<String>,
}

/// Why a transfer has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setback {
    /// Of which kind that is.
    pub kind: Fault,
    /// What the person reads.
    pub text: String,
}

/// Of which kind a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The network, or a server that is busy.
    Network,
    /// The server's key is not trusted.
    Trust,
    /// The sign-in was refused.
    Credentials,
    /// The server says no.
    Refused,
    /// There is no such file.
    NotFound,
    /// It was not written as it must be: a folder where a file was meant.
    Usage,
    /// Something on this machine.
    Here,
}

impl Fault {
    /// Whether what has stopped it may pass, so that it goes on from where it is.
    pub(crate) fn may_go_on(self) -> bool {
        matches!(
            self,
            Self::Here | Self::Credentials | Self::Trust | Self::Network
        )
    }
}

impl Setback {
    /// What the person reads where several files may be meant: with the name of this one, unless the text has it already.
    pub fn about(&self, name: &str, locale: &Locale) -> String {
        if self.text.contains(name) {
            return self.text.clone();
        }
        let variables = [("name", name), ("reason", self.text.as_str())];
        locale.text_with("client-transfer-failed", &variables)
    }
}

impl Transfer {
    /// Whether it is over, one way or the other.
    pub fn is_over(&self) -> bool {
        matches!(
            self.stage,
            Stage::Done(_) | Stage::Failed(_) | Stage::Cancelled
        )
    }

    /// How much of a hundred is there.
    pub fn percent(&self) -> u64 {
        match self.size {
            0 => u64::from(matches!(self.stage, Stage::Done(_))) * 100,
            size => u64::try_from(u128::from(self.done.min(size)) * 100 / u128::from(size))
                .unwrap_or(100),
        }
    }

    /// How long the rest takes at the pace of now, where that is known.
    pub fn time_left(&self) -> Option<Duration> {
        let left = self.size.saturating_sub(self.done);
        (self.pace > 0 && self.stage == Stage::Moving)
            .then(|| Duration::from_secs(left.div_ceil(self.pace)))
    }
}

/// A file that the server has, as it tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRow {
    /// Its number, by which people call it.
    pub id: u64,
    /// Its name in addresses.
    #[serde(deserialize_with = "disarmed")]
    pub key: String,
    /// What it is called.
    #[serde(deserialize_with = "named")]
    pub name: String,
    /// Whose it is; nobody's where the server offers it by itself.
    #[serde(default, deserialize_with = "disarmed")]
    pub owner: Option<String>,
    /// What it is: `image/png`.
    #[serde(default, rename = "type", deserialize_with = "disarmed")]
    pub media_type: String,
    /// Bytes that it has.
    pub size: u64,
    /// The SHA-256 of its bytes.
    #[serde(deserialize_with = "disarmed")]
    pub sha256: String,
    /// Who may see it: `public`, `room`, `link` or `private`.
    #[serde(default, deserialize_with = "disarmed")]
    pub visibility: String,
    /// The room that it is for.
    #[serde(default, deserialize_with = "disarmed")]
    pub room: Option<String>,
    /// To whom it was sent.
    #[serde(default, deserialize_with = "disarmed")]
    pub sent_to: Vec<String>,
    /// Whether those who run the server have put it aside.
    #[serde(default)]
    pub quarantined: bool,
    /// Since when it is there.
    #[serde(default, deserialize_with = "disarmed")]
    pub since: String,
    /// When it goes away by itself.
    #[serde(default, deserialize_with = "disarmed")]
    pub until: Option<String>,
    /// Where it is, as the path of its address.
    #[serde(default, deserialize_with = "disarmed")]
    pub path: Option<String>,
    /// Its whole address, where the server names one that is not by the connection on which people talk.
    #[serde(
        default,
        deserialize_with = "disarmed",
        skip_serializing_if = "Option::is_none"
    )]
    pub address: Option<String>,
}

/// Reads the name of a file as it would be saved here.
fn named<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let said = String::deserialize(from)?;
    Ok(FileName::nearest(&said).as_str().to_owned())
}

/// A list of files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Listing {
    /// The newest first.
    pub files: Vec<FileRow>,
    /// Whether there are more.
    #[serde(default)]
    pub more: bool,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_share_that_is_there_is_known_however_large_a_file_is() {
        let mut transfer = Transfer {
            id: "a".into(),
            way: Way::Up,
            name: "a".to_owned(),
            audience: None,
            size: u64::MAX,
            done: u64::MAX / 2 + 1,
            pace: 0,
            stage: Stage::Moving,
        };
        assert_eq!(transfer.percent(), 50);
        assert_eq!(transfer.time_left(), None);
        (transfer.size, transfer.done, transfer.pace) = (10, 0, 3);
        assert_eq!(transfer.time_left(), Some(Duration::from_secs(4)));
        (transfer.size, transfer.done) = (0, 0);
        assert_eq!(transfer.percent(), 0);
        transfer.stage = Stage::Done(Outcome::default());
        assert_eq!(transfer.percent(), 100);
    }

    #[test]
    fn nothing_that_a_server_says_of_a_file_commands_a_terminal() {
        let bad = "a\u{1b}]0;b\u{7}\u{202e}c";
        let said = serde_json::json!({
            "id": 1, "key": bad, "name": bad, "owner": bad, "type": bad, "size": 1, "sha256": bad, "visibility": bad,
            "room": bad, "sent_to": [bad], "since": bad, "until": bad, "path": bad, "address": bad,
        });
        let row: FileRow = serde_json::from_value(said).unwrap();
        assert_eq!(row.name, "a]0;bc");
        let mut told = serde_json::to_value(&row).unwrap();
        told["name"].take();
        let told = told.as_object().unwrap().values();
        let texts = told.filter_map(|value| value.get(0).unwrap_or(value).as_str());
        assert_eq!(texts.collect::<Vec<_>>(), ["a]0;b\u{fffd}c"; 11]);
    }

    #[test]
    fn which_files_is_a_word_or_a_room() {
        assert_eq!(Which::parse("SENT"), Some(Which::Sent));
        assert_eq!(Which::parse("#x"), Some(Which::Room("#x".into())));
        assert_eq!(Which::parse("mine"), None);
    }
}
