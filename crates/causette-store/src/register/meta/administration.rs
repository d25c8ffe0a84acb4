//! The metadata of what those who run the server decide about invitations, words and messages that wait: everything that its row has.

use super::{through, with};
use crate::register::Subjects;
use crate::register::canonical::Object;
use causette_core::event::Verb;
use causette_core::filter::{Filter, HeldMessage};
use causette_core::id::SessionId;
use causette_core::imported::Imported;
use causette_core::invitation::Invitation;
use causette_core::record::{Fact, Record};

pub(super) fn of_fact(meta: Object, record: &Record, subjects: &Subjects) -> Object {
    let session = record.session;
    match &record.fact {
        Fact::InvitationEnded { invitation, reason } => {
            let meta = meta.number("invitation", invitation.0);
            let meta = match reason {
                Some(reason) => meta.text("motif", reason),
                None => meta,
            };
            through(meta, session)
        }
        Fact::FilterSet(filter) => of_filter(meta, filter, session),
        Fact::FilterRemoved { filter, reason } => through(
            meta.number("filtre", filter.0).text("motif", reason),
            session,
        ),
        Fact::FilterStruck { filter, .. } => through(meta.number("filtre", filter.0), session),
        Fact::MessageHeld(held) => of_held(meta, held, subjects, session),
        Fact::HeldDecided { held, released } => through(
            meta.boolean("admise", *released).number("retenue", held.0),
            session,
        ),
        Fact::RegisterRead { question } => through(meta.text("question", question), session),
        Fact::ActRefused { act, token } => {
            through(meta.text("geste", act).number("jeton", token.0), session)
        }
        Fact::Imported(imported) => of_import(meta, imported),
        _ => meta,
    }
}

fn of_import(meta: Object, imported: &Imported) -> Object {
    let digests = imported.digests.iter();
    let digests: Vec<String> = digests
        .map(|(part, sha256)| format!("{part} {sha256}"))
        .collect();
    let meta = meta
        .number("comptes", imported.accounts)
        .text("empreintes", &digests.join(", "));
    // Entries from before there were any have no such member.
    let meta = match imported.files {
        0 => meta,
        files => meta.number("fichiers", files),
    };
    meta.number("messages", imported.messages)
        .text("programme", &imported.program)
}

/// The metadata of a link, with those of the code that it bears.
pub(super) fn of_invitation(
    mut meta: Object,
    link: &str,
    invitation: Option<&Invitation>,
    session: Option<SessionId>,
) -> Object {
    if let Some(invitation) = invitation {
        meta = meta
            .integer("depuis", invitation.since.0)
            .text("empreinte", &invitation.hash.0)
            .number("invitation", invitation.id.0);
        if let Some(until) = invitation.until {
            meta = meta.integer("jusqua", until.0);
        }
    }
    meta = meta.text("lien", link);
    if let Some(invitation) = invitation {
        meta = meta.text("par", &invitation.by);
    }
    meta = through(meta, session);
    match invitation {
        Some(invitation) => meta.number("usages", invitation.uses.into()),
        None => meta,
    }
}

fn of_filter(meta: Object, filter: &Filter, session: Option<SessionId>) -> Object {
    let meta = meta
        .integer("depuis", filter.since.0)
        .text("effet", filter.action.name())
        .number("filtre", filter.id.0)
        .text("motif", &filter.reason)
        .text("mots", &filter.pattern)
        .text("par", &filter.by);
    through(meta, session)
}

fn of_held(
    mut meta: Object,
    held: &HeldMessage,
    subjects: &Subjects,
    session: Option<SessionId>,
) -> Object {
    if let Some(account) = &held.account {
        meta = meta.text("compte_nom", account.as_str());
    }
    meta = meta.integer("depuis", held.since.0);
    meta = with(meta, "ecrit_par", subjects.other.as_ref());
    let tags = held.tags.to_string();
    if !tags.is_empty() {
        meta = meta.text("etiquettes", &tags);
    }
    let notice = held.verb == Verb::Notice;
    meta = meta
        .number("filtre", held.filter.0)
        .text("nature", if notice { "NOTICE" } else { "PRIVMSG" })
        .number("retenue", held.id.0);
    through(meta, session)
        .text("source", &held.source)
        .text("texte", &held.text)
}
