//! Telling something to all who want to hear the operators of the server.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::fitting::{self, BODY_BYTES, text_bytes};
use crate::id::{SessionId, UserId};
use crate::person::alert::fits;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::Turn;
use causette_proto::{Capabilities, CompactString};

/// Tells a text to all with user mode `w`. What does not fit on the line that they see is not told at all.
pub(crate) fn announce(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    text: &str,
) -> Result<(), Denied> {
    actor.must(turn.state, Act::Announce)?;
    let source = turn.state.source_of(by);
    let text = CompactString::new(fitting::plain(text));
    if text.is_empty() {
        return Err(Denied::new(Why::NothingSaid, "no-text", &[]));
    }
    enforce::may_tell_all(turn, actor)?;
    fits(&text, text_bytes(source, "WALLOPS", &[], BODY_BYTES))?;
    let body = format!(":{source} WALLOPS :{text}");
    turn.commit(actor, Fact::Announced { text });
    let users = turn.state.users.values();
    let (own, mut to): (Vec<SessionId>, Vec<SessionId>) = users
        .filter(|user| user.modes.has('w'))
        .flat_map(|user| user.sessions.iter().copied())
        .partition(|session| Some(*session) == actor.session());
    to.sort_unstable();
    if own.iter().any(|session| turn.own.is_of(*session)) {
        let line = turn.line_of(by, body.clone());
        turn.own.shared(line);
    }
    turn.deliver(turn.line_of(by, body), to, Capabilities::EMPTY);
    Ok(())
}
