//! What may be asked: one table, of which the socket, the command line and the console are made. Each verb stands in the file of its
//! noun.

mod accounts;
mod entry;
mod files;
mod parts;
mod people;
mod register;
mod rooms;
mod sanctions;
mod server;
mod words;

use super::verb::Verb;
#[cfg(test)]
pub(super) use accounts::{REGISTRATIONS, ROLES};
#[cfg(test)]
pub(super) use words::ACTIONS;

/// Everything that may be asked, in the order in which it is listed.
pub static VERBS: &[Verb] = &[
    people::LIST,
    rooms::LIST,
    accounts::LIST,
    accounts::SHOW,
    people::ALERT,
    people::WRITE,
    people::KICK,
    sanctions::LIST,
    sanctions::BAN,
    sanctions::UNBAN,
    sanctions::MUTE,
    sanctions::UNMUTE,
    sanctions::LIFT,
    files::LIST,
    files::SHOW,
    files::REMOVE,
    files::PUT_ASIDE,
    files::GIVE_BACK,
    files::QUOTA,
    files::SET_QUOTA,
    files::UNSET_QUOTA,
    words::LIST,
    words::ADD,
    words::REMOVE,
    words::HELD,
    words::RELEASE,
    words::DISCARD,
    accounts::ROLE,
    accounts::END_SESSIONS,
    accounts::CREATE,
    accounts::PASSWORD,
    accounts::RENAME,
    accounts::LOGIN,
    accounts::UNLOCK,
    accounts::SUSPEND,
    accounts::RESUME,
    accounts::DROP,
    accounts::APPROVE,
    accounts::REFUSE,
    accounts::REGISTRATION,
    rooms::RENAME,
    rooms::CLOSE,
    rooms::TAKE,
    entry::INVITE,
    entry::LIST,
    entry::END,
    entry::OWNER_CODE,
    entry::GIVE_TOKEN,
    entry::TAKE_TOKEN,
    server::FINGERPRINT,
    server::STATUS,
    server::RELOAD,
    server::BACKUP,
    server::WATCH,
    server::STOP,
    register::READ,
    register::DOCTOR,
];
