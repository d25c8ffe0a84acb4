//! The facts that are recorded. Plain data: the store turns each into rows and a register entry, in one transaction per
//! batch, and nothing that a fact reveals leaves the server before.

mod account;
mod proof;

pub use account::AccountChange;
pub use proof::{Factor, Mechanism};

use crate::event::{Event, Prefixes};
use crate::file::{Digest, File, FileChange};
use crate::filter::{Filter, HeldMessage};
use crate::id::{
    AccountId, FileId, FilterId, HeldId, InvitationId, Marked, Room, RoomId, SanctionId, SessionId,
    TokenId, UserId,
};
use crate::input::Peer;
use crate::invitation::Invitation;
use crate::metadata::Metadatum;
use crate::right::Role;
use crate::sanction::Sanction;
use crate::secret::Verifier;
use crate::settings::Registration;
use causette_proto::{AccountName, ChannelName, CompactString, FileName, Timestamp};
use core::net::IpAddr;

/// A fact, when it became one, and the connection it came through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When the core accepted it, as people are shown it. Never before that of an earlier record, except that of a
    /// [`Fact::ClockStepped`], which is the time that it leads to.
    pub time: Timestamp,
    /// The same on the clock that no step of the wall clock moves: always after that of a record of an earlier input. What
    /// decides by time, who may read what and for how long somebody was away, goes by it.
    pub steady: Timestamp,
    /// The connection through which it came; `None` for what the server or the administrator did.
    pub session: Option<SessionId>,
    /// Who acted.
    pub by: Who,
    /// What became true.
    pub fact: Fact,
}

/// Whom a fact is about: who acted, or on whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The server by itself.
    Server,
    /// The administrator, by the name of the system user at the console or the socket.
    System(CompactString),
    /// An account.
    Account(AccountId),
    /// A person without account.
    Guest(UserId),
    /// Somebody who has said no name yet.
    Address(IpAddr),
}

impl Who {
    /// The person, where it is one.
    pub fn user(&self) -> Option<UserId> {
        match *self {
            Self::Account(account) => Some(account.into()),
            Self::Guest(user) => Some(user),
            Self::Server | Self::System(_) | Self::Address(_) => None,
        }
    }
}

/// From where somebody asked by HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The address.
    pub address: IpAddr,
    /// The port; 0 where a proxy did not say.
    pub port: u16,
}

/// What became true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Something happened in one or more rooms. Each room gives it its own next `seq`.
    /// The store keeps it in each, with what follows: JOIN, PART, KICK and QUIT of the membership, TOPIC and MODE of the room, NICK of the account.
    Event {
        /// Where it is seen. Never empty, except for a NICK or QUIT of someone who is in no room.
        rooms: Vec<Room>,
        /// What happened.
        event: Event,
    },
    /// A channel came to be.
    RoomOpened {
        /// Its id.
        room: RoomId,
        /// Its name.
        name: ChannelName,
        /// Whether it stays when the last member leaves (the configuration names it).
        permanent: bool,
        /// Its first modes, as in [`What::Mode`](crate::event::What::Mode).
        modes: CompactString,
    },
    /// A channel has another name; the one that it had is free.
    RoomRenamed {
        /// The channel.
        room: RoomId,
        /// Its name from now on.
        name: ChannelName,
        /// Why; empty where nobody said so.
        reason: CompactString,
    },
    /// A channel's last member left; its name is free, its messages stay on record, and what held in it ends by this fact.
    RoomClosed {
        /// The channel.
        room: RoomId,
    },
    /// Someone signed up.
    AccountCreated {
        /// The new account.
        account: AccountId,
        /// Its name, also its first nickname.
        name: AccountName,
        /// The password's verifier.
        verifier: Verifier,
        /// Whether an administrator made it.
        by_administrator: bool,
        /// Whether it waits to be approved: until then nobody signs in to it.
        waiting: bool,
        /// The invitation that was used up for it, where one was.
        invitation: Option<InvitationId>,
    },
    /// Something of an account changed.
    AccountChanged {
        /// Which.
        account: AccountId,
        /// What.
        change: AccountChange,
    },
    /// An account is no more: its name is free, nobody can sign in to it, it is in no channel, and what was for it ends. What it said stays.
    AccountDropped {
        /// Which.
        account: AccountId,
        /// Why; empty where its owner gave it up.
        reason: CompactString,
    },
    /// Someone signed in.
    SignedIn {
        /// To which account.
        account: AccountId,
        /// How.
        mechanism: Mechanism,
        /// What the client calls the device it runs on.
        device: Option<CompactString>,
        /// The device whose token it was, where it was one.
        token: Option<TokenId>,
        /// From where.
        address: IpAddr,
    },
    /// Somebody has read a channel or conversation up to a time. Private and without a register entry: it tells what one person looked at.
    MarkerSet {
        /// Who.
        account: AccountId,
        /// What.
        of: Marked,
        /// Up to when, by the times that people are shown. Later than before, where that does not lie ahead of the clock.
        time: Timestamp,
    },
    /// Something is said of somebody or of a channel under a key from now on, or no more.
    MetadataSet(Box<Metadatum>),
    /// A channel has an owner from now on, and stays when its last member leaves.
    RoomRegistered {
        /// Which.
        room: RoomId,
        /// Whose it is; also the new owner of a channel that had another.
        founder: AccountId,
    },
    /// A channel has no owner any more, and nobody has lasting rights in it.
    RoomUnregistered {
        /// Which.
        room: RoomId,
    },
    /// What has been said in a channel is opened to all who are in it or enter, whether it was closed or not.
    PastOpened {
        /// Where.
        room: RoomId,
    },
    /// Someone has other lasting rights in a registered channel: the prefixes that they get when they enter.
    AccessChanged {
        /// Where.
        room: RoomId,
        /// Who.
        account: AccountId,
        /// Which; none takes them away.
        prefixes: Prefixes,
    },
    /// Someone was invited to a channel.
    Invited {
        /// Where.
        room: RoomId,
        /// Who: an account or a guest.
        target: Who,
        /// Whether they may enter by it, whatever else keeps them out: somebody who moderates the channel has invited them.
        admits: bool,
        /// Whose invitation ends instead, where there are as many as may be.
        instead_of: Option<UserId>,
    },
    /// A guest has signed in and stays in a channel, as the person of the account from now on.
    PlaceKept {
        /// Where.
        room: RoomId,
        /// To which account.
        account: AccountId,
        /// Who was there until then.
        guest: UserId,
        /// All the prefixes that they have there.
        prefixes: Prefixes,
        /// Since when they are there, by [`Record::steady`].
        joined: Timestamp,
    },
    /// A session became one of the server's operators.
    BecameOperator {
        /// By which `[[operator]]` of the configuration.
        name: CompactString,
        /// Its class.
        class: CompactString,
    },
    /// An operator ended all connections of someone.
    Killed {
        /// Who: an account or a guest.
        target: Who,
        /// Why.
        reason: CompactString,
    },
    /// Somebody is kept out or silent from now on.
    Sanctioned(Box<Sanction>),
    /// A sanction holds no more.
    SanctionLifted {
        /// Which.
        sanction: SanctionId,
        /// To whom it was, where that is an account.
        account: Option<AccountId>,
        /// Why, where it was ended before its time.
        reason: Option<CompactString>,
    },
    /// An account has another role on the server.
    RoleGiven {
        /// Which.
        account: AccountId,
        /// Which from now on.
        role: Role,
        /// Why.
        reason: CompactString,
    },
    /// The sign-up was opened or closed.
    RegistrationSet {
        /// Who may sign up; `None` for what the configuration says.
        registration: Option<Registration>,
    },
    /// Those who run the server told all people something that they must not miss.
    Alerted {
        /// What.
        text: CompactString,
        /// Whether who is absent is shown it later; not where it is of the moment.
        kept: bool,
    },
    /// An operator told all people, or all operators, something.
    Announced {
        /// What.
        text: CompactString,
    },
    /// The configuration was read again.
    Reloaded,
    /// The administrator was told the fingerprints by which clients know the server.
    FingerprintsShown,
    /// The administrator made a link that invites people.
    InvitationMade {
        /// The room that they enter, if any.
        room: Option<RoomId>,
        /// The link, without a code.
        link: CompactString,
        /// What is kept of the code that it bears, where it bears one.
        invitation: Option<Box<Invitation>>,
    },
    /// Nobody can sign up with an invitation any more.
    InvitationEnded {
        /// Which.
        invitation: InvitationId,
        /// Why, where it was ended before its time.
        reason: Option<CompactString>,
    },
    /// Words are looked for in what is said from now on.
    FilterSet(Box<Filter>),
    /// They are looked for no more.
    FilterRemoved {
        /// Which.
        filter: FilterId,
        /// Why.
        reason: CompactString,
    },
    /// A message had the words of a filter. What it said is not kept, unless it was said all the same or waits.
    FilterStruck {
        /// Of which.
        filter: FilterId,
        /// Where.
        room: RoomId,
    },
    /// A message waits for somebody who runs the server to decide about it.
    MessageHeld(Box<HeldMessage>),
    /// Somebody decided about a message that waited, or nobody did in time. What is let pass is said by a fact of its own.
    HeldDecided {
        /// Which.
        held: HeldId,
        /// Whether it may be said.
        released: bool,
    },
    /// A file is there from now on.
    FileAdded {
        /// Which.
        file: Box<File>,
        /// What whatever looks for harm said of it, where something did.
        verdict: Option<CompactString>,
        /// From where it came, where that was by no connection of IRC.
        from: Option<Origin>,
    },
    /// Something of a file changed, or it is no more.
    FileChanged {
        /// Which.
        file: FileId,
        /// What.
        change: FileChange,
    },
    /// Somebody has fetched a file, or begun to.
    FileFetched {
        /// Which.
        file: FileId,
        /// To whom it was sent whose address of it they used, where they showed nothing else.
        by_address_of: Option<AccountId>,
        /// From where.
        from: Origin,
    },
    /// Somebody wanted to keep a file here that is not taken.
    FileRefused {
        /// What it is called.
        name: FileName,
        /// Its length in bytes, as far as it is known.
        size: Option<u64>,
        /// The SHA-256 of its bytes, where they came.
        sha256: Option<Digest>,
        /// Why, in the word by which programs know it.
        reason: CompactString,
        /// From where.
        from: Option<Origin>,
    },
    /// What another program kept is taken over, or was.
    Imported(Box<crate::imported::Imported>),
    /// The code was shown by which somebody becomes the first owner.
    OwnerCodeMade,
    /// Somebody was shown what the register says.
    RegisterRead {
        /// What they asked for.
        question: CompactString,
    },
    /// Somebody asked for what the token that they showed is not good for.
    ActRefused {
        /// For what, as the doors call it.
        act: CompactString,
        /// The token's number in its account.
        token: TokenId,
    },
    /// A copy of everything was made, from which the server can be brought back.
    BackupMade {
        /// The file.
        file: CompactString,
        /// Its length.
        bytes: u64,
        /// Its SHA-256, in lower-case hexadecimal.
        sha256: CompactString,
    },
    /// A sign-in failed. Strangers are never told which factor was wrong; the register is.
    SignInRefused {
        /// The name that was tried, whether it exists or not.
        name: CompactString,
        /// The account of that name, where there is one.
        account: Option<AccountId>,
        /// What was wrong.
        factor: Factor,
        /// How it was tried.
        mechanism: Mechanism,
        /// From where.
        address: IpAddr,
    },
    /// A connection was accepted.
    SessionOpened {
        /// The connection.
        session: SessionId,
        /// From where and how.
        peer: Peer,
        /// When it was accepted, as people are shown it.
        since: Timestamp,
    },
    /// A connection ended.
    SessionClosed {
        /// The connection.
        session: SessionId,
        /// From where it came.
        address: IpAddr,
        /// The account it was signed in to.
        account: Option<AccountId>,
        /// Where that was the account's last connection at which somebody was: its last sign of life, by [`Record::steady`]. From then on the
        /// account counts as absent, and what others write to it is replayed when it returns.
        last_seen: Option<Timestamp>,
        /// Why it ended.
        reason: CompactString,
    },
    /// Nobody is at a connection of an account, as its client says, or somebody is again. At one of which no such fact tells, somebody is.
    SessionAttended {
        /// The connection.
        session: SessionId,
        /// The account that it is signed in to.
        account: AccountId,
        /// Whether somebody is.
        attended: bool,
        /// Where it was the last one at which somebody was: when, by [`Record::steady`].
        last_seen: Option<Timestamp>,
    },
    /// A connection was refused before it could say anything.
    SessionRefused {
        /// From where and how.
        peer: Peer,
        /// Why.
        reason: CompactString,
    },
    /// Connections from one address ended without having said anything. Each of them has no other fact.
    ConnectionsSilent {
        /// From where.
        address: IpAddr,
        /// How many.
        count: u32,
        /// When the first of them was accepted, as people are shown it.
        since: Timestamp,
    },
    /// The wall clock was set, forwards or backwards, or was found behind the record at a start.
    ClockStepped {
        /// What it would have shown.
        from: Timestamp,
        /// What it shows.
        to: Timestamp,
    },
    /// The server began to accept connections.
    ServerStarted {
        /// The program's version.
        version: CompactString,
        /// What the server is called.
        name: CompactString,
    },
    /// An operator asked the server to stop.
    StopAsked {
        /// Why, and who, as people are told.
        reason: CompactString,
    },
    /// The server stopped, after closing every session.
    ServerStopped {
        /// Why.
        reason: CompactString,
    },
}
