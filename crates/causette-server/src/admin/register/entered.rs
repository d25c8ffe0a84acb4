//! Messages that somebody has entered as another's: what whoever sits at the server says as the administration, what they let pass
//! that was held, and what they imported.

use causette_core::id::UserId;
use causette_core::imported::TAG;
use causette_proto::Tags;
use causette_store::register::{Listed, Named};

/// Whose such a message is.
pub(super) struct Entered<'a> {
    /// Their account as it was called then, or else their nickname.
    pub(super) name: &'a str,
    /// Whether the server says it, one of its services, or the administration.
    pub(super) is_of_server: bool,
    /// Whether it was said elsewhere: then the connection of the entry is the author's.
    pub(super) is_imported: bool,
}

impl<'a> Entered<'a> {
    /// `None` where it is a message of who has entered it, or none.
    pub(super) fn of(listed: &'a Listed) -> Option<Self> {
        let said = listed.said.as_ref();
        let said = said.filter(|_| listed.kind == "message.creation")?;
        let author = listed.meta.iter().find(|(key, _)| key == "auteur");
        let author = match (author, &listed.actor) {
            (Some((_, author)), _) => UserId(author.parse().ok()?),
            (None, Named::System(_)) => UserId::SERVER,
            (None, _) => return None,
        };
        let (nick, user) = said.source.split_once('!').unwrap_or((&said.source, ""));
        // Anybody may give a message such a tag, and it may wait until somebody lets it pass: but none is of the system's user.
        let is_system = matches!(listed.actor, Named::System(_));
        let is_imported = is_system && Tags::parse(&said.tags).is_ok_and(|tags| tags.contains(TAG));
        let is_of_nobody = is_imported && author == UserId::SERVER && user.starts_with("import@");
        let is_of_server = [UserId::SERVER, UserId::ADMINISTRATION].contains(&author);
        Some(Self {
            name: said.account.as_deref().unwrap_or(nick),
            is_of_server: is_of_server && !is_of_nobody,
            is_imported,
        })
    }

    /// Whether this server says it, as it now is.
    pub(super) fn is_own(&self) -> bool {
        self.is_of_server && !self.is_imported
    }
}
