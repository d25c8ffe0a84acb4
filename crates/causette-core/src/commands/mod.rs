//! The table of commands, and the checks that are made once for all of them.
//!
//! Dispatch, HELP and the protocol page are made from [`COMMANDS`]. To add a command, write its file and name it here.

mod accept;
mod admin;
mod alert;
pub(crate) mod arrival;
pub(crate) mod authenticate;
mod away;
pub(crate) mod batch;
pub(crate) mod cap;
mod chathistory;
pub(crate) mod device;
mod die;
pub(crate) mod greeting;
mod help;
mod info;
mod invite;
mod ison;
mod join;
mod kick;
mod kill;
mod language;
mod links;
pub(crate) mod list;
mod lusers;
mod markread;
mod metadata;
mod mode;
pub(crate) mod monitor;
mod motd;
mod names;
mod nick;
pub(crate) mod oper;
mod part;
pub(crate) mod pass;
mod ping;
mod playback;
mod privmsg;
mod quit;
pub(crate) mod redact;
pub(crate) mod register;
pub(crate) mod registration;
pub(crate) mod rehash;
mod relaymsg;
pub(crate) mod rename;
mod sajoin;
mod samode;
mod sanick;
mod setname;
mod stats;
mod time;
mod topic;
mod uban;
mod user;
mod user_mode;
mod userhost;
mod verify;
mod version;
mod wallops;
mod who;
mod whois;
mod whowas;

use crate::fitting::middle;
use crate::id::UserId;
use crate::input::{LineFault, LineProblem, label_of};
use crate::reply::{Ctx, Outcome, Refusal};
use crate::right::Act;
use crate::service;
use crate::state::State;
use causette_proto::numeric::{
    ERR_INPUTTOOLONG, ERR_NEEDMOREPARAMS, ERR_NOTREGISTERED, ERR_SASLABORTED, ERR_TOOMANYTARGETS,
    ERR_UNKNOWNCOMMAND,
};
use causette_proto::{Capability, CompactString, Message, ParseError};
use rustc_hash::FxHashSet;

/// A command of the protocol.
#[derive(Debug)]
pub struct Command {
    /// The verb, in capitals.
    pub verb: &'static str,
    /// How many parameters it needs at least. Commands with an answer of their own to missing ones say 0.
    pub params: usize,
    /// Who may use it.
    pub needs: Needs,
    /// Its form, for HELP.
    pub syntax: &'static str,
    /// The key of what it does, in the locales.
    pub summary: &'static str,
    /// Where it is specified.
    pub spec: &'static str,
    pub(crate) run: fn(&mut Ctx<'_>, &Message) -> Outcome,
}

/// Who may use a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Any connection, also before its registration is complete.
    Nothing,
    /// A registered connection, also in the lobby where one signs in.
    Welcome,
    /// Someone online.
    Online,
    /// Someone online, or any connection whose client knows a capability.
    OnlineOr(Capability),
    /// Someone online who has the right to an act.
    Right(Act),
}

/// Every command, by verb.
pub const COMMANDS: &[Command] = &[
    accept::ACCEPT,
    admin::ADMIN,
    alert::ALERT,
    authenticate::AUTHENTICATE,
    away::AWAY,
    batch::BATCH,
    cap::CAP,
    service::chanserv::CHANSERV,
    chathistory::CHATHISTORY,
    service::chanserv::CS,
    device::DEVICE,
    die::DIE,
    uban::DLINE,
    service::fileserv::FILESERV,
    service::fileserv::FS,
    help::HELP,
    help::HELPOP,
    info::INFO,
    invite::INVITE,
    ison::ISON,
    join::JOIN,
    kick::KICK,
    kill::KILL,
    uban::KLINE,
    language::LANGUAGE,
    links::LINKS,
    list::LIST,
    lusers::LUSERS,
    markread::MARKREAD,
    metadata::METADATA,
    mode::MODE,
    monitor::MONITOR,
    motd::MOTD,
    uban::MUTE,
    names::NAMES,
    nick::NICK,
    service::nickserv::NICKSERV,
    privmsg::NOTICE,
    service::nickserv::NS,
    oper::OPER,
    part::PART,
    pass::PASS,
    ping::PING,
    ping::PONG,
    privmsg::PRIVMSG,
    quit::QUIT,
    redact::REDACT,
    register::REGISTER,
    rehash::REHASH,
    relaymsg::RELAYMSG,
    rename::RENAME,
    sajoin::SAJOIN,
    samode::SAMODE,
    sanick::SANICK,
    setname::SETNAME,
    stats::STATS,
    privmsg::TAGMSG,
    time::TIME,
    topic::TOPIC,
    uban::UBAN,
    uban::UNDLINE,
    uban::UNKLINE,
    uban::UNMUTE,
    user::USER,
    userhost::USERHOST,
    verify::VERIFY,
    version::VERSION,
    wallops::WALLOPS,
    who::WHO,
    whois::WHOIS,
    whowas::WHOWAS,
    playback::ZNC,
];

/// The command of a verb.
pub fn find(verb: &str) -> Option<&'static Command> {
    COMMANDS
        .binary_search_by(|command| command.verb.cmp(verb))
        .ok()
        .map(|index| &COMMANDS[index])
}

/// The label of a line that has a valid one.
pub(crate) fn label(line: &Result<Message, LineFault>) -> Option<CompactString> {
    match line {
        Ok(message) => label_of(&message.tags),
        Err(fault) => fault.label.clone(),
    }
}

/// Finds the command of a message, makes the checks that are the same for all, and runs it.
pub(crate) fn dispatch(ctx: &mut Ctx<'_>, message: &Message) {
    if let Err(refusal) = check_and_run(ctx, message) {
        ctx.refuse(refusal);
    }
}

fn check_and_run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    // Whatever it is, it is part of something that is said whole or not at all.
    if let Some(reference) = message.tags.get("batch") {
        return batch::take(ctx, reference, message);
    }
    let verb = message.command.as_str();
    let Some(command) = find(verb) else {
        return Err(unknown_command(ctx, verb));
    };
    ctx.verb = command.verb;
    let session = ctx.session();
    let online = session.user.is_some();
    let (needs_welcome, needs_person) = match command.needs {
        Needs::Nothing => (false, false),
        Needs::OnlineOr(capability) if ctx.has(capability) => (false, false),
        Needs::Welcome => (true, false),
        Needs::Online | Needs::OnlineOr(_) | Needs::Right(_) => (true, true),
    };
    if needs_welcome && !session.welcomed {
        return Err(ctx.refusal(ERR_NOTREGISTERED, &[], "not-registered", &[]));
    }
    if needs_person && !online {
        return Err(account_required(ctx, verb));
    }
    if let Needs::Right(act) = command.needs {
        ctx.actor().must(ctx.turn.state, act)?;
    }
    if message.params.len() < command.params {
        return Err(need_more_params(ctx, command));
    }
    (command.run)(ctx, message)
}

/// The refusal of a word that is no command, whatever it is made of.
fn unknown_command(ctx: &Ctx<'_>, word: &str) -> Refusal {
    let variables = [("command", word)];
    ctx.refusal(ERR_UNKNOWNCOMMAND, &[word], "unknown-command", &variables)
}

/// The words of a list with commas.
pub(crate) fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|word| !word.is_empty())
}

/// What a target means, however it is spelled.
#[derive(PartialEq, Eq, Hash)]
enum Meant {
    Name(CompactString),
    Person(UserId),
}

/// The targets of a list with commas, each once however it is spelled, as many as one command takes, and those that are too many: each is
/// to be named in a refusal.
pub(crate) fn targets<'a>(
    state: &State,
    list: &'a str,
    max: usize,
) -> (Vec<&'a str>, Vec<&'a str>) {
    // One alone, as in most messages, is compared with no other.
    if !list.contains(',') {
        return (words(list).collect(), Vec::new());
    }
    let mut seen = FxHashSet::default();
    let mut words = words(list).filter(|word| {
        let person = state.addressee(word).map(Meant::Person);
        seen.insert(person.unwrap_or_else(|| Meant::Name(state.casemap.fold_channel(word))))
    });
    let targets = words.by_ref().take(max).collect();
    (targets, words.collect())
}

/// The refusal of a target that was too many.
pub(crate) fn too_many_targets(ctx: &Ctx<'_>, target: &str, max: usize) -> Refusal {
    let max = max.to_string();
    let variables = [("max", max.as_str())];
    ctx.refusal(
        ERR_TOOMANYTARGETS,
        &[target],
        "too-many-targets",
        &variables,
    )
}

/// Refuses the targets that were too many, each by its name.
pub(crate) fn leave_out(ctx: &mut Ctx<'_>, targets: &[&str], max: usize) {
    for target in targets {
        let refusal = too_many_targets(ctx, target, max);
        ctx.refuse(refusal);
    }
}

/// The refusal of a command that lacks what it is about.
pub(crate) fn need_more_params(ctx: &Ctx<'_>, command: &Command) -> Refusal {
    let variables = [("command", command.verb), ("syntax", command.syntax)];
    let params = [command.verb];
    ctx.refusal(ERR_NEEDMOREPARAMS, &params, "need-more-params", &variables)
}

/// The refusal of a command that only someone signed in may use.
pub(crate) fn account_required(ctx: &Ctx<'_>, verb: &str) -> Refusal {
    ctx.failure(verb, "ACCOUNT_REQUIRED", &[], "account-required", &[])
}

/// Answers a line that is no message.
pub(crate) fn bad_line(ctx: &mut Ctx<'_>, fault: &LineFault) {
    let session = ctx.id;
    batch::line_lost(&mut ctx.turn, session);
    match fault.problem {
        LineProblem::TooLong => {
            let text = ctx.text("line-too-long");
            ctx.numeric(ERR_INPUTTOOLONG, &[], &text);
        }
        LineProblem::Malformed(ParseError::InvalidUtf8) => {
            let text = ctx.text("invalid-utf8");
            let verb = fault.word.as_ref().map(|word| word.to_ascii_uppercase());
            let verb = verb.and_then(|verb| find(&verb));
            let verb = verb.map_or("*", |command| command.verb);
            ctx.standard("FAIL", verb, "INVALID_UTF8", &[], &text);
        }
        LineProblem::Malformed(ParseError::InvalidCommand) => {
            let word = fault.word.as_ref().map_or("*", |word| word.as_str());
            let refusal = unknown_command(ctx, word);
            ctx.refuse(refusal);
        }
        LineProblem::Malformed(_) => {
            let text = ctx.text("malformed-line");
            ctx.numeric(ERR_UNKNOWNCOMMAND, &["*"], &text);
        }
    }
}

/// Answers a line while nothing can be recorded: PONG, or that it must be sent again. Changes nothing. Says whether the session
/// leaves.
pub(crate) fn frozen(ctx: &mut Ctx<'_>, line: &Result<Message, LineFault>) -> bool {
    let message = match line {
        Ok(message) => message,
        Err(fault) => {
            bad_line(ctx, fault);
            return false;
        }
    };
    let verb = message.command.as_str();
    let refusal = match verb {
        _ if verb == "BATCH" || message.tags.contains("batch") => match batch::frozen(ctx, message)
        {
            Ok(()) => return false,
            Err(refusal) => refusal,
        },
        "PONG" => return false,
        "PING" => {
            let server = ctx.turn.settings.server.clone();
            let token = message.params.first().map_or("", |token| token.as_str());
            ctx.line(&format!("PONG {server} :{token}"));
            return false;
        }
        "QUIT" => {
            let text = ctx.text("quit");
            ctx.line_from(format!("ERROR :{text}"));
            return true;
        }
        _ => ctx.failure(
            &middle(verb),
            "TEMPORARILY_UNAVAILABLE",
            &[],
            "unavailable",
            &[],
        ),
    };
    ctx.refuse(refusal);
    if verb == "AUTHENTICATE" {
        // Clients that wait for the end of a sign-in know no other.
        let text = ctx.text("unavailable-door");
        ctx.numeric(ERR_SASLABORTED, &[], &text);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use causette_text::{Language, has_text};

    #[test]
    fn the_table_is_sorted_and_every_entry_is_explained_in_both_languages() {
        assert!(COMMANDS.is_sorted_by(|one, other| one.verb < other.verb));
        for command in COMMANDS {
            assert_eq!(
                find(command.verb).map(|found| found.verb),
                Some(command.verb)
            );
            assert!(
                has_text(Language::En, command.summary),
                "{} in English",
                command.summary
            );
            assert!(
                has_text(Language::Fr, command.summary),
                "{} in French",
                command.summary
            );
            assert!(
                command.syntax.starts_with(command.verb),
                "{}",
                command.syntax
            );
            assert!(command.spec.starts_with("https://"), "{}", command.spec);
        }
    }
}
