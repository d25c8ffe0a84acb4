//! The types of entries: the word and the category of every fact.
//!
//! The words are part of every entry ever written; they are added to, never changed.

use causette_core::event::What;
use causette_core::record::Fact;

/// A type of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The type as it is written.
    pub(crate) text: &'static str,
    /// Its category, 1 for C1: C1 identity, C2 account, C4 connection, C5 operation, C6 content, C7 administration.
    pub(crate) category: u8,
}

const fn word(category: u8, text: &'static str) -> Word {
    Word { text, category }
}

const COMPTE_CREATION: Word = word(1, "compte.creation");
const PSEUDO_CHANGE: Word = word(2, "pseudo.change");
const SESSION_OUVERTURE: Word = word(4, "session.ouverture");
pub(crate) const SESSION_FERMETURE: Word = word(4, "session.fermeture");
const SESSION_REFUS: Word = word(4, "session.refus");
const AUTHENTIFICATION_SUCCES: Word = word(4, "authentification.succes");
const AUTHENTIFICATION_ECHEC: Word = word(4, "authentification.echec");
const UTILISATEUR_DEPART: Word = word(4, "utilisateur.depart");
const MESSAGE_CREATION: Word = word(5, "message.creation");
const SALON_CREATION: Word = word(5, "salon.creation");
const SALON_FERMETURE: Word = word(5, "salon.fermeture");
const SALON_ENTREE: Word = word(5, "salon.entree");
const SALON_SORTIE: Word = word(5, "salon.sortie");
const SALON_EXPULSION: Word = word(5, "salon.expulsion");
const SALON_SUJET: Word = word(5, "salon.sujet");
const SALON_MODE: Word = word(5, "salon.mode");
const SERVEUR_DEMARRAGE: Word = word(7, "serveur.demarrage");
const SERVEUR_ARRET: Word = word(7, "serveur.arret");

/// The type of a fact's entry.
pub(crate) fn of(fact: &Fact) -> Word {
    match fact {
        Fact::Event { rooms, event } => match event.what {
            What::Said { .. } => MESSAGE_CREATION,
            What::Joined { .. } => SALON_ENTREE,
            What::Quit { .. } if rooms.is_empty() => UTILISATEUR_DEPART,
            What::Parted { .. } | What::Quit { .. } => SALON_SORTIE,
            What::Kicked { .. } => SALON_EXPULSION,
            What::Topic { .. } => SALON_SUJET,
            What::Mode { .. } => SALON_MODE,
            What::Renamed { .. } => PSEUDO_CHANGE,
            What::Redacted { .. } => MESSAGE_CREATION,
        },
        Fact::AccountChanged { .. }
        | Fact::AccountDropped { .. }
        | Fact::MarkerSet { .. }
        | Fact::RoomRegistered { .. }
        | Fact::RoomUnregistered { .. }
        | Fact::AccessChanged { .. }
        | Fact::Invited { .. }
        | Fact::BecameOperator { .. }
        | Fact::Killed { .. }
        | Fact::Announced { .. }
        | Fact::Reloaded => COMPTE_CREATION,
        Fact::RoomOpened { .. } => SALON_CREATION,
        Fact::RoomClosed { .. } => SALON_FERMETURE,
        Fact::AccountCreated { .. } => COMPTE_CREATION,
        Fact::SignedIn { .. } => AUTHENTIFICATION_SUCCES,
        Fact::SignInRefused { .. } => AUTHENTIFICATION_ECHEC,
        Fact::SessionOpened { .. } => SESSION_OUVERTURE,
        Fact::SessionClosed { .. } => SESSION_FERMETURE,
        Fact::SessionRefused { .. } => SESSION_REFUS,
        Fact::ServerStarted { .. } => SERVEUR_DEMARRAGE,
        Fact::ServerStopped { .. } => SERVEUR_ARRET,
    }
}
