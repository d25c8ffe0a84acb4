//! How IRC says why an operation was not done: by a numeric, or by `FAIL` with a code.

use self::Form::{By, Fail, Notice};
use super::{Ctx, Refusal};
use crate::denied::{Denied, Why};
use causette_proto::CompactString;
use causette_proto::numeric::{self, Numeric};

/// In which form a reason is said.
enum Form {
    /// As a numeric.
    By(Numeric),
    /// As `FAIL` with this code. <https://ircv3.net/specs/extensions/standard-replies>
    Fail(&'static str),
    /// As a notice: no command of the protocol is denied so.
    Notice,
}

/// The form of a reason, and the variables that are its parameters.
fn form_of(why: Why) -> (Form, &'static [&'static str]) {
    match why {
        Why::MustWait | Why::Busy | Why::Unavailable => (Fail("TEMPORARILY_UNAVAILABLE"), &[]),
        Why::SignInFailed | Why::TooManySessions | Why::NotAdmitted | Why::WaitsForApproval => {
            (By(numeric::ERR_PASSWDMISMATCH), &[])
        }
        Why::AlreadySignedIn => (Fail("ALREADY_AUTHENTICATED"), &[]),
        Why::ConnectFirst => (Fail("COMPLETE_CONNECTION_REQUIRED"), &[]),
        Why::BadAccountName => (Fail("BAD_ACCOUNT_NAME"), &[]),
        Why::AccountExists => (Fail("ACCOUNT_EXISTS"), &[]),
        Why::UnacceptablePassword => (Fail("UNACCEPTABLE_PASSWORD"), &[]),
        Why::WeakPassword => (Fail("WEAK_PASSWORD"), &[]),
        Why::NoRight | Why::ModeNotGiven => (By(numeric::ERR_NOPRIVILEGES), &[]),
        Why::UnacceptableCertificate | Why::UnknownCertificate | Why::DeviceName => {
            (Fail("INVALID_PARAMS"), &[])
        }
        Why::NotOwnNick => (Fail("INVALID_TARGET"), &[]),
        Why::TooManyDevices => (Fail("TOO_MANY_DEVICES"), &[]),
        Why::UnknownDevice => (Fail("UNKNOWN_DEVICE"), &["id"]),
        Why::NoSuchChannel => (By(numeric::ERR_NOSUCHCHANNEL), &["channel"]),
        Why::NotOnChannel => (By(numeric::ERR_NOTONCHANNEL), &["channel"]),
        Why::NotInChannel => (By(numeric::ERR_USERNOTINCHANNEL), &["nick", "channel"]),
        Why::ChannelOperatorsOnly => (By(numeric::ERR_CHANOPRIVSNEEDED), &["channel"]),
        Why::Banned => (By(numeric::ERR_BANNEDFROMCHAN), &["channel"]),
        Why::AccountNeeded => (By(numeric::ERR_NEEDREGGEDNICK), &["channel"]),
        Why::InviteOnly => (By(numeric::ERR_INVITEONLYCHAN), &["channel"]),
        Why::BadKey => (By(numeric::ERR_BADCHANNELKEY), &["channel"]),
        Why::ChannelFull => (By(numeric::ERR_CHANNELISFULL), &["channel"]),
        Why::CannotSpeak => (By(numeric::ERR_CANNOTSENDTOCHAN), &["channel"]),
        Why::NoSuchMessage => (Fail("UNKNOWN_MSGID"), &["target", "msgid"]),
        Why::NotOwnMessage => (Fail("REDACT_FORBIDDEN"), &["target", "msgid"]),
        Why::TooLateToRedact => (
            Fail("REDACT_WINDOW_EXPIRED"),
            &["target", "msgid", "window"],
        ),
        Why::NoSuchTarget => (Fail("INVALID_TARGET"), &["target"]),
        Why::NoSuchNick => (By(numeric::ERR_NOSUCHNICK), &["nick"]),
        Why::OnChannelAlready => (By(numeric::ERR_USERONCHANNEL), &["nick", "channel"]),
        Why::BadEmail => (Fail("INVALID_EMAIL"), &[]),
        Why::NoSuchMarker => (Fail("INVALID_PARAMS"), &["target"]),
        Why::TooManyMarkers => (Fail("INTERNAL_ERROR"), &["target"]),
        Why::InvalidModeParameter => (
            By(numeric::ERR_INVALIDMODEPARAM),
            &["channel", "mode", "mask"],
        ),
        Why::InvalidKey => (By(numeric::ERR_INVALIDKEY), &["channel"]),
        Why::HearsAccountsOnly => (By(numeric::ERR_NEEDREGGEDNICK), &["nick"]),
        Why::HearsNoQuestions => (By(numeric::ERR_CANTSENDTOUSER), &["nick"]),
        Why::TooLong => (By(numeric::ERR_INPUTTOOLONG), &["target"]),
        Why::NoSuchFile
        | Why::NoSuchUpload
        | Why::NotOwnFile
        | Why::FileTooLarge
        | Why::NoRoomForFile
        | Why::PictureSaysMore
        | Why::NoSuchAccount
        | Why::AlreadySo
        | Why::LastOwner
        | Why::RegistrationClosed
        | Why::RegisteredAlready
        | Why::NotRegistered
        | Why::OwnerOnly
        | Why::NoLastingRights
        | Why::NotConfirmed
        | Why::TooManyOwned
        | Why::HeirAbsent
        | Why::AccessFull
        | Why::KeptOpen
        | Why::SignInFirst
        | Why::UnderSanction
        | Why::TouchesTooMany
        | Why::BadTarget
        | Why::BadDuration
        | Why::SanctionedAlready
        | Why::TooManySanctions
        | Why::NoSuchSanction
        | Why::NoSuchInvitation
        | Why::TooManyInvitations
        | Why::BadTerms
        | Why::WrongCode
        | Why::MachineOnly
        | Why::ProgramTokenNeeded
        | Why::BadPattern
        | Why::TooManyFilters
        | Why::NoSuchFilter
        | Why::NoSuchHeld => (Notice, &[]),
        Why::InvitationNeeded => (Fail("INVITATION_REQUIRED"), &[]),
        Why::WrongInvitation => (Fail("INVALID_INVITATION"), &[]),
        Why::KeptOut => (By(numeric::ERR_YOUREBANNEDCREEP), &[]),
        Why::BadChannelName => (By(numeric::ERR_BADCHANMASK), &["channel"]),
        Why::ChannelExists => (Fail("CHANNEL_NAME_IN_USE"), &["channel", "to"]),
        Why::CannotRename => (Fail("CANNOT_RENAME"), &["channel", "to"]),
        Why::TooManyChannels => (By(numeric::ERR_TOOMANYCHANNELS), &["channel"]),
        Why::BadNick => (By(numeric::ERR_ERRONEUSNICKNAME), &["nick"]),
        Why::BadRealname => (Fail("INVALID_REALNAME"), &[]),
        Why::RealnameHeld => (Fail("CANNOT_CHANGE_REALNAME"), &[]),
        Why::NickTaken | Why::ConnectedAlready => (By(numeric::ERR_NICKNAMEINUSE), &["nick"]),
        Why::NickHeld => (By(numeric::ERR_BANNICKCHANGE), &["nick", "channel"]),
        Why::ListFull => (By(numeric::ERR_BANLISTFULL), &["channel", "mask"]),
        Why::NothingSaid => (By(numeric::ERR_NOTEXTTOSEND), &[]),
        Why::NoReason => (By(numeric::ERR_NEEDMOREPARAMS), &[]),
    }
}

/// Finds a reason that does not say what its form names, whichever door comes upon it: another may have to name it.
pub(crate) fn check(denied: &Denied) {
    let (_, params) = form_of(denied.why);
    let says = |name: &&str| denied.variables.iter().any(|(known, _)| known == name);
    debug_assert!(
        params.iter().all(says),
        "{denied:?} does not say what its form names"
    );
}

impl Ctx<'_> {
    /// A refusal as it is said: where an operation refused, by what its reason asks for.
    pub(crate) fn worded(&self, refusal: Refusal) -> Refusal {
        match refusal {
            Refusal::Denied(denied) => self.failed(self.verb, &[], &denied),
            worded => worded,
        }
    }

    /// Why an operation was not done, said to a command that puts words of its own before those of the reason where it is a
    /// `FAIL`.
    pub(crate) fn failed(&self, command: &str, context: &[&str], denied: &Denied) -> Refusal {
        let (form, params) = form_of(denied.why);
        let params = params.iter().map(|name| denied.variable(name).into());
        let text = self.denied_text(denied);
        match form {
            Notice => Refusal::Notice(text),
            By(numeric) => Refusal::Numeric(numeric, params.collect(), text),
            Fail(code) => Refusal::Fail {
                command: command.into(),
                code,
                context: context
                    .iter()
                    .map(CompactString::new)
                    .chain(params)
                    .collect(),
                text,
            },
        }
    }

    /// Why an operation was not done, in the session's language.
    pub(crate) fn denied_text(&self, denied: &Denied) -> String {
        check(denied);
        self.text_with(denied.key, &denied.variables())
    }
}
