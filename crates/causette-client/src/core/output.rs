//! What the client wants done: the closed list.

use crate::core::buffer::BufferId;
use crate::core::entry::{Entry, EntryId};
use crate::core::transfer::{Order, TransferId};
use causette_proto::{CompactString, Message, Secret, Timestamp};

/// Something to be done outside, or worth being drawn.
#[derive(Debug)]
pub enum Output {
    /// Open a connection.
    Connect,
    /// Send a line.
    Send(Message),
    /// Close the connection once all is sent.
    Hangup,
    /// Something new stands at the end of a conversation.
    Added(BufferId, EntryId),
    /// A page of the past was put into a conversation: these entries are new, oldest first.
    Loaded {
        /// Which conversation.
        buffer: BufferId,
        /// The new entries.
        entries: Vec<EntryId>,
        /// What the page was for.
        page: Page,
    },
    /// A stretch of a conversation that was asked for by [`Intent::Read`](crate::core::input::Intent::Read).
    Read(Box<Stretch>),
    /// It cannot be read: the code of the FAIL or the numeric, and why.
    NotRead(BufferId, CompactString, String),
    /// The people with whom something was said, as [`Intent::Active`](crate::core::input::Intent::Active) asked for.
    Active(Vec<CompactString>),
    /// The server could not read them, and says why.
    NotActive(String),
    /// All that was missed in a conversation is known, or as much of it as is read at once.
    CaughtUp(BufferId),
    /// Something that was there has changed: an entry, a list, a count, the state of the connection.
    Changed,
    /// A message calls for the person: it names them, or is for them alone.
    Attention(BufferId, EntryId),
    /// A message of the outbox is stored.
    Stored {
        /// Which.
        id: u64,
        /// What the server calls it, where it says.
        msgid: Option<CompactString>,
        /// When, by the server's clock where it tells.
        time: Timestamp,
        /// To whom it went.
        target: CompactString,
        /// What it says.
        text: String,
    },
    /// A message of the outbox was refused; it stays there until the person decides.
    Failed {
        /// Which.
        id: u64,
        /// The numeric, or the code of the FAIL; empty where nothing but time tells.
        code: CompactString,
        /// Why.
        reason: String,
    },
    /// A text is so long that the person is asked before it is sent. To send it all the same is
    /// [`Intent::Insist`](crate::core::input::Intent::Insist).
    Long {
        /// In which conversation it was typed.
        buffer: BufferId,
        /// The line that says it, as it was typed.
        text: String,
        /// Lines that it has.
        lines: usize,
        /// Messages that it becomes.
        messages: usize,
    },
    /// A line was not taken, because too much waits already: as it was typed, it stays where it was typed.
    Untaken(BufferId, String),
    /// Who is there, as it was asked for.
    People(Vec<Person>),
    /// A device may no longer sign in.
    DeviceRemoved(CompactString),
    /// The server refused a command: its code and its words.
    Refused(CompactString, String),
    /// A setting that only the face knows is to be changed.
    Set(CompactString, CompactString),
    /// A file is to be carried, or something about one.
    Carry(Order),
    /// A file that is being carried has come this far.
    Carried(TransferId, Step),
    /// Entering has come to this.
    Arrival(Arrival),
    /// What is to be kept on disk has changed: drafts may wait a moment, messages that are being sent may not.
    Keep {
        /// Whether to write it before anything is sent.
        at_once: bool,
    },
    /// The server gave this device a token: keep it, and forget the password.
    KeepToken {
        /// Whose.
        account: CompactString,
        /// By which it is revoked.
        id: CompactString,
        /// The token itself.
        token: Secret,
    },
    /// It is over: everything that could be done before leaving is done.
    Ended,
}

/// What is worth telling of a file on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It begins to move.
    Begun,
    /// So much of a hundred is there: a quarter, a half, three quarters.
    Quarter(u64),
    /// The network or the server is away, for this reason; it goes on by itself.
    Away(String),
    /// The person has stopped it.
    Paused,
}

/// What a page of the past was read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// To begin with: nothing was known of the conversation.
    First,
    /// To close the gap that an absence has left.
    Missed,
    /// Because it was scrolled to.
    Older,
    /// To know how much of it is unread.
    Counted,
}

/// A page of the past that is handed out and not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Of which conversation.
    pub buffer: BufferId,
    /// What can be shown of it, oldest first.
    pub entries: Vec<Entry>,
    /// Everything in it that the server has a name for, shown or not, oldest first: from there the next page is asked.
    pub marks: Vec<(CompactString, Timestamp)>,
    /// Whether it was more than the client takes at once, and the rest of it is missing.
    pub is_cut: bool,
}

/// Somebody on the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// The nickname.
    pub nick: CompactString,
    /// Whether they said that they are away.
    pub is_away: bool,
}

/// A step of entering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The server is known, and must be told who comes: an answer is [`Intent::Enter`](crate::core::input::Intent::Enter).
    Who,
    /// The server wants the code that it sent; the answer is [`Intent::Verify`](crate::core::input::Intent::Verify).
    Code {
        /// What the server says about it.
        text: String,
    },
    /// The account is made, and somebody who runs the server has to approve it: there is nothing to be answered. Comes again with
    /// whatever is told meanwhile.
    Waiting {
        /// What the server says about it.
        text: String,
    },
    /// It did not work; another way may be tried.
    Refused(Refused),
    /// The person is in, as this nickname.
    Welcome {
        /// The nickname.
        nick: CompactString,
        /// The account, unless they are a guest.
        account: Option<CompactString>,
        /// Whether the account was made just now.
        is_new: bool,
    },
}

/// Why entering did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What must change for another try.
    pub fault: Fault,
    /// What the server says.
    pub text: String,
}

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The name, when an account is made or a guest comes: taken or not possible.
    Name,
    /// The password, when an account is made: too weak.
    Password,
    /// The address, when an account is made.
    Email,
    /// The code.
    Code,
    /// The code of an invitation: there is none, or it lets nobody sign up.
    Invitation,
    /// Name and password do not fit together; nobody says which is wrong.
    Credentials,
    /// The token of this device is no longer taken.
    Token,
    /// Nothing that is given here: those who run the server keep the person out. It is not tried again by itself.
    KeptOut,
    /// Nothing that the person could change: no accounts are made, the server is busy.
    Server,
}
