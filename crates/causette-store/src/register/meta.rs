//! What an entry commits to besides the content: who did what to whom, from where. Never a secret.
//!
//! Members: `acteur` and `cible`, the subjects behind the entry's tags; `classe` of an operator; `compte` who has `droits`; `fondateur` of a channel;
//! `empreinte` of a certificate; `expulse` who was put out; `invite` who was invited; `facteur`, `mecanisme`,
//! `nom` of a sign-in; `ip`, `port`, `port_local`, `tls`, `transport` of a connection; `motif` the reason; `reglage` and `valeur` of a setting; `msgid` and
//! `nature` (the verb) of an event; `session` the connection; and what else its type needs.

use super::Subject;
use super::canonical::Object;
use causette_core::event::{Event, What};
use causette_core::id::SessionId;
use causette_core::input::Peer;
use causette_core::record::{AccountChange, Fact};

/// The metadata of a fact that is no event. `invited` is who was invited.
pub(crate) fn of_fact(
    fact: &Fact,
    session: Option<SessionId>,
    actor: Option<Subject>,
    target: Option<Subject>,
    invited: Option<Subject>,
) -> String {
    let meta = subjects(actor, target);
    match fact {
        Fact::RoomOpened {
            name, permanent, ..
        } => through(
            meta.text("nom", name.as_str())
                .boolean("permanent", *permanent),
            session,
        ),
        Fact::AccountCreated {
            name,
            by_administrator,
            ..
        } => through(
            meta.text("nom", name.as_str())
                .boolean("par_administration", *by_administrator),
            session,
        ),
        Fact::SignedIn { mechanism, .. } => {
            through(meta.text("mecanisme", mechanism.name()), session)
        }
        Fact::SignInRefused {
            name,
            factor,
            mechanism,
            ..
        } => through(
            meta.text("facteur", factor.name())
                .text("mecanisme", mechanism.name())
                .text("nom", name),
            session,
        ),
        Fact::SessionOpened { session, peer } => connection(meta, peer, None, Some(*session)),
        Fact::SessionRefused { peer, reason } => connection(meta, peer, Some(reason), None),
        Fact::SessionClosed {
            session, reason, ..
        } => through(meta.text("motif", reason), Some(*session)),
        Fact::ServerStarted { version } => meta.text("version", version),
        Fact::ServerStopped { reason } => meta.text("motif", reason),
        Fact::AccountChanged { change, .. } => match change {
            AccountChange::Password(_) => through(meta, session),
            AccountChange::Setting { name, value } => {
                through(meta.text("reglage", name), session).text("valeur", value)
            }
            AccountChange::CertificateAdded(fingerprint)
            | AccountChange::CertificateRemoved(fingerprint) => {
                through(meta.text("empreinte", fingerprint), session)
            }
        },
        Fact::AccessChanged {
            account, prefixes, ..
        } => through(
            meta.text("compte", &Subject::Account(account.0).to_string())
                .text("droits", &prefixes.letters()),
            session,
        ),
        Fact::RoomRegistered { founder, .. } => through(
            meta.text("fondateur", &Subject::Account(founder.0).to_string()),
            session,
        ),
        Fact::Invited { .. } => through(
            match invited {
                Some(invited) => meta.text("invite", &invited.to_string()),
                None => meta,
            },
            session,
        ),
        Fact::BecameOperator { name, class } => {
            through(meta.text("classe", class).text("nom", name), session)
        }
        Fact::Killed { reason, .. } => through(meta.text("motif", reason), session),
        Fact::AccountDropped { .. }
        | Fact::MarkerSet { .. }
        | Fact::RoomUnregistered { .. }
        | Fact::Announced { .. }
        | Fact::Reloaded
        | Fact::RoomClosed { .. }
        | Fact::Event { .. } => through(meta, session),
    }
    .finish()
}

/// The metadata of an event in one room. `kicked` is who was put out.
pub(crate) fn of_event(
    event: &Event,
    session: Option<SessionId>,
    actor: Option<Subject>,
    target: Option<Subject>,
    kicked: Option<Subject>,
) -> String {
    let mut meta = subjects(actor, target);
    if let Some(kicked) = kicked {
        meta = meta.text("expulse", &kicked.to_string());
    }
    meta = meta
        .text("msgid", &event.msgid.0)
        .text("nature", event.what.kind().verb());
    if let What::Renamed { nick } = &event.what {
        meta = meta.text("pseudo", nick.as_str());
    }
    through(meta, session).finish()
}

/// The metadata of a session that a crash ended.
pub(crate) fn of_crash(
    session: SessionId,
    actor: Option<Subject>,
    target: Option<Subject>,
) -> String {
    through(
        subjects(actor, target).text("motif", "crash"),
        Some(session),
    )
    .finish()
}

fn subjects(actor: Option<Subject>, target: Option<Subject>) -> Object {
    let mut meta = Object::new();
    if let Some(actor) = actor {
        meta = meta.text("acteur", &actor.to_string());
    }
    if let Some(target) = target {
        meta = meta.text("cible", &target.to_string());
    }
    meta
}

fn through(meta: Object, session: Option<SessionId>) -> Object {
    match session {
        Some(session) => meta.text("session", &session.0.to_string()),
        None => meta,
    }
}

fn connection(
    mut meta: Object,
    peer: &Peer,
    reason: Option<&str>,
    session: Option<SessionId>,
) -> Object {
    meta = meta.text("ip", &peer.address.to_string());
    if let Some(reason) = reason {
        meta = meta.text("motif", reason);
    }
    meta = meta
        .number("port", peer.port.into())
        .number("port_local", peer.local_port.into());
    meta = through(meta, session);
    if let Some(tls) = &peer.tls {
        meta = meta.text("tls", tls);
    }
    meta.text("transport", peer.transport.name())
}
