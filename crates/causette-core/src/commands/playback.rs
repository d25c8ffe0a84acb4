//! ZNC: what clients that know bouncers ask of `*playback`, also by `PRIVMSG`, to be shown what they have missed.
//! <https://wiki.znc.in/Playback>

use super::{Command, Needs};
use crate::history::Query;
use crate::id::{Room, RoomId, UserId};
use crate::limits;
use crate::person::replay::{self, Direct};
use crate::reply::{Ctx, Outcome};
use crate::room::privilege;
use crate::state::State;
use crate::state::waiting::Then;
use causette_proto::numeric::ERR_NOSUCHNICK;
use causette_proto::{CompactString, Message, Timestamp};

pub(super) const ZNC: Command = Command {
    verb: "ZNC",
    params: 2,
    needs: Needs::Online,
    syntax: "ZNC *playback PLAY <* | channel{,<channel>} | nickname> [<from> [<to>]]",
    summary: "command-znc",
    spec: "https://wiki.znc.in/Playback",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (to, words) = (&message.params[0], &message.params[1..]);
    if !to.eq_ignore_ascii_case(NAME) {
        return Err(ctx.refusal(ERR_NOSUCHNICK, &[to], "no-such-nick", &[]));
    }
    // Some clients send the words as one.
    let words: Vec<&str> = words.iter().map(CompactString::as_str).collect();
    answer(ctx, &words.join(" "))
}

/// To whom it is written. It is nobody's nickname.
pub(super) const NAME: &str = "*playback";

/// `PLAY <* | target{,<target>}> [<from> [<to>]]`, with times in seconds since 1970; whatever else is told what there is.
pub(super) fn answer(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let Some((list, from, to)) = asked(&words) else {
        tell(ctx, "playback-help", &[]);
        return Ok(());
    };
    let by = ctx.user().id;
    let (rooms, direct) = if list == "*" {
        let rooms = ctx.user().channels.iter().copied().collect();
        (rooms, Some(Direct::All))
    } else {
        match named(ctx.turn.state, by, list) {
            Ok(found) => found,
            Err((key, target)) => {
                tell(ctx, key, &[("target", target)]);
                return Ok(());
            }
        }
    };
    let query = replay::between(&ctx.turn, by, rooms, direct, (from, to));
    ctx.read(Query::Replay(query), Then::Replay);
    Ok(())
}

/// What is asked for: of whom, and between which times.
fn asked<'a>(words: &[&'a str]) -> Option<(&'a str, Option<Timestamp>, Option<Timestamp>)> {
    let [verb, list, times @ ..] = words else {
        return None;
    };
    if !verb.eq_ignore_ascii_case("play") || times.len() > 2 {
        return None;
    }
    let mut times = times.iter().map(|time| time_of(time));
    let (from, to) = (times.next(), times.next());
    // What cannot be read is not the same as nothing.
    let given = |time: Option<Option<Timestamp>>| time.map_or(Some(None), |time| time.map(Some));
    Some((list, given(from)?, given(to)?))
}

/// A time in seconds since 1970, perhaps with a fraction of them: the whole millisecond that it names begins then.
fn time_of(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds) || !digits(fraction) {
        return None;
    }
    let seconds = seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?;
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let time = Timestamp(seconds.checked_add(millis * 1000)?);
    (Timestamp::MIN..=Timestamp::MAX)
        .contains(&time)
        .then_some(time)
}

/// Channels, and a conversation.
type Named = (Vec<RoomId>, Option<Direct>);

/// The channels and the conversation of a list; else the key of why there are none, with the target that it is about.
fn named<'a>(state: &State, by: UserId, list: &'a str) -> Result<Named, (&'static str, &'a str)> {
    let (targets, left_out) = super::targets(state, list, limits::CHANNELS_PER_USER);
    if let Some(target) = left_out.first() {
        return Err(("playback-too-many", target));
    }
    let (mut rooms, mut direct) = (Vec::new(), None);
    for target in targets {
        match privilege::conversation(state, by, target) {
            None => return Err(("history-no-target", target)),
            Some(Room::Channel(room)) => rooms.push(room),
            Some(Room::Direct(..)) if direct.is_some() => {
                return Err(("playback-too-many", target));
            }
            Some(room) => {
                let other = State::other_side(room, by).unwrap_or(by);
                direct = Some(Direct::With(other));
            }
        }
    }
    Ok((rooms, direct))
}

fn tell(ctx: &mut Ctx<'_>, key: &str, variables: &[(&str, &str)]) {
    let text = ctx.text_with(key, variables);
    ctx.notice(Some(NAME), &text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_to_its_millisecond() {
        for (text, read) in [
            ("0", Some(0)),
            ("1700000000", Some(1_700_000_000_000_000)),
            ("1700000000.1", Some(1_700_000_000_100_000)),
            ("1700000000.123456", Some(1_700_000_000_123_000)),
            ("1700000000.", Some(1_700_000_000_000_000)),
            (".5", None),
            ("-1", None),
            ("1e9", None),
            ("99999999999999999999", None),
            ("253402300800", None),
        ] {
            assert_eq!(time_of(text), read.map(Timestamp), "{text}");
        }
    }
}
