//! The types of entries: the word and the category of every fact.
//!
//! The words are part of every entry ever written; they are added to, never changed.

use causette_core::event::{Event, What};
use causette_core::file::FileChange;
use causette_core::id::Room;
use causette_core::metadata::Whose;
use causette_core::record::{AccountChange, Fact};

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

pub(crate) const COMPTE_CREATION: Word = word(1, "compte.creation");
pub(crate) const COMPTE_SUPPRESSION: Word = word(1, "compte.suppression");
const COMPTE_MOTDEPASSE: Word = word(2, "compte.motdepasse");
const COMPTE_CODE_USAGE: Word = word(2, "compte.code.usage");
const COMPTE_REGLAGE: Word = word(2, "compte.reglage");
const COMPTE_CERTIFICAT_AJOUT: Word = word(2, "compte.certificat.ajout");
const COMPTE_CERTIFICAT_RETRAIT: Word = word(2, "compte.certificat.retrait");
const COMPTE_APPAREIL_AJOUT: Word = word(2, "compte.appareil.ajout");
const COMPTE_APPAREIL_RETRAIT: Word = word(2, "compte.appareil.retrait");
pub(crate) const COMPTE_RENOMMAGE: Word = word(1, "compte.renommage");
const PSEUDO_CHANGE: Word = word(2, "pseudo.change");
const PROFIL_CHANGE: Word = word(2, "profil.change");
pub(crate) const SESSION_OUVERTURE: Word = word(4, "session.ouverture");
pub(crate) const SESSION_FERMETURE: Word = word(4, "session.fermeture");
/// Nobody is at a connection, or somebody is again.
pub(crate) const SESSION_PRESENCE: Word = word(4, "session.presence");
const SESSION_REFUS: Word = word(4, "session.refus");
const SESSION_SILENCE: Word = word(4, "session.silence");
pub(crate) const AUTHENTIFICATION_SUCCES: Word = word(4, "authentification.succes");
const AUTHENTIFICATION_ECHEC: Word = word(4, "authentification.echec");
const UTILISATEUR_DEPART: Word = word(4, "utilisateur.depart");
const MESSAGE_CREATION: Word = word(5, "message.creation");
pub(crate) const MESSAGE_SUPPRESSION: Word = word(5, "message.suppression");
pub(crate) const SALON_CREATION: Word = word(5, "salon.creation");
pub(crate) const SALON_RENOMMAGE: Word = word(5, "salon.renommage");
pub(crate) const SALON_FERMETURE: Word = word(5, "salon.fermeture");
const SALON_ENTREE: Word = word(5, "salon.entree");
const SALON_SORTIE: Word = word(5, "salon.sortie");
const SALON_EXPULSION: Word = word(5, "salon.expulsion");
const SALON_SUJET: Word = word(5, "salon.sujet");
const SALON_MODE: Word = word(5, "salon.mode");
const SALON_ENREGISTREMENT: Word = word(5, "salon.enregistrement");
const SALON_DESENREGISTREMENT: Word = word(5, "salon.desenregistrement");
const SALON_OUVERTURE: Word = word(5, "salon.ouverture");
const SALON_ACCES: Word = word(5, "salon.acces");
const SALON_PROFIL: Word = word(5, "salon.profil");
const SALON_REPRISE: Word = word(5, "salon.reprise");
const SALON_INVITATION: Word = word(5, "salon.invitation");
const ADMINISTRATION_OPERATEUR: Word = word(7, "administration.operateur");
const ADMINISTRATION_DECONNEXION: Word = word(7, "administration.deconnexion");
const ADMINISTRATION_ANNONCE: Word = word(7, "administration.annonce");
const ADMINISTRATION_RECHARGEMENT: Word = word(7, "administration.rechargement");
const ADMINISTRATION_ARRET: Word = word(7, "administration.arret");
const ADMINISTRATION_EMPREINTE: Word = word(7, "administration.empreinte");
const ADMINISTRATION_INVITATION: Word = word(7, "administration.invitation");
/// An invitation with a code, which has a row.
pub(crate) const ADMINISTRATION_INVITATION_CODE: Word = word(7, "administration.invitation.code");
const ADMINISTRATION_INVITATION_FIN: Word = word(7, "administration.invitation.fin");
const ADMINISTRATION_PROPRIETAIRE: Word = word(7, "administration.proprietaire");
const ADMINISTRATION_REFUS: Word = word(7, "administration.refus");
pub(crate) const FILTRE_POSE: Word = word(7, "filtre.pose");
const FILTRE_RETRAIT: Word = word(7, "filtre.retrait");
const FILTRE_ATTEINTE: Word = word(5, "filtre.atteinte");
pub(crate) const MESSAGE_RETENUE: Word = word(5, "message.retenue");
const MESSAGE_RETENUE_FIN: Word = word(5, "message.retenue.fin");
pub(crate) const FICHIER_DEPOT: Word = word(6, "fichier.depot");
pub(crate) const FICHIER_CHANGEMENT: Word = word(6, "fichier.changement");
pub(crate) const FICHIER_RETRAIT: Word = word(6, "fichier.retrait");
const FICHIER_LECTURE: Word = word(5, "fichier.lecture");
const FICHIER_REFUS: Word = word(5, "fichier.refus");
const REGISTRE_LECTURE: Word = word(7, "registre.lecture");
const ADMINISTRATION_SAUVEGARDE: Word = word(7, "administration.sauvegarde");
const IMPORT_DEBUT: Word = word(7, "import.debut");
const IMPORT_FIN: Word = word(7, "import.fin");
const ADMINISTRATION_MOTDEPASSE: Word = word(7, "administration.motdepasse");
const ADMINISTRATION_ROLE: Word = word(7, "administration.role");
const ADMINISTRATION_INSCRIPTIONS: Word = word(7, "administration.inscriptions");
/// An alert that is kept for who is absent.
pub(crate) const ALERTE_EMISE: Word = word(7, "alerte.emise");
/// An alert of the moment, as all were before any was kept.
const ADMINISTRATION_ALERTE: Word = word(7, "administration.alerte");
const ADMINISTRATION_APPROBATION: Word = word(7, "administration.approbation");
pub(crate) const SANCTION_PRONONCE: Word = word(7, "sanction.prononce");
const SANCTION_LEVEE: Word = word(7, "sanction.levee");
const SANCTION_FIN: Word = word(7, "sanction.fin");
pub(crate) const HORLOGE_SAUT: Word = word(7, "horloge.saut");
/// What entries of earlier versions tell of is bound from here on.
pub(crate) const REGISTRE_LIAISON: Word = word(7, "registre.liaison");
/// What earlier entries commit to was erased.
pub(crate) const EFFACEMENT_FAIT: Word = word(7, "effacement.fait");
const SERVEUR_DEMARRAGE: Word = word(7, "serveur.demarrage");
const SERVEUR_ARRET: Word = word(7, "serveur.arret");

/// The type of a fact's entry; `None` for what the register does not keep.
pub(crate) fn of(fact: &Fact) -> Option<Word> {
    Some(match fact {
        Fact::Event { rooms, event } => of_event(rooms, event),
        Fact::RoomOpened { .. } => SALON_CREATION,
        Fact::RoomRenamed { .. } => SALON_RENOMMAGE,
        Fact::RoomClosed { .. } => SALON_FERMETURE,
        Fact::RoomRegistered { .. } => SALON_ENREGISTREMENT,
        Fact::RoomUnregistered { .. } => SALON_DESENREGISTREMENT,
        Fact::PastOpened { .. } => SALON_OUVERTURE,
        Fact::AccessChanged { .. } => SALON_ACCES,
        Fact::PlaceKept { .. } => SALON_REPRISE,
        Fact::Invited { .. } => SALON_INVITATION,
        Fact::AccountCreated { .. } => COMPTE_CREATION,
        Fact::AccountChanged { change, .. } => match change {
            AccountChange::Approved => ADMINISTRATION_APPROBATION,
            AccountChange::Renamed { .. } => COMPTE_RENOMMAGE,
            AccountChange::Password(_) | AccountChange::VerifiedAnew(_) => COMPTE_MOTDEPASSE,
            AccountChange::Reset { .. } => ADMINISTRATION_MOTDEPASSE,
            AccountChange::CodeUsed(_) => COMPTE_CODE_USAGE,
            AccountChange::Setting { .. } | AccountChange::SettingImposed { .. } => COMPTE_REGLAGE,
            AccountChange::CertificateAdded(_) => COMPTE_CERTIFICAT_AJOUT,
            AccountChange::CertificateRemoved(_) => COMPTE_CERTIFICAT_RETRAIT,
            AccountChange::TokenAdded { .. } => COMPTE_APPAREIL_AJOUT,
            AccountChange::TokenRemoved(_) => COMPTE_APPAREIL_RETRAIT,
        },
        Fact::AccountDropped { .. } => COMPTE_SUPPRESSION,
        Fact::MetadataSet(said) => match said.whose {
            Whose::Room(_) => SALON_PROFIL,
            Whose::Account(_) | Whose::Guest(_) => PROFIL_CHANGE,
        },
        Fact::SignedIn { .. } => AUTHENTIFICATION_SUCCES,
        Fact::SignInRefused { .. } => AUTHENTIFICATION_ECHEC,
        Fact::BecameOperator { .. } => ADMINISTRATION_OPERATEUR,
        Fact::Killed { .. } => ADMINISTRATION_DECONNEXION,
        Fact::Sanctioned(_) => SANCTION_PRONONCE,
        Fact::SanctionLifted { reason: None, .. } => SANCTION_FIN,
        Fact::SanctionLifted { .. } => SANCTION_LEVEE,
        Fact::RoleGiven { .. } => ADMINISTRATION_ROLE,
        Fact::RegistrationSet { .. } => ADMINISTRATION_INSCRIPTIONS,
        Fact::Alerted { kept: true, .. } => ALERTE_EMISE,
        Fact::Alerted { kept: false, .. } => ADMINISTRATION_ALERTE,
        Fact::Announced { .. } => ADMINISTRATION_ANNONCE,
        Fact::Reloaded => ADMINISTRATION_RECHARGEMENT,
        Fact::StopAsked { .. } => ADMINISTRATION_ARRET,
        Fact::FingerprintsShown => ADMINISTRATION_EMPREINTE,
        Fact::InvitationMade {
            invitation: Some(_),
            ..
        } => ADMINISTRATION_INVITATION_CODE,
        Fact::InvitationMade { .. } => ADMINISTRATION_INVITATION,
        Fact::InvitationEnded { .. } => ADMINISTRATION_INVITATION_FIN,
        Fact::OwnerCodeMade => ADMINISTRATION_PROPRIETAIRE,
        Fact::ActRefused { .. } => ADMINISTRATION_REFUS,
        Fact::FilterSet(_) => FILTRE_POSE,
        Fact::FilterRemoved { .. } => FILTRE_RETRAIT,
        Fact::FilterStruck { .. } => FILTRE_ATTEINTE,
        Fact::MessageHeld(_) => MESSAGE_RETENUE,
        Fact::HeldDecided { .. } => MESSAGE_RETENUE_FIN,
        Fact::FileAdded { .. } => FICHIER_DEPOT,
        Fact::FileChanged {
            change: FileChange::Removed { .. },
            ..
        } => FICHIER_RETRAIT,
        Fact::FileChanged { .. } => FICHIER_CHANGEMENT,
        Fact::FileFetched { .. } => FICHIER_LECTURE,
        Fact::FileRefused { .. } => FICHIER_REFUS,
        Fact::RegisterRead { .. } => REGISTRE_LECTURE,
        Fact::BackupMade { .. } => ADMINISTRATION_SAUVEGARDE,
        Fact::Imported(imported) if imported.ended => IMPORT_FIN,
        Fact::Imported(_) => IMPORT_DEBUT,
        Fact::SessionOpened { .. } => SESSION_OUVERTURE,
        Fact::SessionClosed { .. } => SESSION_FERMETURE,
        Fact::SessionAttended { .. } => SESSION_PRESENCE,
        Fact::SessionRefused { .. } => SESSION_REFUS,
        Fact::ConnectionsSilent { .. } => SESSION_SILENCE,
        Fact::ClockStepped { .. } => HORLOGE_SAUT,
        Fact::ServerStarted { .. } => SERVEUR_DEMARRAGE,
        Fact::ServerStopped { .. } => SERVEUR_ARRET,
        // What somebody looked at is nobody else's to know.
        Fact::MarkerSet { .. } => return None,
    })
}

/// The type of an event's entry.
pub(crate) fn of_event(rooms: &[Room], event: &Event) -> Word {
    match event.what {
        What::Said { .. } => MESSAGE_CREATION,
        What::Redacted { .. } => MESSAGE_SUPPRESSION,
        What::Joined { .. } | What::Returned { .. } => SALON_ENTREE,
        What::Quit { .. } if rooms.is_empty() => UTILISATEUR_DEPART,
        What::Parted { .. } | What::Quit { .. } | What::Vanished { .. } => SALON_SORTIE,
        What::Kicked { .. } => SALON_EXPULSION,
        What::Topic { .. } => SALON_SUJET,
        What::Mode { .. } => SALON_MODE,
        What::Renamed { .. } => PSEUDO_CHANGE,
    }
}
