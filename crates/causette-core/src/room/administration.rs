//! The conversations of people with those who run the server. To people they are one person, whoever sits there.

use crate::actor::Actor;
use crate::ctcp;
use crate::denied::{Denied, Why};
use crate::event::{Reach, Verb, What};
use crate::fitting::{BODY_BYTES, in_pieces, text_bytes};
use crate::id::{Room, UserId};
use crate::report::Watched;
use crate::reserved;
use crate::right::Act;
use crate::room::privilege;
use crate::turn::{Mark, Turn};
use causette_proto::{CompactString, Tags, split};

/// What was written to somebody.
pub(crate) struct Written {
    /// Their nickname.
    pub(crate) nick: CompactString,
    /// Whether they are not there, and will read it later.
    pub(crate) later: bool,
    pub(crate) mark: Mark,
}

/// Writes to somebody, who is found by nickname or account, in the name of the administration.
pub(crate) fn write(
    turn: &mut Turn<'_>,
    actor: &Actor,
    to: &str,
    text: &str,
) -> Result<Written, Denied> {
    actor.must(turn.state, Act::WriteAsAdministration)?;
    let text = plain(text);
    if text.is_empty() {
        return Err(Denied::new(Why::NothingSaid, "no-text", &[]));
    }
    let person = turn.state.addressee(to);
    let person = person.filter(|person| *person != UserId::ADMINISTRATION);
    let person = person.ok_or_else(|| privilege::no_such_nick(to))?;
    fits(turn, to, &text)?;
    let mark = turn.mark();
    say(turn, actor, person, &text);
    let nick = turn.state.nick_of(person);
    turn.watch(Watched::Wrote {
        from: None,
        with: nick.clone(),
        text: text.as_str().into(),
    });
    let by = actor.name(turn.state);
    let variables = [("by", by.as_str()), ("nick", nick.as_str())];
    tell_operators(
        turn,
        actor,
        "notice-administration-wrote",
        &variables,
        &text,
    );
    let user = turn.state.users.get(&person);
    Ok(Written {
        nick,
        later: user.is_none_or(|user| user.is_absent()),
        mark,
    })
}

/// Tells somebody in the name of the administration what was done that concerns them, in their language. It is kept for who is not
/// there.
pub(crate) fn tell(
    turn: &mut Turn<'_>,
    actor: &Actor,
    person: UserId,
    key: &str,
    variables: &[(&str, &str)],
) {
    let text = turn.words_to(person, key, variables);
    say(turn, actor, person, &text);
}

/// Shows those who run the server what somebody has written to them. What programs ask is for programs, and none is there.
pub(super) fn heard(turn: &mut Turn<'_>, actor: &Actor, from: UserId, text: &str) {
    if ctcp::is_ctcp(text) {
        return;
    }
    let nick = turn.state.nick_of(from);
    let text = text.replace('\r', "");
    turn.watch(Watched::Wrote {
        from: Some(nick.clone()),
        with: nick.clone(),
        text: text.as_str().into(),
    });
    let key = "notice-wrote-to-administration";
    tell_operators(turn, actor, key, &[("nick", nick.as_str())], &text);
}

/// A text as it can be said: its lines, and nothing that would end one of them.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.replace('\0', " ").trim().to_owned()
}

/// Refuses what is more than one message may be.
fn fits(turn: &Turn<'_>, to: &str, text: &str) -> Result<(), Denied> {
    let limits = &turn.settings.limits;
    let lines = text.lines().count();
    if text.len() <= limits.multiline_bytes && lines <= limits.multiline_lines {
        return Ok(());
    }
    let (bytes, max) = (text.len().to_string(), limits.multiline_bytes.to_string());
    let max_lines = limits.multiline_lines.to_string();
    let variables = [
        ("target", to),
        ("bytes", &bytes),
        ("max", &max),
        ("lines", &max_lines),
    ];
    Err(Denied::new(
        Why::TooLong,
        "administration-too-long",
        &variables,
    ))
}

fn say(turn: &mut Turn<'_>, actor: &Actor, person: UserId, text: &str) {
    let nick = turn.state.nick_of(person);
    let source = reserved::administration(&turn.settings.server);
    let max = text_bytes(&source, "PRIVMSG", &[&nick], BODY_BYTES);
    let what = What::Said {
        verb: Verb::Privmsg,
        text: in_pieces(text, max).into(),
        tags: Tags::default(),
        reach: Reach::Room,
    };
    let room = Room::direct(UserId::ADMINISTRATION, person);
    turn.happen(actor, vec![room], UserId::ADMINISTRATION, what);
}

/// Tells the operators what was said, in one notice each however long it is. Their console has the whole.
fn tell_operators(
    turn: &mut Turn<'_>,
    actor: &Actor,
    key: &str,
    variables: &[(&str, &str)],
    text: &str,
) {
    let text = on_one_line(text, turn.settings.kick_bytes());
    let mut variables = variables.to_vec();
    variables.push(("text", &text));
    turn.tell_operators(actor.session(), key, &variables);
}

/// A text of several lines on one of so many bytes at most; that something is missing is shown.
fn on_one_line(text: &str, max: usize) -> String {
    let lines = text.split('\n').filter(|line| !line.trim().is_empty());
    let line = lines.collect::<Vec<_>>().join(" / ");
    if line.len() <= max {
        return line;
    }
    format!("{} …", split::cut(&line, max.saturating_sub(" …".len())))
}
