//! CAP: agree on capabilities. <https://ircv3.net/specs/extensions/capability-negotiation>

use super::greeting;
use super::{Command, Needs, authenticate, batch, metadata, registration};
use crate::id::SessionId;
use crate::input::Transport;
use crate::output::Output;
use crate::reply::{Ctx, Outcome};
use crate::room::relay;
use crate::settings::{Registration, Settings};
use crate::state::State;
use crate::turn::Turn;
use causette_proto::numeric::ERR_INVALIDCAPCMD;
use causette_proto::{Capabilities, Capability, Message};
use causette_text::Language;
use std::time::Duration;

pub(super) const CAP: Command = Command {
    verb: "CAP",
    params: 1,
    needs: Needs::Nothing,
    syntax: "CAP <LS [302] | LIST | REQ :capabilities | END>",
    summary: "command-cap",
    spec: "https://ircv3.net/specs/extensions/capability-negotiation",
    run,
};

/// Bytes of capabilities on one line of CAP LS, so that the line keeps within its bound.
const LIST_BYTES: usize = 400;

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let subcommand = message.params[0].to_ascii_uppercase();
    match subcommand.as_str() {
        "LS" => {
            let version = message
                .params
                .get(1)
                .and_then(|version| version.parse::<u32>().ok());
            let session = ctx.session_mut();
            let first = !session.welcomed && !session.negotiating;
            session.negotiating |= !session.welcomed;
            if version.is_some_and(|version| version >= 302) {
                session.knows_values = true;
                // Version 302 implies cap-notify. <https://ircv3.net/specs/extensions/capability-negotiation#cap-notify>
                session.enabled.insert(Capability::CapNotify);
            }
            let values = session.knows_values;
            if first {
                greeting::tell_at_the_door(ctx);
            }
            let offered = Capability::ALL.iter().copied();
            let words: Vec<String> = offered
                .filter(|capability| *capability != Capability::Sts)
                .map(|capability| advertise(&ctx.turn, capability, values))
                .chain(sts(ctx).filter(|_| values))
                .collect();
            list(ctx, "LS", &words);
        }
        "LIST" => {
            let words: Vec<String> = ctx
                .session()
                .enabled
                .iter()
                .map(|capability| capability.name().to_owned())
                .collect();
            list(ctx, "LIST", &words);
        }
        "REQ" => request(
            ctx,
            message.params.get(1).map_or("", |words| words.as_str()),
        ),
        "END" => {
            if !ctx.session().welcomed {
                ctx.session_mut().negotiating = false;
                authenticate::abandon(ctx);
                registration::complete(ctx);
            }
        }
        _ => return Err(ctx.refusal(ERR_INVALIDCAPCMD, &[&message.params[0]], "invalid-cap", &[])),
    }
    Ok(())
}

/// A capability as CAP LS shows it.
fn advertise(turn: &Turn<'_>, capability: Capability, values: bool) -> String {
    let value = value(turn.state, turn.settings, capability);
    let name = capability.name();
    if values && !value.is_empty() {
        format!("{name}={value}")
    } else {
        name.to_owned()
    }
}

/// What a capability is announced with; empty where it has no value.
fn value(state: &State, settings: &Settings, capability: Capability) -> String {
    match capability {
        Capability::Sasl => authenticate::mechanisms(settings).into(),
        Capability::AccountRegistration => registration(state, settings).into(),
        Capability::Multiline => format!(
            "max-bytes={},max-lines={}",
            settings.limits.multiline_bytes, settings.limits.multiline_lines
        ),
        Capability::Metadata => {
            let limits = &settings.metadata;
            let (subs, keys) = (limits.subs, limits.keys);
            let (key, value) = (limits.key_bytes, settings.metadata_bytes());
            format!(
                "before-connect,max-subs={subs},max-keys={keys},max-key-bytes={key},max-value-bytes={value}"
            )
        }
        Capability::Languages => {
            // The server's own comes first.
            let own = settings.language;
            let others = Language::ALL
                .into_iter()
                .filter(|language| *language != own);
            let tags: Vec<&str> = std::iter::once(own)
                .chain(others)
                .map(Language::tag)
                .collect();
            format!("{},{}", tags.len(), tags.join(","))
        }
        Capability::Relaymsg => relay::SEPARATOR.into(),
        _ => String::new(),
    }
}

/// For how long a client that was told so comes with TLS only: a month, as other servers have it.
const TLS_ONLY: Duration = Duration::from_secs(31 * 24 * 3600);

/// That the client should come with TLS from now on: where, if it has come without, and for how long, if it has. Only where
/// clients trust the certificate by themselves: with another they would be locked out. Not for WebSocket, whose addresses say
/// it already. <https://ircv3.net/specs/extensions/sts>
fn sts(ctx: &Ctx<'_>) -> Option<String> {
    let settings = ctx.turn.settings;
    match ctx.session().peer.transport {
        Transport::Irc => Some(format!("sts=port={}", settings.public_port?)),
        Transport::Ircs => Some(format!("sts=duration={}", sts_duration(settings)?)),
        Transport::Ws | Transport::Wss => None,
    }
}

/// For how many seconds who has come with TLS comes with nothing else; 0 lets go whoever was told of another time.
pub(crate) fn sts_duration(settings: &Settings) -> Option<u64> {
    match (settings.public_port, settings.sts_withdrawn) {
        (Some(_), _) => Some(TLS_ONLY.as_secs()),
        (None, true) => Some(0),
        (None, false) => None,
    }
}

/// Tells those who are connected by TLS how long that binds them from now on, or that it no longer does. Who came in clear
/// learns of it when it comes the next time: it would have to leave at once. Nothing is ever taken back by CAP DEL, which the
/// specification forbids. <https://ircv3.net/specs/extensions/sts#mechanism>
pub(crate) fn announce_sts(turn: &mut Turn<'_>) {
    announce(turn, |ctx| {
        let session = ctx.session();
        let concerned = session.knows_values && session.peer.transport == Transport::Ircs;
        sts(ctx).filter(|_| concerned)
    });
}

/// Tells those who want to know which capabilities have another value than under the settings before. Each stays, and the last value
/// that was sent is the one that counts.
/// <https://ircv3.net/specs/extensions/capability-negotiation#the-cap-new-subcommand>
pub(crate) fn announce_changed(turn: &mut Turn<'_>, old: &Settings) {
    for capability in Capability::ALL.iter().copied() {
        let new = value(turn.state, turn.settings, capability);
        if new != value(turn.state, old, capability) {
            announce_value(turn, capability);
        }
    }
}

fn announce_value(turn: &mut Turn<'_>, capability: Capability) {
    announce(turn, |ctx| {
        let values = ctx.session().knows_values;
        Some(advertise(&ctx.turn, capability, values))
    });
}

/// What REGISTER allows, the value of its capability; empty where only the administrator makes accounts.
/// <https://ircv3.net/specs/extensions/account-registration>
pub(crate) fn registration(state: &State, settings: &Settings) -> &'static str {
    let rules = state.registration(settings);
    let (early, email) = (
        settings.registration_before_connect,
        settings.email_required,
    );
    match (rules != Registration::Closed, early, email) {
        (false, ..) => "",
        (true, true, false) => "before-connect,custom-account-name",
        (true, true, true) => "before-connect,custom-account-name,email-required",
        (true, false, false) => "custom-account-name",
        (true, false, true) => "custom-account-name,email-required",
    }
}

/// Tells those who want to know that REGISTER allows something else from now on.
pub(crate) fn announce_registration(turn: &mut Turn<'_>) {
    announce_value(turn, Capability::AccountRegistration);
}

/// Tells those who want to know of a capability as each is to see it.
fn announce(turn: &mut Turn<'_>, word: impl Fn(&Ctx<'_>) -> Option<String>) {
    let sessions = turn.state.sessions.values();
    let mut to: Vec<SessionId> = sessions
        .filter(|session| session.enabled.contains(Capability::CapNotify))
        .map(|session| session.id)
        .collect();
    to.sort_unstable();
    for session in to {
        let mut ctx = Ctx::new(turn.reborrow(), session, None);
        let Some(word) = word(&ctx) else { continue };
        let nick = ctx.nick();
        ctx.line(&format!("CAP {nick} NEW :{word}"));
        ctx.conclude();
    }
}

/// Lists capabilities, on as many lines as the client's version allows.
fn list(ctx: &mut Ctx<'_>, subcommand: &str, words: &[String]) {
    let mut lines = vec![String::new()];
    for word in words {
        let full = lines
            .last()
            .is_some_and(|line| line.len() + word.len() > LIST_BYTES);
        if full && ctx.session().knows_values {
            lines.push(String::new());
        } else if full {
            // A client that old would not read on, and knows none of what stands last in the table.
            break;
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let nick = ctx.nick();
    let last = lines.len() - 1;
    for (index, line) in lines.iter().enumerate() {
        let more = if index < last { "* " } else { "" };
        ctx.line(&format!("CAP {nick} {subcommand} {more}:{line}"));
    }
}

/// All or nothing: one unknown word, and the whole request is answered NAK.
fn request(ctx: &mut Ctx<'_>, words: &str) {
    let session = ctx.session_mut();
    session.negotiating |= !session.welcomed;
    let mut enabled = session.enabled;
    let known = words.split_ascii_whitespace().all(|word| {
        let (remove, name) = word
            .strip_prefix('-')
            .map_or((false, word), |name| (true, name));
        match Capability::from_name(name) {
            Some(Capability::CapNotify) if remove && session.knows_values => false,
            // It is told, and never asked for.
            Some(Capability::Sts) => false,
            Some(capability) if remove => {
                enabled.remove(capability);
                true
            }
            Some(capability) => {
                enabled.insert(capability);
                true
            }
            None => false,
        }
    });
    let nick = ctx.nick();
    if !known {
        return ctx.line(&format!("CAP {nick} NAK :{words}"));
    }
    ctx.line(&format!("CAP {nick} ACK :{words}"));
    enable(ctx, enabled);
}

fn enable(ctx: &mut Ctx<'_>, enabled: Capabilities) {
    let session = ctx.id;
    ctx.turn.after(Output::Capabilities { session, enabled });
    ctx.session_mut().enabled = enabled;
    batch::capabilities_changed(ctx);
    metadata::capabilities_changed(ctx);
}
