//! WHOIS: what may be known of one person. <https://modern.ircdocs.horse/#whois-message>

use super::{Command, Needs, leave_out, metadata, targets};
use crate::person::visibility::present_as;
use crate::reply::{Ctx, Outcome};
use crate::reserved::{self, service_named};
use crate::right::Act;
use crate::state::State;
use crate::state::channel::prefix_chars;
use crate::state::user::User;
use causette_proto::numeric::{
    ERR_NONICKNAMEGIVEN, ERR_NOSUCHNICK, RPL_AWAY, RPL_ENDOFWHOIS, RPL_WHOISACCOUNT,
    RPL_WHOISACTUALLY, RPL_WHOISBOT, RPL_WHOISCERTFP, RPL_WHOISCHANNELS, RPL_WHOISHOST,
    RPL_WHOISIDLE, RPL_WHOISMODES, RPL_WHOISOPERATOR, RPL_WHOISSECURE, RPL_WHOISSERVER,
    RPL_WHOISUSER,
};
use causette_proto::{CompactString, Message};

pub(super) const WHOIS: Command = Command {
    verb: "WHOIS",
    params: 0,
    needs: Needs::Online,
    syntax: "WHOIS <nickname>",
    summary: "command-whois",
    spec: "https://modern.ircdocs.horse/#whois-message",
    run,
};

/// Nicknames in one WHOIS.
const NICKS: usize = 1;

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    // With two parameters the first is a server; there is only this one.
    let list = message.params.get(1).or_else(|| message.params.first());
    let (nicks, left_out) = targets(ctx.turn.state, list.map_or("", |list| list.as_str()), NICKS);
    let [nick] = nicks[..] else {
        return Err(ctx.refusal(ERR_NONICKNAMEGIVEN, &[], "no-nickname", &[]));
    };
    leave_out(ctx, &left_out, NICKS);
    let end = ctx.text("end-of-whois");
    let casemap = ctx.turn.state.casemap;
    if let Some(source) = reserved::always_there(casemap, &ctx.turn.settings.server, nick) {
        always_there(ctx, nick, &source, &end);
        return Ok(());
    }
    let state = &ctx.turn.state;
    let Some(user) = present_as(state, nick).cloned() else {
        let refusal = ctx.refusal(ERR_NOSUCHNICK, &[nick], "no-such-nick", &[("nick", nick)]);
        ctx.refuse(refusal);
        ctx.numeric(RPL_ENDOFWHOIS, &[nick], &end);
        return Ok(());
    };
    let me = ctx.user();
    let own = me.id == user.id;
    let sees_all = ctx.may(Act::InspectPerson);
    let account = state.account_name(&user).cloned();
    let channels = channels(ctx, &user, sees_all);
    let state = &ctx.turn.state;
    let secure = !user.is_absent()
        && user
            .sessions
            .iter()
            .filter_map(|id| state.sessions.get(id))
            .all(|session| session.peer.tls.is_some());
    let idle = (state.clock.steady().seconds() - user.active.seconds())
        .max(0)
        .to_string();
    let signed_on = state.clock.shown_at(user.signed_on);
    let signed_on = signed_on.seconds().to_string();
    let mut sessions = user.sessions.iter().filter_map(|id| state.sessions.get(id));
    let operator = sessions
        .find_map(|session| session.operator.as_ref())
        .map(|opered| opered.operator.class.clone())
        .or_else(|| role_of(state, &user));
    let nick = user.nick.as_str();
    let settings = ctx.turn.settings;
    ctx.numeric(
        RPL_WHOISUSER,
        &[nick, &user.username, &user.host, "*"],
        &user.realname,
    );
    if let Some(account) = account {
        let text = ctx.text("whois-account");
        ctx.numeric(RPL_WHOISACCOUNT, &[nick, account.as_str()], &text);
    }
    for line in channels.chunks(6) {
        ctx.numeric(RPL_WHOISCHANNELS, &[nick], &line.join(" "));
    }
    ctx.numeric(
        RPL_WHOISSERVER,
        &[nick, &settings.server],
        &settings.description,
    );
    if let Some(away) = &user.away {
        let away = away.told(ctx.language());
        ctx.numeric(RPL_AWAY, &[nick], &away);
    }
    if let Some(class) = operator {
        let text = ctx.text_with("whois-operator", &[("class", &class)]);
        ctx.numeric(RPL_WHOISOPERATOR, &[nick], &text);
    }
    if user.modes.has('B') {
        let text = ctx.text_with("whois-bot", &[("network", &settings.network)]);
        ctx.numeric(RPL_WHOISBOT, &[nick], &text);
    }
    if secure {
        let text = ctx.text("whois-secure");
        ctx.numeric(RPL_WHOISSECURE, &[nick], &text);
    }
    if own || sees_all {
        hidden(ctx, &user);
    }
    if !user.is_absent() {
        let text = ctx.text("whois-idle");
        ctx.numeric(RPL_WHOISIDLE, &[nick, &idle, &signed_on], &text);
    }
    metadata::whois(ctx, user.id);
    ctx.numeric(RPL_ENDOFWHOIS, &[nick], &end);
    Ok(())
}

/// The channels that somebody is in, as far as who asks may know.
fn channels(ctx: &Ctx<'_>, user: &User, sees_all: bool) -> Vec<String> {
    let (state, me) = (&ctx.turn.state, ctx.user().id);
    let enabled = ctx.session().enabled;
    let rooms = user.channels.iter();
    let channels = rooms.filter_map(|room| state.channels().get(room));
    let shown = channels
        .filter(|channel| (channel.is_visible_to(me) || sees_all) && channel.shows(user.id, me))
        // Who hides is in the rooms that both are in, as NAMES has it.
        .filter(|channel| {
            me == user.id || sees_all || !user.modes.has('i') || channel.members.contains_key(&me)
        });
    let named = shown.filter_map(|channel| {
        let prefixes = channel.members.get(&user.id)?.prefixes;
        Some(format!(
            "{}{}",
            prefix_chars(prefixes, enabled),
            channel.name
        ))
    });
    named.collect()
}

/// What is shown to nobody but the person themselves, and to operators of the server: modes, certificates, addresses.
fn hidden(ctx: &mut Ctx<'_>, user: &User) {
    let nick = user.nick.as_str();
    let state = &ctx.turn.state;
    let sessions = user.sessions.iter().filter_map(|id| state.sessions.get(id));
    let peers: Vec<_> = sessions
        .map(|session| {
            let peer = &session.peer;
            (peer.certificate.clone(), peer.address, peer.cloak.clone())
        })
        .collect();
    let modes = user.modes.text();
    let text = ctx.text_with("whois-modes", &[("modes", &modes)]);
    ctx.numeric(RPL_WHOISMODES, &[nick], &text);
    for certificate in peers
        .iter()
        .filter_map(|(certificate, ..)| certificate.as_ref())
    {
        let text = ctx.text_with("whois-certificate", &[("fingerprint", certificate)]);
        ctx.numeric(RPL_WHOISCERTFP, &[nick], &text);
    }
    for (_, address, cloak) in &peers {
        let address = address.to_string();
        let text = ctx.text_with("whois-host", &[("address", &address)]);
        ctx.numeric(RPL_WHOISHOST, &[nick], &text);
        let source = format!("{}@{cloak}", user.username);
        let text = ctx.text("whois-actually");
        ctx.numeric(RPL_WHOISACTUALLY, &[nick, &source, &param(address)], &text);
    }
}

/// An address as a parameter that is not the last: it cannot begin with a colon.
fn param(address: String) -> String {
    if address.starts_with(':') {
        format!("0{address}")
    } else {
        address
    }
}

/// The role that makes somebody an operator of the server, where they are one by it.
fn role_of(state: &State, user: &User) -> Option<CompactString> {
    let account = user.account.filter(|_| state.is_operator(user))?;
    Some(CompactString::const_new(
        state.role_of_account(account).name(),
    ))
}

/// Who is always there: those who run the server, as people converse with them, or a service.
fn always_there(ctx: &mut Ctx<'_>, name: &str, source: &str, end: &str) {
    let settings = ctx.turn.settings;
    let service = service_named(ctx.turn.state.casemap, name);
    let realname = match service {
        Some(_) => ctx.text("whois-service"),
        None => ctx.text("administration-realname"),
    };
    let mut words = source.split(['!', '@']);
    let [nick, username, host] = [(); 3].map(|()| words.next().unwrap_or_default());
    ctx.numeric(RPL_WHOISUSER, &[nick, username, host, "*"], &realname);
    let params = [nick, settings.server.as_str()];
    ctx.numeric(RPL_WHOISSERVER, &params, &settings.description);
    if service.is_some() {
        // No operator, but the line by which clients tell what is somebody of the server's.
        ctx.numeric(RPL_WHOISOPERATOR, &[nick], &realname);
    }
    ctx.numeric(RPL_ENDOFWHOIS, &[nick], end);
}
