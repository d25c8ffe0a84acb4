//! Channels that have an owner: registering them, giving them up, handing them on.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::event::Prefixes;
use crate::fitting;
use crate::id::{AccountId, Room, RoomId, UserId};
use crate::limits;
use crate::record::Fact;
use crate::right::Act;
use crate::room::{access, administration, privilege, rank};
use crate::state::State;
use crate::state::channel::Channel;
use crate::turn::{Mark, Turn};
use causette_proto::{AccountName, CompactString};

/// Makes a channel one's own.
pub(crate) fn register(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    room: RoomId,
) -> Result<(), Denied> {
    let channel = &turn.state.channels()[&room];
    let denied = |why, key| Denied::new(why, key, &[("channel", channel.name.as_str())]);
    let Some(account) = actor.account(turn.state) else {
        return Err(denied(Why::AccountNeeded, "chanserv-account-needed"));
    };
    if !turn.settings.channel_registration {
        let key = "chanserv-registration-closed";
        return Err(denied(Why::RegistrationClosed, key));
    }
    if channel.founder.is_some() {
        let key = "chanserv-registered-already";
        return Err(denied(Why::RegisteredAlready, key));
    }
    if !channel.prefixes(by).at_least('o') {
        return Err(privilege::operators_only(channel.name.as_str()));
    }
    may_own_another(turn.state, account)?;
    turn.commit(
        actor,
        Fact::RoomRegistered {
            room,
            founder: account,
        },
    );
    rank::raise(turn, actor, by, (room, by), Prefixes::of('q'));
    Ok(())
}

/// Gives a channel up, with the lasting rights that others have in it. Whoever wants that names it again.
pub(crate) fn unregister(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    room: RoomId,
    again: Option<&str>,
) -> Result<(), Denied> {
    let channel = &turn.state.channels()[&room];
    owned(turn.state, actor, channel)?;
    let key = channel.name.key();
    if again.is_none_or(|again| turn.state.casemap.fold_channel(again) != key) {
        let variables = [("channel", channel.name.as_str())];
        let key = "chanserv-unregister-again";
        return Err(Denied::new(Why::NotConfirmed, key, &variables));
    }
    // Whoever owned it goes on as one of its operators: a later owner must not find somebody above.
    if let Some(former) = channel.founder.map(UserId::from) {
        rank::raise(turn, actor, by, (room, former), Prefixes::of('o'));
        rank::lower(turn, actor, by, (room, former), Prefixes::of('q'));
    }
    turn.commit(actor, Fact::RoomUnregistered { room });
    turn.close_empty(&[Room::Channel(room)]);
    Ok(())
}

/// Hands a channel on to an account. Gives back its name.
pub(crate) fn transfer(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    room: RoomId,
    account: &str,
) -> Result<AccountName, Denied> {
    let channel = &turn.state.channels()[&room];
    owned(turn.state, actor, channel)?;
    let heir = privilege::account_named(turn.state, account)?;
    let (heir, name) = (heir.id, heir.name.clone());
    // What one owns counts against a bound: nobody gets what they did not come for.
    if !channel.members.contains_key(&UserId::from(heir)) {
        let variables = [
            ("channel", channel.name.as_str()),
            ("account", name.as_str()),
        ];
        return Err(Denied::new(
            Why::HeirAbsent,
            "chanserv-heir-absent",
            &variables,
        ));
    }
    may_own_another(turn.state, heir)?;
    let former = channel.founder;
    turn.commit(
        actor,
        Fact::RoomRegistered {
            room,
            founder: heir,
        },
    );
    let member = (room, UserId::from(heir));
    rank::raise(turn, actor, by, member, Prefixes::of('q'));
    if let Some(former) = former.filter(|former| *former != heir) {
        let member = (room, UserId::from(former));
        rank::lower(turn, actor, by, member, Prefixes::of('q'));
    }
    Ok(name)
}

/// A channel that was given to somebody without its owner.
pub(crate) struct TakenOver {
    /// Its name.
    pub(crate) channel: CompactString,
    /// The account that owns it.
    pub(crate) account: AccountName,
    pub(crate) mark: Mark,
}

/// Gives a channel another owner, or its first one, whatever its owner says. Both are told why, there or not.
pub(crate) fn take_over(
    turn: &mut Turn<'_>,
    actor: &Actor,
    channel: &str,
    account: &str,
    reason: &str,
) -> Result<TakenOver, Denied> {
    actor.must(turn.state, Act::RuleChannels)?;
    let reason = fitting::reason(reason, turn.settings.kick_bytes())?.kept;
    let found = turn.state.channel_named(channel);
    let found = found.ok_or_else(|| privilege::no_such_channel(channel))?;
    access::must_rule(turn.state, actor, found)?;
    let (room, channel) = (found.id, CompactString::new(found.name.as_str()));
    let former = found.founder;
    let heir = privilege::account_named(turn.state, account)?;
    let (heir, account) = (heir.id, heir.name.clone());
    if former == Some(heir) {
        let variables = [("channel", channel.as_str()), ("account", account.as_str())];
        let key = "channel-owned-already";
        return Err(Denied::new(Why::RegisteredAlready, key, &variables));
    }
    may_own_another(turn.state, heir)?;
    let founder = heir;
    let mark = turn.commit(actor, Fact::RoomRegistered { room, founder });
    let by = UserId::ADMINISTRATION;
    rank::raise(turn, actor, by, (room, heir.into()), Prefixes::of('q'));
    let variables = [
        ("channel", channel.as_str()),
        ("account", account.as_str()),
        ("reason", &reason),
    ];
    if let Some(former) = former.map(UserId::from) {
        rank::lower(turn, actor, by, (room, former), Prefixes::of('q'));
        administration::tell(turn, actor, former, "channel-taken", &variables);
    }
    administration::tell(turn, actor, heir.into(), "channel-given", &variables);
    let by = actor.name(turn.state);
    let [about, owner, why] = variables;
    turn.tell_acted(
        actor,
        "notice-channel-given",
        &[("by", &by), about, owner, why],
    );
    Ok(TakenOver {
        channel,
        account,
        mark,
    })
}

/// Whether somebody may do with a channel what its owner may.
fn owned(state: &State, actor: &Actor, channel: &Channel) -> Result<(), Denied> {
    if access::rules(state, actor, channel) {
        return Ok(());
    }
    if channel.founder.is_some() && actor.may(state, Act::RuleChannels) {
        access::must_rule(state, actor, channel)?;
    }
    let variables = [("channel", channel.name.as_str())];
    Err(Denied::new(
        Why::OwnerOnly,
        "chanserv-founder-only",
        &variables,
    ))
}

/// Whether an account may own one more channel.
fn may_own_another(state: &State, account: AccountId) -> Result<(), Denied> {
    let channels = state.channels().values();
    let owned = channels.filter(|channel| channel.founder == Some(account));
    if owned.count() < limits::REGISTERED_CHANNELS {
        return Ok(());
    }
    let max = limits::REGISTERED_CHANNELS.to_string();
    let variables = [("max", max.as_str())];
    Err(Denied::new(
        Why::TooManyOwned,
        "chanserv-too-many",
        &variables,
    ))
}
