//! What those who run the server ask for, whichever door they come by: the console, the socket, HTTP. Plain data; who asks is said
//! beside it.

use crate::id::SanctionId;
use crate::right::Role;
use crate::sanction::SanctionKind;
use crate::secret::Secret;
use crate::settings::Registration;
use causette_proto::CompactString;

/// What is asked for. Names are as they were typed, not yet validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Make an account.
    CreateAccount {
        /// Its name.
        name: CompactString,
        /// Its password.
        password: Secret,
    },
    /// Give somebody another password.
    ResetPassword {
        /// Whose account.
        name: CompactString,
        /// The new password; `None` for a code that works once.
        password: Option<Secret>,
    },
    /// Tell the fingerprints by which clients know the server.
    ShowFingerprints {
        /// What is told, once it is recorded that somebody asked.
        text: String,
    },
    /// Make a link that invites people.
    Invite {
        /// Where people come to, as it stands in an address of the web.
        address: CompactString,
        /// The room that they enter, where one is named.
        room: Option<CompactString>,
        /// The SHA-256 of the key by which their client knows the server, where it cannot know it otherwise.
        public_key: Option<CompactString>,
    },
    /// Enter that a backup was made.
    EnterBackup {
        /// The file.
        file: CompactString,
        /// Its length.
        bytes: u64,
        /// Its SHA-256, in lower-case hexadecimal.
        sha256: CompactString,
        /// Who made it.
        maker: Maker,
    },
    /// Who is there.
    ListPeople,
    /// Which rooms there are.
    ListRooms,
    /// Which accounts there are, in the order of their names.
    ListAccounts {
        /// Only those whose name contains this, without regard to case; empty for all.
        like: CompactString,
        /// Behind which name to go on.
        after: Option<CompactString>,
        /// How many at most; the answer has a bound of its own.
        limit: usize,
    },
    /// All that there is about an account.
    ShowAccount {
        /// Its name.
        name: CompactString,
    },
    /// Which sanctions hold.
    ListSanctions,
    /// Tell all people something that they must not miss.
    Alert {
        /// What.
        text: CompactString,
    },
    /// Write to somebody in the name of the administration.
    Write {
        /// To whom, by nickname or account.
        to: CompactString,
        /// What.
        text: CompactString,
    },
    /// Put somebody out: of a room, or end all of their connections.
    Kick {
        /// Whom, by nickname.
        nick: CompactString,
        /// Of which room; `None` for the server.
        room: Option<CompactString>,
        /// Why, as they are told.
        reason: CompactString,
    },
    /// Keep somebody out, or silent.
    Sanction {
        /// Which of both.
        kind: SanctionKind,
        /// Whom: an account, a nickname, an address or range, or a mask.
        whom: CompactString,
        /// In which room; `None` for the server.
        room: Option<CompactString>,
        /// For how many seconds; `None` for ever.
        seconds: Option<u64>,
        /// Why, as they are told.
        reason: CompactString,
    },
    /// End a sanction before its time.
    Lift {
        /// Which.
        sanction: SanctionId,
        /// Why.
        reason: CompactString,
    },
    /// Give an account a role on the server; that of a user takes away what it had.
    GiveRole {
        /// Whose.
        account: CompactString,
        /// Which.
        role: Role,
        /// Why.
        reason: CompactString,
    },
    /// End all connections of an account, and take its devices' tokens away: whoever has it must sign in anew.
    EndSessions {
        /// Whose.
        account: CompactString,
        /// Why, as they are told.
        reason: CompactString,
    },
    /// Give up an account for its owner.
    DropAccount {
        /// Which.
        account: CompactString,
        /// Why, as they are told.
        reason: CompactString,
    },
    /// Let an account in that waits to be approved.
    Approve {
        /// Which.
        account: CompactString,
    },
    /// Give up an account that waits to be approved.
    Refuse {
        /// Which.
        account: CompactString,
        /// Why.
        reason: CompactString,
    },
    /// Open or close the sign-up, until somebody does otherwise or the configuration is to rule again.
    SetRegistration {
        /// Who may sign up; `None` for what the configuration says.
        registration: Option<Registration>,
    },
    /// Empty a room and give it up.
    CloseRoom {
        /// Which.
        room: CompactString,
        /// Why, as its members are told.
        reason: CompactString,
    },
    /// Give a room another owner.
    TakeOverRoom {
        /// Which.
        room: CompactString,
        /// The account that is to own it.
        to: CompactString,
        /// Why.
        reason: CompactString,
    },
}

/// Who made a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The system user who asks for it to be entered.
    Administrator,
    /// The server, at the pace that its configuration gives.
    Server,
}
