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
account-name-invalid = Le nom { $account } ne convient pas : des lettres sans accent, des chiffres et - _ [ ] { "{" } { "}" } \ | ` ^ seulement, sans commencer par un chiffre ni par -
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
unknown-command = Commande inconnue, { $command } : /quote HELP en donne la liste
not-registered = Vous n'êtes pas encore enregistré : envoyez d'abord NICK et USER
need-more-params = Il manque des paramètres à { $command } : { $syntax }
invalid-cap = Sous-commande de CAP inconnue : LS, LIST, REQ ou END
no-origin = Aucune origine donnée
unavailable = Le serveur ne peut rien enregistrer en ce moment : rien n'a été envoyé, réessayez dans une minute
unavailable-door = Le serveur ne peut rien enregistrer en ce moment : réessayez dans une minute
too-many-targets = Trop de destinataires : { $max } à la fois

## Noms et messages
no-nickname = Aucun pseudo donné
nick-invalid = Le pseudo { $nick } ne convient pas : au plus { $max } lettres sans accent, chiffres et - _ [ ] { "{" } { "}" } \ | ` ^, sans commencer par un chiffre ni par -
nick-in-use = Ce pseudo est déjà pris
no-such-nick = Personne de ce nom : { $nick }
service-not-here = { $nick } ne répond pas encore
no-recipient = Aucun destinataire
no-text = Aucun texte à envoyer
need-message-tags = Demandez d'abord la capacité : CAP REQ message-tags
message-cut = Votre message était trop long pour une ligne : ses { $bytes } derniers octets n'ont pas été envoyés
away-will-read = lira ceci à son retour
away-disconnected = Déconnecté

## Salons
no-such-channel = Salon inconnu : { $channel }
channel-invalid = Le nom de salon { $channel } ne convient pas : # et au plus { $max } octets, sans espace, virgule ni deux-points
not-on-channel = Vous n'êtes pas dans { $channel }
user-not-in-channel = { $nick } n'est pas dans { $channel }
too-many-channels = Vous êtes déjà dans { $max } salons, ou il y en a trop : quittez-en un d'abord
banned = Vous ne pouvez pas entrer dans { $channel } : vous en êtes banni
invite-only = Vous ne pouvez pas entrer dans { $channel } : il faut y être invité
bad-key = Vous ne pouvez pas entrer dans { $channel } : la clé manque ou est fausse
channel-full = Vous ne pouvez pas entrer dans { $channel } : il est plein
speak-members-only = Vous ne pouvez pas parler dans { $channel } : entrez-y d'abord
speak-moderated = Vous ne pouvez pas parler dans { $channel } : il est modéré et vous n'avez pas la parole
speak-banned = Vous ne pouvez pas parler dans { $channel } : vous en êtes banni
operators-only = Seuls les opérateurs de { $channel } peuvent faire cela
no-topic = Aucun sujet
end-of-names = Fin de la liste des présents
end-of-who = Fin de la liste WHO
end-of-whois = Fin de la réponse WHOIS
end-of-ban-list = Fin de la liste des bannis
ban-list-full = La liste des bannis de { $channel } est pleine : elle prend { $max } masques
unknown-mode = n'est pas un mode de salon ici : { $mode }
unknown-user-mode = Mode d'utilisateur inconnu
not-your-modes = Vous ne pouvez voir et changer que vos propres modes
invalid-mode-param = L'argument du mode { $mode } manque ou ne convient pas
whois-account = est identifié comme
whois-secure = utilise une connexion sûre
whois-host = se connecte depuis { $address } (vous seul le voyez)
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

## HELP
help-title = Aide
help-commands = Les commandes de ce serveur :
help-more = Pour en savoir plus sur l'une d'elles : HELP commande
help-not-found = Pas d'aide à ce sujet : HELP donne la liste des commandes
end-of-help = Fin de l'aide
command-authenticate = S'identifier par SASL.
command-cap = S'accorder sur ce que votre client comprend.
command-chathistory = Lire ce qui s'est dit avant, dans un salon où l'on est ou avec une personne.
command-help = Expliquer une commande.
command-join = Entrer dans des salons ; celui qui n'existe pas est créé, et vous en êtes l'opérateur.
command-kick = Mettre quelqu'un dehors (opérateurs).
command-lusers = Combien il y a de personnes et de salons.
command-mode = Voir ou changer les modes d'un salon : b ban, o opérateur, v parole, i sur invitation, k clé, l limite, m modéré, n membres seulement, s secret, t sujet verrouillé.
command-motd = Le message du jour.
command-names = Qui est dans un salon.
command-nick = Prendre un autre pseudo.
command-notice = Dire quelque chose à quoi aucun programme ne répond.
command-ns = S'inscrire et s'identifier : REGISTER mot-de-passe, IDENTIFY [nom] mot-de-passe.
command-part = Quitter des salons.
command-pass = Donner le mot de passe du serveur, ou nom:mot-de-passe, avant NICK.
command-ping = Demander si le serveur est là ; il répond PONG après tout ce qui précède.
command-pong = Répondre à un PING.
command-privmsg = Dire quelque chose à des salons ou à des gens ; les absents le trouveront plus tard.
command-quit = Quitter le serveur.
command-register = Créer un compte ; * prend votre pseudo pour nom.
command-tagmsg = Envoyer des étiquettes sans texte, comme « est en train d'écrire » et les réactions.
command-topic = Voir ou changer le sujet d'un salon.
command-user = Donner son nom d'utilisateur et son nom réel, à la connexion.
command-who = Qui est dans un salon, avec les hôtes.
command-whois = Ce qu'on sait d'une personne.

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
