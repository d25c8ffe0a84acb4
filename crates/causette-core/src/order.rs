//! What those who run the server ask for, whichever door they come by: the console, the socket, HTTP. Plain data; who asks is said
//! beside it.

use crate::file::{Digest, FileRef};
use crate::filter::FilterAction;
use crate::id::{FileId, FilterId, HeldId, InvitationId, SanctionId, TokenId};
use crate::limits;
use crate::right::{Act, Role, Scopes};
use crate::sanction::SanctionKind;
use crate::secret::Secret;
use crate::settings::Registration;
use causette_proto::{Casemap, CompactString};

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
    /// Decide from where one may sign in to an account.
    SetLogin {
        /// Which.
        account: CompactString,
        /// `any`, `pin-first`, or addresses and ranges with blanks or commas between them.
        login: CompactString,
        /// Why, as its owner is told.
        reason: CompactString,
    },
    /// Forget the address to which an account's sign-ins are pinned: the next one pins another.
    Unlock {
        /// Which.
        account: CompactString,
        /// Why, as its owner is told.
        reason: CompactString,
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
        /// What the code that it bears is good for; without it, it bears one only where nobody signs up without.
        terms: Option<InvitationTerms>,
    },
    /// Which invitations hold.
    ListInvitations,
    /// Let nobody sign up with an invitation any more.
    EndInvitation {
        /// Which.
        invitation: InvitationId,
        /// Why.
        reason: CompactString,
    },
    /// Show the code by which somebody becomes the first owner.
    ShowOwnerCode,
    /// Give a program a token by which it runs the server in an account's name.
    GiveToken {
        /// Whose.
        account: CompactString,
        /// What it is called.
        name: CompactString,
        /// What it is good for.
        scopes: Scopes,
        /// For how many seconds.
        seconds: u64,
    },
    /// Take away a token, of a device or of a program.
    TakeToken {
        /// Whose.
        account: CompactString,
        /// Which of its tokens.
        token: TokenId,
        /// Why.
        reason: CompactString,
    },
    /// Enter that somebody reads the register, before they are shown what it says.
    EnterReading {
        /// What they asked for.
        question: CompactString,
    },
    /// Say whether who asks may do what the server does by itself: tell how it is, have its configuration read again, stop.
    Permit {
        /// What.
        act: Act,
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
    /// Who is there, in the order of their nicknames.
    ListPeople(Portion),
    /// Which rooms there are, in the order of their names.
    ListRooms(Portion),
    /// Which accounts there are, in the order of their names.
    ListAccounts(Portion),
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
        /// Whether who is absent is shown it later; not where it is of the moment.
        kept: bool,
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
    /// End the sanctions of a kind that are for just somebody before their time.
    LiftFrom {
        /// Of which kind.
        kind: SanctionKind,
        /// Whom they are for: an account, a nickname, an address or range, or a mask, as they were imposed.
        whom: CompactString,
        /// In which room; `None` for the server.
        room: Option<CompactString>,
        /// Why.
        reason: CompactString,
    },
    /// Keep an account out, and nobody else: a guest may go by its name.
    Suspend {
        /// Which.
        account: CompactString,
        /// For how many seconds; `None` for ever.
        seconds: Option<u64>,
        /// Why, as its person is told.
        reason: CompactString,
    },
    /// Let an account in again that was kept out, before the time is over.
    Resume {
        /// Which.
        account: CompactString,
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
    /// Give an account another name.
    RenameAccount {
        /// Which.
        account: CompactString,
        /// Its name from now on.
        name: CompactString,
        /// Why, as its owner is told.
        reason: CompactString,
    },
    /// Which words are looked for in what is said.
    ListFilters,
    /// Look for words in what is said.
    SetFilter {
        /// The words.
        pattern: CompactString,
        /// What happens to a message that has them.
        action: FilterAction,
        /// In which room; `None` for all.
        room: Option<CompactString>,
        /// Why, as people are told.
        reason: CompactString,
    },
    /// Look for words no more.
    RemoveFilter {
        /// Which.
        filter: FilterId,
        /// Why.
        reason: CompactString,
    },
    /// Which messages wait for somebody to decide about them.
    ListHeld,
    /// Decide about a message that waits.
    DecideHeld {
        /// Which.
        held: HeldId,
        /// Whether it may be said.
        release: bool,
    },
    /// Which files there are, the newest first.
    ListFiles(FileSearch),
    /// All that there is about a file.
    ShowFile {
        /// Which.
        file: FileRef,
    },
    /// Remove a file.
    RemoveFile {
        /// Which.
        file: FileRef,
        /// Why, as its owner is told.
        reason: CompactString,
    },
    /// Put a file aside, so that nobody fetches it, or give it back.
    PutFileAside {
        /// Which.
        file: FileRef,
        /// Whether it is put aside.
        aside: bool,
        /// Why, as its owner is told.
        reason: CompactString,
    },
    /// How much an account keeps, and may.
    ShowQuota {
        /// Which.
        account: CompactString,
    },
    /// Decide how much an account may keep.
    SetQuota {
        /// Which.
        account: CompactString,
        /// How many bytes of files; `None` for as many as everybody.
        bytes: Option<u64>,
        /// Why, as its owner is told.
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
    /// Give a room another name.
    RenameRoom {
        /// Which.
        room: CompactString,
        /// Its name from now on.
        name: CompactString,
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

/// Which files are looked for among everybody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileSearch {
    /// Only those whose names have this in them, capitals or not; all, where it is empty.
    pub pattern: CompactString,
    /// Only those of an account.
    pub owner: Option<CompactString>,
    /// Only those for a room.
    pub room: Option<CompactString>,
    /// Only those of these bytes.
    pub sha256: Option<Digest>,
    /// Only those before this one.
    pub before: Option<FileId>,
    /// How many at most; the answer has a bound of its own.
    pub count: usize,
}

/// Who made a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The system user who asks for it to be entered.
    Administrator,
    /// The server, at the pace that its configuration gives.
    Server,
}

/// A part of a list that is in the order of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// Only those whose name contains this, without regard to case; empty for all.
    pub like: CompactString,
    /// Behind which name to go on.
    pub after: Option<CompactString>,
    /// How many at most; the answer has a bound of its own.
    pub limit: usize,
}

impl Portion {
    /// The part of a list whose entries have these keys, and whether more follow behind it. Only the part itself is put in order.
    pub(crate) fn page<T: Copy>(
        &self,
        casemap: Casemap,
        all: impl Iterator<Item = T>,
        key: impl Fn(&T) -> &str,
    ) -> (Vec<T>, bool) {
        let like = casemap.fold(&self.like);
        let after = self.after.as_deref().map(|name| casemap.fold(name));
        let fits = |one: &T| {
            let key = key(one);
            key.contains(&*like) && after.as_deref().is_none_or(|after| key > after)
        };
        let mut found: Vec<T> = all.filter(fits).collect();
        let limit = self.limit.min(limits::PEOPLE_LISTED);
        let more = found.len() > limit;
        if more && limit > 0 {
            found.select_nth_unstable_by(limit - 1, |one, other| key(one).cmp(key(other)));
        }
        found.truncate(limit);
        found.sort_unstable_by(|one, other| key(one).cmp(key(other)));
        (found, more)
    }
}

/// What the code of an invitation is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationTerms {
    /// How many may sign up with it.
    pub uses: u32,
    /// For how many seconds; `None` for ever.
    pub seconds: Option<u64>,
}

impl Default for InvitationTerms {
    /// Where nobody says anything else: for one person, within seven days.
    fn default() -> Self {
        Self {
            uses: 1,
            seconds: Some(7 * 24 * 3_600),
        }
    }
}
