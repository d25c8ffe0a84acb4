//! Why an operation was not done, in plain data: each door says it in its own form and language.

use causette_proto::CompactString;

/// What kind of reason it is: the doors find the numeric, the code or the status by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Why {
    /// Too many were wrong before: who asks must wait.
    MustWait,
    /// Too much waits, or nothing can be found out: nothing was checked.
    Busy,
    /// The name, the password, the token or the certificate opens nothing.
    SignInFailed,
    /// Who asks is signed in.
    AlreadySignedIn,
    /// As many connections are signed in to the account as may.
    TooManySessions,
    /// Another connection is signed in to the account, and its owner wants one at a time.
    ConnectedAlready,
    /// The server's password was not given.
    NotAdmitted,
    /// What it takes to connect comes first.
    ConnectFirst,
    /// No account may have that name.
    BadAccountName,
    /// The name is somebody's, or too like somebody's.
    AccountExists,
    /// A certificate may not open the account.
    UnacceptableCertificate,
    /// The certificate does not open the account.
    UnknownCertificate,
    /// The nickname is somebody else's, or nobody's.
    NotOwnNick,
    /// A password may not be of that form.
    UnacceptablePassword,
    /// A password must be harder to guess.
    WeakPassword,
    /// Only who has the right to it may, by the table of rights.
    NoRight,
    /// A device cannot be called so.
    DeviceName,
    /// The account has as many devices as one may.
    TooManyDevices,
    /// The account has no such device.
    UnknownDevice,
    /// What is needed for it cannot be had now.
    Unavailable,
    /// There is no such channel, or it is not to be known.
    NoSuchChannel,
    /// Who asks is not in the channel.
    NotOnChannel,
    /// Who it is about is not in the channel.
    NotInChannel,
    /// Only operators of the channel may.
    ChannelOperatorsOnly,
    /// Banned from the channel.
    Banned,
    /// Only those who are signed in may.
    AccountNeeded,
    /// The channel is for those who were invited.
    InviteOnly,
    /// The channel's key was not given.
    BadKey,
    /// There is no place left in the channel.
    ChannelFull,
    /// What was said may not be said there.
    CannotSpeak,
    /// There is no such file, or it is not to be known.
    NoSuchFile,
    /// There is no such upload, or it is over.
    NoSuchUpload,
    /// Only who owns a file may.
    NotOwnFile,
    /// One file may not have so many bytes.
    FileTooLarge,
    /// There is no room left for a file.
    NoRoomForFile,
    /// A picture says more than it shows.
    PictureSaysMore,
    /// There is no such message, or it is not to be known.
    NoSuchMessage,
    /// Only its author, or who moderates the channel, may take a message back.
    NotOwnMessage,
    /// It is too late to take a message back.
    TooLateToRedact,
    /// There is nobody and nothing of that name.
    NoSuchTarget,
    /// There is nobody of that nickname.
    NoSuchNick,
    /// Who it is about is in the channel already.
    OnChannelAlready,
    /// The e-mail address is missing, or none.
    BadEmail,
    /// What is to be marked as read is given no time.
    NoSuchMarker,
    /// The account has marked as many conversations as it may.
    TooManyMarkers,
    /// A mode cannot have this parameter.
    InvalidModeParameter,
    /// No channel can have this key.
    InvalidKey,
    /// There is no place left on a channel's list of masks.
    ListFull,
    /// The person hears only those who are signed in.
    HearsAccountsOnly,
    /// The person hears no questions from program to program.
    HearsNoQuestions,
    /// What was said does not fit on a line.
    TooLong,
    /// No channel can have this name.
    BadChannelName,
    /// There is a channel of that name, or it is kept.
    ChannelExists,
    /// The channel cannot have another name now.
    CannotRename,
    /// There is no place for another channel, on the server or for whoever wants to enter it.
    TooManyChannels,
    /// No nickname can be this.
    BadNick,
    /// A mode that nobody gives or takes oneself.
    ModeNotGiven,
    /// No realname can be this.
    BadRealname,
    /// They may not go by another realname now.
    RealnameHeld,
    /// The nickname is another's, or kept.
    NickTaken,
    /// A channel in which they may not speak holds them to their nickname.
    NickHeld,
    /// The account waits to be approved.
    WaitsForApproval,
    /// What is asked for is so already, or there is nothing of the kind to decide.
    AlreadySo,
    /// The server would be without an owner.
    LastOwner,
    /// There is no such account.
    NoSuchAccount,
    /// Channels cannot be registered.
    RegistrationClosed,
    /// The channel has an owner.
    RegisteredAlready,
    /// The channel has no owner.
    NotRegistered,
    /// Only the channel's owner may.
    OwnerOnly,
    /// One's lasting rights in the channel do not allow it.
    NoLastingRights,
    /// What cannot be undone was not asked for twice.
    NotConfirmed,
    /// The account owns as many channels as it may.
    TooManyOwned,
    /// Who is to own the channel is not in it.
    HeirAbsent,
    /// The channel keeps the rights of as many accounts as it may.
    AccessFull,
    /// There is nothing to say.
    NothingSaid,
    /// The configuration keeps the channel open.
    KeptOpen,
    /// It touches a person, and no reason was given.
    NoReason,
    /// A sanction holds for the account.
    UnderSanction,
    /// Who has not signed in is a stranger.
    SignInFirst,
    /// They are kept out of the server.
    KeptOut,
    /// It would touch who asks for it, or everybody.
    TouchesTooMany,
    /// Nobody can be meant by it.
    BadTarget,
    /// It is no time for which a sanction may hold.
    BadDuration,
    /// They are under the same sanction already.
    SanctionedAlready,
    /// There are as many sanctions as may be.
    TooManySanctions,
    /// There is no such sanction.
    NoSuchSanction,
    /// Only who has an invitation may sign up.
    InvitationNeeded,
    /// The code lets nobody sign up.
    WrongInvitation,
    /// There is no such invitation.
    NoSuchInvitation,
    /// There are as many invitations as may be.
    TooManyInvitations,
    /// What is asked for can hold neither so often nor so long, or is good for nothing.
    BadTerms,
    /// The code opens nothing.
    WrongCode,
    /// Only who is at the machine may.
    MachineOnly,
    /// It takes the token of a program.
    ProgramTokenNeeded,
    /// No words can be looked for by it.
    BadPattern,
    /// There are as many filters as may be.
    TooManyFilters,
    /// There is no such filter.
    NoSuchFilter,
    /// No such message waits.
    NoSuchHeld,
}

/// Why an operation was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denied {
    /// The kind of reason.
    pub(crate) why: Why,
    /// The key of the text, in the locales.
    pub(crate) key: &'static str,
    /// What the text, and the door's form of it, are about.
    pub(crate) variables: Vec<(&'static str, CompactString)>,
}

impl Denied {
    pub(crate) fn new(why: Why, key: &'static str, variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter();
        Self {
            why,
            key,
            variables: variables
                .map(|(name, value)| (*name, CompactString::new(value)))
                .collect(),
        }
    }

    /// The same, about something else besides.
    pub(crate) fn about(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, CompactString::new(value)));
        self
    }

    /// The variables, as a text takes them.
    pub(crate) fn variables(&self) -> Vec<(&'static str, &str)> {
        let variables = self.variables.iter();
        variables
            .map(|(name, value)| (*name, value.as_str()))
            .collect()
    }

    /// A variable; empty where it has none of that name.
    pub(crate) fn variable(&self, name: &str) -> &str {
        let found = self.variables.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}
