//! WHO: the members of a channel, or the people that a mask fits, with the fields that are asked for (WHOX).
//! <https://modern.ircdocs.horse/#who-message>, <https://ircv3.net/specs/extensions/whox>

use super::{Command, Needs};
use crate::event::Prefixes;
use crate::limits;
use crate::modes::Letters;
use crate::person::visibility::{hides, present_as, shared_channel};
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use crate::state::State;
use crate::state::channel::prefix_chars;
use crate::state::user::User;
use causette_proto::numeric::{RPL_ENDOFWHO, RPL_WHOREPLY, RPL_WHOSPCRPL};
use causette_proto::{AccountName, Capabilities, CompactString, Message, split};
use std::fmt::Write;

pub(super) const WHO: Command = Command {
    verb: "WHO",
    params: 1,
    needs: Needs::Online,
    syntax: "WHO <channel | mask> [o][%<fields>[,<token>]]",
    summary: "command-who",
    spec: "https://modern.ircdocs.horse/#who-message",
    run,
};

/// The fields of WHOX, in the order in which they are shown.
const FIELDS: &str = "tcuihsnfdlaor";

/// What is asked beside whom.
struct Asked {
    /// Only operators of the server.
    operators: bool,
    /// The fields of WHOX, where they are asked for.
    fields: Option<Letters>,
    token: CompactString,
}

impl Asked {
    fn parse(word: &str) -> Self {
        let (flags, fields) = match word.split_once('%') {
            Some((flags, fields)) => (flags, Some(fields)),
            None => (word, None),
        };
        let (fields, token) =
            match fields.map(|fields| fields.split_once(',').unwrap_or((fields, "0"))) {
                Some((fields, token)) => (Some(Letters::of(fields)), token),
                None => (None, "0"),
            };
        // An empty one would be an empty field, which shifts those after it.
        let token = token.split(' ').next().filter(|token| !token.is_empty());
        Self {
            operators: flags.contains('o'),
            fields,
            token: split::cut(token.unwrap_or("0"), 3).into(),
        }
    }
}

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let mask = message.params[0].as_str();
    let asked = Asked::parse(message.params.get(1).map_or("", |word| word.as_str()));
    let (state, me) = (&ctx.turn.state, ctx.user());
    let sees_all = ctx.may(Act::InspectPerson);
    let mut found: Vec<(&User, Prefixes)> = Vec::new();
    let mut channel = CompactString::const_new("*");
    if mask.starts_with('#') {
        let named = state.channel_named(mask);
        if let Some(named) = named.filter(|channel| channel.is_visible_to(me.id)) {
            channel = named.name.as_str().into();
            let is_member = named.members.contains_key(&me.id);
            for (id, membership) in &named.members {
                if named.shows(*id, me.id)
                    && let Some(user) = state.users.get(id)
                    && (is_member || sees_all || !hides(state, user, me))
                {
                    found.push((user, membership.prefixes));
                }
            }
        }
    } else {
        let (found_channel, users) = people(state, me, mask, sees_all, &asked);
        channel = found_channel.unwrap_or(channel);
        found = users;
    }
    found.retain(|(user, _)| user.present && (!asked.operators || state.is_operator(user)));
    found.sort_unstable_by_key(|(user, _)| user.nick.key());
    found.truncate(limits::LISTED);
    let enabled = ctx.session().enabled;
    let rows: Vec<String> = found
        .into_iter()
        .map(|(user, prefixes)| row(ctx, &asked, &channel, user, prefixes, enabled))
        .collect();
    for row in rows {
        ctx.line_from(row);
    }
    let text = ctx.text("end-of-who");
    ctx.numeric(RPL_ENDOFWHO, &[mask], &text);
    Ok(())
}

/// The people that a nickname or mask fits and who may be seen: those who share a channel, and those who do not hide (`i`).
/// For one person also a channel that both are in.
fn people<'a>(
    state: &'a State,
    me: &User,
    mask: &str,
    sees_all: bool,
    asked: &Asked,
) -> (Option<CompactString>, Vec<(&'a User, Prefixes)>) {
    if let Some(user) = present_as(state, mask) {
        let shared = shared_channel(state, me, user);
        let name = shared.map(|channel| channel.name.as_str().into());
        let prefixes = shared.map(|channel| channel.prefixes(user.id));
        return (name, vec![(user, prefixes.unwrap_or_default())]);
    }
    let (casemap, folded) = (state.casemap, state.casemap.fold(mask));
    let fits = |user: &User| {
        let account = state.account_name(user).map(AccountName::key);
        let names = [user.nick.key(), &user.username, &user.host, &user.realname];
        let mut names = names.into_iter().chain(account);
        names.any(|name| casemap.fits(&folded, name))
    };
    let everyone = matches!(mask, "*" | "0");
    let users = state.users.values().map(|user| &**user);
    // No more are looked for than can be shown: with many people online the search itself is what costs.
    let found = users
        .filter(|user| user.present && (everyone || fits(user)))
        .filter(|user| !asked.operators || state.is_operator(user))
        .filter(|user| sees_all || !hides(state, user, me))
        .map(|user| (user, Prefixes::NONE))
        .take(limits::LISTED)
        .collect();
    (None, found)
}

/// One line of the answer.
fn row(
    ctx: &Ctx<'_>,
    asked: &Asked,
    channel: &str,
    user: &User,
    prefixes: Prefixes,
    enabled: Capabilities,
) -> String {
    let (state, server, nick) = (&ctx.turn.state, &ctx.turn.settings.server, ctx.nick());
    let sees_address = ctx.may(Act::InspectPerson) || ctx.session().user == Some(user.id);
    let address = user
        .sessions
        .first()
        .filter(|_| sees_address)
        .and_then(|session| state.sessions.get(session))
        .map(|session| session.peer.address.to_string());
    let mut flags = CompactString::const_new(if user.away.is_some() { "G" } else { "H" });
    if state.is_operator(user) {
        flags.push('*');
    }
    flags.push_str(&prefix_chars(prefixes, enabled));
    if user.modes.has('B') {
        flags.push('B');
    }
    let User {
        username,
        host,
        realname,
        ..
    } = user;
    let name = &user.nick;
    let Some(fields) = asked.fields else {
        return format!(
            ":{server} {RPL_WHOREPLY} {nick} {channel} {username} {host} {server} {name} {flags} :0 {realname}"
        );
    };
    let mut line = format!(":{server} {RPL_WHOSPCRPL} {nick}");
    for field in FIELDS.chars().filter(|field| fields.has(*field)) {
        let _ = match field {
            't' => write!(line, " {}", asked.token),
            'c' => write!(line, " {channel}"),
            'u' => write!(line, " {username}"),
            // What is hidden is told as an address that means nothing. One with a colon in front could not be read back.
            'i' => match &address {
                Some(address) if address.starts_with(':') => write!(line, " 0{address}"),
                Some(address) => write!(line, " {address}"),
                None => write!(line, " 255.255.255.255"),
            },
            'h' => write!(line, " {host}"),
            's' => write!(line, " {server}"),
            'n' => write!(line, " {name}"),
            'f' => write!(line, " {flags}"),
            'd' => write!(line, " 0"),
            'l' => {
                let idle = state.clock.steady().seconds() - user.active.seconds();
                write!(line, " {}", idle.max(0))
            }
            'a' => {
                let account = state.account_name(user).map_or("0", |name| name.as_str());
                write!(line, " {account}")
            }
            'o' => write!(line, " n/a"),
            _ => write!(line, " :{realname}"),
        };
    }
    line
}
