//! ChanServ: channels that have an owner, and lasting rights in them.

use crate::actor::Actor;
use crate::commands::{Command, Needs};
use crate::event::{Held, ModeChange, Prefixes, What};
use crate::id::{AccountId, Room, RoomId, UserId};
use crate::limits;
use crate::record::Fact;
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::right::Act;
use crate::service;
use crate::state::channel::Channel;
use causette_proto::mode::Change;
use causette_proto::{CompactString, Message};

pub(crate) const CS: Command = Command {
    verb: "CS",
    params: 0,
    needs: Needs::Online,
    syntax: "CS <REGISTER | UNREGISTER | TRANSFER | OP | AMODE | INFO | HELP> <channel> …",
    summary: "command-cs",
    spec: "https://modern.ircdocs.horse/#services",
    run,
};

pub(crate) const CHANSERV: Command = Command {
    verb: "CHANSERV",
    syntax: "CHANSERV <REGISTER | UNREGISTER | TRANSFER | OP | AMODE | INFO | HELP> <channel> …",
    ..CS
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let words: Vec<&str> = message.params.iter().map(CompactString::as_str).collect();
    answer(ctx, &words.join(" "))
}

/// Does what it is told.
pub(crate) fn answer(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    if ctx.session().user.is_none() {
        return Err(crate::commands::account_required(ctx, "CHANSERV"));
    }
    let mut words = text.split_ascii_whitespace();
    let command = words.next().unwrap_or("HELP").to_ascii_uppercase();
    let words: Vec<&str> = words.collect();
    let Some((name, rest)) = words.split_first() else {
        let known = matches!(
            command.as_str(),
            "HELP" | "REGISTER" | "UNREGISTER" | "TRANSFER" | "OP" | "AMODE" | "INFO"
        );
        let key = if known {
            "chanserv-help"
        } else {
            "chanserv-unknown"
        };
        return say(ctx, key, &[]);
    };
    let me = ctx.user().id;
    let found = ctx.turn.state.channel_named(name);
    // What may not be known to exist is answered like what does not.
    let account = ctx.session().account;
    let operator = ctx.may(Act::RuleChannels);
    let known = |channel: &&Channel| {
        let rights = account.is_some_and(|account| {
            channel.founder == Some(account) || channel.access.contains_key(&account)
        });
        channel.is_visible_to(me) || rights || operator
    };
    let Some(channel) = found.filter(known) else {
        return say(ctx, "no-such-channel", &[("channel", name)]);
    };
    let room = channel.id;
    match (command.as_str(), rest) {
        ("REGISTER", _) => register(ctx, room),
        ("UNREGISTER", _) => unregister(ctx, room, rest.first().copied()),
        ("TRANSFER", [account]) => transfer(ctx, room, account),
        ("OP", rest) => op(ctx, room, rest.first().copied()),
        ("AMODE", []) => access(ctx, room),
        ("AMODE", [change, account]) => change_access(ctx, room, change, account),
        ("INFO", _) => info(ctx, room),
        ("HELP" | "TRANSFER" | "AMODE", _) => say(ctx, "chanserv-help", &[]),
        _ => say(ctx, "chanserv-unknown", &[]),
    }
}

fn register(ctx: &mut Ctx<'_>, room: RoomId) -> Outcome {
    let me = ctx.user();
    let channel = &ctx.turn.state.channels()[&room];
    let name = channel.name.clone();
    let variables = [("channel", name.as_str())];
    let (user, Some(account)) = (me.id, me.account) else {
        return say(ctx, "chanserv-account-needed", &variables);
    };
    if !ctx.turn.settings.channel_registration {
        return say(ctx, "chanserv-registration-closed", &variables);
    }
    if channel.founder.is_some() {
        return say(ctx, "chanserv-registered-already", &variables);
    }
    if !channel.prefixes(user).at_least('o') {
        return say(ctx, "operators-only", &variables);
    }
    if founded(ctx, account) >= limits::REGISTERED_CHANNELS {
        let max = limits::REGISTERED_CHANNELS.to_string();
        return say(ctx, "chanserv-too-many", &[("max", &max)]);
    }
    found(ctx, room, account);
    raise(ctx, room, user, Prefixes::of('q'));
    say(ctx, "chanserv-registered", &variables)
}

/// How many channels an account has registered.
fn founded(ctx: &Ctx<'_>, account: AccountId) -> usize {
    let channels = ctx.turn.state.channels().values();
    channels
        .filter(|channel| channel.founder == Some(account))
        .count()
}

fn found(ctx: &mut Ctx<'_>, room: RoomId, founder: AccountId) {
    let id = ctx.id;
    ctx.turn
        .commit(&Actor::Session(id), Fact::RoomRegistered { room, founder });
}

/// Gives a member prefixes that they do not have yet, for all to see.
fn raise(ctx: &mut Ctx<'_>, room: RoomId, user: UserId, prefixes: Prefixes) {
    set(ctx, room, user, prefixes, true);
}

/// Takes prefixes from a member who has them, for all to see: a right that was taken away ends at once, not when its holder
/// leaves.
fn lower(ctx: &mut Ctx<'_>, room: RoomId, user: UserId, prefixes: Prefixes) {
    set(ctx, room, user, prefixes, false);
}

fn set(ctx: &mut Ctx<'_>, room: RoomId, user: UserId, prefixes: Prefixes, add: bool) {
    let channel = &ctx.turn.state.channels()[&room];
    if !channel.members.contains_key(&user) {
        return;
    }
    let mut held = channel.prefixes(user);
    let before = held;
    let after = channel.modes.text(true);
    let nick = ctx.turn.state.nick_of(user);
    let letters = prefixes.letters();
    let changes: Vec<ModeChange> = letters
        .chars()
        .filter(|letter| before.has(*letter) != add)
        .map(|mode| {
            held.set(mode, add);
            ModeChange {
                change: Change {
                    add,
                    mode,
                    arg: Some(nick.clone()),
                },
                member: Some(Held {
                    user,
                    prefixes: held,
                }),
            }
        })
        .collect();
    if !changes.is_empty() {
        let author = ctx.user().id;
        let what = What::Mode { changes, after };
        ctx.happen(vec![Room::Channel(room)], author, what);
    }
}

/// Whether the session's account owns the channel, or an operator of the server acts.
fn rules(ctx: &Ctx<'_>, channel: &Channel) -> bool {
    let account = ctx.session().account;
    channel.founder.is_some() && (channel.founder == account || ctx.may(Act::RuleChannels))
}

fn unregister(ctx: &mut Ctx<'_>, room: RoomId, again: Option<&str>) -> Outcome {
    let channel = &ctx.turn.state.channels()[&room];
    let name = channel.name.clone();
    let variables = [("channel", name.as_str())];
    if !rules(ctx, channel) {
        return say(ctx, "chanserv-founder-only", &variables);
    }
    if again.is_none_or(|again| ctx.turn.state.casemap.fold_channel(again) != name.key()) {
        return say(ctx, "chanserv-unregister-again", &variables);
    }
    let id = ctx.id;
    // Whoever owned it goes on as one of its operators: a later owner must not find somebody above.
    if let Some(former) = channel.founder.map(UserId::from) {
        raise(ctx, room, former, Prefixes::of('o'));
        lower(ctx, room, former, Prefixes::of('q'));
    }
    ctx.turn
        .commit(&Actor::Session(id), Fact::RoomUnregistered { room });
    let text = ctx.text_with("chanserv-unregistered", &variables);
    ctx.turn.close_empty(&[Room::Channel(room)]);
    ctx.notice(Some(Service::Channels.nick()), &text);
    Ok(())
}

fn transfer(ctx: &mut Ctx<'_>, room: RoomId, account: &str) -> Outcome {
    let channel = &ctx.turn.state.channels()[&room];
    let name = channel.name.clone();
    if !rules(ctx, channel) {
        return say(ctx, "chanserv-founder-only", &[("channel", name.as_str())]);
    }
    let Some(heir) = ctx.turn.state.account_named(account) else {
        return say(ctx, "nickserv-no-such-account", &[]);
    };
    let (heir, account) = (heir.id, heir.name.clone());
    let variables = [("channel", name.as_str()), ("account", account.as_str())];
    // What one owns counts against a bound: nobody gets what they did not come for.
    if !channel.members.contains_key(&UserId::from(heir)) {
        return say(ctx, "chanserv-heir-absent", &variables);
    }
    if founded(ctx, heir) >= limits::REGISTERED_CHANNELS {
        let max = limits::REGISTERED_CHANNELS.to_string();
        return say(ctx, "chanserv-too-many", &[("max", &max)]);
    }
    let former = channel.founder;
    found(ctx, room, heir);
    raise(ctx, room, UserId::from(heir), Prefixes::of('q'));
    if let Some(former) = former.filter(|former| *former != heir) {
        lower(ctx, room, UserId::from(former), Prefixes::of('q'));
    }
    say(ctx, "chanserv-transferred", &variables)
}

/// The lasting rights of the session's account in a channel.
fn rights(ctx: &Ctx<'_>, channel: &Channel) -> Prefixes {
    let Some(account) = ctx.session().account else {
        return Prefixes::NONE;
    };
    let access = channel.access.get(&account).copied().unwrap_or_default();
    if channel.founder == Some(account) {
        access.union(Prefixes::of('q'))
    } else {
        access
    }
}

/// Gives oneself the prefixes of one's lasting rights again, or makes somebody an operator.
fn op(ctx: &mut Ctx<'_>, room: RoomId, nick: Option<&str>) -> Outcome {
    let channel = &ctx.turn.state.channels()[&room];
    let name = channel.name.clone();
    let rights = rights(ctx, channel);
    if !rights.at_least('o') {
        return say(ctx, "chanserv-no-rights", &[("channel", name.as_str())]);
    }
    let (user, prefixes) = match nick {
        None => (ctx.user().id, rights),
        Some(nick) => match ctx.turn.state.user_named(nick) {
            Some(user) => (user.id, Prefixes::of('o')),
            None => return say(ctx, "no-such-nick", &[("nick", nick)]),
        },
    };
    let channel = &ctx.turn.state.channels()[&room];
    if !channel.members.contains_key(&user) {
        let nick = ctx.turn.state.nick_of(user);
        let variables = [("nick", nick.as_str()), ("channel", name.as_str())];
        return say(ctx, "user-not-in-channel", &variables);
    }
    raise(ctx, room, user, prefixes);
    Ok(())
}

fn access(ctx: &mut Ctx<'_>, room: RoomId) -> Outcome {
    let channel = &ctx.turn.state.channels()[&room];
    let name = channel.name.clone();
    let me = ctx.user().id;
    if !channel.prefixes(me).at_least('h') && rights(ctx, channel).is_empty() {
        return say(ctx, "operators-only", &[("channel", name.as_str())]);
    }
    let accounts = &ctx.turn.state.accounts();
    let mut rows: Vec<(String, CompactString)> = channel
        .access
        .iter()
        .filter_map(|(account, prefixes)| {
            let account = accounts.get(account)?;
            Some((account.name.to_string(), prefixes.letters()))
        })
        .collect();
    rows.sort_unstable();
    for (account, letters) in &rows {
        let variables = [("account", account.as_str()), ("modes", letters.as_str())];
        say(ctx, "chanserv-access", &variables)?;
    }
    let number = rows.len().to_string();
    let variables = [("channel", name.as_str()), ("number", number.as_str())];
    say(ctx, "chanserv-access-end", &variables)
}

fn change_access(ctx: &mut Ctx<'_>, room: RoomId, change: &str, account: &str) -> Outcome {
    let channel = &ctx.turn.state.channels()[&room];
    let name = channel.name.clone();
    let variables = [("channel", name.as_str())];
    if channel.founder.is_none() {
        return say(ctx, "chanserv-not-registered", &variables);
    }
    let (add, letters) = match change.split_at_checked(1) {
        Some(("+", letters)) if !letters.is_empty() => (true, letters),
        Some(("-", letters)) if !letters.is_empty() => (false, letters),
        _ => return say(ctx, "chanserv-help", &[]),
    };
    let known = letters.chars().all(|letter| "aohv".contains(letter));
    // Who is protected may give what is below; protection itself is the founder's to give.
    let needed = if letters.contains('a') { 'q' } else { 'a' };
    if !known {
        return say(ctx, "chanserv-help", &[]);
    }
    if !rights(ctx, channel).at_least(needed) && !rules(ctx, channel) {
        return say(ctx, "chanserv-no-rights", &variables);
    }
    let Some(found) = ctx.turn.state.account_named(account) else {
        return say(ctx, "nickserv-no-such-account", &[]);
    };
    let (account, account_name) = (found.id, found.name.clone());
    let held = channel.access.get(&account).copied().unwrap_or_default();
    let mut prefixes = held;
    for letter in letters.chars() {
        prefixes.set(letter, add);
    }
    if held.is_empty() && !prefixes.is_empty() && channel.access.len() >= limits::ACCESS {
        let max = limits::ACCESS.to_string();
        return say(ctx, "chanserv-access-full", &[("max", &max)]);
    }
    if prefixes != held {
        let id = ctx.id;
        let fact = Fact::AccessChanged {
            room,
            account,
            prefixes,
        };
        ctx.turn.commit(&Actor::Session(id), fact);
        let user = UserId::from(account);
        raise(ctx, room, user, prefixes);
        lower(ctx, room, user, held.without(prefixes));
    }
    let letters = prefixes.letters();
    let letters = if letters.is_empty() {
        "-"
    } else {
        letters.as_str()
    };
    let variables = [("account", account_name.as_str()), ("modes", letters)];
    say(ctx, "chanserv-access", &variables)
}

fn info(ctx: &mut Ctx<'_>, room: RoomId) -> Outcome {
    let channel = &ctx.turn.state.channels()[&room];
    let name = channel.name.clone();
    let founder = channel
        .founder
        .and_then(|founder| ctx.turn.state.accounts().get(&founder));
    let founder = founder.map(|account| account.name.to_string());
    let created = channel.created.to_string()[..10].to_owned();
    let (key, founder) = match &founder {
        Some(founder) => ("chanserv-info", founder.as_str()),
        None => ("chanserv-info-unregistered", ""),
    };
    let variables = [
        ("channel", name.as_str()),
        ("account", founder),
        ("time", &created),
    ];
    say(ctx, key, &variables)
}

fn say(ctx: &mut Ctx<'_>, key: &str, variables: &[(&str, &str)]) -> Outcome {
    service::say(ctx, Service::Channels, key, variables);
    Ok(())
}
