//! What can happen to the client: the closed list.

use crate::core::buffer::BufferId;
use crate::core::entry::Manner;
use crate::core::transfer::{Act, Listing, Setback, Transfer, TransferId, Which};
use causette_proto::{CompactString, Message, Secret, Timestamp};

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// The connection is open, encrypted where it should be.
    Opened,
    /// The server sent a line.
    Line(Message),
    /// The connection ended, or could not be opened, for this reason.
    Closed(String),
    /// Time has passed: see [`Client::deadline`](crate::core::client::Client::deadline).
    Tick,
    /// A file is on its way, so far.
    Carried(Transfer),
    /// A transfer that was to go on is not there to be carried.
    NotHeld(TransferId),
    /// The files that there are, or why they are not told.
    Listed(Which, Result<Listing, Setback>),
    /// The person wants something.
    Intent(Intent),
}

/// Something that the person wants.
#[derive(Debug)]
pub enum Intent {
    /// Open a connection now.
    Connect,
    /// Enter in this way.
    Enter(Way),
    /// Give the code that came by mail.
    Verify(String),
    /// What was typed in a conversation and sent: a text or a command.
    Submit(BufferId, String),
    /// The same, where the person was asked about a long text and wants it said.
    Insist(BufferId, String),
    /// Say a text, whatever it looks like and however long it is.
    Say(BufferId, String),
    /// Say something to somebody without going there.
    Post {
        /// To whom.
        target: CompactString,
        /// What.
        text: String,
        /// How.
        manner: Manner,
        /// The msgid of what it answers.
        reply_to: Option<CompactString>,
        /// The msgid of the newest message there, if it is known.
        behind: Option<CompactString>,
    },
    /// A command, already understood.
    Command(BufferId, crate::core::command::Command),
    /// Look at a conversation from now on.
    Open(BufferId),
    /// The newest of a conversation is on the screen.
    Seen(BufferId),
    /// The top of what is known of a conversation is on the screen: read on.
    Older(BufferId),
    /// Read a conversation, whether it is open or not.
    Read(CompactString, Since),
    /// Tell with whom something was said since a moment.
    Active(Timestamp),
    /// The line that is being typed is this now.
    Draft(BufferId, String),
    /// A key has put a text into the line, in place of what was typed there.
    Begin {
        /// In which conversation.
        buffer: BufferId,
        /// What was typed, if it is the person's own; it comes back when the other is sent or given up.
        aside: String,
        /// What stands in the line now.
        text: String,
    },
    /// What a key has put into the line is given up: what was put aside stands there again.
    TakeBack(BufferId),
    /// The draft answers this message, or none.
    ReplyTo(BufferId, Option<CompactString>),
    /// The command that is being typed means this message by this number, whatever is said meanwhile.
    PointAt(BufferId, usize, CompactString),
    /// Tell the person something where they look: what the outside world has to say.
    Tell(String),
    /// Try a message again that was refused.
    Retry(u64),
    /// Give a message up that was not stored.
    GiveUp(u64),
    /// Send no more of the long text that is being sent in a conversation.
    Stop(BufferId),
    /// Send a long text that was typed in a conversation as a file.
    SendAsFile {
        /// Where.
        buffer: BufferId,
        /// The line that says it, or the text.
        text: String,
        /// Whether it was typed, and may say to somebody else; what was pasted is a text, whatever it looks like.
        is_typed: bool,
    },
    /// Do something about a file that is on its way.
    Transfer(TransferId, Act),
    /// Leave, with a word of farewell.
    Quit(String),
}

/// From where on a conversation is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// The newest messages, so many.
    Newest(usize),
    /// Those before a message, so many.
    Before(CompactString, usize),
    /// All behind a moment, so many at most.
    Moment(Timestamp, usize),
    /// All behind a message, so many at most.
    Msgid(CompactString, usize),
    /// A message and what is around it, so many at most.
    Around(CompactString, usize),
}

/// A way to enter.
#[derive(Clone, Debug)]
pub enum Way {
    /// With an account that there is.
    SignIn {
        /// Its name.
        account: CompactString,
        /// Its password, or the token of this device.
        secret: Secret,
        /// Which of the two.
        kind: SecretKind,
    },
    /// With an account that is made now.
    SignUp {
        /// Its name.
        account: CompactString,
        /// Its password.
        password: Secret,
        /// Where the server sends a code, if it wants to.
        email: Option<CompactString>,
        /// The code of an invitation, which stands in the address's place.
        code: Option<Secret>,
    },
    /// With a nickname only.
    Guest {
        /// The nickname.
        nick: CompactString,
    },
}

/// What a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// What the person knows.
    Password,
    /// What the server gave to this device.
    Token,
}

impl Way {
    /// The name that it enters by.
    pub fn name(&self) -> &CompactString {
        match self {
            Self::SignIn { account, .. } | Self::SignUp { account, .. } => account,
            Self::Guest { nick } => nick,
        }
    }
}
