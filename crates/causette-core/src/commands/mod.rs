//! The table of commands, and the checks that are made once for all of them.
//!
//! Dispatch, HELP and the protocol page are made from [`COMMANDS`]. To add a command, write its file and name it here.

mod admin;
pub(crate) mod authenticate;
mod away;
mod batch;
pub(crate) mod cap;
mod chanserv;
mod chathistory;
mod device;
mod die;
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
pub(crate) mod lusers;
pub(crate) mod markread;
mod mode;
mod monitor;
pub(crate) mod motd;
pub(crate) mod names;
mod nick;
mod nickserv;
pub(crate) mod oper;
mod part;
mod pass;
mod ping;
mod privmsg;
mod quit;
pub(crate) mod redact;
mod register;
pub(crate) mod rehash;
pub(crate) mod service;
mod setname;
mod setting;
mod stats;
mod time;
pub(crate) mod topic;
mod typed;
mod user;
mod user_mode;
mod userhost;
mod verify;
mod version;
mod wallops;
mod who;
mod whois;
mod whowas;

use crate::input::LineFault;
use crate::limits;
use crate::line::fit;
use crate::reply::{Ctx, Outcome, Refusal, middle};
use bytes::Bytes;
use causette_proto::numeric::{
    ERR_INPUTTOOLONG, ERR_NEEDMOREPARAMS, ERR_NOPRIVILEGES, ERR_NOTREGISTERED, ERR_SASLABORTED,
    ERR_TOOMANYTARGETS, ERR_UNKNOWNCOMMAND,
};
use causette_proto::{Capabilities, Capability, CompactString, Message, ParseError};
use causette_text::Language;
use causette_text::text;

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
    /// An operator of the server.
    Operator,
}

/// Every command, by verb.
pub const COMMANDS: &[Command] = &[
    admin::ADMIN,
    authenticate::AUTHENTICATE,
    away::AWAY,
    batch::BATCH,
    cap::CAP,
    chanserv::CHANSERV,
    chathistory::CHATHISTORY,
    chanserv::CS,
    device::DEVICE,
    die::DIE,
    help::HELP,
    help::HELPOP,
    info::INFO,
    invite::INVITE,
    ison::ISON,
    join::JOIN,
    kick::KICK,
    kill::KILL,
    language::LANGUAGE,
    links::LINKS,
    list::LIST,
    lusers::LUSERS,
    markread::MARKREAD,
    mode::MODE,
    monitor::MONITOR,
    motd::MOTD,
    names::NAMES,
    nick::NICK,
    nickserv::NICKSERV,
    privmsg::NOTICE,
    nickserv::NS,
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
    setname::SETNAME,
    stats::STATS,
    privmsg::TAGMSG,
    time::TIME,
    topic::TOPIC,
    user::USER,
    userhost::USERHOST,
    verify::VERIFY,
    version::VERSION,
    wallops::WALLOPS,
    who::WHO,
    whois::WHOIS,
    whowas::WHOWAS,
];

/// The command of a verb.
pub fn find(verb: &str) -> Option<&'static Command> {
    COMMANDS
        .binary_search_by(|command| command.verb.cmp(verb))
        .ok()
        .map(|index| &COMMANDS[index])
}

/// The label of a message that has a valid one. <https://ircv3.net/specs/extensions/labeled-response>
pub(crate) fn label(message: &Message) -> Option<CompactString> {
    let label = message.tags.get("label")?;
    (!label.is_empty() && label.len() <= limits::LABEL_BYTES).then(|| label.into())
}

/// Finds the command of a message, makes the checks that are the same for all, and runs it.
pub(crate) fn dispatch(ctx: &mut Ctx<'_>, message: &Message) {
    if let Err(refusal) = check_and_run(ctx, message) {
        ctx.refuse(refusal);
    }
}

fn check_and_run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let verb = message.command.as_str();
    let Some(command) = find(verb) else {
        return Err(ctx.refusal(
            ERR_UNKNOWNCOMMAND,
            &[verb],
            "unknown-command",
            &[("command", verb)],
        ));
    };
    let session = ctx.session();
    let online = session.user.is_some();
    if command.needs != Needs::Nothing && !session.welcomed {
        return Err(ctx.refusal(ERR_NOTREGISTERED, &[], "not-registered", &[]));
    }
    if matches!(command.needs, Needs::Online | Needs::Operator) && !online {
        return Err(account_required(ctx, verb));
    }
    if command.needs == Needs::Operator && session.operator.is_none() {
        return Err(ctx.refusal(ERR_NOPRIVILEGES, &[], "operators-of-the-server", &[]));
    }
    if message.params.len() < command.params {
        let variables = [("command", verb), ("syntax", command.syntax)];
        return Err(ctx.refusal(ERR_NEEDMOREPARAMS, &[verb], "need-more-params", &variables));
    }
    (command.run)(ctx, message)
}

/// The targets of a list with commas, as many as one command takes, and the refusal of the first that is too many.
pub(crate) fn targets<'list>(ctx: &Ctx<'_>, list: &'list str) -> (Vec<&'list str>, Outcome) {
    let mut words = list.split(',').filter(|word| !word.is_empty());
    let targets = words.by_ref().take(limits::TARGETS).collect();
    let max = limits::TARGETS.to_string();
    let rest = words.next().map_or(Ok(()), |word| {
        Err(ctx.refusal(
            ERR_TOOMANYTARGETS,
            &[word],
            "too-many-targets",
            &[("max", &max)],
        ))
    });
    (targets, rest)
}

/// The refusal of a command that only someone signed in may use.
pub(crate) fn account_required(ctx: &Ctx<'_>, verb: &str) -> Refusal {
    ctx.failure(verb, "ACCOUNT_REQUIRED", &[], "account-required", &[])
}

/// Answers a line that is no message.
pub(crate) fn bad_line(ctx: &mut Ctx<'_>, fault: LineFault) {
    match fault {
        LineFault::TooLong => {
            let text = ctx.text("line-too-long");
            ctx.numeric(ERR_INPUTTOOLONG, &[], &text);
        }
        LineFault::Malformed(ParseError::InvalidUtf8) => {
            let text = ctx.text("invalid-utf8");
            ctx.standard("FAIL", "*", "INVALID_UTF8", &[], &text);
        }
        LineFault::Malformed(_) => {
            let text = ctx.text("malformed-line");
            ctx.numeric(ERR_UNKNOWNCOMMAND, &["*"], &text);
        }
    }
}

/// What is said while nothing can be recorded: PONG, or that the command must be sent again.
pub(crate) fn frozen_answer(
    server: &str,
    language: Language,
    enabled: Capabilities,
    nick: Option<CompactString>,
    message: &Message,
) -> Option<Bytes> {
    let own = nick.clone().unwrap_or(CompactString::const_new("*"));
    let mut line = String::new();
    if let Some(label) = label(message).filter(|_| enabled.contains(Capability::LabeledResponse)) {
        line.push_str("@label=");
        causette_proto::tags::escape_value(&label, &mut line);
        line.push(' ');
    }
    let body = match message.command.as_str() {
        "PONG" => return None,
        "PING" => {
            let token = message.params.first().map_or("", |token| token.as_str());
            format!(":{server} PONG {server} :{token}")
        }
        "QUIT" => format!("ERROR :{}", text(language, "quit")),
        verb => {
            let text = text(language, "unavailable");
            match nick.filter(|_| !enabled.contains(Capability::StandardReplies)) {
                Some(nick) => format!(":{server} NOTICE {nick} :{text}"),
                None => format!(
                    ":{server} FAIL {} TEMPORARILY_UNAVAILABLE :{text}",
                    middle(verb)
                ),
            }
        }
    };
    line.push_str(&fit(body));
    line.push_str("\r\n");
    if message.command == "AUTHENTICATE" {
        // Clients that wait for the end of a sign-in know no other.
        let text = text(language, "unavailable-door");
        let aborted = fit(format!(":{server} {ERR_SASLABORTED} {own} :{text}"));
        line.push_str(&aborted);
        line.push_str("\r\n");
    }
    Some(Bytes::from(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use causette_text::has_text;

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
