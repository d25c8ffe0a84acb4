//! Saying something in a channel, or to somebody.

use crate::actor::Actor;
use crate::ctcp;
use crate::denied::{Denied, Why};
use crate::discipline::strike::{self, Strike};
use crate::discipline::{enforce, held};
use crate::event::{Prefixes, RANKS, Reach, Verb, What};
use crate::filter::FilterAction;
use crate::fitting::{BODY_BYTES, in_pieces, text_bytes};
use crate::id::{Room, UserId};
use crate::limits::TooLong;
use crate::person::accept;
use crate::report::Away;
use crate::room::{administration, privilege, slow};
use crate::state::State;
use crate::state::user::User;
use crate::turn::Turn;
use causette_proto::{CompactString, Tags, split};
use compact_str::format_compact;

/// What is to be said. A text of several lines is that of a [`What::Said`].
#[derive(Clone, Copy)]
pub(crate) struct Saying<'a> {
    pub(crate) verb: Verb,
    pub(crate) text: &'a str,
    pub(crate) tags: &'a Tags,
    /// Who is seen to say it, where that is somebody of another network: `nick!user@host`.
    pub(crate) relayed: Option<&'a CompactString>,
}

/// What was said, and what whoever said it should know.
pub(crate) struct Said {
    /// The name of the channel, or the nickname.
    pub(crate) shown: CompactString,
    /// Whether the person that it was said to is there.
    pub(crate) there: There,
    /// Bytes of it that did not fit and were left out.
    pub(crate) missing: usize,
    /// Whether it tells somebody an address of one's own.
    pub(crate) insecure: bool,
    /// Where it has words that are looked for.
    pub(crate) filtered: Option<Filtered>,
}

/// What became of a message that has words which are looked for, and was not refused.
pub(crate) enum Filtered {
    /// It was said.
    Warned(Strike),
    /// It waits, and nobody has seen it.
    Waits(Strike),
}

/// Whether a person is there who was written to.
pub(crate) enum There {
    /// They are, as far as is known.
    Here,
    /// They have said that they are away.
    Away(Away),
    /// They are not online, and will read it.
    Later,
}

/// To whom something is said.
struct Target {
    room: Room,
    shown: CompactString,
    reach: Reach,
    there: There,
    /// Whether it is those who run the server.
    is_administration: bool,
    /// Bytes of the prefix before a channel's name.
    prefix_bytes: usize,
}

/// Says something to a target.
pub(crate) fn say(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    target: &str,
    Saying {
        verb,
        text,
        tags,
        relayed,
    }: Saying<'_>,
) -> Result<Said, Denied> {
    let found = addressed(turn.state, by, target, text)?;
    enforce::may_speak(turn, by, found.room, target)?;
    let Kept {
        text: kept,
        missing,
    } = fitting(turn, (by, relayed), target, verb, text, &found)?;
    let passes = verb == Verb::Tagmsg && is_passing(tags);
    let slow = if passes {
        None
    } else {
        slow::may_speak(turn, actor, by, found.room, target)?
    };
    let is_direct = matches!(found.room, Room::Direct(..));
    let mut said = Said {
        shown: found.shown.clone(),
        there: found.there,
        missing,
        insecure: is_direct && verb == Verb::Privmsg && ctcp::is_dcc(text),
        filtered: None,
    };
    let mut tags = tags.clone();
    if turn.state.users[&by].modes.has('B') {
        // <https://ircv3.net/specs/extensions/bot-mode>
        tags.insert("bot", "");
    }
    if !passes {
        let spoken = (verb, &kept, &tags, relayed.is_none());
        said.filtered = filter(turn, actor, by, (found.room, target, found.reach), spoken)?;
    }
    let what = What::Said {
        verb,
        text: kept,
        tags,
        reach: found.reach,
    };
    match &said.filtered {
        // It is said when somebody lets it pass.
        Some(Filtered::Waits(_)) => {}
        _ if passes => pass(turn, actor, by, (found.room, target), what)?,
        _ => match relayed {
            None => happen(turn, actor, by, (found.room, found.is_administration), what),
            Some(source) => turn.happen_as(actor, found.room, (by, source), what),
        },
    }
    if let Some(other) = State::other_side(found.room, by) {
        accept::may_answer(turn, by, other);
    }
    if let Some(Filtered::Warned(strike)) = &said.filtered {
        strike::note(turn, actor, by, strike);
    }
    let now = turn.steady();
    if let Some(room) = slow {
        turn.state.spoke(room, by);
    }
    if verb != Verb::Tagmsg
        && let Some(user) = turn.state.users.get_mut(&by)
    {
        user.active = now;
    }
    Ok(said)
}

/// Says something, and shows it to those who run the server where it is said to them.
fn happen(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    (room, is_administration): (Room, bool),
    what: What,
) {
    let heard = is_administration.then(|| what.text());
    turn.happen(actor, vec![room], by, what);
    if let Some(text) = heard.filter(|text| !text.is_empty()) {
        administration::heard(turn, actor, by, &text);
    }
}

/// Shows what is not recorded, if anybody gets it.
fn pass(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    (room, target): (Room, &str),
    what: What,
) -> Result<(), Denied> {
    if turn.pass(actor, room, by, what) {
        return Ok(());
    }
    let variables = [("channel", target)];
    Err(Denied::new(Why::CannotSpeak, "tagmsg-nobody", &variables))
}

/// Looks through what is to be said in a channel. What may not be said is refused, and what is to wait waits: what is for everybody
/// there, and has words.
fn filter(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    (room, target, reach): (Room, &str, Reach),
    (verb, text, tags, is_own): (Verb, &CompactString, &Tags, bool),
) -> Result<Option<Filtered>, Denied> {
    let Room::Channel(room) = room else {
        return Ok(None);
    };
    let Some(strike) = strike::find_said(turn, actor, room, text, tags) else {
        return Ok(None);
    };
    let may_wait = verb != Verb::Tagmsg && reach == Reach::Room && is_own;
    match strike.action {
        FilterAction::Warn => Ok(Some(Filtered::Warned(strike))),
        FilterAction::Hold if may_wait => {
            let message = (verb, text.clone(), tags.clone());
            held::hold(turn, actor, by, &strike, message)?;
            Ok(Some(Filtered::Waits(strike)))
        }
        FilterAction::Hold | FilterAction::Drop | FilterAction::Mute => {
            Err(strike::refuse(turn, actor, by, &strike, target))
        }
    }
}

/// Whether tags are worth nothing a moment later, so that they are shown and not recorded.
/// <https://ircv3.net/specs/client-tags/typing>
fn is_passing(tags: &Tags) -> bool {
    tags.iter()
        .all(|(key, _)| matches!(key, "+typing" | "+draft/typing"))
}

/// Who is spoken to by a target: a channel, those with a prefix in one, or a person.
fn addressed(state: &State, by: UserId, target: &str, text: &str) -> Result<Target, Denied> {
    let status = target
        .chars()
        .next()
        .filter(|first| RANKS.iter().any(|(_, prefix)| prefix == first));
    let name = status.map_or(target, |_| &target[1..]);
    if name.starts_with('#') {
        channel(state, by, name, status, text)
    } else {
        person(state, by, target, text)
    }
}

/// The channel that is spoken to, if the user may speak there, and who gets it. To those with a prefix only members speak.
/// <https://modern.ircdocs.horse/#statusmsg-parameter>
fn channel(
    state: &State,
    by: UserId,
    name: &str,
    status: Option<char>,
    text: &str,
) -> Result<Target, Denied> {
    let channel = privilege::visible(state, by, name)?;
    let reach = privilege::may_speak(state, &state.users[&by], channel, text)?;
    let reach = match status {
        None => reach,
        Some(_) if !channel.members.contains_key(&by) => {
            let variables = [("channel", name)];
            return Err(Denied::new(
                Why::CannotSpeak,
                "speak-members-only",
                &variables,
            ));
        }
        // An op-moderated channel is not gone past by asking for those with a voice.
        Some(prefix) if reach == Reach::Operators && !Prefixes::shown_by(prefix).at_least('o') => {
            reach
        }
        Some(prefix) => Reach::Status(prefix),
    };
    Ok(Target {
        room: Room::Channel(channel.id),
        shown: channel.name.as_str().into(),
        reach,
        there: There::Here,
        is_administration: false,
        prefix_bytes: status.map_or(0, char::len_utf8),
    })
}

/// The person who is spoken to: online, or an account that will find it later.
fn person(state: &State, by: UserId, nick: &str, text: &str) -> Result<Target, Denied> {
    let id = state.addressee(nick);
    let id = id.ok_or_else(|| privilege::no_such_nick(nick))?;
    let user = state.users.get(&id);
    let has_account = state.users[&by].account.is_some();
    let hears = |user: &User| !user.modes.has('R') || user.accepted.contains(&by);
    if !has_account && id != by && !user.is_none_or(|user| hears(user)) {
        let variables = [("nick", nick)];
        return Err(Denied::new(
            Why::HearsAccountsOnly,
            "message-registered-only",
            &variables,
        ));
    }
    if id != by && user.is_some_and(|user| user.modes.has('T')) && ctcp::is_ctcp(text) {
        let variables = [("nick", nick)];
        return Err(Denied::new(
            Why::HearsNoQuestions,
            "message-no-ctcp",
            &variables,
        ));
    }
    // Somebody reads it sooner or later: nobody is told who sits there.
    let is_administration = id == UserId::ADMINISTRATION;
    let there = match user {
        None if is_administration => There::Here,
        Some(user) if !user.is_absent() => user.away.clone().map_or(There::Here, There::Away),
        _ => There::Later,
    };
    Ok(Target {
        room: Room::direct(by, id),
        shown: state.nick_of(id),
        reach: Reach::Room,
        there,
        is_administration,
        prefix_bytes: 0,
    })
}

/// What of a text is said.
struct Kept {
    text: CompactString,
    /// Bytes of it that are left out.
    missing: usize,
}

/// What of a text fits on a line to those who see it: all of it, or nothing is said, unless the configuration wants the
/// beginning. Of several lines each goes on in the next.
fn fitting(
    turn: &Turn<'_>,
    (by, relayed): (UserId, Option<&CompactString>),
    target: &str,
    verb: Verb,
    text: &str,
    found: &Target,
) -> Result<Kept, Denied> {
    let whole = |text: CompactString| Ok(Kept { text, missing: 0 });
    let command = match verb {
        Verb::Privmsg => "PRIVMSG",
        Verb::Notice => "NOTICE",
        Verb::Tagmsg => return whole(text.into()),
    };
    let source = relayed.map_or_else(|| turn.state.source_of(by), CompactString::as_str);
    let max = text_bytes(source, command, &[&found.shown], BODY_BYTES) - found.prefix_bytes;
    if text.contains(['\n', '\r']) {
        return whole(in_pieces(text, max).into());
    }
    if text.len() <= max {
        return whole(text.into());
    }
    match turn.settings.limits.too_long {
        TooLong::Refuse => {
            let (bytes, max) = (text.len().to_string(), max.to_string());
            let variables = [("target", target), ("bytes", &bytes), ("max", &max)];
            Err(Denied::new(Why::TooLong, "message-too-long", &variables))
        }
        TooLong::Cut => {
            // What programs take apart is still theirs to read.
            let close = if text.starts_with('\u{1}') && text.ends_with('\u{1}') {
                "\u{1}"
            } else {
                ""
            };
            let kept = format_compact!("{}{close}", split::cut(text, max - close.len()));
            Ok(Kept {
                missing: text.len() - kept.len(),
                text: kept,
            })
        }
    }
}
