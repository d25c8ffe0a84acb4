//! What an entry commits to besides the content: who did what to whom, from where. Never a secret.
//!
//! Members: `acteur` and `cible`, the subjects behind the entry's tags; `auteur` the number of who is shown as the author of an
//! event, where that is not who acts (0 is the server); `expulse` who was put out, `invite` who was invited, or was there as a guest,
//! `compte` who has other rights in a room (`prefixes`), `fondateur` whose the room is; `facteur`, `mecanisme`, `nom`, `poste`
//! (the device, as its client calls it) and `jeton` (the number of the one whose token it was) of a sign-in, with `ip` where it
//! was none of a connection; `jeton` and `nom` of a device that has a token; `empreinte` of a certificate; `lien` of an invitation; `fichier`, `octets` and
//! `empreinte` (SHA-256) of a backup; `nom` and `valeur` of a setting, and of what is said of somebody or of a room under a key (empty where nothing is any more); `nom` and `classe` of an
//! operator; `ip`, `port`, `port_local`, `tls`, `transport` of a connection; `motif` the reason, `texte` what was announced;
//! `presence` whether somebody is at a connection; `depuis` since when, `nombre` how many, `avant`, `apres` and `stable` the times of a step of the clock (microseconds); `empreinte` and `premiere` where the binding of entries begins;
//! `msgid`, `nature` (the verb) and `portee` (who got it, where not everyone did) of an event, `message` what it takes back;
//! `sanction` the number of one, with its `genre` (ban or mute), `masque` or `reseau` where it is for no account, `salon` where it holds in a
//! room, `jusqua` until when, `par` who decided, as they are named; `role` on the server, of who decided a sanction; `portees` what a token is good for;
//! `invitation` the number of one, with its `usages` and the `empreinte` of its code; `filtre` the number of one, with its `mots` and its `effet`; `retenue` the
//! number of a message that waits, by whom it is (`ecrit_par`) and with `source`, `texte`, `etiquettes` and `compte_nom` as it will be shown, `admise` whether it was let
//! pass; `fichier` the number of a file, `cle` its name in addresses, with `empreinte` (SHA-256), `media`, `octets`, `visibilite`, `destinataires`, `proprietaire` (whose it is, where that is not who acts), `dit_plus` (of a picture that says, or may say, more than it shows), `ferme` (it is shown in a room that not everyone may enter), `en_quarantaine` (since when it is aside, where it was put aside from the first), `place` (of what the server offers by itself) and `analyse` (what
//! whatever looks for harm said), `geste` what became of it, `lien_de` whose address of it was used;
//! `programme` from which something is imported, `comptes`, `messages` and `fichiers` how many, `empreintes` (SHA-256) of what was read; `question` what was read of the register; `geste` what was refused to a token; `inscription` who may sign up, `en_attente` whether who signed
//! up has to be approved; `session` the connection; and what else its type needs.

mod administration;
mod file;
#[cfg(test)]
mod tests;

use super::canonical::Object;
use super::{Subject, Subjects};
use causette_core::event::{Event, What};
use causette_core::id::{SessionId, TokenId};
use causette_core::input::Peer;
use causette_core::record::{AccountChange, Fact, Record};
use causette_core::right::Scopes;
use causette_core::sanction::{Sanction, Whom};
use causette_core::settings::Registration;
use causette_proto::Timestamp;
use std::net::IpAddr;

/// The metadata of a fact that is no event.
pub(crate) fn of_fact(record: &Record, subjects: &Subjects) -> String {
    let session = record.session;
    let meta = about(subjects);
    match &record.fact {
        Fact::RoomOpened {
            name, permanent, ..
        } => through(
            meta.text("nom", name.as_str())
                .boolean("permanent", *permanent),
            session,
        ),
        Fact::RoomRegistered { .. } => {
            through(with(meta, "fondateur", subjects.other.as_ref()), session)
        }
        Fact::AccessChanged { prefixes, .. } => {
            let meta = with(meta, "compte", subjects.other.as_ref());
            through(meta.text("prefixes", &prefixes.letters()), session)
        }
        Fact::PlaceKept { prefixes, .. } => {
            let meta = with(meta, "invite", subjects.other.as_ref());
            through(meta.text("prefixes", &prefixes.letters()), session)
        }
        Fact::Invited { .. } => through(with(meta, "invite", subjects.other.as_ref()), session),
        Fact::AccountCreated {
            name,
            by_administrator,
            waiting,
            invitation,
            ..
        } => {
            // Entries from before there was such a thing have no such member.
            let meta = match waiting {
                true => meta.boolean("en_attente", true),
                false => meta,
            };
            let meta = match invitation {
                Some(invitation) => meta.number("invitation", invitation.0),
                None => meta,
            };
            through(
                meta.text("nom", name.as_str())
                    .boolean("par_administration", *by_administrator),
                session,
            )
        }
        Fact::AccountChanged { change, .. } => match change {
            AccountChange::Approved
            | AccountChange::Password(_)
            | AccountChange::VerifiedAnew(_)
            | AccountChange::CodeUsed(_) => through(meta, session),
            AccountChange::Reset { code, .. } => through(meta.boolean("code", *code), session),
            AccountChange::Setting { name, value } => {
                through(meta.text("nom", name), session).text("valeur", value)
            }
            AccountChange::SettingImposed {
                name,
                value,
                reason,
            } => {
                let meta = meta.text("motif", reason).text("nom", name);
                through(meta, session).text("valeur", value)
            }
            AccountChange::CertificateAdded(fingerprint)
            | AccountChange::CertificateRemoved(fingerprint) => {
                through(meta.text("empreinte", fingerprint), session)
            }
            AccountChange::Renamed { name, reason } => through(
                meta.text("motif", reason).text("nom", name.as_str()),
                session,
            ),
            AccountChange::TokenAdded {
                token,
                name,
                scopes,
                until,
                ..
            } => of_token(meta, (*token, name), *scopes, *until, session),
            AccountChange::TokenRemoved(token) => through(meta.number("jeton", token.0), session),
        },
        Fact::MetadataSet(said) => {
            through(meta.text("nom", &said.key), session).text("valeur", &said.value)
        }
        Fact::SignedIn {
            mechanism,
            device,
            token,
            address,
            ..
        } => {
            let mut meta = from(meta, *address, session);
            if let Some(token) = token {
                meta = meta.number("jeton", token.0);
            }
            meta = meta.text("mecanisme", mechanism.name());
            if let Some(device) = device {
                meta = meta.text("poste", device);
            }
            through(meta, session)
        }
        Fact::SignInRefused {
            name,
            factor,
            mechanism,
            address,
            ..
        } => {
            let meta = from(meta.text("facteur", factor.name()), *address, session);
            let meta = meta.text("mecanisme", mechanism.name());
            through(meta.text("nom", name), session)
        }
        Fact::Sanctioned(sanction) => of_sanction(meta, sanction, subjects, session),
        Fact::SanctionLifted {
            sanction, reason, ..
        } => {
            let meta = match reason {
                Some(reason) => meta.text("motif", reason),
                None => meta,
            };
            let meta = meta.number("sanction", sanction.0);
            through(meta, session)
        }
        Fact::RoleGiven { role, reason, .. } => through(
            meta.text("motif", reason).text("role", role.name()),
            session,
        ),
        Fact::RegistrationSet { registration } => {
            let word = registration.map_or("configuration", Registration::name);
            through(meta.text("inscription", word), session)
        }
        Fact::AccountDropped { reason, .. } if !reason.is_empty() => {
            through(meta.text("motif", reason), session)
        }
        Fact::BecameOperator { name, class } => {
            through(meta.text("classe", class).text("nom", name), session)
        }
        Fact::Killed { reason, .. } | Fact::StopAsked { reason } => {
            through(meta.text("motif", reason), session)
        }
        Fact::InvitationMade {
            link, invitation, ..
        } => administration::of_invitation(meta, link, invitation.as_deref(), session),
        Fact::InvitationEnded { .. }
        | Fact::FilterSet(_)
        | Fact::FilterRemoved { .. }
        | Fact::FilterStruck { .. }
        | Fact::MessageHeld(_)
        | Fact::HeldDecided { .. }
        | Fact::RegisterRead { .. }
        | Fact::Imported(_)
        | Fact::ActRefused { .. } => administration::of_fact(meta, record, subjects),
        Fact::FileAdded { .. }
        | Fact::FileChanged { .. }
        | Fact::FileFetched { .. }
        | Fact::FileRefused { .. } => file::of_fact(meta, record),
        Fact::RoomRenamed { name, reason, .. } => {
            let meta = match reason.is_empty() {
                true => meta,
                false => meta.text("motif", reason),
            };
            through(meta.text("nom", name.as_str()), session)
        }
        Fact::BackupMade {
            file,
            bytes,
            sha256,
        } => through(
            meta.text("empreinte", sha256)
                .text("fichier", file)
                .number("octets", *bytes),
            session,
        ),
        Fact::Announced { text } | Fact::Alerted { text, .. } => {
            through(meta, session).text("texte", text)
        }
        Fact::SessionOpened {
            session,
            peer,
            since,
        } => {
            let meta = meta.text("depuis", &since.to_string());
            connection(meta, peer, None, Some(*session))
        }
        Fact::ConnectionsSilent { count, since, .. } => meta
            .text("depuis", &since.to_string())
            .number("nombre", (*count).into()),
        Fact::ClockStepped { from, to } => meta
            .integer("apres", to.0)
            .integer("avant", from.0)
            .integer("stable", record.steady.0),
        Fact::SessionRefused { peer, reason } => connection(meta, peer, Some(reason), None),
        Fact::SessionClosed {
            session, reason, ..
        } => through(meta.text("motif", reason), Some(*session)),
        Fact::SessionAttended {
            session, attended, ..
        } => {
            let meta = meta.boolean("presence", *attended);
            through(meta, Some(*session))
        }
        Fact::ServerStarted { version, name } => meta.text("nom", name).text("version", version),
        Fact::ServerStopped { reason } => meta.text("motif", reason),
        Fact::RoomClosed { .. }
        | Fact::RoomUnregistered { .. }
        | Fact::PastOpened { .. }
        | Fact::AccountDropped { .. }
        | Fact::Reloaded
        | Fact::FingerprintsShown
        | Fact::OwnerCodeMade
        | Fact::MarkerSet { .. }
        | Fact::Event { .. } => through(meta, session),
    }
    .finish()
}

/// The metadata of a sanction: everything that its row has.
fn of_sanction(
    meta: Object,
    sanction: &Sanction,
    subjects: &Subjects,
    session: Option<SessionId>,
) -> Object {
    let mut meta = meta
        .integer("depuis", sanction.since.0)
        .text("genre", sanction.kind.name());
    if let Some(until) = sanction.until {
        meta = meta.integer("jusqua", until.0);
    }
    if let Whom::Mask(mask) = &sanction.whom {
        meta = meta.text("masque", mask);
    }
    meta = meta
        .text("motif", &sanction.reason)
        .text("par", &sanction.by);
    if let Whom::Network(network) = &sanction.whom {
        meta = meta.text("reseau", &network.to_string());
    }
    meta = meta.text("role", sanction.role.name());
    meta = with(meta, "salon", subjects.other.as_ref());
    through(meta.number("sanction", sanction.id.0), session)
}

/// The metadata of a token, which has more where it is a program's.
fn of_token(
    meta: Object,
    (token, name): (TokenId, &str),
    scopes: Option<Scopes>,
    until: Option<Timestamp>,
    session: Option<SessionId>,
) -> Object {
    let mut meta = meta.number("jeton", token.0);
    if let Some(until) = until {
        meta = meta.integer("jusqua", until.0);
    }
    meta = meta.text("nom", name);
    if let Some(scopes) = scopes {
        meta = meta.text("portees", &scopes.list());
    }
    through(meta, session)
}

/// The metadata of an event in one room.
pub(crate) fn of_event(event: &Event, session: Option<SessionId>, subjects: &Subjects) -> String {
    let mut meta = with(Object::new(), "acteur", subjects.actor.as_ref());
    // The server may speak for somebody who acts.
    if subjects.actor.as_ref().map_or(0, Subject::person_number) != event.author.0 {
        meta = meta.text("auteur", &event.author.0.to_string());
    }
    meta = with(meta, "cible", subjects.target.as_ref());
    meta = with(meta, "expulse", subjects.other.as_ref());
    if let What::Redacted { msgid, .. } = &event.what {
        meta = meta.text("message", &msgid.0);
    }
    meta = meta
        .text("msgid", &event.msgid.0)
        .text("nature", event.what.kind().verb());
    if let Some(letter) = event.reach().letter() {
        meta = meta.text("portee", letter.encode_utf8(&mut [0; 4]));
    }
    if let What::Renamed { nick } = &event.what {
        meta = meta.text("pseudo", nick.as_str());
    }
    through(meta, session).finish()
}

fn about(subjects: &Subjects) -> Object {
    let meta = with(Object::new(), "acteur", subjects.actor.as_ref());
    with(meta, "cible", subjects.target.as_ref())
}

fn with(meta: Object, key: &'static str, subject: Option<&Subject>) -> Object {
    match subject {
        Some(subject) => meta.text(key, &subject.to_string()),
        None => meta,
    }
}

/// From where, which the session tells where there is one.
fn from(meta: Object, address: IpAddr, session: Option<SessionId>) -> Object {
    match session {
        Some(_) => meta,
        None => meta.text("ip", &address.to_string()),
    }
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
