//! Files that people keep on the server: what is known of each, and who may see it. The bytes are not the core's: the server keeps
//! them by their SHA-256, and what the core says of a file is about its row.

mod address;
mod length;

pub(crate) use address::of as address;
pub use address::{AddressKey, Signer};
pub use length::{read_size, size};

use crate::id::{AccountId, FileId, RoomId};
use causette_proto::{CompactString, FileName, Timestamp};
use std::fmt;

/// The tag of a message that tells of a file; its value is the number.
pub(crate) const FILE_TAG: &str = "+causette/file";

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its number, by which people call it.
    pub id: FileId,
    /// Its name in addresses, which nobody can guess.
    pub key: FileKey,
    /// Whose it is; `None` for what the server offers by itself.
    pub owner: Option<AccountId>,
    /// What it is called.
    pub name: FileName,
    /// What it is, as its bytes say: `image/png`.
    pub media_type: CompactString,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
    /// Whether it is a picture that says something beside what it shows, as where and when it was taken, or may do so.
    pub says_beside: bool,
    /// Who may see it beside its owner.
    pub visibility: Visibility,
    /// When it was shown in a room, where not everyone could enter that then, by [`Record::steady`](crate::record::Record::steady): it is
    /// for those who read what was said there then.
    pub closed: Option<Timestamp>,
    /// To whom it was sent, and it was not taken back. In the order of the accounts.
    pub granted: Vec<AccountId>,
    /// Where it is, in the folder whose files the server offers; `None` for what was uploaded.
    pub path: Option<CompactString>,
    /// That those who run the server have put it aside, where they have: nobody fetches it.
    pub aside: Option<Aside>,
    /// Since when it is there, by [`Record::steady`](crate::record::Record::steady).
    pub since: Timestamp,
    /// When it goes away by itself, alike; `None` for never.
    pub until: Option<Timestamp>,
}

/// That a file was put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Since when, by [`Record::steady`](crate::record::Record::steady).
    pub since: Timestamp,
    /// Why.
    pub reason: CompactString,
}

/// Who may see a file beside its owner and those to whom it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Whoever has an account finds it in the list.
    Public,
    /// Whoever is in a room.
    Room(RoomId),
    /// Whoever knows its address; nobody finds it in a list.
    Link,
    /// Nobody else.
    Private,
}

impl Visibility {
    /// The words by which they are kept and asked for.
    pub const NAMES: [&'static str; 4] = ["public", "room", "link", "private"];

    /// The word by which it is kept and asked for; of a room, without which one.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => Self::NAMES[0],
            Self::Room(_) => Self::NAMES[1],
            Self::Link => Self::NAMES[2],
            Self::Private => Self::NAMES[3],
        }
    }

    /// The one of a word, and of a room where it is that of one.
    #[must_use]
    pub fn of(name: &str, room: Option<RoomId>) -> Option<Self> {
        match (name, room) {
            ("public", None) => Some(Self::Public),
            ("room", Some(room)) => Some(Self::Room(room)),
            ("link", None) => Some(Self::Link),
            ("private", None) => Some(Self::Private),
            _ => None,
        }
    }

    /// Whether by this others may see it than by another. One room is not part of another, and neither are those who know an address and
    /// those who have an account.
    #[must_use]
    pub fn is_wider_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Private, _) | (Self::Room(_), Self::Public | Self::Link) => false,
            (wide, before) => wide != before,
        }
    }

    /// The room that it is for.
    #[must_use]
    pub fn room(self) -> Option<RoomId> {
        match self {
            Self::Room(room) => Some(room),
            Self::Public | Self::Link | Self::Private => None,
        }
    }
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// Others may see it.
    Shown {
        /// Who.
        visibility: Visibility,
        /// Whether that is a room which not everyone may enter now.
        closed: bool,
    },
    /// It was sent to somebody.
    Granted(AccountId),
    /// That was taken back.
    Revoked(AccountId),
    /// It was put aside.
    Quarantined {
        /// Why.
        reason: CompactString,
    },
    /// It is no more put aside.
    Released {
        /// Why.
        reason: CompactString,
    },
    /// It is no more.
    Removed {
        /// Why; empty where its owner did it.
        reason: CompactString,
    },
}

/// A permission to upload a file: room is kept for it until it is there or given up. It passes with the program, unless the server tells of it
/// again at a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// Its name, a secret: who knows it sends the bytes.
    pub key: PermitKey,
    /// Whose the file will be.
    pub owner: AccountId,
    /// What it will be called.
    pub name: FileName,
    /// How many bytes at most; exactly as many, where that was said.
    pub bytes: u64,
    /// Who may see it.
    pub visibility: Visibility,
    /// To whom it is sent when it is there.
    pub to: Option<AccountId>,
    /// Since when, by [`Record::steady`](crate::record::Record::steady).
    pub since: Timestamp,
}

/// An upload that is under way, as its owner is told of it. Its permit is not: that is the right to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coming {
    /// Its number, by which its owner calls it, for as long as the program runs.
    pub number: u64,
    /// What the file will be called.
    pub name: FileName,
    /// How many bytes at most.
    pub bytes: u64,
    /// Who will see it.
    pub visibility: Visibility,
    /// The name of the room that it is for.
    pub room: Option<CompactString>,
    /// The name of the account to which it is sent when it is there.
    pub to: Option<CompactString>,
    /// Since when, as people are shown it.
    pub since: Timestamp,
    /// When it is given up where it is not there by then, alike.
    pub until: Timestamp,
}

/// Uploads that are under way, as their owner names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComingRef {
    /// The one of a number.
    Number(u64),
    /// The last one of a name.
    Name(CompactString),
    /// All of them.
    All,
}

/// For whom somebody uploads a file, as they say. Names are as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// For all who have an account.
    Public,
    /// For those in a room.
    Room(CompactString),
    /// For whoever gets the address.
    Link,
    /// For themselves.
    Private,
    /// For one person, to whom it is sent.
    To(CompactString),
}

/// A file as somebody names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRef {
    /// By its number.
    Id(FileId),
    /// By its address.
    Key(FileKey),
    /// By what it is called: the last of one's own, or of those that one may see, of that name.
    Name(CompactString),
}

/// Which files are listed, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Which.
    pub which: Listed,
    /// Only those whose names have this in them, capitals or not; all, where it is empty.
    pub pattern: CompactString,
    /// Only those before this one.
    pub before: Option<FileId>,
    /// How many at most.
    pub count: usize,
}

/// Which files are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// All that one may see by a list: the public ones, one's own, what was sent to one, and those of the rooms that one is in.
    Seen,
    /// All that one finds without having been sent them: the public ones.
    Public,
    /// One's own.
    Own,
    /// Those that others have sent to one.
    Sent,
    /// Those of a room.
    Room(CompactString),
    /// All that there are, for those who run the server.
    All,
}

/// What came of an upload, as the server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// All bytes are there and kept.
    Whole {
        /// Its address.
        key: FileKey,
        /// What it is, as its bytes say.
        media_type: CompactString,
        /// Its length in bytes.
        size: u64,
        /// Its SHA-256.
        sha256: Digest,
        /// Whether it is a picture that says something beside what it shows, or may do so.
        says_beside: bool,
        /// What whatever looks for harm said of it, where something did.
        verdict: Option<CompactString>,
    },
    /// They are not taken.
    Refused {
        /// How many came.
        size: u64,
        /// The SHA-256, where all came.
        sha256: Option<Digest>,
        /// Why, in the word by which programs know it.
        reason: CompactString,
    },
    /// Nobody sends any more.
    GivenUp,
}

/// A file as those are told of it who may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// What is known of it, without those to whom it was sent where that is not theirs to know.
    pub file: File,
    /// The name of its owner; `None` for what the server offers by itself.
    pub owner: Option<CompactString>,
    /// The name of the room that it is for.
    pub room: Option<CompactString>,
    /// The names of those to whom it was sent, for its owner and those who run the server.
    pub granted: Vec<CompactString>,
    /// Since when it is there, as people are shown it.
    pub since: Timestamp,
    /// When it goes away by itself, alike.
    pub until: Option<Timestamp>,
}

/// What somebody keeps here, and may keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many files.
    pub files: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Bytes that are kept free for what they are uploading.
    pub awaited: u64,
    /// Bytes that all of them may have.
    pub bytes_max: u64,
    /// Bytes that one may have.
    pub file_bytes_max: u64,
    /// Bytes that they may still upload today.
    pub today: u64,
}

/// The name of a file in addresses: 128 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey(pub [u8; 16]);

/// The name of a permit to upload: 128 random bits, which only who uploads knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermitKey(pub [u8; 16]);

/// A SHA-256. <https://csrc.nist.gov/pubs/fips/180-4/upd1/final>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl FileKey {
    /// The one that is written so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        bytes_of(text).map(Self)
    }
}

impl PermitKey {
    /// The one that is written so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        bytes_of(text).map(Self)
    }

    /// As it is written, for who uploads alone.
    #[must_use]
    pub fn expose(self) -> String {
        FileKey(self.0).to_string()
    }
}

impl fmt::Debug for PermitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PermitKey(…)")
    }
}

impl Digest {
    /// The one that is written so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        bytes_of(text).map(Self)
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

fn hexadecimal(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// The bytes of a text in lower-case hexadecimal, where it has so many.
fn bytes_of<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    if pairs.len() != N {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let key = FileKey([0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xf0]);
        let text = key.to_string();
        assert_eq!(text, "0f0102030405060708090a0b0c0d0ef0");
        assert_eq!(FileKey::parse(&text), Some(key));
        let upper = text.to_uppercase();
        for wrong in ["", "0f", &text[1..], &upper, "é"] {
            assert_eq!(FileKey::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Digest::parse(&text), None);
    }

    #[test]
    fn only_what_shows_a_file_to_fewer_is_not_wider() {
        use Visibility::{Link, Private, Public, Room};
        let (tea, milk) = (Room(RoomId(2)), Room(RoomId(3)));
        let all = [Public, tea, Link, Private];
        for (visibility, narrower) in [
            (Public, &[Public, tea, Private][..]),
            (Link, &[Link, tea, Private]),
            (tea, &[tea, Private]),
            (Private, &[Private]),
        ] {
            for other in all {
                let is_wider = other.is_wider_than(visibility);
                assert_eq!(is_wider, !narrower.contains(&other), "{other:?}");
            }
        }
        assert!(milk.is_wider_than(tea));
    }

    #[test]
    fn who_may_see_a_file_is_read_as_it_is_kept() {
        let room = RoomId(2);
        for visibility in [
            Visibility::Public,
            Visibility::Room(room),
            Visibility::Link,
            Visibility::Private,
        ] {
            let read = Visibility::of(visibility.name(), visibility.room());
            assert_eq!(read, Some(visibility));
        }
        assert_eq!(Visibility::of("room", None), None);
        assert_eq!(Visibility::of("public", Some(room)), None);
    }
}
