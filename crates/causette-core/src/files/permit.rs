//! The permission to upload a file: room is kept for it until it is there.

use crate::account::target;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::file::{Audience, Permit, PermitKey, Usage, Visibility};
use crate::id::{AccountId, Room, UserId};
use crate::limits;
use crate::output::Output;
use crate::record::{Fact, Origin};
use crate::right::Act;
use crate::room::privilege;
use crate::state::State;
use crate::state::waiting::WantedUpload;
use crate::turn::Turn;

/// Permits an upload under a name that nobody can guess; what is refused is entered.
pub(crate) fn give(
    turn: &mut Turn<'_>,
    actor: &Actor,
    key: PermitKey,
    wanted: &WantedUpload,
    from: Option<Origin>,
) -> Result<Permit, Denied> {
    let judged = judge(turn, actor, key, wanted);
    match judged {
        Ok(permit) => {
            *turn.mutated = true;
            turn.state.permits.insert(permit.clone());
            turn.out.push(Output::Permitted(Box::new(permit.clone())));
            Ok(permit)
        }
        Err(denied) => {
            if actor.account(turn.state).is_some() {
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
) -> Result<Permit, Denied> {
    actor.must(turn.state, Act::Upload)?;
    let needed = || Denied::new(Why::SignInFirst, "file-account-needed", &[]);
    let owner = actor.account(turn.state).ok_or_else(needed)?;
    let (visibility, to) = settle(turn, actor, owner, &wanted.audience)?;
    let usage = usage(turn, owner);
    let most = usage.file_bytes_max;
    if let Some(bytes) = wanted.bytes.filter(|bytes| *bytes > most) {
        let (bytes, most) = (bytes.to_string(), most.to_string());
        let variables = [("bytes", bytes.as_str()), ("max", &most)];
        return Err(Denied::new(Why::FileTooLarge, "file-too-large", &variables));
    }
    let left = usage.bytes_max.saturating_sub(usage.bytes + usage.awaited);
    let bytes = wanted
        .bytes
        .unwrap_or_else(|| most.min(left).min(usage.today));
    let no_room = |key| Err(Denied::new(Why::NoRoomForFile, key, &[]));
    let permits = turn.state.permits.of(owner);
    if bytes > left || (wanted.bytes.is_none() && bytes == 0) {
        return no_room("file-quota-full");
    }
    if bytes > usage.today {
        return no_room("file-day-full");
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
) -> Result<(Visibility, Option<AccountId>), Denied> {
    Ok(match audience {
        Audience::Public => (Visibility::Public, None),
        Audience::Link => (Visibility::Link, None),
        Audience::Private => (Visibility::Private, None),
        Audience::Room(name) => {
            let by = actor.person(turn.state).unwrap_or(UserId::from(owner));
            let channel = privilege::visible(turn.state, by, name)?;
            if !channel.members.contains_key(&by) {
                let variables = [("channel", name.as_str())];
                return Err(Denied::new(Why::NotOnChannel, "not-on-channel", &variables));
            }
            enforce::may_speak(turn, by, Room::Channel(channel.id), name)?;
            (Visibility::Room(channel.id), None)
        }
        Audience::To(name) => {
            let to = recipient(turn, owner, name)?;
            (Visibility::Private, Some(to))
        }
    })
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
    let uploaded = uploaded_today(turn.state, account);
    Usage {
        files: owned.map_or(0, |owned| owned.files.len() as u64),
        bytes: owned.map_or(0, |owned| owned.bytes),
        awaited: turn.state.permits.bytes_of(account),
        bytes_max: settings.account_bytes,
        file_bytes_max: settings.file_bytes,
        today: settings.day_bytes.saturating_sub(uploaded),
    }
}

/// Bytes that an account has uploaded in the last day, with what is on its way.
fn uploaded_today(state: &State, account: AccountId) -> u64 {
    let since = state.clock.steady().plus_seconds(-limits::FILE_DAY_SECONDS);
    state.permits.uploaded_since(account, since) + state.permits.bytes_of(account)
}
