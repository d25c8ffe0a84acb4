//! ChanServ: channels that have an owner, and lasting rights in them.

use crate::commands::{Command, Needs};
use crate::event::Prefixes;
use crate::id::RoomId;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::reserved::Service;
use crate::room::access::{self, AccessChange};
use crate::room::{close, ownership, past};
use crate::service::{self, filter, typed};
use causette_proto::{ChannelName, CompactString, Message};

pub(crate) const CS: Command = Command {
    verb: "CS",
    params: 0,
    needs: Needs::Online,
    syntax: "CS <REGISTER | UNREGISTER | TRANSFER | OP | AMODE | INFO | REVEAL | CLOSE | TAKEOVER | FILTER | HELP> <channel> …",
    summary: "command-cs",
    spec: "https://modern.ircdocs.horse/#services",
    run,
};

pub(crate) const CHANSERV: Command = Command {
    verb: "CHANSERV",
    syntax: "CHANSERV <REGISTER | UNREGISTER | TRANSFER | OP | AMODE | INFO | REVEAL | CLOSE | TAKEOVER | FILTER | HELP> <channel> …",
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
    let (command, rest) = typed::word(text);
    if command.eq_ignore_ascii_case("FILTER") {
        let outcome = filter::answer(ctx, rest);
        return outcome.or_else(|refusal| say_refused(ctx, refusal));
    }
    let mut words = text.split_ascii_whitespace();
    let command = words.next().unwrap_or("HELP").to_ascii_uppercase();
    let words: Vec<&str> = words.collect();
    // Whatever else it is about than a channel: all commands are explained together, but for those that have a help of their own.
    if command == "HELP" {
        return match words.first() {
            Some(word) if word.eq_ignore_ascii_case("FILTER") => {
                let outcome = filter::answer(ctx, "HELP");
                outcome.or_else(|refusal| say_refused(ctx, refusal))
            }
            _ => say(ctx, "chanserv-help", &[]),
        };
    }
    let Some((name, rest)) = words.split_first() else {
        let known = matches!(
            command.as_str(),
            "REGISTER" | "UNREGISTER" | "TRANSFER" | "OP" | "AMODE" | "INFO" | "CLOSE" | "TAKEOVER"
        );
        let key = if known {
            "chanserv-help"
        } else {
            "chanserv-unknown"
        };
        return say(ctx, key, &[]);
    };
    let outcome = channel_named(ctx, name, &command, rest);
    outcome.or_else(|refusal| say_refused(ctx, refusal))
}

/// Does what it is told to do with a channel.
fn channel_named(ctx: &mut Ctx<'_>, name: &str, command: &str, rest: &[&str]) -> Outcome {
    let (actor, by) = (ctx.actor(), ctx.user().id);
    let channel = access::known(ctx.turn.state, &actor, by, name)?;
    let (room, name) = (channel.id, channel.name.clone());
    let about = ("channel", name.as_str());
    match (command, rest) {
        ("REGISTER", _) => {
            ownership::register(&mut ctx.turn, &actor, by, room)?;
            say(ctx, "chanserv-registered", &[about])
        }
        ("UNREGISTER", rest) => {
            let again = rest.first().copied();
            ownership::unregister(&mut ctx.turn, &actor, by, room, again)?;
            say(ctx, "chanserv-unregistered", &[about])
        }
        ("TRANSFER", [account]) => {
            let heir = ownership::transfer(&mut ctx.turn, &actor, by, room, account)?;
            let variables = [about, ("account", heir.as_str())];
            say(ctx, "chanserv-transferred", &variables)
        }
        ("OP", rest) => {
            access::op(&mut ctx.turn, &actor, by, room, rest.first().copied())?;
            Ok(())
        }
        ("AMODE", []) => show_access(ctx, room, &name),
        ("AMODE", [change, account]) => change_access(ctx, room, change, account),
        ("INFO", _) => info(ctx, room),
        ("REVEAL", rest) => {
            past::open(&mut ctx.turn, &actor, by, room, rest.first().copied())?;
            say(ctx, "chanserv-revealed", &[about])
        }
        ("CLOSE", reason) => close(ctx, &name, &reason.join(" ")),
        ("TAKEOVER", [account, reason @ ..]) => {
            let (channel, reason) = (name.as_str(), reason.join(" "));
            let taken = ownership::take_over(&mut ctx.turn, &actor, channel, account, &reason)?;
            let variables = [about, ("account", taken.account.as_str())];
            say(ctx, "chanserv-transferred", &variables)
        }
        ("TRANSFER" | "AMODE" | "TAKEOVER", _) => say(ctx, "chanserv-help", &[]),
        _ => say(ctx, "chanserv-unknown", &[]),
    }
}

/// Says itself why it has not done something.
fn say_refused(ctx: &mut Ctx<'_>, refusal: Refusal) -> Outcome {
    let Refusal::Denied(denied) = refusal else {
        return Err(refusal);
    };
    let text = ctx.denied_text(&denied);
    service::say_lines(ctx, Service::Channels, &text);
    Ok(())
}

fn show_access(ctx: &mut Ctx<'_>, room: RoomId, name: &ChannelName) -> Outcome {
    let (actor, by) = (ctx.actor(), ctx.user().id);
    let rows = access::list(ctx.turn.state, &actor, by, room)?;
    for (account, prefixes) in &rows {
        let letters = prefixes.letters();
        let variables = [("account", account.as_str()), ("modes", letters.as_str())];
        say(ctx, "chanserv-access", &variables)?;
    }
    let number = rows.len().to_string();
    let variables = [("channel", name.as_str()), ("number", number.as_str())];
    say(ctx, "chanserv-access-end", &variables)
}

fn change_access(ctx: &mut Ctx<'_>, room: RoomId, change: &str, account: &str) -> Outcome {
    access::registered(&ctx.turn.state.channels()[&room])?;
    let (add, letters) = match change.split_at_checked(1) {
        Some(("+", letters)) => (true, letters),
        Some(("-", letters)) => (false, letters),
        _ => return say(ctx, "chanserv-help", &[]),
    };
    if letters.is_empty() {
        return say(ctx, "chanserv-help", &[]);
    }
    if !letters.chars().all(|letter| "qaohv".contains(letter)) {
        let letters = [("modes", letters)];
        return say(ctx, "chanserv-no-such-right", &letters);
    }
    let change = AccessChange {
        account,
        add,
        prefixes: Prefixes::from_letters(letters),
    };
    let (actor, by) = (ctx.actor(), ctx.user().id);
    let (account, held) = access::change(&mut ctx.turn, &actor, by, room, change)?;
    let letters = held.letters();
    let letters = if letters.is_empty() {
        "-"
    } else {
        letters.as_str()
    };
    let variables = [("account", account.as_str()), ("modes", letters)];
    say(ctx, "chanserv-access", &variables)
}

fn close(ctx: &mut Ctx<'_>, name: &ChannelName, reason: &str) -> Outcome {
    let actor = ctx.actor();
    let closed = close::close(&mut ctx.turn, &actor, name.as_str(), reason)?;
    ctx.tell_cut("CS", &closed.reason);
    let number = closed.members.to_string();
    let variables = [("channel", name.as_str()), ("number", number.as_str())];
    say(ctx, "admin-channel-closed", &variables)
}

fn info(ctx: &mut Ctx<'_>, room: RoomId) -> Outcome {
    let channel = &ctx.turn.state.channels()[&room];
    let name = channel.name.clone();
    let founder = channel
        .founder
        .and_then(|founder| ctx.turn.state.accounts().get(&founder));
    let founder = founder.map(|account| account.name.to_string());
    let created = ctx.turn.state.clock.shown_at(channel.created);
    let created = created.to_string()[..10].to_owned();
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
