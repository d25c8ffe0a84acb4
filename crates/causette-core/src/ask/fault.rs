//! Why something that was asked for over the socket or by HTTP was not done, in a word for programs and a sentence for people: one table.

use crate::denied::{Denied, Why};
use crate::output::{Fault, Undone};
use crate::reply::denial;
use causette_text::{Language, text, text_with};

/// The word for programs.
pub(super) fn of(denied: &Denied) -> Fault {
    match denied.why {
        Why::MustWait => wait(denied),
        Why::Busy => Fault::Busy,
        Why::Unavailable => Fault::Unavailable,
        Why::SignInFailed
        | Why::TooManySessions
        | Why::ConnectedAlready
        | Why::NotAdmitted
        | Why::ConnectFirst
        | Why::AlreadySignedIn
        | Why::WaitsForApproval
        | Why::SignInFirst
        | Why::WrongCode
        | Why::InvitationNeeded
        | Why::WrongInvitation
        | Why::KeptOut => Fault::Refused,
        Why::UnknownDevice => Fault::Unknown,
        Why::NoRight
        | Why::MachineOnly
        | Why::ProgramTokenNeeded
        | Why::OwnerOnly
        | Why::ChannelOperatorsOnly
        | Why::NoLastingRights
        | Why::NotOwnMessage
        | Why::NotOwnFile
        | Why::NotOwnNick
        | Why::ModeNotGiven
        | Why::AccountNeeded
        | Why::Banned
        | Why::InviteOnly
        | Why::BadKey
        | Why::CannotSpeak
        | Why::HearsAccountsOnly
        | Why::HearsNoQuestions => Fault::Forbidden,
        Why::FileTooLarge => too_large(denied),
        Why::NoRoomForFile => Fault::NoRoom,
        Why::NoSuchChannel
        | Why::NoSuchFile
        | Why::NoSuchUpload
        | Why::NoSuchMessage
        | Why::NoSuchTarget
        | Why::NoSuchNick
        | Why::BadEmail
        | Why::NoSuchMarker
        | Why::NoSuchAccount
        | Why::NoSuchSanction
        | Why::NoSuchInvitation
        | Why::NoSuchFilter
        | Why::NoSuchHeld
        | Why::NotOnChannel
        | Why::NotInChannel
        | Why::UnknownCertificate => Fault::NotFound,
        Why::AccountExists
        | Why::AlreadySo
        | Why::LastOwner
        | Why::TooManyDevices
        | Why::TooManyChannels
        | Why::TooManyMarkers
        | Why::TooManyOwned
        | Why::TooManySanctions
        | Why::TooManyInvitations
        | Why::TooManyFilters
        | Why::ListFull
        | Why::AccessFull
        | Why::ChannelFull
        | Why::TooLateToRedact
        | Why::OnChannelAlready
        | Why::NickTaken
        | Why::NickHeld
        | Why::RealnameHeld
        | Why::ChannelExists
        | Why::CannotRename
        | Why::RegistrationClosed
        | Why::RegisteredAlready
        | Why::NotRegistered
        | Why::NotConfirmed
        | Why::HeirAbsent
        | Why::KeptOpen
        | Why::UnderSanction
        | Why::SanctionedAlready
        | Why::TouchesTooMany => Fault::Conflict,
        Why::BadAccountName
        | Why::UnacceptableCertificate
        | Why::UnacceptablePassword
        | Why::WeakPassword
        | Why::DeviceName
        | Why::InvalidModeParameter
        | Why::InvalidKey
        | Why::TooLong
        | Why::PictureSaysMore
        | Why::BadChannelName
        | Why::BadNick
        | Why::BadRealname
        | Why::NothingSaid
        | Why::NoReason
        | Why::BadTarget
        | Why::BadDuration
        | Why::BadTerms
        | Why::BadPattern => Fault::Unprocessable,
    }
}

fn wait(denied: &Denied) -> Fault {
    let seconds = denied.variable("seconds").parse().unwrap_or(1);
    Fault::Wait { seconds }
}

fn too_large(denied: &Denied) -> Fault {
    let bytes_max = denied.variable("max").parse().unwrap_or(0);
    Fault::TooLarge { bytes_max }
}

/// The same with the sentence, in a language.
pub(super) fn told(language: Language, denied: &Denied) -> Undone {
    under(language, denied, denied.key)
}

/// The same with a sentence of its own.
pub(super) fn under(language: Language, denied: &Denied, key: &str) -> Undone {
    denial::check(denied);
    Undone {
        fault: of(denied),
        text: text_with(language, key, &denied.variables()),
    }
}

/// What is answered while nothing can be recorded.
pub(crate) fn unavailable(language: Language) -> Undone {
    Undone {
        fault: Fault::Unavailable,
        text: text(language, "unavailable"),
    }
}
