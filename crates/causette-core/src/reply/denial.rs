//! How IRC says why an operation was not done: by a numeric, or by `FAIL` with a code.

use super::{Ctx, Refusal};
use crate::denied::{Denied, Why};
use Form::{By, Fail};
use causette_proto::numeric::{
    ERR_BADCHANNELKEY, ERR_BANNEDFROMCHAN, ERR_CANNOTSENDTOCHAN, ERR_CHANNELISFULL,
    ERR_CHANOPRIVSNEEDED, ERR_INVITEONLYCHAN, ERR_NEEDREGGEDNICK, ERR_NOSUCHCHANNEL,
    ERR_NOTONCHANNEL, ERR_USERNOTINCHANNEL, Numeric,
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
        let Refusal::Denied(denied) = refusal else {
            return refusal;
        };
        let (form, params) = form_of(denied.why);
        let params = params.iter().map(|name| denied.variable(name).into());
        let (params, text) = (params.collect(), self.denied_text(&denied));
        match form {
            By(numeric) => Refusal::Numeric(numeric, params, text),
            Fail(code) => Refusal::Fail {
                command: self.verb.into(),
                code,
                context: params,
                text,
            },
        }
    }

    /// Why an operation was not done, in the session's language.
    pub(crate) fn denied_text(&self, denied: &Denied) -> String {
        let variables = denied.variables.iter();
        let variables: Vec<_> = variables
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.text_with(denied.key, &variables)
    }
}
