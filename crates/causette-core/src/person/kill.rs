//! Ending all connections of somebody.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::fitting::{self, Cut};
use crate::id::SessionId;
use crate::line::Line;
use crate::person::departure;
use crate::record::Fact;
use crate::reserved;
use crate::right::Act;
use crate::room::privilege;
use crate::turn::{Mark, Turn};
use causette_proto::Nick;
use std::sync::Arc;

/// What was done to somebody.
pub(crate) struct Killed {
    /// How many connections were ended.
    pub(crate) sessions: usize,
    /// What of the reason they are told.
    pub(crate) reason: Cut,
    pub(crate) mark: Mark,
}

/// Ends all connections of somebody, who is told why: to people those who run the server are one person.
pub(crate) fn kill(
    turn: &mut Turn<'_>,
    actor: &Actor,
    nick: &str,
    reason: &str,
) -> Result<Killed, Denied> {
    actor.must(turn.state, Act::EndConnections)?;
    let reason = fitting::reason(reason, turn.settings.kick_bytes())?;
    let target = turn.state.person_named(nick);
    let target = target.ok_or_else(|| privilege::no_such_nick(nick))?;
    actor.must_reach(turn.state, target)?;
    let nick = target.nick.clone();
    let sessions = target.sessions.clone();
    if sessions.is_empty() {
        let variables = [("nick", nick.as_str())];
        return Err(Denied::new(Why::NoSuchNick, "kill-absent", &variables));
    }
    let fact = Fact::Killed {
        target: turn.state.who(target),
        reason: reason.kept.clone(),
    };
    let mark = turn.commit(actor, fact);
    let by = actor.name(turn.state);
    let notice = [
        ("by", by.as_str()),
        ("nick", nick.as_str()),
        ("reason", reason.kept.as_str()),
    ];
    turn.tell_acted(actor, "notice-killed", &notice);
    let killed = sessions.len();
    let told = killed_line(turn, &nick, &reason.kept);
    for session in sessions {
        turn.give(session, told.clone());
        end_by_administration(turn, session, &reason.kept);
    }
    Ok(Killed {
        sessions: killed,
        reason,
        mark,
    })
}

/// The line by which a client knows that somebody has ended its person's connections, and none was lost.
/// <https://modern.ircdocs.horse/#kill-message>
fn killed_line(turn: &Turn<'_>, nick: &Nick, reason: &str) -> Arc<Line> {
    let source = reserved::administration(&turn.settings.server);
    let body = format!(":{source} KILL {} :{reason}", nick.as_str());
    turn.line(fitting::fit(body))
}

/// Ends a connection in the name of the administration, and says where one may object.
fn end_by_administration(turn: &mut Turn<'_>, session: SessionId, reason: &str) {
    let contact = turn.settings.contact_or_none();
    let variables = [("reason", reason), ("contact", contact)];
    let [reason, _] = variables;
    let others = ("closing-kicked", &[reason][..]);
    departure::end_telling(turn, session, others, ("kicked-off", &variables));
}
