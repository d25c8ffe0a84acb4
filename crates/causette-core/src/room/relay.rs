//! What a program says in a channel for people of other networks, under their names.

use crate::denied::Denied;
use crate::id::UserId;
use crate::limits;
use crate::room::privilege;
use crate::state::State;
use crate::turn::Turn;
use causette_proto::{Casemap, ChannelName, CompactString};
use compact_str::format_compact;

/// The tag that names who has relayed a message.
pub(crate) const TAG: &str = "draft/relaymsg";

/// What stands between somebody's name and that of their network. Nobody here has it in theirs.
pub(crate) const SEPARATOR: char = '/';

/// Why nobody is relayed under a name.
pub(crate) enum BadNick {
    /// It does not say from which network.
    NoNetwork,
    /// It is too long, or has what names and lines are told apart by.
    Forbidden,
}

/// Who is seen to say what is relayed: `nickname/network!relay@server`.
pub(crate) fn source(turn: &Turn<'_>, nick: &str) -> Result<CompactString, BadNick> {
    let parts = nick.split_once(SEPARATOR);
    if parts.is_none_or(|(name, network)| name.is_empty() || network.is_empty()) {
        return Err(BadNick::NoNetwork);
    }
    let reserved = |char: char| "!+%@&#$:'\"?*,.~".contains(char);
    // What nobody sees is in the name of no channel, either.
    let shows = ChannelName::parse(
        &format!("#{nick}"),
        limits::RELAYED_NICK_BYTES,
        Casemap::Ascii,
    );
    if nick.contains(reserved) || shows.is_err() {
        return Err(BadNick::Forbidden);
    }
    Ok(format_compact!("{nick}!relay@{}", turn.settings.server))
}

/// Whether somebody may relay to a channel: who moderates it.
pub(crate) fn may(state: &State, by: UserId, name: &str) -> Result<bool, Denied> {
    let channel = privilege::visible(state, by, name)?;
    Ok(privilege::has_rank(state, channel.id, by, 'o'))
}
