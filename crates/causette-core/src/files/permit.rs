//! The permission to upload a file: room is kept for it until it is there.

use super::{announce, quota};
use crate::account::target;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::{enforce, strike};
use crate::event::Reach;
use crate::file::{Audience, Permit, PermitKey, Usage, Visibility};
use crate::filter::FilterAction;
use crate::id::{AccountId, Room, RoomId, UserId};
use crate::limits;
use crate::output::Output;
use crate::record::{Fact, Origin};
use crate::right::Act;
use crate::room::{privilege, slow};
use crate::state::permit::Sender;
use crate::state::waiting::WantedUpload;
use crate::turn::Turn;
use causette_proto::FileName;

/// Permits an upload under a name that nobody can guess; what is refused is entered. What comes from where limits do not apply counts for its
/// account alone.
pub(crate) fn give(
    turn: &mut Turn<'_>,
    actor: &Actor,
    key: PermitKey,
    wanted: &WantedUpload,
    (from, exempt): (Option<Origin>, bool),
) -> Result<Permit, Denied> {
    let network = network(turn, actor, from).filter(|_| !exempt);
    let judged = judge(turn, actor, key, wanted, network);
    match judged {
        Ok(permit) => {
            *turn.mutated = true;
            turn.state.permits.insert(permit.clone(), network);
            turn.out.push(Output::Permitted(Box::new(permit.clone())));
            Ok(permit)
        }
        Err(denied) => {
            let of_files = matches!(
                denied.why,
                Why::FileTooLarge | Why::NoRoomForFile | Why::CannotSpeak
            );
            if of_files && actor.account(turn.state).is_some() {
                let fact = Fact::FileRefused {
                    name: wanted.name.clone(),
                    size: wanted.bytes,
                    sha256: None,
                    reason: denied.key.into(),
                    from,
                };
                turn.commit(actor, fact);
            }
            Err(denied)
        }
    }
}

fn judge(
    turn: &Turn<'_>,
    actor: &Actor,
    key: PermitKey,
    wanted: &WantedUpload,
    network: Option<Sender>,
) -> Result<Permit, Denied> {
    actor.must(turn.state, Act::Upload)?;
    let needed = || Denied::new(Why::SignInFirst, "file-account-needed", &[]);
    let owner = actor.account(turn.state).ok_or_else(needed)?;
    let (visibility, to) = settle(turn, actor, owner, &wanted.audience, &wanted.name)?;
    let usage = usage(turn, owner);
    let of_network = network.map(|network| left_today(turn, network));
    let most = usage.file_bytes_max;
    if let Some(bytes) = wanted.bytes.filter(|bytes| *bytes > most) {
        let (bytes, most) = (bytes.to_string(), most.to_string());
        let variables = [("bytes", bytes.as_str()), ("max", &most)];
        return Err(Denied::new(Why::FileTooLarge, "file-too-large", &variables));
    }
    let left = usage.bytes_max.saturating_sub(usage.bytes + usage.awaited);
    let bytes = wanted.bytes.unwrap_or_else(|| {
        most.min(left)
            .min(usage.today)
            .min(of_network.unwrap_or(u64::MAX))
    });
    let no_room = |key| Err(Denied::new(Why::NoRoomForFile, key, &[]));
    let permits = turn.state.permits.of(owner);
    // Who does not say how many come gets as much as there is, if there is any.
    let is_over = |room: u64| bytes > room || (wanted.bytes.is_none() && room == 0);
    if most == 0 {
        return no_room("file-uploads-off");
    }
    if is_over(left) {
        return no_room("file-quota-full");
    }
    if is_over(usage.today) {
        return no_room("file-day-full");
    }
    if of_network.is_some_and(is_over) {
        return no_room("file-network-full");
    }
    if usage.files as usize + permits >= turn.settings.files.account_files {
        return no_room("file-too-many");
    }
    if permits >= limits::PERMITS_PER_ACCOUNT || turn.state.permits.len() >= limits::PERMITS {
        return no_room("file-uploads-full");
    }
    if turn.state.files().len() + turn.state.permits.len() >= limits::FILES {
        return no_room("file-server-full");
    }
    Ok(Permit {
        key,
        owner,
        name: wanted.name.clone(),
        bytes,
        visibility,
        to,
        since: turn.steady(),
    })
}

/// Who will see a file, and to whom it is sent: as far as who uploads may show and send it to them now.
pub(super) fn settle(
    turn: &Turn<'_>,
    actor: &Actor,
    owner: AccountId,
    audience: &Audience,
    name: &FileName,
) -> Result<(Visibility, Option<AccountId>), Denied> {
    Ok(match audience {
        Audience::Public => {
            may_be_called(turn, actor, announce::landing(turn), name)?;
            (Visibility::Public, None)
        }
        Audience::Link => (Visibility::Link, None),
        Audience::Private => (Visibility::Private, None),
        Audience::Room(room) => {
            let by = actor.person(turn.state).unwrap_or_else(|| owner.into());
            let channel = privilege::visible(turn.state, by, room)?;
            if !channel.members.contains_key(&by) {
                let variables = [("channel", room.as_str())];
                return Err(Denied::new(Why::NotOnChannel, "not-on-channel", &variables));
            }
            enforce::may_speak(turn, by, Room::Channel(channel.id), room)?;
            let user = turn.state.users.get(&by);
            let reach = user.map(|user| privilege::may_speak(turn.state, user, channel, ""));
            if reach.transpose()? == Some(Reach::Operators) {
                let variables = [("channel", room.as_str())];
                let key = "speak-moderated";
                return Err(Denied::new(Why::CannotSpeak, key, &variables));
            }
            slow::may_speak(turn, actor, by, Room::Channel(channel.id), room)?;
            may_be_called(turn, actor, Some(channel.id), name)?;
            (Visibility::Room(channel.id), None)
        }
        Audience::To(whom) => {
            let to = recipient(turn, owner, whom)?;
            // Who uploads it for themselves has it, and nobody is told.
            (Visibility::Private, Some(to).filter(|to| *to != owner))
        }
    })
}

/// Refuses a name with words that nobody may say there: everybody reads it.
fn may_be_called(
    turn: &Turn<'_>,
    actor: &Actor,
    room: Option<RoomId>,
    name: &FileName,
) -> Result<(), Denied> {
    let rooms = room.as_slice();
    match strike::find(turn, actor, rooms, name.as_str()) {
        Some(strike) if strike.action != FilterAction::Warn => {
            let variables = [
                ("channel", "*"),
                ("file", name.as_str()),
                ("reason", strike.reason.as_str()),
            ];
            Err(Denied::new(
                Why::CannotSpeak,
                "file-name-filtered",
                &variables,
            ))
        }
        _ => Ok(()),
    }
}

/// To whom a file is sent: an account, by its name or the nickname of who is signed in to it. Never to a nickname alone, which another may
/// have tomorrow.
pub(super) fn recipient(
    turn: &Turn<'_>,
    owner: AccountId,
    name: &str,
) -> Result<AccountId, Denied> {
    let to = target::named(turn.state, name)?.id;
    let by = UserId::from(owner);
    enforce::may_speak(turn, by, Room::direct(by, to.into()), name)?;
    Ok(to)
}

/// How much an account keeps, and may.
pub(crate) fn usage(turn: &Turn<'_>, account: AccountId) -> Usage {
    let settings = &turn.settings.files;
    let owned = turn.state.files().of(account);
    Usage {
        files: owned.map_or(0, |owned| owned.files.len() as u64),
        bytes: owned.map_or(0, |owned| owned.bytes),
        awaited: turn.state.permits.bytes_of(Sender::Account(account)),
        bytes_max: quota::of(turn, account),
        file_bytes_max: settings.file_bytes,
        today: left_today(turn, Sender::Account(account)),
    }
}

/// Bytes that somebody may still upload today, beside what is on its way.
fn left_today(turn: &Turn<'_>, sender: Sender) -> u64 {
    let day = turn.settings.files.day_bytes;
    let most = match sender {
        Sender::Account(_) => day,
        Sender::Network(_) => day.saturating_mul(limits::ACCOUNTS_PER_NETWORK),
    };
    let since = turn.steady().plus_seconds(-limits::FILE_DAY_SECONDS);
    most.saturating_sub(turn.state.permits.uploaded_since(sender, since))
}

/// The network from which somebody asks, where what comes from it is counted.
fn network(turn: &Turn<'_>, actor: &Actor, from: Option<Origin>) -> Option<Sender> {
    let session = actor.session().and_then(|id| turn.state.sessions.get(&id));
    match (session, from) {
        (Some(session), _) if session.peer.exempt => None,
        (Some(session), _) => Some(Sender::at(session.peer.address)),
        (None, from) => from.map(|from| Sender::at(from.address)),
    }
}
