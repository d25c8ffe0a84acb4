# Ce que les gens lisent du serveur, en français.
# Un message par clé ; en.ftl a les mêmes clés avec les mêmes variables, et un test le vérifie.

## Accueil
welcome = Bienvenue sur { $network }, { $nick }
your-host = Vous êtes sur { $server }, qui fait tourner { $version }
created = Ce serveur a démarré le { $time }
isupport = sont pris en charge par ce serveur
motd-start = - { $server } Message du jour -
motd = - { $network } garde ce qui se dit, dans l'ordre : revenez plus tard, vous le retrouverez.
    - Les commandes : /quote HELP
motd-end = Fin du message du jour
lusers-client = Personnes : { $users } ; connexions : { $sessions } ; serveurs : 1
lusers-operators = opérateurs connectés
lusers-channels = salons ouverts
lusers-me = Clients : { $sessions } ; autres serveurs : 0
lusers-local = Connexions en ce moment : { $sessions } ; maximum jusqu'ici : { $max }

## Le vestibule : connecté, pas encore identifié
lobby-account-required = Ce serveur connaît chacun par un compte. Sans compte, vous serez déconnecté au bout de { $minutes } minutes.
lobby-sign-up = Nouveau ici ? Pour vous inscrire sous le nom { $nick } : /msg NickServ REGISTER votre-mot-de-passe
lobby-sign-in = { $nick } est déjà à vous ? Identifiez-vous : /msg NickServ IDENTIFY votre-mot-de-passe
account-required = Identifiez-vous d'abord : /msg NickServ IDENTIFY votre-nom votre-mot-de-passe, ou inscrivez-vous : /msg NickServ REGISTER votre-mot-de-passe

## S'identifier et s'inscrire
logged-in = Vous êtes identifié : { $account }
sasl-success = Identification SASL réussie
sasl-aborted = Identification SASL interrompue
sasl-malformed = L'identification SASL a échoué : le message n'est pas valide
sasl-mechanisms = sont les mécanismes SASL disponibles
sasl-not-negotiated = Demandez d'abord la capacité : CAP REQ sasl
sasl-too-long = Message SASL trop long
sasl-unknown-mechanism = L'identification SASL a échoué : utilisez { $mechanisms }
sign-in-failed = Le nom ou le mot de passe est faux
sign-in-busy = Plusieurs identifications sont en cours : réessayez dans un instant
sign-in-wait = Trop de tentatives ratées : réessayez dans { $seconds } secondes
already-signed-in = Vous êtes déjà identifié
already-registered = Cela ne se fait qu'une fois
account-created = Le compte { $account } est créé ; bienvenue
account-made = Le compte { $account } est créé
account-exists = Le nom { $account } est pris : choisissez-en un autre
account-like-another = Le nom { $account } ressemble à celui de quelqu'un d'autre : choisissez-en un autre
account-name-invalid = Le nom { $account } ne convient pas : des lettres sans accent, des chiffres et - _ [ ] { "{" } { "}" } \ | ` ^ seulement, sans commencer par un chiffre ni par -
account-name-invalid-unicode = Le nom { $account } ne convient pas : des lettres et des chiffres de toute écriture et - _ [ ] { "{" } { "}" } \ | ` ^ seulement, dans un seul sens d'écriture, sans commencer par un chiffre ni par -
account-name-reserved = Le nom { $account } est réservé à qui tient ce serveur : choisissez-en un autre, ou demandez-lui
password-weak = Ce mot de passe est trop facile à deviner : au moins { $min } caractères, pas tous les mêmes, et pas le nom
password-too-long = Ce mot de passe est trop long
email-invalid = Ce n'est pas une adresse électronique ; écrivez * pour n'en donner aucune
need-nick = Choisissez d'abord un pseudo : NICK
connect-first = Terminez d'abord la connexion, puis envoyez REGISTER de nouveau
sign-up-closed = Ici, seul l'administrateur crée les comptes : demandez-lui le vôtre
sign-up-wait = Trop de comptes ont été créés depuis votre adresse : réessayez dans quelques minutes
too-many-sessions = Ce compte a déjà { $max } connexions : fermez-en une et réessayez
server-password-wrong = Le mot de passe du serveur manque ou est faux : donnez-le avec PASS
server-password-first = Donnez d'abord le mot de passe du serveur, avec PASS
nickserv-help = Je tiens les comptes. Sans compte, on ne peut pas parler ici.
nickserv-register-syntax = S'inscrire sous son pseudo : REGISTER mot-de-passe
nickserv-identify-syntax = S'identifier : IDENTIFY [nom] mot-de-passe
nickserv-unknown = Je ne connais pas cette commande : /msg NickServ HELP

## Lignes et commandes
line-too-long = Ligne trop longue : elle n'a pas été lue
invalid-utf8 = Le message n'est pas en UTF-8 : il n'a pas été lu
malformed-line = Ce n'est pas un message IRC
unknown-command = Cette commande n'existe pas : /quote HELP en donne la liste
not-registered = Vous n'êtes pas encore enregistré : envoyez d'abord NICK et USER
need-more-params = Il manque des paramètres : { $syntax }
invalid-cap = Sous-commande de CAP inconnue : LS, LIST, REQ ou END
no-origin = Aucune origine donnée
unavailable = Le serveur ne peut rien enregistrer en ce moment : rien n'a été envoyé, réessayez dans une minute
unavailable-door = Le serveur ne peut rien enregistrer en ce moment : réessayez dans une minute
too-many-targets = Trop de destinataires : { $max } à la fois

## Noms et messages
no-nickname = Aucun pseudo donné
nick-invalid = Un pseudo a au plus { $max } lettres sans accent, chiffres et - _ [ ] { "{" } { "}" } \ | ` ^, et ne commence ni par un chiffre ni par -
nick-invalid-unicode = Un pseudo a des lettres et des chiffres de toute écriture et - _ [ ] { "{" } { "}" } \ | ` ^, dans un seul sens d'écriture et au plus { $max } octets, et ne commence ni par un chiffre ni par -
nick-in-use = Ce pseudo est déjà pris
nick-like-another = Ce pseudo ressemble à celui de quelqu'un d'autre : choisissez-en un autre
no-such-nick = Personne ne porte ce pseudo
service-not-here = { $nick } ne répond pas encore
no-recipient = Aucun destinataire
no-text = Aucun texte à envoyer
need-message-tags = Demandez d'abord la capacité : CAP REQ message-tags
message-cut = Votre message était trop long pour une ligne : ses { $bytes } derniers octets n'ont pas été envoyés
away-will-read = lira ceci à son retour
away-disconnected = Déconnecté

## Salons
no-such-channel = Ce salon n'existe pas
channel-invalid = Un nom de salon commence par # et a au plus { $max } octets, sans espace, virgule ni deux-points
not-on-channel = Vous n'êtes pas dans ce salon
user-not-in-channel = Cette personne n'est pas dans ce salon
too-many-channels = Vous êtes déjà dans { $max } salons, ou il y en a trop : quittez-en un d'abord
banned = Vous ne pouvez pas entrer : vous êtes banni
invite-only = Vous ne pouvez pas entrer : il faut être invité
bad-key = Vous ne pouvez pas entrer : la clé manque ou est fausse
channel-full = Vous ne pouvez pas entrer : le salon est plein
speak-members-only = Vous ne pouvez pas parler là : entrez d'abord dans le salon
speak-moderated = Vous ne pouvez pas parler là : le salon est modéré et vous n'avez pas la parole
speak-banned = Vous ne pouvez pas parler là : vous êtes banni
operators-only = Seuls ceux qui modèrent le salon peuvent faire cela
no-topic = Aucun sujet
end-of-names = Fin de la liste des présents
end-of-who = Fin de la liste WHO
end-of-whois = Fin de la réponse WHOIS
end-of-ban-list = Fin de la liste des bannis
ban-list-full = Les listes du salon sont pleines : elles prennent { $max } masques
unknown-mode = n'est pas un mode de salon ici : { $mode }
unknown-user-mode = Mode d'utilisateur inconnu
not-your-modes = Vous ne pouvez voir et changer que vos propres modes
invalid-mode-param = L'argument du mode { $mode } manque ou ne convient pas
whois-account = est identifié comme
whois-secure = utilise une connexion sûre
whois-host = se connecte depuis { $address } (vous seul et les opérateurs du serveur le voyez)
whois-idle = secondes d'inactivité, heure d'arrivée

## Historique
history-no-target = Il n'y a pas d'historique de { $target } que vous puissiez lire
history-invalid-params = CHATHISTORY prend LATEST, BEFORE, AFTER, AROUND, BETWEEN ou TARGETS, une cible, msgid= ou timestamp=, et un nombre

## Départs
quit = Parti
quit-reason = Parti : { $reason }
quit-signed-in = S'est identifié
closing-left = Connexion fermée
closing-failed = Connexion perdue
closing-slow-reader = SendQ exceeded : trop de retard de lecture
closing-flood = Une ligne sans fin
closing-fault = Erreur interne : cette commande a échoué ; rien n'a changé
closing-stop = Le serveur s'arrête : { $reason }
closing-ping-timeout = Sans réponse depuis { $seconds } secondes
closing-registration-timeout = L'enregistrement n'était pas complet après { $seconds } secondes
closing-account-required = Pas d'identification après { $seconds } secondes

## Modes
mode-ban = Ceux que couvre un masque n'entrent pas et ne parlent pas : pseudo!utilisateur@hôte, ~account:nom, ~mute:masque (parole seulement).
mode-exception = Ceux que couvre un masque ne sont pas bannis.
mode-invite-exception = Ceux que couvre un masque n'ont pas besoin d'invitation.
mode-key = On entre avec une clé.
mode-forward = Ceux qui ne peuvent pas entrer sont envoyés dans un autre salon.
mode-limit = Il accueille tant de membres.
mode-no-ctcp = Pas de questions de programme à programme (CTCP), sauf /me.
mode-speak-registered = Seuls parlent ceux qui ont un compte ou un préfixe.
mode-join-registered = Seuls entrent ceux qui ont un compte.
mode-op-moderated = Ce que disent les membres sans préfixe, seuls les opérateurs le voient.
mode-invite-only = On entre sur invitation.
mode-moderated = Seuls parlent les membres qui ont un préfixe.
mode-members-only = Seuls parlent les membres.
mode-secret = Personne au dehors n'apprend qu'il existe.
mode-topic-locked = Seuls les semi-opérateurs et au-dessus changent le sujet.
mode-auditorium = Les membres sans préfixe ne sont vus que de ceux qui modèrent.
mode-founder = Fondateur : peut tout faire.
mode-protected = Protégé : seul un fondateur peut le mettre dehors.
mode-operator = Opérateur : modère et nomme des opérateurs.
mode-half-operator = Semi-opérateur : modère et donne la parole.
mode-voice = Parole : parle là où les autres ne le peuvent pas.
user-mode-bot = Vous êtes un programme.
user-mode-registered-only = Seuls ceux qui ont un compte peuvent vous écrire.
user-mode-secure = Votre connexion est chiffrée (posé par le serveur).
user-mode-invisible = Ceux qui ne partagent aucun salon avec vous ne vous trouvent pas.
user-mode-operator = Vous êtes opérateur du serveur (posé par OPER).
user-mode-server-notices = On vous dit ce que les opérateurs doivent savoir (opérateurs).
user-mode-wallops = Vous entendez ce que les opérateurs disent à tous.

## Absence, invitations, listes
now-away = Vous êtes noté absent
no-longer-away = Vous n'êtes plus noté absent
end-of-invite-list = Fin des salons où vous êtes invité
user-on-channel = Cette personne est déjà dans ce salon
list-heading = Membres : Sujet
end-of-list = Fin de /LIST
end-of-exception-list = Fin de la liste des exceptions du salon
end-of-invite-exception-list = Fin de la liste des exceptions d'invitation du salon
end-of-monitor-list = Fin de la liste MONITOR
monitor-list-full = Vous suivez déjà { $max } pseudos : cessez d'abord d'en suivre un
was-no-such-nick = Personne ne portait ce pseudo récemment
whowas-account = était identifié comme
end-of-whowas = Fin de WHOWAS
visible-host = est l'hôte que les autres voient de vous
forwarded = Vous ne pouvez pas entrer, et avez été envoyé dans l'autre salon

## Parler
join-registered-only = Vous ne pouvez pas entrer : le salon est réservé à ceux qui ont un compte
speak-registered-only = Vous ne pouvez pas parler là : il faut un compte
speak-no-ctcp = Cela ne peut pas être envoyé là : les questions de programme à programme (CTCP) n'y passent pas
speak-no-dcc = Vous ne pouvez pas proposer de fichier ou de discussion à un salon par DCC : cela montrerait votre adresse à tous
message-registered-only = Cette personne ne reçoit de messages que de ceux qui ont un compte
dcc-warning = DCC montre votre adresse à l'autre, n'est pas chiffré et ne laisse pas de trace ici
multiline-need-capability = Demandez d'abord les capacités : CAP REQ :batch draft/multiline
multiline-invalid = Ce message de plusieurs lignes est mal formé : rien n'a été envoyé
multiline-open = Un message de plusieurs lignes n'était pas terminé quand un autre a commencé : rien des deux n'a été envoyé
multiline-other-target = Une ligne s'adresse à un autre que le message : rien n'a été envoyé
multiline-too-long = Le message dépasse { $max } octets : rien n'a été envoyé
multiline-too-many-lines = Le message a plus de { $max } lignes : rien n'a été envoyé
need-message-redaction = Demandez d'abord la capacité : CAP REQ draft/message-redaction
redact-no-target = Il n'y a rien dans { $target } que vous puissiez retirer
redact-unknown = Ce message n'existe pas, ou il est déjà retiré
redact-forbidden = Vous ne pouvez retirer que vos propres messages
redact-expired = Le message a plus de { $hours } heures : demandez à un opérateur
markread-need-params = MARKREAD prend un salon ou un pseudo, et timestamp= pour poser le repère
markread-invalid = Ce n'est pas un endroit que vous lisez, ou pas une heure
markread-full = Vous avez déjà { $max } repères de lecture

## Le serveur
admin-me = Informations administratives sur { $server }
info = { $version }
    Un serveur de discussion à héberger soi-même, qui garde ce qu'il montre.
    En marche depuis le { $time }
end-of-info = Fin de INFO
end-of-links = Fin de LINKS
stats-uptime = Serveur en marche depuis { $days } jours { $time }
end-of-stats = Fin de STATS
your-language = est la langue dans laquelle on vous parle
no-language = Cette langue n'existe pas ici : en ou fr
realname-invalid = Un nom réel a de 1 à { $max } octets
nothing-to-verify = Il n'y a rien à vérifier : les adresses électroniques ne sont pas contrôlées ici
whois-operator = est opérateur du serveur ({ $class })
whois-bot = est un robot sur { $network }
whois-modes = a les modes { $modes }
whois-certificate = a un certificat client d'empreinte { $fingerprint }
operators-of-the-server = Seuls les opérateurs du serveur peuvent faire cela : OPER nom mot-de-passe
oper-failed = Le nom ou le mot de passe d'opérateur est faux
oper-welcome = Vous êtes maintenant opérateur du serveur
rehashed = La configuration a été relue
stopped-by = arrêté par { $nick }
closing-killed = Déconnecté par { $by } : { $reason }
closing-signed-out = Déconnexion demandée
closing-signed-in-elsewhere = Identifié ailleurs
closing-account-dropped = Le compte a été abandonné
sasl-no-certificate = Aucun certificat présenté n'ouvre ce compte : NickServ CERT ADD fait accepter le vôtre
password-changed = Le mot de passe est changé

## NickServ
nickserv-more = Aussi : SET, INFO [nom], SESSIONS, LOGOUT [numéro | all], GHOST pseudo, CERT, DROP nom
nickserv-sign-in-first = Identifiez-vous d'abord : IDENTIFY nom mot-de-passe
nickserv-saregister-syntax = Créer un compte pour quelqu'un (opérateurs du serveur) : SAREGISTER nom mot-de-passe
nickserv-setting = { $name } : { $value }
nickserv-set = { $name } est maintenant { $value }
nickserv-set-syntax = SET always-on on | off ; SET multiclient on | off ; SET language en | fr | default ; SET password actuel nouveau
nickserv-always-on-off-here = Sur ce serveur, personne ne reste sans connexion
nickserv-no-such-account = Ce compte n'existe pas
nickserv-info = { $account } a été créé le { $time }
nickserv-info-last-seen = Fin de la dernière connexion : { $time }
nickserv-info-channels = Possède { $channels }
nickserv-session = { $number }. { $address } ({ $transport }), appareil { $device }, depuis le { $time }
nickserv-session-this = { $number }. { $address } ({ $transport }), appareil { $device }, depuis le { $time } (celle-ci)
nickserv-device = Appareil { $device }, dernière utilisation le { $time }
nickserv-logout-syntax = Terminer une connexion : LOGOUT pour celle-ci, LOGOUT numéro, ou LOGOUT all
nickserv-ended = Connexions terminées : { $number }
nickserv-ghost-syntax = Terminer vos autres connexions : GHOST pseudo
nickserv-not-yours = Ce pseudo n'est pas le vôtre
nickserv-cert-syntax = S'identifier par un certificat : CERT ADD [empreinte], CERT LIST, CERT REMOVE empreinte (SHA-256, 64 chiffres hexadécimaux)
nickserv-cert-present = Cette connexion présente { $fingerprint }
nickserv-cert-none = Cette connexion ne présente pas de certificat
nickserv-cert-taken = Ce certificat ouvre déjà un compte
nickserv-cert-full = Votre compte a déjà { $max } certificats : retirez-en un d'abord
nickserv-cert-added = Le certificat ouvre désormais votre compte
nickserv-cert-unknown = Ce certificat n'ouvre pas votre compte
nickserv-cert-removed = Le certificat n'ouvre plus votre compte
nickserv-drop-syntax = Pour abandonner votre compte pour de bon, avec les salons qu'il possède : DROP { $account }

## ChanServ
chanserv-help = Je garde les salons. REGISTER #salon le fait vôtre, INFO #salon dit à qui il est,
    OP #salon [pseudo] vous rend vos droits ou nomme un opérateur,
    AMODE #salon liste les droits durables, AMODE #salon +o | -o compte les change (a o h v),
    TRANSFER #salon compte le donne, UNREGISTER #salon l'abandonne.
chanserv-unknown = Je ne connais pas cette commande : /msg ChanServ HELP
chanserv-account-needed = Il faut un compte pour posséder un salon
chanserv-registration-closed = On ne peut pas enregistrer de salon sur ce serveur
chanserv-registered-already = { $channel } a déjà un propriétaire
chanserv-registered = { $channel } est à vous : il reste quand tout le monde sort, et vous y êtes chez vous
chanserv-too-many = Un compte possède au plus { $max } salons
chanserv-founder-only = Seul le propriétaire de { $channel } peut faire cela
chanserv-unregister-again = Pour abandonner { $channel }, avec les droits que d'autres y ont : UNREGISTER { $channel } { $channel }
chanserv-unregistered = { $channel } n'a plus de propriétaire
chanserv-transferred = { $channel } est maintenant à { $account }
chanserv-no-rights = Vous n'avez pas dans { $channel } de droits durables qui le permettent
chanserv-not-registered = { $channel } n'est pas enregistré : REGISTER { $channel }
chanserv-access = { $account } : { $modes }
chanserv-access-end = Droits durables dans { $channel } : { $number }
chanserv-access-full = Un salon garde les droits de { $max } comptes au plus
chanserv-info = { $channel } est à { $account } ; créé le { $time }
chanserv-info-unregistered = { $channel } n'a pas de propriétaire ; créé le { $time }

## HELP
help-title = Aide
help-commands = Les commandes de ce serveur :
help-more = Pour en savoir plus sur l'une d'elles : /quote HELP commande
help-not-found = Pas d'aide à ce sujet : HELP donne la liste des commandes
end-of-help = Fin de l'aide
command-admin = Qui fait marcher le serveur.
command-authenticate = S'identifier par SASL.
command-away = Dire que vous êtes absent, avec une raison ; sans raison, que vous êtes revenu.
command-batch = Envoyer un message de plusieurs lignes d'un seul tenant.
command-cap = S'accorder sur ce que votre client comprend.
command-chathistory = Lire ce qui s'est dit avant, dans un salon où l'on est ou avec une personne.
command-cs = Posséder un salon et y donner des droits durables : REGISTER, OP, AMODE, INFO, TRANSFER, UNREGISTER.
command-die = Arrêter le serveur (opérateurs du serveur).
command-help = Expliquer une commande.
command-info = Ce qu'est ce serveur.
command-invite = Inviter quelqu'un dans un salon ; sans paramètre, où vous êtes invité.
command-ison = Lesquels de ces pseudos sont connectés.
command-join = Entrer dans des salons ; celui qui n'existe pas est créé, et vous en êtes l'opérateur.
command-kick = Mettre quelqu'un dehors (opérateurs).
command-kill = Terminer toutes les connexions de quelqu'un (opérateurs du serveur).
command-language = Dans quelle langue le serveur vous parle.
command-links = Les serveurs du réseau.
command-list = Les salons : tous, ceux qu'un masque couvre (#a*) ou non (!#a*), par nombre de membres (>10), par âge (C>60, en minutes) ou âge du sujet (T<60).
command-lusers = Combien il y a de personnes et de salons.
command-markread = Jusqu'où vous avez lu, pour tous vos clients.
command-mode = Voir ou changer les modes d'un salon, ou les vôtres :
command-monitor = Savoir quand des gens arrivent et partent : + ajoute, - retire, C vide, L liste, S dit qui est là.
command-motd = Le message du jour.
command-names = Qui est dans un salon.
command-nick = Prendre un autre pseudo.
command-notice = Dire quelque chose à quoi aucun programme ne répond.
command-ns = Votre compte : REGISTER mot-de-passe, IDENTIFY [nom] mot-de-passe, SET, INFO, SESSIONS, LOGOUT, GHOST, CERT, DROP.
command-oper = Devenir opérateur du serveur.
command-part = Quitter des salons.
command-pass = Donner le mot de passe du serveur, ou nom:mot-de-passe, avant NICK.
command-ping = Demander si le serveur est là ; il répond PONG après tout ce qui précède.
command-pong = Répondre à un PING.
command-privmsg = Dire quelque chose à des salons ou à des gens ; les absents le trouveront plus tard.
command-quit = Quitter le serveur.
command-redact = Retirer ce qui a été dit.
command-register = Créer un compte ; * prend votre pseudo pour nom.
command-rehash = Relire la configuration (opérateurs du serveur).
command-setname = Changer votre nom réel.
command-stats = Chiffres du serveur : u depuis quand il marche, o ses opérateurs.
command-tagmsg = Envoyer des étiquettes sans texte, comme « est en train d'écrire » et les réactions.
command-time = L'heure qu'il est sur le serveur.
command-topic = Voir ou changer le sujet d'un salon.
command-user = Donner son nom d'utilisateur et son nom réel, à la connexion.
command-userhost = D'où sont quelques personnes, et si elles sont absentes.
command-verify = Prouver une adresse électronique ; il n'y en a pas à prouver ici.
command-version = Le programme, sa version et ce qu'il sait faire.
command-wallops = Dire quelque chose à tous ceux qui veulent entendre les opérateurs (opérateurs du serveur).
command-who = Qui est dans un salon ou correspond à un masque, avec les champs demandés (%tcuihsnfdlaor).
command-whois = Ce qu'on sait d'une personne.
command-whowas = Qui portait un pseudo récemment.

## La configuration
config-syntax = ligne { $line } : { $message }
config-unknown-key = ligne { $line } : la clé « { $key } » n'existe pas ; vouliez-vous dire « { $nearest } » ?
config-expected = ligne { $line } : « { $key } » doit être { $expected }
config-expected-here = « { $key } » doit être { $expected }
config-later = ligne { $line } : { $key } = { $value } viendra avec la version { $version }
config-some-day = ligne { $line } : { $key } = { $value } viendra avec une version ultérieure
config-twice = ligne { $line } : « { $key } » nomme deux fois { $value }

## Démarrage et arrêt
start-listening = À l'écoute sur { $address }. Connectez-vous avec un client IRC : { $host }, port { $port }, TLS activé
start-this-machine = le nom ou l'adresse de cette machine
start-address-in-use = { $address } : un autre programme écoute déjà ici ; choisissez une autre adresse avec --listen ou [[listener]] address
start-certificate = SHA-256 du certificat : { $fingerprint }
start-certificate-self-signed = Le certificat est autosigné. Donnez son SHA-256, auquel les clients reconnaissent ce serveur : { $fingerprint }
start-data-dir-locked = server.data_dir : { $folder } est utilisé par un autre serveur (processus { $pid })
reload-needs-restart = { $key } ne peut pas changer pendant que le serveur tourne : redémarrez-le, ou remettez la clé comme elle était. Rien n'a changé
stop-by-signal = maintenance
stop-by-administrator = arrêt demandé par l'administrateur
stop-not-recorded = Le serveur s'est arrêté sans enregistrer son arrêt : le disque refuse. Ce qui a été vu est enregistré
start-data-dir-foreign = server.data_dir : d'autres peuvent entrer dans { $folder }, qui n'est pas qu'au serveur. Choisissez un autre dossier, nouveau ; ou, si celui-ci ne doit servir qu'au serveur : chmod 700 { $folder }

## Ce qui est refusé à l'entrée
refused-plaintext = Ce serveur ne parle que TLS : activez TLS dans votre client, sur le même port
refused-no-proxy = Seuls les mandataires de ce serveur se connectent à ce port : prenez-en un autre
refused-no-gateway = Cette adresse ne peut pas parler pour d'autres (WEBIRC) : nommez-la dans proxy.trusted
refused-no-client = WEBIRC ne dit pas pour qui : WEBIRC mot-de-passe passerelle hôte adresse
refused-too-many-connections = Trop de connexions depuis votre adresse : fermez-en une ou réessayez plus tard

## La page web
http-welcome =
    { $server } ({ $network }) est un serveur de discussion.
    Connectez-vous avec un client IRC (WeeChat, irssi, Halloy, Goguma…) à cette adresse et à ce port, avec TLS.
    Inscrivez-vous ainsi : /msg NickServ REGISTER votre-mot-de-passe
http-metrics-forbidden = Les mesures ne sont montrées qu'à cette machine et aux réseaux de flood.exempt

## La porte de l'administrateur
admin-malformed = Le serveur ne comprend pas cette demande
admin-stopping = Le serveur s'arrête
admin-unavailable = Le serveur ne peut pas répondre pour le moment
admin-status = En marche depuis { $seconds } s ; connexions : { $sessions }
admin-status-failing = En marche depuis { $seconds } s ; connexions : { $sessions } ; rien ne peut être enregistré en ce moment : regardez le journal et le disque
admin-controls = Il y a des sauts de ligne ou d'autres caractères de contrôle dans « { $field } »

## La ligne de commande
cli-about = Un serveur de discussion à héberger soi-même, qui parle IRC
cli-usage = Utilisation :
cli-commands = Commandes
cli-options = Options
cli-arguments = Arguments
cli-help = Affiche cette aide
cli-version = Affiche la version
cli-lang = Langue des textes de cette commande : en ou fr
cli-config = La configuration (par défaut : causette.toml du dossier courant, s'il existe)
cli-data = Le dossier des données, à la place de server.data_dir
cli-serve = Fait tourner le serveur
cli-listen = Écoute ici plutôt qu'aux adresses configurées ; peut être répété
cli-log-format = Forme du journal : text ou json
cli-hash-password = Change un mot de passe lu sur l'entrée standard en condensat pour server.password_hash
cli-account = Comptes du serveur en marche
cli-account-create = Crée un compte ; son mot de passe vient de l'entrée standard
cli-password-stdin = Lit le mot de passe sur l'entrée standard (le seul moyen : d'autres voient les arguments)
cli-account-name = Le nom du compte
cli-admin = Administre le serveur en marche
cli-admin-stop = Arrête le serveur : chacun est prévenu, tout est enregistré
cli-reason = Pourquoi, pour les gens et le registre
cli-admin-status = Dit comment va le serveur
cli-no-server = Aucun serveur ne tourne sur { $folder } : démarrez-le avec `causette serve`, ou nommez son dossier avec --data
cli-server-unreachable = Le serveur sur { $folder } ne répond pas : { $error }
cli-error = Erreur : { $error }
cli-password-missing = Pas de mot de passe sur l'entrée standard
