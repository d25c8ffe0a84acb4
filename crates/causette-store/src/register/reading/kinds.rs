//! The types of entries, for those who ask for some of them.

/// Every type there is, as it is written.
pub const KINDS: [&str; 76] = [
    "compte.creation",
    "compte.suppression",
    "compte.motdepasse",
    "compte.code.usage",
    "compte.reglage",
    "compte.certificat.ajout",
    "compte.certificat.retrait",
    "compte.appareil.ajout",
    "compte.appareil.retrait",
    "compte.renommage",
    "pseudo.change",
    "profil.change",
    "session.ouverture",
    "session.fermeture",
    "session.presence",
    "session.refus",
    "session.silence",
    "authentification.succes",
    "authentification.echec",
    "utilisateur.depart",
    "message.creation",
    "message.suppression",
    "salon.creation",
    "salon.renommage",
    "salon.fermeture",
    "salon.entree",
    "salon.sortie",
    "salon.expulsion",
    "salon.sujet",
    "salon.mode",
    "salon.enregistrement",
    "salon.desenregistrement",
    "salon.ouverture",
    "salon.acces",
    "salon.profil",
    "salon.reprise",
    "salon.invitation",
    "administration.operateur",
    "administration.deconnexion",
    "administration.annonce",
    "administration.rechargement",
    "administration.arret",
    "administration.empreinte",
    "administration.invitation",
    "administration.invitation.code",
    "administration.invitation.fin",
    "administration.proprietaire",
    "administration.refus",
    "filtre.pose",
    "filtre.retrait",
    "filtre.atteinte",
    "message.retenue",
    "message.retenue.fin",
    "fichier.depot",
    "fichier.changement",
    "fichier.retrait",
    "fichier.lecture",
    "fichier.refus",
    "registre.lecture",
    "administration.sauvegarde",
    "import.debut",
    "import.fin",
    "administration.motdepasse",
    "administration.role",
    "administration.inscriptions",
    "alerte.emise",
    "administration.alerte",
    "administration.approbation",
    "sanction.prononce",
    "sanction.levee",
    "sanction.fin",
    "horloge.saut",
    "registre.liaison",
    "effacement.fait",
    "serveur.demarrage",
    "serveur.arret",
];

#[cfg(test)]
mod tests {
    use super::KINDS;

    #[test]
    fn no_type_is_left_out() {
        let source = include_str!("../words.rs");
        let written = source.split("= word(").skip(1);
        let written: Vec<&str> = written.filter_map(|word| word.split('"').nth(1)).collect();
        assert_eq!(written, KINDS);
    }
}
