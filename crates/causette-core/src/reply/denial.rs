//! How IRC says why an operation was not done: by a numeric, or by `FAIL` with a code.

use super::{Ctx, Refusal};
use crate::denied::{Denied, Why};
use Form::{By, Fail};
use causette_proto::CompactString;
use causette_proto::numeric::{
    ERR_BADCHANNELKEY, ERR_BANNEDFROMCHAN, ERR_CANNOTSENDTOCHAN, ERR_CHANNELISFULL,
    ERR_CHANOPRIVSNEEDED, ERR_INVITEONLYCHAN, ERR_NEEDREGGEDNICK, ERR_NOPRIVILEGES,
    ERR_NOSUCHCHANNEL, ERR_NOTONCHANNEL, ERR_USERNOTINCHANNEL, Numeric,
};

/// In which form a reason is said.
enum Form {
    /// As a numeric.
    By(Numeric),
    /// As `FAIL` with this code. <https://ircv3.net/specs/extensions/standard-replies>
    Fail(&'static str),
}

/// The form of a reason, and the variables that are its parameters.
fn form_of(why: Why) -> (Form, &'static [&'static str]) {
    match why {
        Why::NoRight => (By(ERR_NOPRIVILEGES), &[]),
        Why::Unavailable => (Fail("TEMPORARILY_UNAVAILABLE"), &[]),
        Why::DeviceName => (Fail("INVALID_PARAMS"), &[]),
        Why::TooManyDevices => (Fail("TOO_MANY_DEVICES"), &[]),
        Why::UnknownDevice => (Fail("UNKNOWN_DEVICE"), &["id"]),
        Why::NoSuchChannel => (By(ERR_NOSUCHCHANNEL), &["channel"]),
        Why::NotOnChannel => (By(ERR_NOTONCHANNEL), &["channel"]),
        Why::NotInChannel => (By(ERR_USERNOTINCHANNEL), &["nick", "channel"]),
        Why::ChannelOperatorsOnly => (By(ERR_CHANOPRIVSNEEDED), &["channel"]),
        Why::Banned => (By(ERR_BANNEDFROMCHAN), &["channel"]),
        Why::AccountNeeded => (By(ERR_NEEDREGGEDNICK), &["channel"]),
        Why::InviteOnly => (By(ERR_INVITEONLYCHAN), &["channel"]),
        Why::BadKey => (By(ERR_BADCHANNELKEY), &["channel"]),
        Why::ChannelFull => (By(ERR_CHANNELISFULL), &["channel"]),
        Why::CannotSpeak => (By(ERR_CANNOTSENDTOCHAN), &["channel"]),
        Why::NoSuchMessage => (Fail("UNKNOWN_MSGID"), &["target", "msgid"]),
        Why::NotOwnMessage => (Fail("REDACT_FORBIDDEN"), &["target", "msgid"]),
        Why::TooLateToRedact => (
            Fail("REDACT_WINDOW_EXPIRED"),
            &["target", "msgid", "window"],
        ),
        Why::NoSuchTarget => (Fail("INVALID_TARGET"), &["target"]),
    }
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
        self.text_with(denied.key, &denied.variables())
    }
}
