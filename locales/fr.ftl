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
lusers-client = Personnes : { $users }, dont invisibles : { $invisible } ; serveurs : 1
lusers-operators = opérateur(s) en ligne
lusers-unknown = connexion(s) encore sans nom
lusers-channels = salons ouverts
lusers-me = Clients ici : { $clients } ; autres serveurs : 0
lusers-local = Clients ici : { $clients }, { $max } au plus
lusers-global = Clients en tout : { $clients }, { $max } au plus

## Le vestibule : connecté, pas encore identifié
lobby-account-required = Ce serveur connaît chacun par un compte. Sans compte, vous serez déconnecté au bout de { $minutes } minutes.
guest-account-required = Il faut désormais un compte ici. Sans compte, vous serez déconnecté le { $until }.
lobby-sign-up = Nouveau ici ? Pour vous inscrire sous le nom { $nick } : /msg NickServ REGISTER votre-mot-de-passe
lobby-sign-up-approve = Nouveau ici ? Pour vous inscrire sous le nom { $nick } : /msg NickServ REGISTER votre-mot-de-passe. Quelqu'un qui administre ce serveur doit ensuite approuver le compte.
lobby-sign-up-invite = Nouveau ici ? Il faut une invitation. Pour créer le compte { $nick } : /msg NickServ REGISTER votre-mot-de-passe puis, derrière, le code de l'invitation
lobby-email = Votre adresse électronique, qui est gardée ici, se met derrière le mot de passe : REGISTER votre-mot-de-passe vous@example.org, et le code d'une invitation derrière les deux
lobby-sign-in = { $nick } est déjà à vous ? Identifiez-vous : /msg NickServ IDENTIFY votre-mot-de-passe
house-rules = Les règles d'ici : { $word }
house-privacy = Ce qui est conservé sur vous : { $word }
house-contact = À qui s'adresser : { $word }
account-required = Identifiez-vous d'abord : /msg NickServ IDENTIFY votre-nom votre-mot-de-passe, ou inscrivez-vous : /msg NickServ REGISTER votre-mot-de-passe

## S'identifier et s'inscrire
logged-in = Vous êtes identifié : { $account }
sasl-success = Identification SASL réussie
sasl-aborted = Identification SASL interrompue
sasl-malformed = L'identification SASL a échoué : le message n'est pas valide
sasl-mechanisms = sont les mécanismes SASL disponibles
sasl-too-long = Message SASL trop long
sasl-unknown-mechanism = L'identification SASL a échoué : utilisez { $mechanisms }
sign-in-failed = Le nom ou le mot de passe est faux
sign-in-busy = Le serveur a trop à faire pour vérifier cela : rien n'a été examiné, réessayez dans un instant
sign-in-wait = Trop de tentatives ratées : réessayez dans { $seconds } secondes
already-signed-in = Vous êtes déjà identifié
already-registered = Cela ne se fait qu'une fois
account-created = Le compte { $account } est créé ; bienvenue
account-made-waits = Le compte { $account } est créé. Quelqu'un qui administre ce serveur doit l'approuver avant que vous puissiez vous connecter : restez ici et vous en serez averti, ou revenez plus tard
account-waits = Le compte { $account } attend d'être approuvé par quelqu'un qui administre ce serveur : réessayez plus tard
account-approved = Le compte { $account } est approuvé. Connectez-vous maintenant : /msg NickServ IDENTIFY { $account } votre-mot-de-passe
account-refused = L'administration n'a pas admis le compte { $account }, qui est supprimé : { $reason }
account-not-waiting = Le compte { $account } n'attend pas d'être approuvé
how-to-object = C'est une décision de l'administration. Pour la contester : { $contact }
sign-up-address = On ne s'identifie aux comptes de ce serveur que depuis certaines adresses, et la vôtre n'en est pas : le compte { $account } n'a pas été créé
login-refused = Quelqu'un a donné ce qu'il faut pour s'identifier à { $account } depuis { $address }, et a essuyé un refus : votre réglage login ne permet pas cette adresse
login-refused-how = Si c'était vous : /msg NickServ SET login any, ou SET login pin-first puis identifiez-vous là-bas. Sinon, d'autres connaissent votre mot de passe : /msg NickServ SET password ancien nouveau
login-no-range = « { $word } » n'est ni une adresse ni une plage d'adresses : dites any, pin-first, ou par exemple 192.0.2.7 et 2001:db8::/32, séparées par des virgules ou des espaces
login-too-many = Un compte a au plus { $max } adresses et plages depuis lesquelles on s'identifie
login-shuts-out = Cela fermerait la porte à la connexion par laquelle vous le demandez, qui vient de { $address } : mettez cette adresse dans la liste
login-already = Il en est déjà ainsi pour { $account } : { $login }
login-not-pinned = Aucune adresse n'est retenue pour { $account }, dont le réglage login est { $login } : il n'y en a pas à oublier
login-given = L'administration a décidé d'où l'on peut s'identifier à votre compte { $account }, { $kind ->
    [any] de partout
    [pin-first] de la seule adresse de la prochaine identification
   *[ranges] des seules adresses que montre /msg NickServ SET
 } : { $reason }
login-unlocked = L'administration a fait oublier l'adresse retenue pour votre compte { $account }, la prochaine identification en fera retenir une autre : { $reason }
admin-login-given = On peut s'identifier à { $account } { $kind ->
    [any] de partout
    [pin-first] de la seule adresse de la prochaine identification
   *[ranges] seulement depuis { $login }
 }
admin-login-unlocked = L'adresse retenue pour { $account } est oubliée : la prochaine identification en fera retenir une autre
account-made = Le compte { $account } est créé
admin-no-account = Le compte { $account } n'existe pas
admin-password-reset = Le mot de passe de { $account } est désormais le nouveau. Toutes les connexions de ce compte ont été fermées, et ses appareils et certificats ne l'ouvrent plus
admin-code = Donnez ce code à { $account }. Il sert de mot de passe une seule fois, dans les { $hours } heures ; il faudra ensuite en choisir un nouveau. Toutes les connexions de ce compte ont été fermées, et ses appareils et certificats ne l'ouvrent plus
    { $code }
admin-role-given = { $account } a maintenant le rôle { role-word }
admin-first-owner = { $account } est la première personne à tenir ce serveur, et a donc maintenant le rôle { role-word }
admin-sessions-ended = Les connexions de { $account } ont été fermées : { $sessions }. Appareils à qui il faut redonner un mot de passe : { $devices }
admin-account-dropped = Le compte { $account } n'existe plus. Connexions fermées : { $sessions } ; appareils retirés : { $devices }
admin-account-approved = Le compte { $account } est approuvé
admin-account-refused = Le compte { $account } n'a pas été admis et n'existe plus
admin-registration-set = Les inscriptions sont réglées sur { $registration } jusqu'à nouvel ordre, quoi que dise la configuration
admin-registration-configured = La configuration décide de nouveau qui peut s'inscrire : { $registration }
out-of-reach = Vous ne pouvez agir que sur ceux dont le rôle est au-dessous du vôtre
role-out-of-reach = Vous ne pouvez pas donner à { $account } le rôle { role-word } : le vôtre ne va pas si loin
role-own = Personne ne décide de son propre rôle
role-held = { $account } a déjà le rôle { role-word }
last-owner = { $account } est seul propriétaire de ce serveur : donnez d'abord le rôle owner à un autre compte
drop-sanctioned = Tant qu'une sanction pèse sur { $account }, le compte ne peut pas être abandonné
drop-own = Votre propre compte, vous l'abandonnez vous-même : /msg NickServ DROP { $account }
admin-alerted = { $number ->
    [one] Une personne a été prévenue
   *[other] { $number } personnes ont été prévenues
 }
admin-account-renamed = Le compte { $from } s'appelle maintenant { $account }
admin-channel-renamed = Le salon { $channel } s'appelle maintenant { $to }
admin-written = { $nick } l'a reçu
admin-written-later = { $nick } n'est pas là pour le moment et le lira plus tard
admin-channel-closed = { $channel } est fermé : { $number ->
    [one] une personne y était
   *[other] { $number } personnes y étaient
 }
code-ended = Ce code a déjà servi, ou il est trop ancien : demandez-en un autre à l'administrateur
password-choose = Vous êtes entré avec un code qui ne sert qu'une fois. Choisissez maintenant un mot de passe, sans quoi vous ne pourrez pas revenir : /msg NickServ SET PASSWORD votre-nouveau-mot-de-passe
account-exists = Le nom { $account } est pris : choisissez-en un autre
account-name-worn = Quelqu'un porte le nom { $account } en ce moment : choisissez-en un autre
account-like-another = Le nom { $account } ressemble à celui de quelqu'un d'autre : choisissez-en un autre
account-name-invalid = Le nom { $account } ne convient pas : des lettres sans accent, des chiffres et - _ [ ] { "{" } { "}" } \ | ` ^ seulement, sans commencer par un chiffre ni par -
account-name-invalid-unicode = Le nom { $account } ne convient pas : des lettres et des chiffres de toute écriture et - _ [ ] { "{" } { "}" } \ | ` ^ seulement, dans un seul sens d'écriture, sans commencer par un chiffre ni par -
account-name-too-long = Ce nom est trop long : un nom a au plus { $max } octets, et une lettre accentuée en est deux
account-name-reserved = Le nom { $account } est réservé à qui tient ce serveur : choisissez-en un autre, ou demandez-lui
account-named-already = { $account } est déjà le nom de ce compte
password-weak = Ce mot de passe est trop facile à deviner : au moins { $min } caractères, pas tous les mêmes, et pas le nom
password-forbidden = Ce mot de passe a un caractère que l'on ne voit pas ou que l'on n'est pas sûr de retaper, comme une tabulation : retirez-le
password-blank-edge = Ce mot de passe commence ou finit par une espace, qui se perdrait là où on le tape : retirez-la
password-too-long = Ce mot de passe est trop long
email-invalid = Ce n'est pas une adresse électronique ; écrivez * pour n'en donner aucune
email-needed = Ici, il faut une adresse électronique, comme vous@example.org. Dans REGISTER, elle se met à sa place, derrière le code d'une invitation et une virgule si vous en avez un
email-needed-invalid = Ce n'est pas une adresse électronique, et il en faut une ici, comme vous@example.org
email-not-kept = Aucune adresse électronique n'est gardée ici
email-and-code-invalid = Ce n'est ni une adresse électronique, dont rien n'a besoin ici, ni le code d'une invitation, fait de quatre groupes : écrivez-y le code
need-nick = Choisissez d'abord un pseudo : NICK
connect-first = Terminez d'abord la connexion, puis envoyez REGISTER de nouveau
sign-up-closed = Ici, seul l'administrateur crée les comptes : demandez-lui le vôtre
sign-up-closed-invited = Aucune invitation n'aide en ce moment : ici, seul l'administrateur crée les comptes. Demandez-lui en un
sign-up-invitation = Ici, il faut une invitation pour créer un compte : donnez son code derrière le mot de passe, /msg NickServ REGISTER votre-mot-de-passe code, ou à la place de l'adresse électronique. Demandez-en une à qui tient ce serveur
sign-up-code-wrong = Ce code ne permet à personne de créer un compte : il est faux, épuisé ou échu. { $registration ->
    [invite] Relisez-le, ou demandez-en un autre à qui vous a invité
   *[other] Relisez-le, ou créez le compte sans lui
}
invitation-room-shut = L'invitation mène à { $channel }, mais vous ne pouvez pas y entrer : { $why }
sign-up-full = Trop de comptes attendent d'être approuvés : réessayez plus tard
sign-up-busy = Le serveur a trop à faire pour créer un compte : réessayez dans un instant
sign-up-wait = Trop de comptes ont été créés depuis votre adresse : réessayez dans quelques minutes
connected-already = { $nick } est déjà connecté et ne veut qu'une connexion à la fois (SET multiclient refuse) : fermez-la, ou réessayez quand elle aura pris fin
too-many-sessions = Ce compte a déjà { $max } connexions : fermez-en une et réessayez
server-password-wrong = Le mot de passe du serveur manque ou est faux : donnez-le avec PASS
server-password-first = Donnez d'abord le mot de passe du serveur, avec PASS
nickserv-help = Je tiens les comptes : le vôtre garde votre pseudo, vos salons et ce que vous avez manqué.
nickserv-register-syntax = S'inscrire sous son pseudo : REGISTER mot-de-passe
nickserv-register-syntax-invite = Créer un compte sous votre pseudo, avec une invitation : REGISTER mot-de-passe code
nickserv-register-syntax-email = S'inscrire sous son pseudo ; votre adresse électronique est gardée : REGISTER mot-de-passe vous@example.org
nickserv-register-syntax-invite-email = Créer un compte sous votre pseudo, avec une invitation ; votre adresse électronique est gardée : REGISTER mot-de-passe vous@example.org code
nickserv-email-syntax = SET email vous@example.org : l'adresse électronique gardée de vous
nickserv-owner-syntax = Devenir le premier propriétaire de ce serveur, par le code affiché sur sa console : OWNER code
nickserv-owner = Vous êtes maintenant propriétaire de ce serveur, avec le compte { $account }
owner-code-wrong = Ce code n'ouvre rien. La console du serveur en affiche un nouveau, tant que le serveur n'a pas de propriétaire
owner-by-code = par le code affiché sur la console du serveur
nickserv-identify-syntax = S'identifier : IDENTIFY [nom] mot-de-passe
nickserv-email = J'ai pris { $email } pour une adresse électronique, dont rien n'a besoin ici : elle ne fait pas partie de votre mot de passe.
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
history-unreadable = Ce qui a été dit ne peut pas être lu en ce moment : réessayez dans une minute
unavailable-door = Le serveur ne peut rien enregistrer en ce moment : réessayez dans une minute
too-many-targets = Trop de destinataires, { $max } à la fois : rien n'a été fait pour celui-ci

## Noms et messages
no-nickname = Aucun pseudo donné
nick-invalid = Un pseudo a au plus { $max } lettres sans accent, chiffres et - _ [ ] { "{" } { "}" } \ | ` ^, et ne commence ni par un chiffre ni par -
nick-invalid-unicode = Un pseudo a des lettres et des chiffres de toute écriture et - _ [ ] { "{" } { "}" } \ | ` ^, dans un seul sens d'écriture et au plus { $max } octets, et ne commence ni par un chiffre ni par -
nick-in-use = Ce pseudo est déjà pris
nick-like-another = Ce pseudo ressemble à celui de quelqu'un d'autre : choisissez-en un autre
nick-kept = Ce pseudo est réservé à qui tient ce serveur : choisissez-en un autre
nick-already = { $nick } est déjà leur pseudonyme
nick-held = Vous gardez votre pseudo tant que vous êtes banni ou privé de parole dans { $channel } : quittez d'abord le salon
no-such-nick = Personne ne porte ce pseudo
service-privmsg = Les services ne répondent qu'à PRIVMSG : rien n'a été pris en compte
no-recipient = Aucun destinataire
need-relaymsg = Demandez d'abord la capacité : CAP REQ draft/relaymsg
relay-no-network = Nommez la personne et son réseau, séparés par / : alice/autrereseau
relay-nick-forbidden = Ce nom est trop long, ou contient des signes qu'aucun nom ne peut avoir
relay-operators-only = Seuls les opérateurs de { $channel } peuvent y relayer
playback-help = Pour revoir ce qui a été dit : PLAY * [début [fin]], ou PLAY #salon,#salon ou PLAY pseudo, avec des temps en secondes depuis 1970
playback-too-many = Demandez { $target } à part
no-text = Aucun texte à envoyer
need-message-tags = Demandez d'abord la capacité : CAP REQ message-tags
message-too-long = Votre message fait { $bytes } octets, une ligne en contient { $max } : rien n'a été envoyé, envoyez-le en plusieurs fois
alert-too-long = Le texte fait { $bytes } octets, une ligne en contient { $max } : personne n'a été prévenu
administration-too-long = Le message fait { $bytes } octets ; un message a au plus { $max } octets et { $lines } lignes : rien n'a été envoyé
message-cut = Votre message était trop long pour une ligne : ses { $bytes } derniers octets n'ont pas été envoyés
text-cut = Votre texte était trop long : seuls ses { $bytes } premiers octets ont été gardés, les { $missing } derniers manquent
away-will-read = lira ceci à son retour
away-disconnected = Déconnecté
away-nobody = Personne n'est là

## Salons
no-such-channel = Ce salon n'existe pas
channel-invalid = Un nom de salon commence par # et a au plus { $max } octets, sans espace, virgule ni deux-points
not-on-channel = Vous n'êtes pas dans ce salon
user-not-in-channel = Cette personne n'est pas dans ce salon
too-many-channels = Vous êtes déjà dans { $max } salons : quittez-en un d'abord
server-full-of-channels = Le serveur a déjà { $max } salons, sa limite : entrez dans un salon qui existe
banned = Vous ne pouvez pas entrer : vous êtes banni
invite-only = Vous ne pouvez pas entrer : il faut être invité
bad-key = Vous ne pouvez pas entrer : la clé manque ou est fausse
channel-full = Vous ne pouvez pas entrer : le salon est plein
speak-members-only = Vous ne pouvez pas parler là : entrez d'abord dans le salon
tags-denied = Ce serveur ne transmet pas de telles étiquettes
tagmsg-nobody = Personne n'est là pour le recevoir
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
user-mode-not-given = Ce mode ne se pose pas par MODE : les opérateurs l'obtiennent par OPER, et Z montre TLS
not-your-modes = Vous ne pouvez voir et changer que vos propres modes
mask-no-account = { $mask } nomme un compte qui n'existe pas : il ne viserait personne, ni maintenant ni plus tard
invalid-mode-param = L'argument du mode { $mode } manque ou ne convient pas
whois-account = est identifié comme
whois-secure = utilise une connexion sûre
whois-actually = sont l'utilisateur et l'hôte derrière le compte, et l'adresse (vous seul et les opérateurs du serveur le voyez)
whois-service = est un service de ce serveur
accepted-already = Vous acceptez déjà ses messages
accepted-not = Vous n'acceptiez pas ses messages
accepted-full = Vous acceptez déjà { $max } personnes, ce qui est tout ce qu'on peut : ACCEPT -pseudo en retire une
end-of-accept = Fin de la liste /ACCEPT
whois-host = se connecte depuis { $address } (vous seul et les opérateurs du serveur le voyez)
whois-idle = secondes d'inactivité, heure d'arrivée

## Historique
history-no-target = Il n'y a pas d'historique de { $target } que vous puissiez lire
history-invalid-params = CHATHISTORY prend LATEST, BEFORE, AFTER, AROUND, BETWEEN ou TARGETS, une cible, msgid= ou timestamp=, et un nombre

## Départs
quit = Quit
quit-reason = Quit: { $reason }
quit-signed-in = S'est identifié
part-account-kept-out = Le compte ne peut pas être dans ce salon
quit-absent = Absent depuis { $days } jours
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
mode-slow = Entre deux messages d'un membre sans voix passent tant de secondes.
mode-no-ctcp = Pas de questions de programme à programme (CTCP), sauf /me.
mode-speak-registered = Seuls parlent ceux qui ont un compte ou un préfixe.
mode-join-registered = Seuls entrent ceux qui ont un compte.
mode-op-moderated = Ce que disent les membres sans préfixe, seuls les opérateurs et au-dessus le voient.
mode-invite-only = On entre sur invitation.
mode-moderated = Seuls parlent les membres qui ont un préfixe.
mode-members-only = Seuls parlent les membres.
mode-secret = Il n'est dans aucune liste, et à ceux du dehors on répond qu'il n'existe pas, sauf s'ils essaient d'y entrer.
mode-topic-locked = Seuls les semi-opérateurs et au-dessus changent le sujet.
mode-auditorium = Les membres sans préfixe ne sont vus que de ceux qui modèrent.
mode-founder = Fondateur : peut tout faire.
mode-protected = Protégé : personne d'un rang inférieur ne peut le mettre dehors.
mode-operator = Opérateur : modère et nomme des opérateurs.
mode-half-operator = Semi-opérateur : modère et donne la parole.
mode-voice = Parole : parle là où les autres ne le peuvent pas.
user-mode-bot = Vous êtes un programme.
user-mode-no-ctcp = Aucune question de programme à programme (CTCP) ne vous parvient en privé ; /me passe.
user-mode-registered-only = Seuls ceux qui ont un compte peuvent vous écrire.
user-mode-secure = Votre connexion est chiffrée (posé par le serveur).
user-mode-invisible = Ceux qui ne partagent aucun salon avec vous ne vous trouvent pas.
user-mode-operator = Vous êtes opérateur du serveur (par OPER, ou par le rôle de votre compte).
user-mode-server-notices = On vous dit ce que les opérateurs doivent savoir (opérateurs).
user-mode-wallops = Vous entendez ce que les opérateurs disent à tous.

## Absence, invitations, listes
now-away = Vous êtes noté absent
no-longer-away = Vous n'êtes plus noté absent
end-of-invite-list = Fin des salons où vous êtes invité
user-on-channel = Cette personne est déjà dans ce salon
list-condition = { $condition } n'est pas une condition : >10 ou <10 (membres), C>60 ou T<60 (minutes), !masque. Rien n'est listé
list-heading = Membres : Sujet
end-of-list = Fin de /LIST
end-of-exception-list = Fin de la liste des exceptions du salon
end-of-invite-exception-list = Fin de la liste des exceptions d'invitation du salon
end-of-monitor-list = Fin de la liste MONITOR
monitor-no-nick = Personne ne peut porter le pseudo { $nick } : il n'est pas suivi
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
message-no-ctcp = Les programmes de cette personne ne répondent à aucune question : rien n'a été envoyé, /me passe
message-registered-only = Cette personne ne reçoit de messages que de ceux qui ont un compte
dcc-warning = DCC montre votre adresse à l'autre, n'est pas chiffré et ne laisse pas de trace ici
multiline-need-capability = Demandez d'abord les capacités : CAP REQ :batch draft/multiline
multiline-invalid = Ce message de plusieurs lignes est mal formé : rien n'a été envoyé
multiline-open = Un autre message de plusieurs lignes n'est pas encore terminé : rien de celui-ci n'a été envoyé
multiline-twice = Un message de plusieurs lignes est déjà ouvert sous cette référence : ni l'un ni l'autre n'a été envoyé
multiline-type = Les clients n'envoient pas de lots du type { $type } : rien n'a été envoyé
multiline-reference = Une référence a de 1 à 32 lettres, chiffres et - : rien n'a été envoyé
multiline-targets = Un message de plusieurs lignes a un seul destinataire : rien n'a été envoyé
multiline-service = Les services prennent une ligne à la fois : rien n'a été envoyé
multiline-not-open = Aucun message de plusieurs lignes n'est ouvert sous { $reference } : rien n'a été envoyé
multiline-refused = Ce message de plusieurs lignes a déjà été refusé : rien n'a été envoyé
multiline-verb = Toutes les lignes doivent être des PRIVMSG, ou toutes des NOTICE : rien n'a été envoyé
multiline-tags = Les étiquettes du message se mettent sur BATCH +référence, ses lignes n'en prennent pas : rien n'a été envoyé
multiline-concat = Une ligne qui continue demande une ligne avant elle, et un texte : rien n'a été envoyé
multiline-blank = Un message demande une ligne qui ne soit pas vide : rien n'a été envoyé
multiline-line-lost = Une ligne n'a pas pu être lue : rien du message de plusieurs lignes n'a été envoyé
multiline-timeout = Aucune ligne n'est venue en { $seconds } secondes : rien du message de plusieurs lignes n'a été envoyé
multiline-other-target = Une ligne s'adresse à un autre que le message : rien n'a été envoyé
multiline-too-long = Le message dépasse { $max } octets : rien n'a été envoyé
multiline-too-many-lines = Le message a plus de { $max } lignes : rien n'a été envoyé
need-message-redaction = Demandez d'abord la capacité : CAP REQ draft/message-redaction
redact-no-target = Il n'y a rien dans { $target } que vous puissiez retirer
redact-unknown = Ce message n'existe pas, ou il est déjà retiré
redact-forbidden = Vous ne pouvez retirer que vos propres messages
redact-expired = Le message a plus de { $hours } heures : demandez à un opérateur
markread-need-params = MARKREAD prend un salon ou un pseudo, et timestamp= pour poser le repère
markread-invalid = Ce n'est pas une heure : timestamp=2026-01-31T12:00:00.000Z en est une
markread-full = Vous avez déjà { $max } repères de lecture
metadata-invalid = La commande s'écrit ainsi : { $syntax }
metadata-no-target = Il n'y a sous ce nom personne, et aucun salon que vous puissiez connaître
metadata-subs-own = On suit des clés pour soi-même : METADATA * SUB
metadata-not-set = Rien n'est indiqué sous cette clé
metadata-not-own = Cette personne est seule à pouvoir le dire d'elle-même
metadata-room-ruled = Seuls les semi-opérateurs et les opérateurs du salon peuvent en dire quelque chose
metadata-room-closed = Tout le monde ne peut pas entrer dans ce salon : seuls ses membres lisent ce qui en est dit
metadata-key-invalid = Une clé est faite de minuscules, de chiffres et des signes _ . / - et compte au plus { $max } octets
metadata-value-too-long = Ce qui est indiqué sous une clé compte au plus { $max } octets
metadata-value-invalid = { $key ->
    [display-name] Un nom tient sur une ligne, et il y a quelque chose à y lire
    [avatar] Un avatar est l'adresse d'une image : elle commence par https:// ou http:// et n'a pas d'espace
    [homepage] Une page s'indique par son adresse : elle commence par https:// ou http:// et n'a pas d'espace
   *[other] Cela ne peut pas être indiqué sous une clé : il faut une seule ligne
  }
metadata-name-taken = { $name } est ici quelqu'un d'autre, ou lui ressemble : choisissez un autre nom
metadata-held = Vous gardez ce que les autres lisent de vous tant que vous êtes banni ou muet dans { $channel } : quittez d'abord le salon
metadata-full = Il y a déjà { $max } clés : retirez-en une d'abord, en n'indiquant rien
metadata-subs-full = Vous suivez déjà { $max } clés : laissez-en une d'abord, par METADATA * UNSUB
metadata-later = Il y en a plus qu'il ne s'en envoie à la fois : demandez de nouveau par METADATA SYNC

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
realname-held = Vous gardez votre nom réel tant que vous êtes banni ou privé de parole dans { $channel } : quittez d'abord le salon
realname-invalid = Un nom réel a de 1 à { $max } octets
nothing-to-verify = Il n'y a rien à vérifier : les adresses électroniques ne sont pas contrôlées ici
whois-operator = est opérateur du serveur ({ $class })
whois-bot = est un robot sur { $network }
whois-modes = a les modes { $modes }
whois-certificate = a un certificat client d'empreinte { $fingerprint }
program-token-out-of-scope = Ce jeton ne suffit pas : il faudrait la portée { $scope }
program-token-needed = Il faut le jeton d'un programme, que crée qui tient le serveur : ni un mot de passe ni le jeton d'un appareil ne suffit
machine-only = Seul qui a la main sur la machine du serveur peut le faire : sur sa console, ou avec causette admin
refusal-without-token = Aucun jeton n'a rien demandé
owner-there = Ce serveur a déjà un propriétaire : c'est à lui de donner les rôles
right-needed = { $roles ->
    [owner-admin-moderator] Il y faut le rôle de modérateur, d'administrateur ou de propriétaire
    [owner-admin] Il y faut le rôle d'administrateur ou de propriétaire
    [owner-admin-moderator-auditor-user-bot] C'est pour qui a un compte : identifiez-vous, ou inscrivez-vous
    [owner-auditor] Il y faut le rôle d'auditeur ou de propriétaire
   *[other] Il y faut un autre rôle : { $roles }
}
role-word = { $role ->
    [owner] { admin-role-owner }
    [admin] { admin-role-admin }
    [moderator] { admin-role-moderator }
    [auditor] { admin-role-auditor }
    [user] { admin-role-user }
    [guest] { admin-role-guest }
    [bot] { admin-role-bot }
   *[other] { $role }
}
beyond-your-role = { $nick } est hors de votre portée ({ role-word })
alert = ALERTE : { $text }
alert-missed = ALERTE du { $time } : { $text }
administration-realname = Celles et ceux qui tiennent ce serveur
channel-closed = L'administration a fermé { $channel } : { $reason }
channel-closed-owner = { $channel }, qui était à vous, a été fermé : { $reason }
channel-kept-open = { $channel } figure dans channels.auto_join de la configuration : retirez-le d'abord de là et faites-la relire
administration-room-kept = { $channel } est le salon de ceux qui font tourner ce serveur (server.administration_room dans la configuration)
administration-room-only = { $channel } est réservé à ceux qui font tourner ce serveur
administration-room-left = Seuls ceux qui font tourner ce serveur peuvent être ici
administration-room-taken = Ce que font ceux qui font tourner ce serveur n'est gardé dans aucun salon : { $channel } sert à d'autres
rename-owner-only = Seul le propriétaire d'un salon enregistré peut le renommer, et les opérateurs du serveur
rename-wait = { $channel } vient d'être renommé : attendez { $seconds } secondes
channel-named-already = Le salon s'appelle déjà { $to }
channel-exists = Il y a déjà un salon { $to } : choisissez un autre nom
channel-owned-already = { $channel } est déjà à { $account }
channel-taken = { $channel }, qui était à vous, est maintenant à { $account } : { $reason }
channel-given = { $channel } est maintenant à vous : { $reason }
brought = L'administration vous a fait entrer dans { $channel }
nick-given = L'administration vous a donné un autre pseudonyme : vous vous appelez maintenant { $nick }, et non plus { $from }
account-renamed = L'administration a renommé votre compte { $from } en { $account } : identifiez-vous désormais sous ce nom, avec le mot de passe que vous avez. Raison : { $reason }
channel-renamed-owner = L'administration a renommé votre salon { $channel } en { $to } : { $reason }
sajoin-done = { $nick } est maintenant dans { $channel }
samode-done = Changé dans { $channel } : { $modes }
samode-nothing = Rien n'a changé dans { $channel }
sanick-done = { $from } s'appelle maintenant { $nick }
oper-failed = Le nom ou le mot de passe d'opérateur est faux
oper-welcome = Vous êtes maintenant opérateur du serveur
notice-oper = { $nick } est maintenant opérateur du serveur ({ $class })
notice-oper-failed = { $nick } a essayé de devenir opérateur du serveur avec un nom ou un mot de passe faux
notice-killed = { $by } a déconnecté { $nick } : { $reason }
notice-alerted = { $by } a alerté tout le monde : { $text }
notice-wrote-to-administration = { $nick } à l'administration : { $text }
notice-administration-wrote = { $by } à { $nick }, au nom de l'administration : { $text }
notice-channel-closed = { $by } a fermé { $channel } : { $reason }
notice-channel-given = { $by } a donné { $channel } à { $account } : { $reason }
notice-brought = { $by } a fait entrer { $nick } dans { $channel }
notice-modes = { $by } a changé les modes de { $channel } : { $modes }
notice-nick-given = { $by } a renommé { $from } en { $nick }
notice-account-renamed = { $by } a renommé le compte { $from } en { $account } : { $reason }
notice-channel-renamed = { $by } a renommé { $channel } en { $to } : { $reason }
notice-reloaded = La configuration a été relue
notice-account-made = { $by } a créé le compte { $account }
notice-account-waits = { $account } s'est inscrit et attend d'être approuvé : /msg NickServ APPROVE { $account }, ou REFUSE { $account } raison
notice-account-approved = { $by } a approuvé le compte { $account }
notice-account-refused = { $by } n'a pas admis le compte { $account } : { $reason }
notice-account-dropped = { $by } a supprimé le compte { $account } : { $reason }
notice-sessions-ended = { $by } a fermé les connexions de { $account } : { $reason }
notice-role-given = { $by } a donné à { $account } le rôle { role-word } : { $reason }
notice-registration-set = { $by } a réglé qui peut s'inscrire : { $registration }
notice-invitation-made = { $by } a créé l'invitation { $number } : { $uses ->
    [1] une personne peut
   *[other] { $uses } personnes peuvent
} s'inscrire avec elle, { $until ->
    [never] sans fin
   *[other] jusqu'au { $until }
}
notice-invitation-ended = { $by } a mis fin à l'invitation { $number } : { $reason }
notice-owner-code = Le code qui fait le premier propriétaire a été affiché sur la console
notice-token-given = { $by } a donné à { $account } un jeton pour des programmes, { $name } : bon pour { $scopes }, jusqu'au { $until }
notice-token-taken = { $by } a retiré le jeton { $name } à { $account } : { $reason }
notice-login-given = { $by } a décidé d'où l'on peut s'identifier à { $account }, { $kind ->
    [any] de partout
    [pin-first] de la seule adresse de la prochaine identification
   *[ranges] { $number ->
        [one] d'une adresse ou plage
       *[other] de { $number } adresses ou plages
    }
 } : { $reason }
notice-login-unlocked = { $by } a fait oublier l'adresse retenue pour { $account } : { $reason }
program-token-given = Votre compte a un jeton pour des programmes, { $name }, créé par { $by } : bon pour { $scopes }, jusqu'au { $until }. DEVICE LIST le montre, DEVICE DEL le retire
program-token-taken = L'administration a retiré le jeton { $name } à votre compte : { $reason }
too-many-modes = { $max } modes avec argument à la fois au plus : { $rest } laissé de côté
key-invalid = Une clé a au plus { $max } octets, sans espace, virgule ni deux-points
oper-revoked = Vous n'êtes plus opérateur du serveur : la configuration a changé
oper-over = OPER fait de vous un opérateur du serveur pour une heure, qui est passée. OPER de nouveau en donne une autre ; un rôle de votre compte reste : causette admin role NOM admin, ou #AddAdmin à la console
role-given = L'administration a donné à votre compte { $account } le rôle { role-word } : { $reason }
registration-kept = Qui peut s'inscrire a été réglé pendant que le serveur tourne, et reste tel : { $registration }
stopped-by-because = à la demande de { $nick } : { $reason }
kill-absent = Cette personne n'a pas de connexion en ce moment
reason-needed = Il faut une raison : le registre la garde
speak-muted = Vous ne pouvez pas parler là : on vous a retiré la parole
speak-slow = Ce salon est au ralenti, un message toutes les { $pace } s : vous pourrez y parler de nouveau dans { $seconds } s
slow-invalid = Entre deux messages passent de 1 à { $max } secondes, { $mask } n'est pas une telle durée : MODE { $channel } +{ $mode } 30, ou 5m
nick-reserved = Ce pseudo est réservé à un service
nickserv-info-connected = Connecté en ce moment
rehashed = La configuration a été relue
stopped-by = à la demande de { $nick }
closing-password-reset = L'administrateur a donné un nouveau mot de passe à ce compte
closing-signed-out = Déconnexion demandée
closing-signed-in-elsewhere = Identifié ailleurs
closing-account-dropped = Le compte a été abandonné
closing-account-removed = L'administration a supprimé ce compte : { $reason }
closing-sessions-ended = L'administration a fermé toutes les connexions de ce compte : { $reason }
sasl-no-certificate = Aucun certificat présenté n'ouvre ce compte : NickServ CERT ADD fait accepter le vôtre
password-changed = Le mot de passe est changé

## NickServ
nickserv-more = Aussi : SET, INFO [nom], SESSIONS, LOGOUT [numéro | all], GHOST pseudo, CERT, DEVICE, DROP nom
nickserv-sign-in-first = Identifiez-vous d'abord : IDENTIFY nom mot-de-passe
nickserv-saregister-syntax = Créer un compte pour quelqu'un (opérateurs du serveur) : SAREGISTER nom mot-de-passe
nickserv-approve-syntax = Comptes qui attendent d'être approuvés (opérateurs du serveur) : WAITING les montre ; APPROVE nom ; REFUSE nom raison
nickserv-rename-syntax = Donner un autre nom à un compte (opérateurs du serveur) : RENAME nom nouveau-nom raison
nickserv-waiting = { $account }, depuis le { $time }
nickserv-waiting-number = Comptes qui attendent d'être approuvés : { $number }
nickserv-setting = { $name } : { $value }
nickserv-set = { $name } est maintenant { $value }
# Ce qu'on peut dire pour on, off et default, en minuscules, avec une espace entre les mots.
switch-on = oui vrai activé
switch-off = non faux désactivé
switch-default = défaut
nickserv-set-syntax = SET always-on on | off | default ; SET multiclient on | off | refuse | default ; SET language en | fr | default ; SET replay … ; SET password actuel nouveau
nickserv-login-syntax = SET login any | here | pin-first | des adresses et plages, comme 192.0.2.7 2001:db8::/32 : d'où l'on peut s'identifier à votre compte
nickserv-login-pinned = On ne s'identifie que depuis { $address } : d'ailleurs, c'est refusé
nickserv-login-unpinned = L'adresse de la prochaine identification sera retenue ; pour retenir celle de cette connexion : SET login here
nickserv-always-on-off-here = Sur ce serveur, personne ne reste sans connexion
nickserv-no-such-account = Ce compte n'existe pas
nickserv-info = { $account } a été créé le { $time }
nickserv-info-last-seen = Fin de la dernière connexion : { $time }
nickserv-info-channels = Possède { $channels }
nickserv-info-login = On ne s'identifie que depuis { $ranges }
nickserv-session = { $number }. { $address } ({ $transport }), appareil { $device }, depuis le { $time }
nickserv-session-this = { $number }. { $address } ({ $transport }), appareil { $device }, depuis le { $time } (celle-ci)
nickserv-device = Appareil { $device }, dernière utilisation le { $time }
nickserv-replay-syntax = SET replay on | off | nombre | default, jusqu'à 200 : combien de lignes passées de chaque salon voit un client qui ne les demande pas ; avec le numéro d'un appareil derrière, cet appareil seul
nickserv-password-syntax = Le nouveau mot de passe est le reste de la ligne ; l'actuel, s'il a des espaces, se met entre guillemets droits : SET password "l'actuel" le nouveau
nickserv-password-quoted = Les guillemets qui l'entourent ne font pas partie du nouveau mot de passe.
nickserv-password-code = Le code placé avant le nouveau mot de passe n'en fait pas partie.
nickserv-logout-syntax = Terminer une connexion : LOGOUT pour celle-ci, LOGOUT numéro, ou LOGOUT all
nickserv-ended = Connexions terminées : { $number }
nickserv-ghost-syntax = Terminer vos autres connexions : GHOST pseudo
nickserv-not-yours = Ce pseudo n'est pas le vôtre
nickserv-cert-syntax = S'identifier par un certificat : CERT ADD [empreinte], CERT LIST, CERT REMOVE empreinte (SHA-256, 64 chiffres hexadécimaux)
nickserv-cert-present = Cette connexion présente { $fingerprint }
nickserv-cert-none = Cette connexion ne présente pas de certificat
nickserv-cert-empty = Aucun certificat n'ouvre votre compte
nickserv-cert-not-shown = Il faut d'abord présenter ce certificat : connectez-vous avec lui et votre mot de passe, puis dites CERT ADD.
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
    TRANSFER #salon compte le donne, UNREGISTER #salon l'abandonne,
    REVEAL #salon ouvre ce qui s'y est dit pendant qu'il était fermé.
    Opérateurs du serveur : CLOSE #salon raison, TAKEOVER #salon compte raison ; FILTER cherche des mots.
chanserv-unknown = Je ne connais pas cette commande : /msg ChanServ HELP
chanserv-account-needed = Il faut un compte pour posséder un salon
chanserv-registration-closed = On ne peut pas enregistrer de salon sur ce serveur
chanserv-registered-already = { $channel } a déjà un propriétaire
chanserv-registered = { $channel } est à vous : il reste quand tout le monde sort, et vous y êtes chez vous
chanserv-too-many = Un compte possède au plus { $max } salons
chanserv-founder-only = Seul le propriétaire de { $channel } peut faire cela
chanserv-unregister-again = Pour abandonner { $channel }, avec les droits que d'autres y ont : UNREGISTER { $channel } { $channel }
chanserv-unregistered = { $channel } n'a plus de propriétaire
chanserv-heir-absent = On ne donne pas de salon à qui n'a rien demandé : { $account } doit d'abord être dans { $channel }
chanserv-reveal-again = Attention : qui est dans { $channel }, ou y entre plus tard, lira tout ce qui s'y est dit jusqu'à maintenant, même pendant qu'il était fermé (i, k). On ne peut pas revenir là-dessus. Pour le faire : REVEAL { $channel } { $channel }
chanserv-revealed = Ce qui s'est dit dans { $channel } pendant qu'il était fermé est désormais ouvert à qui y est ou y entre
chanserv-revealed-by = { $nick } a ouvert ce qui s'est dit dans { $channel } pendant qu'il était fermé : qui y est ou y entre le lit
chanserv-transferred = { $channel } est maintenant à { $account }
chanserv-no-rights = Vous n'avez pas dans { $channel } de droits durables qui le permettent
chanserv-owner-by-transfer = { $channel } n'a qu'un propriétaire : pour que ce soit quelqu'un d'autre, TRANSFER { $channel } compte
chanserv-no-such-right = Les droits durables sont a, o, h et v, et non { $modes } : AMODE #salon +o | -o compte
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
command-accept = De qui les messages passent malgré votre mode R, sans compte : un pseudo ajoute, - devant retire, * liste.
command-admin = Qui fait marcher le serveur.
command-authenticate = S'identifier par SASL.
command-away = Dire que vous êtes absent, avec une raison ; sans raison, que vous êtes revenu.
command-batch = Envoyer un message de plusieurs lignes d'un seul tenant.
command-cap = S'accorder sur ce que votre client comprend.
command-chathistory = Lire ce qui s'est dit avant, dans un salon où l'on est ou avec une personne.
command-cs = Posséder un salon et y donner des droits durables : REGISTER, OP, AMODE, INFO, TRANSFER, UNREGISTER.
command-die = Arrêter le serveur (opérateurs du serveur).
command-fs = Vos fichiers et ceux des autres : LIST, INFO, GET, SEND, REVOKE, SHARE, DELETE, QUOTA, UPLOAD, CANCEL.
command-help = Expliquer une commande.
command-info = Ce qu'est ce serveur.
command-invite = Inviter quelqu'un dans un salon ; sans paramètre, où vous êtes invité.
command-ison = Lesquels de ces pseudos sont connectés.
command-join = Entrer dans des salons ; celui qui n'existe pas est créé, et vous en êtes l'opérateur.
command-kick = Mettre quelqu'un dehors (opérateurs).
command-kill = Terminer toutes les connexions de quelqu'un (opérateurs du serveur).
command-alert = Dire à tout le monde quelque chose que nul ne doit manquer (opérateurs du serveur).
command-sajoin = Faire entrer quelqu'un dans un salon (opérateurs du serveur).
command-samode = Changer les modes d'un salon sans y avoir de rang (opérateurs du serveur).
command-sanick = Donner un autre pseudo à quelqu'un (opérateurs du serveur).
command-language = Dans quelle langue le serveur vous parle.
command-links = Les serveurs du réseau.
command-list = Les salons : tous, ceux qu'un masque couvre (#a*) ou non (!#a*), par nombre de membres (>10), par âge (C>60, en minutes) ou âge du sujet (T<60) ; plusieurs ensemble, en un paramètre ou davantage.
command-lusers = Combien il y a de personnes et de salons.
command-markread = Jusqu'où vous avez lu, pour tous vos clients.
command-metadata = Ce que vous dites de vous et des salons pour que les clients le montrent, et ce que vous voulez savoir ainsi des autres.
command-mode = Voir ou changer les modes d'un salon, ou les vôtres :
command-monitor = Savoir quand des gens arrivent et partent : + ajoute, - retire, C vide, L liste, S dit qui est là.
command-motd = Le message du jour.
command-names = Qui est dans un salon.
command-nick = Prendre un autre pseudo.
command-notice = Dire quelque chose à quoi aucun programme ne répond.
command-ns = Votre compte : REGISTER mot-de-passe, IDENTIFY [nom] mot-de-passe, SET, INFO, SESSIONS, LOGOUT, GHOST, CERT, DEVICE, DROP.
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
command-relaymsg = Dire dans un salon ce que dit quelqu'un d'un autre réseau ; pour ses opérateurs.
command-rename = Donner un autre nom à un salon : son propriétaire, et les opérateurs du serveur.
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
command-znc = Revoir ce qui a été dit, comme les relais le font.

## La configuration
config-syntax = ligne { $line } : ce n'est pas du TOML. Une ligne est `clé = valeur`, les textes entre guillemets droits, ou une [table], ou un commentaire après #
config-syntax-twice = ligne { $line } : cette clé ou cette table est déjà là : gardez l'une des deux
config-syntax-string = ligne { $line } : un texte n'est pas écrit comme le veut TOML : entre deux guillemets droits sur une seule ligne, chaque \ doublé
config-syntax-bracket = ligne { $line } : un crochet n'est pas fermé, ou une virgule manque entre deux valeurs
rule-text = un texte entre guillemets droits
rule-boolean = true ou false, sans guillemets
rule-number = un nombre entier de { $min } à { $max }, sans guillemets
rule-texts = une liste de textes entre guillemets droits : ["…", "…"]
rule-networks = une liste d'adresses IP ou de réseaux : ["192.0.2.7", "2001:db8::/32"]
rule-login = "any", "pin-first", ou une liste de 1 à { $max } adresses IP ou réseaux : ["192.0.2.7", "2001:db8::/32"]
rule-verifier = l'empreinte d'un mot de passe, celle qu'en fait `causette hash-password`
rule-choice = l'une de ces valeurs : { $choices }
rule-table = une table : [{ $path }] seul sur sa ligne, et ses clés au-dessous
rule-tables = une table qui peut venir plusieurs fois : [[{ $path }]] seul sur sa ligne, et ses clés au-dessous
rule-address = une adresse IP, deux-points et un port de 1 à 65535, ou 0 pour celui que le système choisit, une adresse IPv6 entre crochets : "[::]:52020" pour toutes les adresses
rule-address-free = une adresse libre : { $other } est prise par un [[listener]] plus haut, et [::] et 0.0.0.0 sont toutes les adresses de cette machine
rule-server-name = un nom de 63 lettres non accentuées, chiffres, points et traits d'union au plus, avec au moins un point : "chat.example.org"
rule-network = un nom de 1 à 32 octets, sans espace ; une lettre accentuée en fait deux
rule-line = un texte sur une seule ligne, de { $max } octets au plus ; une lettre accentuée en fait deux
rule-file = le nom d'un fichier
rule-names = une liste de { $max } noms au plus, que quelqu'un pourrait porter : ["root", "admin"]
rule-folder = le nom d'un dossier
rule-client-tags = fait de noms d'étiquettes sans « + », chacun une fois, { $max } au plus, ou de "*" puis de noms précédés de « - » : ["typing"], ["*", "-reply"]
rule-user-modes = composé de lettres parmi { $modes }, chacune une fois au plus
rule-tls-pair = là aussi : tls.certificate et tls.key vont ensemble
rule-database = "sqlite:" suivi du nom d'un fichier, dans server.data_dir ou absolu : "sqlite:causette.db" ; ou l'URL d'une base sur un serveur : "postgres://causette@localhost/causette", "mysql://causette@localhost/causette"
rule-database-built = "sqlite:" suivi du nom d'un fichier : ce programme a été compilé sans PostgreSQL, MySQL ni MariaDB
rule-database-url = l'URL d'une base, comme "postgres://causette@localhost/causette" ou "mysql://causette@localhost/causette", et celle-ci est illisible ({ $error }) ; dans un nom ou un mot de passe, écrivez % et deux chiffres hexadécimaux à la place de ce qui n'est ni lettre ni chiffre
rule-database-parameter = l'URL d'une base avec des paramètres qui existent, et { $name } n'en est pas un : la page « La base de données » les donne
rule-database-escape = l'URL d'une base où chaque % est suivi de deux chiffres hexadécimaux, et { $escape } n'est pas un caractère : écrivez % lui-même comme %25
rule-database-unescaped = l'URL d'une base dont le nom et le mot de passe écrivent % / ? # @ : comme %25 %2F %3F %23 %40 %3A ; ou mettez le mot de passe dans le fichier de database.password_file
rule-database-name = une URL qui nomme la base, après l'hôte : "postgres://causette@localhost/causette"
rule-database-server = laissée de côté quand database.url ne nomme pas de base sur un serveur
rule-room = le nom d'un salon, de { $bytes } octets au plus, avec # devant, sans espace ni virgule, ou "" pour aucun
rule-rooms = une liste de { $max } noms de salons au plus, chacun de { $bytes } octets au plus, avec # devant, sans espace ni virgule : ["#general"]
rule-proxies = une liste des adresses de vos mandataires, puisqu'un [[listener]] a proxy_protocol = true et que personne d'autre ne pourrait s'y connecter
rule-word = un mot de 1 à { $max } lettres non accentuées, chiffres et signes - _ .
config-unknown-key = ligne { $line } : la clé « { $key } » n'existe pas ; vouliez-vous dire « { $nearest } » ?
config-expected = ligne { $line } : « { $key } » doit être { $expected }
config-expected-here = « { $key } » doit être { $expected }
config-later = ligne { $line } : { $key } = { $value } viendra avec la version { $version }
config-some-day = ligne { $line } : { $key } = { $value } viendra avec une version ultérieure
config-twice = ligne { $line } : « { $key } » nomme deux fois { $value }
config-more = { $first } (et { $others } de plus : « causette check » les dit toutes)

password-unreadable = { $key } : impossible de lire { $file } : { $error }
password-open = { $key } : d'autres peuvent lire { $file } (mode { $mode }) : chmod 600 { $file }, et donnez un autre mot de passe au compte si quelqu'un d'autre y a eu accès
password-no-line = { $key } : { $file } doit contenir le mot de passe sur une seule ligne, de 1024 octets au plus, et rien d'autre
motd-unreadable = server.motd : impossible de lire { $file } : { $error }
motd-too-long = server.motd : { $file } est trop long : { $lines } lignes au plus, chacune de { $bytes } octets au plus, car rien n'en est coupé
motd-line-too-long = server.motd : la ligne { $line } de { $file } est trop longue : { $bytes } octets au plus, car rien n'en est coupé ; une lettre accentuée en fait deux
motd-control = server.motd : il y a dans la ligne { $line } de { $file } un caractère de contrôle qui agit sur les terminaux : ôtez-le
motd-no-text = server.motd : la ligne { $line } de { $file } n'est pas écrite en UTF-8 : enregistrez le fichier dans ce codage

## Ce que le système refuse
system-not-found = ce fichier ou ce dossier n'existe pas
system-forbidden = permission refusée
system-full = il n'y a plus de place
system-read-only = on ne peut rien y écrire
system-a-folder = c'est un dossier
system-no-folder = quelque chose, sur le chemin, n'est pas un dossier
system-address-in-use = un autre programme écoute déjà ici
system-address-not-here = cette machine n'a pas cette adresse
system-no-text = il n'est pas écrit en UTF-8
system-other = le système dit : { $error }

## Démarrage et arrêt
start-address-forbidden = { $address } : seuls root et les services qui ont reçu CAP_NET_BIND_SERVICE peuvent écouter sur les ports au-dessous de 1024 : donnez-le-lui (la page « Le certificat » montre comment), ou choisissez un port plus grand avec --listen ou [[listener]] address
start-address-not-here = { $address } : cette machine n'a pas cette adresse ; choisissez-en une qu'elle a, ou [::] pour toutes, avec --listen ou [[listener]] address
start-address-refused = { $address } : le système refuse qu'on écoute ici : { $error }
start-listening = À l'écoute sur { $address }. Connectez-vous avec un client IRC : { $host }, port { $port }, TLS activé
start-this-machine = le nom ou l'adresse de cette machine
start-address-in-use = { $address } : un autre programme écoute déjà ici ; choisissez une autre adresse avec --listen ou [[listener]] address
start-certificate = SHA-256 du certificat : { $fingerprint }
start-certificate-self-signed = Le certificat est autosigné. Donnez son SHA-256, auquel les clients reconnaissent ce serveur : { $fingerprint }
certificate-ends = Certificat : valable jusqu'au { $date }, dans { $days ->
    [one] { $days } jour
   *[other] { $days } jours
}
certificate-ends-soon = Le certificat expire le { $date }, dans { $days ->
    [one] { $days } jour
   *[other] { $days } jours
} : renouvelez-le, mettez-le à sa place et rechargez le serveur ; il ne faut le redémarrer que si systemd lui remet le certificat (LoadCredential)
certificate-ended = Le certificat a expiré le { $date } et les clients le refusent : renouvelez-le, mettez-le à sa place et rechargez le serveur
certificate-renewed = Le certificat allait expirer et a été refait avec la même clé. L'empreinte de la clé publique, que comparent les clients Causette, reste la même ; le SHA-256 du certificat, que comparent WeeChat et irssi, est désormais { $fingerprint }
certificate-self-signed = Il est autosigné : les clients reconnaissent le serveur à son empreinte (causette admin fingerprint)
certificate-trusted = Les clients lui font confiance d'eux-mêmes et sont priés de ne venir qu'avec TLS
certificate-untrusted = Aucune autorité connue de cette machine ne répond de lui pour server.name aujourd'hui
tls-file-missing = { $key } : le fichier { $file } n'existe pas. Écrivez où il se trouve ; ou retirez tls.certificate et tls.key, et le serveur se fera son propre certificat
tls-file-forbidden = { $key } : le compte qui fait tourner le serveur n'a pas le droit de lire { $file }. N'ouvrez pas le fichier à tous : sous systemd, faites-le transmettre par l'unité (LoadCredential=), ou copiez-le à chaque renouvellement là où le serveur peut le lire ; la page « Le certificat » montre les deux
tls-file-unreadable = { $key } : impossible de lire { $file } : { $error }
tls-no-credentials = { $key } : { $file } nomme un « credential » du service systemd, et il n'y en a pas ici : ajoutez LoadCredential= à son unité, puis redémarrez le service
tls-no-certificate = { $key } : il n'y a pas de certificat dans { $file }. Il doit contenir la chaîne en PEM, le certificat du serveur en tête : -----BEGIN CERTIFICATE-----
tls-bad-certificate = { $key } : le certificat dans { $file } est abîmé ({ $error }) : remettez-le en place
tls-no-key = { $key } : il n'y a pas de clé privée entière dans { $file }. Elle doit être en PEM : -----BEGIN PRIVATE KEY-----
tls-key-locked = { $key } : la clé privée dans { $file } est protégée par une phrase secrète, que personne n'est là pour taper au démarrage. Déverrouillez-la : openssl pkey -in { $file } -out deverrouillee.pem
tls-key-other = { $key } : { $file } n'est pas la clé du certificat de { $certificate } : nommez deux fichiers faits ensemble
tls-key-unusable = { $key } : la clé privée dans { $file } ne peut pas servir : { $error }
tls-own-key-missing = { $key } : { $file } manque à côté de { $certificate }, et c'est à cette clé qu'on reconnaît le serveur : remettez-la depuis une copie. Si elle est perdue pour de bon, supprimez aussi { $certificate } : le serveur en fera de nouveaux, que tout le monde devra accepter
database-no-certificate = { $key } : il n'y a pas de certificat dans { $file }. Il doit contenir des certificats en PEM : -----BEGIN CERTIFICATE-----
database-tls-pair = { $key } : un certificat du client va avec sa clé : nommez les deux, par sslcert et sslkey
start-data-dir-locked = server.data_dir : { $folder } est utilisé par un autre serveur (processus { $pid })
start-database-held = database.url : { $database } est prise par un autre Causette (processus { $pid }), qui la sert, la déménage ou y importe : arrêtez-le d'abord, ou nommez une autre base
start-clock = l'horloge du système indique une date antérieure à 1970 : mettez-la à l'heure, puis redémarrez le serveur
start-database-missing = database.url : { $database } est absente ou vide, mais { $folder } n'est pas celui d'un nouveau serveur : ses clés y sont, ou le journal de sa base. Remettez la base en place, au besoin depuis une sauvegarde ; ou, si vous voulez un serveur sans comptes ni messages : causette serve --new
start-database-present = --new : { $database } est déjà là. Démarrez sans --new pour continuer avec elle ; pour repartir de rien malgré tout, mettez-la d'abord de côté
start-database-present-there = --new : il y a déjà les données d'un serveur dans { $database }. Démarrez sans --new pour continuer avec elles ; pour repartir de rien malgré tout, nommez une base vide dans database.url
start-database-newer = database.url : { $database } a la forme { $found }, et cette version de Causette connaît celles jusqu'à { $known } : lancez-en une plus récente, ou remettez la copie faite avant la mise à niveau
start-database-foreign = database.url : { $database } n'est pas une base de Causette : nommez un autre fichier
start-database-foreign-there = database.url : il y a des tables d'un autre programme dans { $database } : créez une base pour Causette seule, et nommez celle-là
start-database-no-log = database.url : { $database } ne peut pas avoir de journal à côté d'elle (-wal), comme sur un disque réseau : nommez un fichier d'un disque local
start-database-damaged = database.url : { $database } est abîmée ({ $error }) : laissez les fichiers comme ils sont, et restaurez une sauvegarde
start-database-damaged-there = database.url : { $database } est abîmée ({ $error }) : regardez le journal du serveur de bases, et restaurez une sauvegarde
start-database-busy = database.url : { $database } est verrouillée par un autre programme ({ $error }) : arrêtez-le, puis redémarrez
start-database-full = database.url : il n'y a plus de place sur le disque pour { $database } ({ $error }) : faites-en, puis redémarrez
start-database-full-there = database.url : le serveur de { $database } n'a plus de place sur son disque ({ $error }) : faites-y de la place, puis redémarrez
start-database-fails = database.url : le serveur de { $database } est en panne ({ $error }) : regardez son journal, et le réseau
start-database-too-old = database.url : { $database } est sur { $version }, et Causette a besoin de { $needed } ou d'une version plus récente : mettez ce serveur à niveau, ou nommez une base sur un autre
start-database-served = database.url : { $database } est prise par un autre Causette, qui la sert, la déménage ou y importe : un seul le peut à la fois. Arrêtez d'abord celui-là, attendez qu'il ait fini, ou nommez une autre base. Si sa machine a disparu, le serveur de bases s'en aperçoit de lui-même, au bout d'un moment
start-database-moving = database.url : { $database } contient ce qu'un déménagement inachevé a apporté jusqu'ici : terminez-le par le même causette migrate, ou videz la base
start-database-unreachable = database.url : le serveur de bases ne répond pas ({ $error }) : démarrez-le, et vérifiez l'hôte et le port dans database.url, ainsi que le réseau
start-database-no-tls = database.url : le serveur de { $database } n'offre pas TLS, que sslmode ou database.ca_file demande : faites que ce serveur l'offre ; ou, là où personne d'autre ne peut écouter en chemin, écrivez sslmode=prefer
start-database-untrusted = database.url : le certificat du serveur de bases n'est pas digne de confiance ({ $error }) : nommez dans database.ca_file l'autorité qui en répond, et le serveur comme le fait son certificat
start-database-denied = database.url : le serveur de bases refuse le nom ou le mot de passe ({ $error }) : vérifiez-les, dans database.url, database.password_file ou CAUSETTE_DATABASE_PASSWORD, et si ce nom peut venir de cette machine
start-database-no-such = database.url : le serveur n'a pas de base { $database } : créez-la, comme le montre la page « La base de données », ou corrigez le nom
start-database-unsafe = database.url : le serveur de { $database } est réglé de façon à ne pas garder ce que Causette promet aux gens : { $name } vaut { $found }, et doit valoir { $needed }. Réglez-le ainsi, puis redémarrez
start-database-same-name = server.casemapping : les { $what ->
    [accounts] comptes
   *[channels] salons
} { $first } et { $second } auraient le même nom. Démarrez avec la correspondance d'avant, faites abandonner l'un des deux, puis changez-la
start-database-altered = database.url : dans { $database }, quelqu'un a changé la table { $table } à la main ({ $difference }) : remettez-la comme elle était, ou restaurez une sauvegarde
start-database-no-rights = database.url : le serveur de { $database } ne laisse pas ce nom créer et changer des tables ({ $error }) : donnez-lui tous les droits sur cette base, comme le montre la page « La base de données »
start-database-no-view = database.url : dans { $database }, { $view } n'est pas la vue de ce nom : donnez un autre nom à ce qui s'y trouve, ou supprimez-le, puis redémarrez
start-database-no-schema = database.url : { $database } n'a aucun des schémas de search_path ({ $path }), ou ce nom ne peut pas s'en servir : créez-en un (CREATE SCHEMA), accordez USAGE et CREATE dessus, ou corrigez search_path
start-database-on-server = database.url : { $database } est sur un serveur, et cela ne se fait qu'avec un fichier
start-database-replaced = database.url : { $database } n'est plus le fichier qui est ouvert : un autre programme l'a supprimé ou remplacé. Redémarrez le serveur, et laissez-lui ses fichiers tant qu'il tourne
start-database-statement = database.url : { $database } a refusé une instruction ({ $error }) : signalez-le comme une erreur du programme
start-database-unreadable = database.url : impossible de lire ou d'écrire { $database } ({ $error }) : regardez le disque, et les droits sur { $folder }
reload-needs-restart = { $key } ne peut pas changer pendant que le serveur tourne : redémarrez-le, ou remettez la clé comme elle était. Rien n'a changé
stop-by-signal = maintenance
stop-by-administrator = arrêt demandé par l'administrateur
stop-not-recorded = Le serveur s'est arrêté sans enregistrer son arrêt : le disque l'a refusé, ou ne l'a pas pris à temps. Ce qui a été vu est enregistré
start-data-dir-not-made = server.data_dir : { $folder } n'existe pas et ne peut pas être créé : { $error }
start-data-dir-foreign = server.data_dir : d'autres peuvent entrer dans { $folder }, qui n'est pas qu'au serveur. Choisissez un autre dossier, nouveau ; ou, si celui-ci ne doit servir qu'au serveur : chmod 700 { $folder }

## Ce qui est refusé à l'entrée
refused-plaintext = Ce serveur ne parle que TLS : activez TLS dans votre client, sur le même port
refused-no-proxy = Seuls les mandataires de ce serveur se connectent à ce port : prenez-en un autre
refused-no-gateway = Cette adresse ne peut pas parler pour d'autres (WEBIRC) : nommez-la dans proxy.trusted
refused-no-client = WEBIRC ne dit pas pour qui : WEBIRC mot-de-passe passerelle hôte adresse
refused-full = Le serveur est plein : réessayez dans une minute ou prévenez son administrateur
refused-too-fast = Trop de connexions en peu de temps : réessayez dans une minute
refused-silent = Rien n'a été dit dans les dix premières secondes : reconnectez-vous
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
admin-stop-too-long = La raison est trop longue : on ne peut en montrer que { $max } octets ; rien n'a été arrêté
admin-busy = Trop de demandes à la fois à la porte de l'administrateur : arrêtez-en ou réessayez
admin-no-files = Le serveur ne peut plus ouvrir de fichiers, donc pas écouter : relevez sa limite (systemd : LimitNOFILE, shell : ulimit -n) ou réessayez
admin-unavailable = Le serveur ne peut pas répondre pour le moment
admin-status = En marche depuis { $seconds } s ; connexions : { $sessions } ; en HTTP, ou muettes jusqu'ici : { $others }
admin-status-failing = En marche depuis { $seconds } s ; connexions : { $sessions } ; en HTTP, ou muettes jusqu'ici : { $others } ; rien ne peut être enregistré en ce moment : regardez le journal et le disque
admin-status-stuck = En marche depuis { $seconds } s ; connexions : { $sessions } ; en HTTP, ou muettes jusqu'ici : { $others } ; plus rien n'est enregistré ni répondu en ce moment : regardez le disque
admin-status-database = La base de données est { $database }
admin-controls = Il y a des sauts de ligne ou d'autres caractères de contrôle dans « { $field } »

## La ligne de commande
cli-about = Un serveur de discussion à héberger soi-même, qui parle IRC
cli-usage = Usage :
cli-commands = Commandes :
cli-options = Options :
cli-arguments = Arguments :
cli-help = Affiche cette aide
cli-version = Affiche la version
cli-lang = Langue des textes de cette commande : en ou fr
cli-config = La configuration (par défaut : causette.toml du dossier courant, sinon, sans données ici, /etc/causette/causette.toml)
cli-data = Le dossier des données, à la place de server.data_dir
cli-serve = Fait tourner le serveur
cli-check = Nomme tout ce qui ne va pas dans la configuration
check-good = { $file } : la configuration est juste
check-database = { $database } ({ $engine }) : un démarrage continue avec elle ; ses tables ont la forme { $found }, celle de cette version
check-database-older = { $database } ({ $engine }) : un démarrage amène ses tables de la forme { $found } à la forme { $known }
check-database-views = { $database } ({ $engine }) : ses tables ont la forme { $found }, celle de cette version ; il manque une vue, qu'un démarrage refait
check-database-none = { $database } ({ $engine }) : il n'y a pas encore de tables ; un démarrage les crée
check-database-unseen = { $database } n'a pas été regardée : seul un autre compte peut la lire
check-credential = { $file } n'a pas été examiné, ni ce qui en dépend : c'est un « credential » que systemd ne transmet qu'au service
check-none = Il n'y a pas de configuration : tout est comme par défaut
cli-listen = Écoute ici plutôt qu'aux adresses configurées ; peut être répété
cli-new = Commence avec une base neuve bien que le dossier ait les clés d'un serveur ; sans cette option, une base absente empêche le démarrage
cli-log-format = Forme du journal, text, json ou journald (par défaut : log.format)
cli-hash-password = Condense un mot de passe, pour server.password_hash
cli-account = Comptes du serveur en marche
cli-account-create = Crée un compte ; son mot de passe vient de l'entrée standard
cli-account-password = Remplace un mot de passe oublié par un code, ou un autre
cli-account-password-stdin = Lit le nouveau mot de passe sur l'entrée standard, au lieu de créer un code
cli-password-stdin = Lit le mot de passe sur l'entrée standard (le seul moyen : d'autres voient les arguments)
cli-account-name = Le nom du compte
cli-admin-stop = Arrête le serveur et attend sa fin ; chacun est prévenu
cli-reason = Pourquoi, pour les gens et le registre
cli-admin-reload = Relit la configuration, et attend ce qui en résulte
cli-admin-status = Dit comment va le serveur
cli-no-server = Aucun serveur ne tourne sur { $folder } : démarrez-le avec `causette serve`, ou nommez son dossier avec --data
cli-not-ended = Le serveur sur { $folder } a reçu l'ordre de s'arrêter et n'a pas encore fini : son journal dit pourquoi
cli-ended = Le serveur sur { $folder } s'arrêtait déjà, et s'est terminé : son journal dit si son arrêt est enregistré
cli-server-deaf = Le serveur sur { $folder } démarre ou s'arrête en ce moment : réessayez dans un instant
cli-server-closed = Le serveur sur { $folder } a fermé la connexion avant d'avoir répondu : son journal dit pourquoi
cli-server-late = Le serveur sur { $folder } n'a pas répondu en { $seconds } secondes : son journal dit peut-être pourquoi
cli-server-unreadable = Cette commande ne comprend pas ce que répond le serveur sur { $folder } : sont-ils de la même version ?
cli-server-unreachable = Le serveur sur { $folder } ne répond pas : { $error }
cli-error = Erreur : { $error }
cli-wrong = La ligne de commande ne convient pas : { $words }
cli-wrong-unknown = Il n'y a pas ici d'option { $words }
cli-wrong-verb = Il n'y a pas de commande { $words }
cli-wrong-missing = Il manque { $words }
cli-wrong-missing-all = Il manque l'un de : { $words }
cli-wrong-conflict = Ceci ne va pas ensemble : { $words }
cli-wrong-value = Cette valeur n'est pas possible : { $words }
cli-wrong-help = Ce que l'on peut écrire : --help
cli-wrong-near = Vouliez-vous dire : { $words }
cli-password-missing = Pas de mot de passe sur l'entrée standard

cli-chat = Ouvre la discussion, en plein écran ou en lignes simples
cli-chat-plain = Lignes simples, qui ne font que s'ajouter : pour les terminaux modestes, les tubes, et qui les préfère
cli-chat-screen-reader = Lignes simples, et ce qui arrive attend la fin de la ligne en cours de frappe
cli-chat-classic = Lignes simples, avec les habitudes des deux anciens programmes : bye tout seul quitte
cli-chat-to = Depuis un tube : à qui vont les lignes, un #salon ou un pseudo
cli-chat-commands = Depuis un tube : les lignes peuvent être des commandes
cli-client-server = Le serveur : chat.exemple.fr, machine:port ou une invitation (par défaut : CAUSETTE_SERVER, sinon le dernier utilisé)
cli-client-account = S'identifie à ce compte, par le mot de passe que donne CAUSETTE_PASSWORD_FILE ou --password-stdin
cli-client-password-stdin = Lit le mot de passe sur l'entrée standard
cli-client-guest = Vient en invité sous ce pseudo
cli-client-fingerprint = La clé que doit avoir le serveur, telle que la montre causette admin fingerprint
cli-client-insecure = Permet une connexion sans chiffrement
cli-send = Dit quelque chose ; affiche l'identifiant une fois enregistré
cli-send-text = Le texte ; l'entrée standard s'il manque, ou si c'est -
cli-target = Un #salon ou un pseudo
cli-reply-to = L'identifiant du message auquel celui-ci répond
cli-notice = Le dit comme une annonce, à laquelle aucun programme ne répond
cli-tail = Affiche ce qui s'est dit, et ce qui se dit
cli-tail-target = #salons et pseudos (par défaut : les salons où vous êtes)
cli-since = À partir de là : il y a 90s, 15m, 1h ou 7d, un jour, un instant, ou l'identifiant d'un message
cli-count = Les derniers messages, tant que cela (par défaut : 50, ou tous avec --since)
cli-follow = Continue avec ce qui se dit désormais
cli-events = Affiche aussi les allées et venues, et les changements
cli-json = Affiche un objet JSON par ligne
cli-who = Affiche qui est connecté, ou qui est dans un salon
cli-who-target = Un #salon ou un masque (par défaut : tout le monde)
cli-search = Cherche quelque chose qui s'est dit
cli-search-words = Ce qu'il faut chercher
cli-login = S'identifie, et mémorise cet appareil
cli-logout = Fait que le serveur et cet appareil s'oublient
cli-upload = Envoie des fichiers au serveur
cli-upload-file = Les fichiers ; - est l'entrée standard, avec --name
cli-upload-to = Pour cette personne seule, à qui ils sont envoyés
cli-upload-room = Pour qui est dans ce salon
cli-upload-public = Pour quiconque a un compte
cli-upload-link = Pour quiconque connaît l'adresse
cli-upload-private = Pour vous, et personne d'autre (si rien n'est dit)
cli-upload-name = Le nom du fichier
cli-download = Récupère un fichier du serveur
cli-download-file = Son numéro, son nom ou son adresse
cli-download-output = Où le mettre : un fichier à créer, un dossier, ou -
cli-files = Liste les fichiers du serveur
cli-files-which = Seulement ceux-ci : public, own, sent ou un #salon
cli-json-events = Affiche ce qui se passe, un objet JSON par ligne
cli-whoami = Affiche sous quel nom cet appareil entre
cli-trust = Fait confiance à la clé d'un serveur
cli-replace = À la place de celle à laquelle vous faisiez confiance
client-no-server = Aucun serveur n'est nommé : écrivez son adresse, ou définissez CAUSETTE_SERVER
client-no-password = Pas de mot de passe : définissez CAUSETTE_PASSWORD_FILE, ou utilisez --password-stdin
client-bad-fingerprint = L'empreinte doit avoir 64 chiffres hexadécimaux, comme causette admin fingerprint la montre

## Appareils
device-name-invalid = Le nom d'un appareil a de 1 à { $max } caractères, sans caractère de contrôle
device-too-many = Votre compte a déjà { $max } appareils : retirez-en un d'abord, DEVICE DEL numéro
device-unknown = Votre compte n'a pas d'appareil { $id } : DEVICE LIST les montre
device-syntax = DEVICE prend ADD et un nom, LIST, ou DEL et le numéro d'un appareil
device-none = Aucun appareil n'a encore de mot de passe à lui
closing-device-removed = Cet appareil a été retiré du compte : identifiez-vous avec le mot de passe
password-itself = Le mot de passe d'un appareil ne peut pas changer celui du compte : donnez celui du compte lui-même
password-like-code = Ce mot de passe a la forme des codes que crée l'administration : choisissez-en un autre
password-like-token = Ce mot de passe a la forme de ceux que le serveur crée pour les appareils : choisissez-en un autre
nickserv-device-added = L'appareil { $id }, { $name }, s'identifie désormais par ce mot de passe : { $token } (il n'est montré que maintenant)
nickserv-device-line = { $id }. { $name }, ajouté le { $time }
nickserv-device-used = , dernière utilisation le { $time } depuis { $address }
nickserv-device-this = { " " }(celui-ci)
nickserv-device-program = , d'un programme qui tient le serveur (il n'identifie nulle part) : bon pour { $scopes }, jusqu'au { $until }
nickserv-device-removed = L'appareil { $id } est retiré : son mot de passe n'ouvre plus votre compte
nickserv-device-syntax = Donner à un appareil ou à un programme un mot de passe à lui : DEVICE ADD nom, DEVICE LIST, DEVICE DEL numéro
nickserv-devices-removed = Appareils retirés : { $number }. Chacun doit s'identifier de nouveau, avec le nouveau mot de passe
http-sign-in = Identifiez-vous : Authorization: Bearer et le jeton d'un appareil, ou Basic et votre nom avec votre mot de passe
http-sign-in-failed = Le nom, le mot de passe ou le jeton est faux. Un code à usage unique n'ouvre rien ici : identifiez-vous d'abord par lui avec un client de messagerie, et choisissez un mot de passe
# L'administration par HTTP.
http-admin-sign-in = Identifiez-vous : Authorization: Bearer et le jeton d'un programme, que fait « causette admin token create »
http-admin-not-found = Il n'y a rien à ce chemin : /api/v1/openapi.json dit ce qu'il y a
http-foreign-origin = Une page d'un autre site ne peut rien changer aux fichiers d'ici : l'administration peut nommer son adresse dans files.url
http-other-method = Cela ne se fait pas à cette adresse
http-files-unclear = Ce que dit « { $what } » n'est pas possible
http-files-not-found = Il n'y a rien à cette adresse : relisez-la, ou redemandez-la à qui vous l'a donnée
file-disk-full = Le disque du serveur est plein : rien ne peut être déposé tant qu'il n'y a pas de place. Prévenez l'administration
file-broken-off = Le fichier s'est interrompu avant la fin, et rien n'en a été gardé : envoyez-le de nouveau
file-digest-mismatch = Ce qui est arrivé n'est pas ce qui était annoncé (SHA-256), et rien n'en a été gardé : envoyez-le de nouveau
file-upload-busy = Quelqu'un envoie en ce moment les octets de cet envoi : attendez qu'il ait fini
file-upload-expired = Cet envoi n'a pas été fini à temps et n'existe plus : commencez-en un autre
file-upload-over = Cet envoi est fini : son fichier est là
tus-version = Ici on parle tus 1.0.0 : Tus-Resumable: 1.0.0
tus-malformed = L'en-tête { $header } manque, ou ne se lit pas
tus-media-type = Les octets d'un envoi sont du type application/offset+octet-stream
tus-defer-length = La longueur d'un envoi doit être connue quand il commence : Upload-Length
tus-concatenation = Des envois ne peuvent pas être réunis ici : envoyez chaque fichier morceau après morceau
tus-metadata = Upload-Metadata ne se lit pas, ou dit ce qui n'est pas possible : { $word }
tus-offset = L'envoi en est à l'octet { $offset } : reprenez là
tus-checksum = Ces octets n'ont pas la somme de contrôle annoncée, et n'ont pas été gardés : renvoyez-les
upload-title = Déposer un fichier
upload-about = Choisissez le fichier qui sera gardé ici sous le nom { $name }. Il peut avoir { $mebibytes } Mio.
upload-file = Fichier
upload-send = Déposer
upload-made = { $name } est là. Voici son adresse :
upload-no-form = Ce n'est pas ce qu'envoie le formulaire : choisissez un fichier ci-dessous, ou envoyez ses octets par PUT
upload-no-file = Il n'y avait pas de fichier : choisissez-en un
upload-over = Ce lien est fini, et ne prend pas d'autre fichier : demandez-en un autre à qui vous l'a donné, ou à FileServ
http-admin-method = Ici, seul { $methods } est compris
http-admin-media-type = Le corps doit être du JSON : Content-Type: application/json
http-admin-too-long = Le corps est trop long : { $max } octets au plus
http-admin-too-slow = Le corps n'est pas arrivé à temps
http-admin-malformed = Le corps n'est pas un objet JSON
http-admin-no-query = Seul GET prend ses champs dans la requête de l'adresse : écrivez-les dans le corps
http-admin-encoding = Le chemin ou la requête de l'adresse ne se lit pas : un % est suivi de deux chiffres hexadécimaux, et le tout est de l'UTF-8
http-admin-twice = « { $field } » est là deux fois
http-admin-unknown-field = Il n'y a pas de champ « { $field } » ici
http-admin-choice = « { $field } » doit être l'un de : { $words }
http-admin-limit = « limit » est un nombre de 1 à { $max }
http-admin-after = « after » est le numéro du dernier que vous avez
command-device = Donner à un appareil un mot de passe à lui, voir ceux qui en ont un, en retirer un.
capability-causette-devices = `DEVICE` donne à un appareil un jeton par lequel il s'identifie à la place du mot de passe.
reply-invalid-nick = Ce n'est pas le nom de quelqu'un d'un autre réseau : `nom/réseau`.
reply-no-devices = Aucun appareil n'a de jeton ; dit seulement aux clients sans `batch`.
reply-privs-needed = Seul qui modère le salon le peut.
reply-too-many-devices = Le compte a autant d'appareils qu'il peut en avoir.
reply-unknown-device = Le compte n'a pas d'appareil de ce numéro.

## Invitations
start-public-key = Le SHA-256 de sa clé publique, que les clients Causette montrent et que les invitations portent : { $fingerprint }
admin-fingerprint-certificate = SHA-256 du certificat, pour WeeChat (tls_fingerprint) et irssi (-tls_pinned_cert) ; un autre certificat en a un autre :
admin-fingerprint-public-key = SHA-256 de la clé publique, que les clients Causette montrent ; il reste le même quand le certificat est renouvelé avec la même clé :
admin-invitation =
    Donnez ce lien aux personnes que vous invitez, par un moyen sûr ; leur client saura alors où aller et à quoi reconnaître le serveur :
    { $link }
admin-invitation-code =
    Donnez ce lien aux personnes que vous invitez, par un moyen sûr ; leur client saura alors où aller et à quoi reconnaître le serveur, et elles pourront s'inscrire :
    { $link }
    Le code seul, pour tout autre client : { $code }
    { $uses ->
        [1] Une personne peut s'inscrire avec lui
       *[other] { $uses } personnes peuvent s'inscrire avec lui
    }, { $until ->
        [never] sans fin.
       *[other] jusqu'au { $until }.
    } Il n'est montré que maintenant.
admin-invitation-ended = Plus personne ne peut s'inscrire avec l'invitation { $number }
invitation-terms = Une invitation vaut pour 1 à { $uses } personnes, et pour { $days } jours au plus
invitation-too-many = Il y a déjà { $max } invitations : mettez d'abord fin à quelques-unes
invitation-unknown = Il n'y a pas d'invitation { $number } qui vaille encore
admin-owner-code =
    Qui s'identifie et envoie ceci dans les { $minutes } minutes possède ce serveur : /msg NickServ OWNER { $code }
    Le code sert une fois ; un nouveau prend sa place.
admin-token-taken = Le jeton { $number }, { $name }, n'ouvre plus le compte { $account }
admin-reading-entered = La lecture du registre est inscrite
program-token-without-role = { $account } ne tient rien sur ce serveur : donnez d'abord un rôle au compte, par exemple bot
program-token-terms = Un jeton vaut d'une seconde à { $days } jours, et pour une portée au moins
program-token-beyond = Avec ce jeton { $account } pourrait plus que vous : retirez des portées
program-token-unknown = Le compte { $account } n'a pas de jeton { $id }
admin-invite-no-room = Le salon { $room } n'existe pas : que quelqu'un y entre d'abord, ou nommez-le dans channels.auto_join
admin-invite-address = « { $address } » n'est pas une adresse : écrivez HÔTE ou HÔTE:PORT, une adresse IPv6 entre crochets
cli-admin-fingerprint = Donne les empreintes qui font reconnaître le serveur
cli-admin-invite = Crée un lien qui invite des gens
cli-invite-address = Où ils viennent, HÔTE ou HÔTE:PORT (par défaut : server.name s'il est public, sinon le nom de la machine)
cli-invite-room = Le salon où ils entrent (par défaut : le premier de channels.auto_join)

## L'auditeur
cli-audit = Ce qu'un auditeur fait du registre
cli-audit-verify = Vérifie que rien de ce qui fut enregistré n'a été changé
cli-audit-json = Écrit le résultat en un objet JSON
audit-progress = { $entries } inscriptions sur { $of } regardées
audit-agrees = Ce qui est conservé est ce qui fut enregistré : { $entries } inscriptions, { $messages } messages et événements d'un seul salon, { $shared } événements de plusieurs salons en { $places } places
audit-bound-from = À partir de l'inscription { $bound_from }, chacune lie elle-même ce dont elle témoigne ; les précédentes sont liées telles qu'elles furent trouvées à la mise à niveau
audit-erased-count = Pour { $erased } inscriptions, ce à quoi elles s'engagent fut effacé, comme d'autres inscriptions le disent
audit-limit = Cela trouve ce qui fut changé dans les lignes. Que les dernières inscriptions aient été coupées avec leurs lignes, ou que quelqu'un en ait réécrit une avec son engagement, seule une copie du registre gardée ailleurs le révèle, comme dans une sauvegarde
audit-database-missing = database.url : il n'y a pas de base de données à { $database } : nommez le dossier des données avec --data, ou la configuration avec --config
audit-database-older = database.url : { $database } a la forme { $found }, et cette version lit la forme { $known } : démarrez une fois le serveur, qui la met à niveau
audit-altered = ce qui est conservé n'est pas ce qui fut enregistré : { $count ->
    [one] une discordance
   *[other] { $count } discordances
}
audit-more = et { $count } de plus
audit-at-row = ligne { $number }
audit-at-place = salon { $room }, place { $number }
audit-at-places = salon { $room }, places { $from } à { $to }
audit-at-person = salon { $room }, personne { $number }
audit-at-sent = fichier { $room } envoyé au compte { $number }
audit-entry-missing = l'inscription { $from } manque
audit-entries-missing = les inscriptions { $from } à { $to } manquent
audit-out-of-order = l'inscription { $entry } est plus ancienne que la précédente, et ne témoigne d'aucun saut de l'horloge
audit-impossible = { $table }, { $row } : elle a une valeur qui ne peut y être, ou la ligne qui va avec en a une
audit-row-missing = { $table }, { $row } : cette ligne manque, et l'inscription { $entry } en témoigne
audit-row-missing-alone = { $table }, { $row } : cette ligne manque, et d'autres en dépendent
audit-row-without-entry = { $table }, { $row } : aucune inscription ne témoigne de cette ligne
audit-row-unmeant = { $table }, { $row } : l'inscription de cette ligne devrait être { $entry }, qui ne témoigne pas d'elle
audit-column-without-entry = { $table }, { $row } : aucune inscription ne témoigne de ce qu'il y a dans « { $column } »
audit-entry-altered = l'inscription { $entry } fut modifiée : ses métadonnées ou leur sel, son numéro, son heure ou son type, ou la place de sa ligne
audit-content-altered = { $table }, { $row } : le contenu ou son sel n'est pas ce à quoi l'inscription { $entry } s'engage
audit-erased-unsaid = inscription { $entry } : ce à quoi elle s'engage n'est plus là ou est marqué comme effacé, et aucune inscription ne dit que ce fut effacé
audit-tag-altered = inscription { $entry } : « { $column } » n'est pas l'étiquette que donne la clé de ce mois à qui elle nomme
audit-key-missing = { $table } : la clé des étiquettes de { $row } manque
audit-key-unused = { $table } : aucune inscription n'a d'étiquette par la clé de { $row }
audit-column-altered = { $table }, { $row } : « { $column } » n'est pas ce dont témoigne l'inscription { $entry }
audit-earlier-altered = l'inscription { $entry }, ou sa ligne, fut modifiée depuis la mise à niveau
audit-binding-altered = l'inscription { $entry } ne lie pas les précédentes telles qu'elles sont
audit-bound-late = l'inscription { $entry } est liée comme celles d'avant la mise à niveau, et vient après elle
audit-redaction = { $table }, { $row } : ce message est retiré ou visible, et le registre dit autre chose
audit-place-empty = { $row } : il n'y a rien, ni dans message ni dans shared_place
audit-place-twice = { $row } : il y a deux événements
audit-place-beyond = { $table }, { $row } : il y a quelque chose là où, d'après sa propre ligne, le salon n'a pas de place
audit-count = { $table } : il y a { $from } lignes d'une sorte, et le registre témoigne de { $to }
audit-closing = l'inscription { $entry } ferme une connexion, et nomme une autre adresse ou un autre compte que les siens

## La ligne de commande : ses groupes, la complétion, le manuel
cli-talking = Pour discuter :
cli-running = Pour tenir un serveur :
cli-shell = Pour votre shell :
cli-completions = Affiche ce qu'il faut à un shell pour compléter ces commandes
cli-completions-shell = bash, elvish, fish, powershell ou zsh
cli-man = Écrit les pages de manuel de ces commandes
cli-man-folder = Où les écrire ; le dossier est créé s'il le faut
cli-value-command = COMMANDE
cli-value-language = LANGUE
cli-value-file = FICHIER
cli-value-folder = DOSSIER
cli-value-address = ADRESSE
cli-value-host = HÔTE[:PORT]
cli-value-room = #SALON
cli-value-name = NOM
cli-value-nick = PSEUDO
cli-value-target = CIBLE
cli-value-text = TEXTE
cli-value-words = MOTS
cli-value-since = DÉBUT
cli-value-count = NOMBRE
cli-value-format = FORME
cli-value-which = LESQUELS
cli-value-shell = SHELL
cli-value-key = CLÉ
man-name = NOM
man-synopsis = SYNOPSIS
man-commands = COMMANDES
man-version = VERSION
man-environment = ENVIRONNEMENT
man-environment-of-client =
    CAUSETTE_SERVER Le serveur, quand la ligne de commande n'en nomme pas.
    CAUSETTE_PASSWORD_FILE Un fichier dont la première ligne est le mot de passe de --account.
    CAUSETTE_PLAIN S'il vaut 1, causette chat montre des lignes simples.
    NO_COLOR Quelle que soit sa valeur, rien n'est coloré.
    XDG_STATE_HOME Où sont les fichiers ; sans lui, ~/.local/state.
man-files = FICHIERS
man-files-of-client =
    $XDG_STATE_HOME/causette/known_servers Les clés des serveurs auxquels vous faites confiance.
    $XDG_STATE_HOME/causette/credentials.toml Les jetons de cet appareil. Qui les détient peut s'identifier à votre place.
    $XDG_STATE_HOME/causette/last_server Le dernier serveur utilisé.
    $XDG_STATE_HOME/causette/state/ Pour chaque serveur, ce qui est tapé et pas encore envoyé, et les conversations silencieuses.
man-exit = CODE DE RETOUR
man-exit-of-client =
    0 Tout est fait.
    1 Échec, pour une raison qui n'a pas de numéro à elle.
    2 La ligne de commande n'a pas été comprise, ou il y manque quelque chose.
    3 Le réseau a lâché, ou le serveur n'a pas répondu.
    4 L'identification a été refusée, ou le serveur ne connaît pas cet appareil.
    5 Le serveur a refusé.
    6 Pas de tel salon, de telle personne ou de tel message.
    7 La clé du serveur n'a pas votre confiance, ou la connexion ne serait pas chiffrée.
    8 Une partie seulement est faite.
    130 Interrompu.
    141 Plus personne ne lit ce qui s'affiche.
man-exit-of-server =
    0 Tout est fait.
    1 Échec.
    2 La ligne de commande n'a pas été comprise.
    3 Aucun serveur ne tourne là, ou il ne répond pas.
    5 Refusé.
    70 Le serveur n'a pas pu continuer : relancez-le.
    78 La configuration doit être changée ; chaque erreur a été dite.
man-see-also = VOIR AUSSI

## La page du protocole
page-title = Le protocole, entrée par entrée
page-about = Tout ce que ce serveur comprend et dit, et où c'est spécifié. Les valeurs sont celles d'un serveur dont la configuration ne change rien.
page-overview = Comment cela tient ensemble :
page-column-argument = Argument
page-column-capability = Capacité
page-column-code = Code
page-column-command = Commande
page-column-effect = Ce que cela fait
page-column-kind = Genre
page-column-meaning = Ce que cela dit
page-column-mode = Mode
page-column-name = Nom
page-column-number = Numéro
page-column-setter = Qui le pose
page-column-spec = Spécification
page-column-token = Élément
page-column-value = Valeur
page-column-who = Qui peut l'utiliser
page-commands = Commandes
page-commands-about = `HELP` dit la même chose sur le serveur. Qui est accueilli et doit encore s'identifier ne parle par `PRIVMSG` qu'aux services, et ne voit par `MODE` que ses propres modes.
page-needs-nothing = Toute connexion
page-needs-welcome = Qui a été accueilli par `001`
page-needs-online = Qui est identifié, ou invité là où les invités sont admis
page-needs-online-or = Qui est identifié, ou invité là où les invités sont admis ; toute connexion avec `draft/pre-away`
page-needs-operator = Les opérateurs du serveur
page-channel-modes = Modes des salons
page-channel-modes-about = Chaque rang peut aussi ce que peuvent les rangs qui le suivent : fondateur `q`, protégé `a`, opérateur `o`, semi-opérateur `h`, parole `v`. Chacun peut renoncer à son propre rang.
page-user-modes = Modes des utilisateurs
page-user-modes-about = Personne ne voit ni ne pose ceux des autres par `MODE`.
page-argument-list = Un masque ; sans masque, la liste est montrée
page-argument-member = Un pseudo
page-argument-always = Toujours
page-argument-when-set = Quand on le pose
page-argument-never = Aucun
page-setter-rank = `{ $rank }` et au-dessus
page-setter-self = Soi-même
page-setter-operator = Les opérateurs du serveur, pour eux-mêmes
page-setter-oper = `OPER` ; on peut y renoncer
page-setter-server = Le serveur
page-capabilities = Capacités
page-capabilities-about = Ce que donne `CAP LS 302`.
page-tokens = Éléments de `005`
page-tokens-about = `VERSION` les redonne.
page-numerics = Codes numériques
page-numerics-about = Ceux que ce serveur envoie.
page-replies = Réponses standard
page-replies-about = `*` tient lieu de n'importe quelle commande. Les codes dont la spécification est `standard-replies` sont propres à Causette.
capability-message-tags = Les messages ont des étiquettes : `msgid`, et celles que les clients se donnent ; `TAGMSG` va et vient.
capability-server-time = Chaque ligne dit quand elle fut dite : `time`.
capability-batch = Les lignes qui vont ensemble sont marquées comme un tout, ainsi une page d'historique.
capability-labeled-response = Ce qui répond à une commande porte l'étiquette `label` que la commande portait.
capability-echo-message = Ce que l'on dit revient une fois enregistré.
capability-account-tag = Ce qui vient de quelqu'un d'identifié nomme son compte : `account`.
capability-account-notify = Qu'une personne que l'on voit s'identifie, ou que son compte change, est annoncé.
capability-extended-join = `JOIN` dit aussi le compte et le nom réel.
capability-away-notify = On voit les gens des mêmes salons s'absenter et revenir : `AWAY`.
capability-multi-prefix = Tous les préfixes d'un membre sont montrés, pas seulement le plus haut.
capability-userhost-in-names = `NAMES` montre `pseudo!utilisateur@hôte`.
capability-sasl = `AUTHENTICATE` identifie. La valeur nomme les mécanismes.
capability-standard-replies = `FAIL`, `WARN` et `NOTE` sont envoyés tels quels, et non comme `NOTICE`.
capability-cap-notify = Les capacités qui viennent et s'en vont sont annoncées ; ici elles restent les mêmes. Qui dit `CAP LS 302` l'a.
capability-draft-chathistory = Le client lit le passé par `CHATHISTORY` : rien n'est rappelé sans qu'il le demande.
capability-draft-event-playback = L'historique a aussi les arrivées, les départs, les sujets et les modes, pas seulement ce qui s'est dit.
capability-draft-account-registration = `REGISTER` crée des comptes. La valeur dit ce qui est permis, et par `email-required` qu'il faut une adresse électronique ; elle est vide là où seul l'administrateur en crée. Là où les comptes doivent être approuvés, la réponse est `REGISTER VERIFICATION_REQUIRED`, personne n'est identifié, et il n'y a pas de code à donner à `VERIFY`.
capability-invite-notify = Qui modère un salon voit qui d'autres y invitent : `INVITE`.
capability-chghost = Un changement d'hôte est annoncé. Ici il n'a pas lieu sous les yeux des autres.
capability-sts = Les clients sont priés de ne venir qu'avec TLS, là où le certificat est de ceux que chacun accepte.
capability-setname = On voit les gens des mêmes salons changer de nom réel : `SETNAME`.
capability-extended-monitor = Ce qui est annoncé des gens des mêmes salons l'est aussi de ceux de `MONITOR`, pour les capacités activées.
capability-no-implicit-names = `JOIN` n'est pas suivi de la liste des membres : `NAMES` la demande.
capability-draft-no-implicit-names = La même, sous le nom qu'elle avait à l'état de projet.
capability-soju-im-no-implicit-names = La même, sous le nom de soju.
capability-draft-read-marker = `MARKREAD` dit jusqu'où l'on a lu, après `JOIN` et quand on a lu plus loin dans un autre client.
capability-draft-multiline = Les messages de plusieurs lignes s'envoient et se voient d'un seul tenant, avec `batch`. La valeur dit jusqu'à quelle longueur.
capability-draft-message-redaction = `REDACT` retire ce qui a été dit, et montre ce que d'autres retirent.
capability-draft-channel-rename = `RENAME` montre qu'un salon a un autre nom. Sans elle, le client voit qu'il quitte un salon et entre dans un autre.
capability-draft-relaymsg = `RELAYMSG` peut être utilisé, par les opérateurs d'un salon.
capability-znc-in-playback = Rien n'est rejoué d'un salon où l'on entre : `PRIVMSG *playback :PLAY` le demande.
capability-draft-pre-away = `AWAY` marche aussi avant l'accueil, et `AWAY *` dit que personne n'est devant ce client : il compte comme s'il n'était pas là.
capability-draft-languages = `LANGUAGE` choisit dans quelle langue le serveur parle. La valeur les compte et les nomme, celle du serveur d'abord.
capability-draft-metadata-3 = `METADATA` indique sous des clés quelque chose de soi ou d'un salon ; les changements des clés que l'on suit viennent par `761` et `766`. La valeur dit que cela se peut avant l'accueil, et combien il peut y en avoir.
token-accountextban = Noms du masque qui désigne un compte : `~account:alice`, ou `~a:alice`.
token-awaylen = Octets de la raison donnée à `AWAY`.
token-bot = Le mode d'utilisateur des programmes.
token-casemapping = Quelles lettres des noms se valent : `A` à `Z` et `a` à `z`.
token-chanlimit = Salons dans lesquels on peut être.
token-chanmodes = Modes des salons : listes ; toujours avec un argument ; avec un argument quand on les pose ; jamais.
token-channellen = Octets d'un nom de salon.
token-chantypes = Par quoi commence un nom de salon.
token-chathistory = Messages d'une page de `CHATHISTORY`.
token-draft-chathistory = Le même, sous le nom qu'il avait à l'état de projet.
token-clienttagdeny = Les étiquettes de clients qui sont écartées, selon `server.client_tags_denied` ; absent si aucune ne l'est.
token-elist = Ce que l'on peut demander à `LIST` : âge (C), masques (M, N), âge du sujet (T), membres (U).
token-excepts = Le mode des exceptions aux bannissements.
token-extban = Par quoi un masque peut commencer : `~`, puis compte (a) ou silence (m).
token-invex = Le mode des exceptions aux invitations.
token-keylen = Octets de la clé d'un salon.
token-kicklen = Octets de la raison donnée à `KICK`.
token-maxlist = Masques dans les listes d'un salon, toutes ensemble.
token-maxtargets = Destinataires d'une commande.
token-modes = Changements avec argument dans un même `MODE`.
token-monitor = Pseudos que l'on peut suivre par `MONITOR`.
token-msgreftypes = Comment `CHATHISTORY` peut désigner un message, le meilleur moyen d'abord.
token-namelen = Octets d'un nom réel.
token-network = Le nom du réseau.
token-nicklen = Octets d'un pseudo.
token-prefix = Rangs des membres, le plus haut d'abord : leurs modes, et les signes devant un pseudo.
token-safelist = La réponse à `LIST`, si longue soit-elle, ne déconnecte personne.
token-saferate = Qui envoie vite est lu plus lentement, et n'est pas déconnecté.
token-soju-saferate = Le même, sous le nom de soju.
token-soju-filehost = Où l'on dépose des fichiers par `POST` ; seulement là où `files.url` est une adresse en HTTPS.
token-statusmsg = Signes qui peuvent précéder un salon, pour ne parler qu'aux membres de ce rang et au-dessus.
token-targmax = Destinataires de chaque commande.
token-topiclen = Octets d'un sujet.
token-userlen = Octets d'un nom d'utilisateur.
token-utf8mapping = Les noms de toutes les écritures sont comparés selon ce profil ; seulement là où le serveur les accepte.
token-utf8only = Le texte est en UTF-8 ; une ligne qui ne l'est pas est refusée.
token-draft-accountrequired = Il faut s'identifier.
token-draft-icon = Où est l'icône du réseau ; seulement là où le certificat est de ceux que chacun accepte.
token-causette-files = Où l'on dépose, liste et envoie des fichiers (`/api/v1/uploads` par tus, `/api/v1/files`) : une adresse, ou un chemin sur le même hôte et le même port qu'IRC ; seulement là où l'on peut déposer des fichiers.
token-whox = `WHO` donne les champs que l'on demande.
numeric-rpl-welcome = Le client est enregistré.
numeric-rpl-yourhost = Le nom et la version du serveur.
numeric-rpl-created = Quand le serveur a démarré.
numeric-rpl-myinfo = Le nom, la version et les lettres de modes du serveur.
numeric-rpl-isupport = Ce que le serveur prend en charge, élément par élément.
numeric-rpl-endofstats = Termine la réponse à STATS.
numeric-rpl-umodeis = Les modes de qui le demande.
numeric-rpl-statsuptime = Depuis combien de temps le serveur tourne.
numeric-rpl-statsoline = Quelqu'un qui peut devenir opérateur du serveur par OPER, ou qui l'est par le rôle de son compte.
numeric-rpl-luserclient = Combien il y a de personnes, et combien d'entre elles sont invisibles.
numeric-rpl-luserop = Combien il y a d'opérateurs du serveur.
numeric-rpl-luserunknown = Combien de connexions n'ont pas encore dit qui elles sont.
numeric-rpl-luserchannels = Combien il y a de salons.
numeric-rpl-luserme = Combien de clients sont connectés ici.
numeric-rpl-adminme = Commence la réponse à ADMIN.
numeric-rpl-adminloc1 = Le nom du réseau.
numeric-rpl-adminloc2 = Ce que le serveur dit de lui-même.
numeric-rpl-adminemail = Comment joindre qui tient le serveur.
numeric-rpl-localusers = Combien il y a de clients, et combien il y en eut au plus.
numeric-rpl-globalusers = De même pour tout le réseau, qui est ce serveur.
numeric-rpl-whoiscertfp = L'empreinte du certificat de l'utilisateur.
numeric-rpl-away = L'utilisateur est absent.
numeric-rpl-userhost = La réponse à USERHOST.
numeric-rpl-ison = La réponse à ISON.
numeric-rpl-unaway = Le client n'est plus absent.
numeric-rpl-nowaway = Le client est désormais absent.
numeric-rpl-whoisuser = Le nom, l'hôte et le nom réel de l'utilisateur.
numeric-rpl-whoisserver = Le serveur de l'utilisateur ; dans WHOWAS, jusqu'à quand.
numeric-rpl-whoisoperator = L'utilisateur est opérateur du serveur.
numeric-rpl-whowasuser = Le nom, l'hôte et le nom réel qu'eut un utilisateur.
numeric-rpl-endofwho = Termine la réponse à WHO.
numeric-rpl-whoisidle = Depuis combien de temps l'utilisateur se tait, et depuis quand il est connecté.
numeric-rpl-endofwhois = Termine la réponse à WHOIS.
numeric-rpl-whoischannels = Les salons de l'utilisateur.
numeric-rpl-liststart = Commence la réponse à LIST.
numeric-rpl-list = Un salon, sa taille et son sujet.
numeric-rpl-listend = Termine la réponse à LIST.
numeric-rpl-channelmodeis = Les modes du salon.
numeric-rpl-creationtime = Quand le salon fut créé.
numeric-rpl-acceptlist = Les personnes dont les messages passent malgré le mode R.
numeric-rpl-endofaccept = Termine la liste des personnes dont les messages passent.
numeric-err-acceptfull = Les messages d'autant de personnes qu'il se peut passent déjà.
numeric-err-acceptexist = Les messages de cette personne passent déjà.
numeric-err-acceptnot = Les messages de cette personne ne passent pas.
numeric-err-cantsendtouser = L'utilisateur ne reçoit pas de questions de programme à programme.
numeric-rpl-whoisactually = Le nom d'utilisateur et l'hôte derrière ce que voient les autres, et l'adresse.
numeric-rpl-whoisaccount = Le compte de l'utilisateur.
numeric-rpl-notopic = Le salon n'a pas de sujet.
numeric-rpl-topic = Le sujet du salon.
numeric-rpl-topicwhotime = Qui a donné le sujet, et quand.
numeric-rpl-whoisbot = L'utilisateur est un robot.
numeric-rpl-invitelist = Un salon où le client est invité.
numeric-rpl-endofinvitelist = Termine la liste des invitations.
numeric-rpl-inviting = L'invitation est envoyée.
numeric-rpl-invexlist = Un masque des exceptions aux invitations du salon.
numeric-rpl-endofinvexlist = Termine la liste des exceptions aux invitations.
numeric-rpl-exceptlist = Un masque des exceptions aux bannissements du salon.
numeric-rpl-endofexceptlist = Termine la liste des exceptions aux bannissements.
numeric-rpl-version = La version du serveur.
numeric-rpl-whoreply = Un utilisateur de la réponse à WHO.
numeric-rpl-namreply = Des membres du salon.
numeric-rpl-whospcrpl = Un utilisateur de la réponse à WHO, avec les champs demandés.
numeric-rpl-links = Un serveur du réseau : celui-ci.
numeric-rpl-endoflinks = Termine la réponse à LINKS.
numeric-rpl-endofnames = Termine la réponse à NAMES.
numeric-rpl-banlist = Un masque des bannissements du salon.
numeric-rpl-endofbanlist = Termine la liste des bannissements.
numeric-rpl-endofwhowas = Termine la réponse à WHOWAS.
numeric-rpl-info = Une ligne sur le serveur.
numeric-rpl-motd = Une ligne du message du jour.
numeric-rpl-endofinfo = Termine la réponse à INFO.
numeric-rpl-motdstart = Commence le message du jour.
numeric-rpl-endofmotd = Termine le message du jour.
numeric-rpl-whoishost = D'où l'utilisateur se connecte.
numeric-rpl-whoismodes = Les modes de l'utilisateur.
numeric-rpl-youreoper = Le client est désormais opérateur du serveur.
numeric-rpl-rehashing = La configuration a été relue.
numeric-rpl-time = L'heure du serveur.
numeric-rpl-visiblehost = L'hôte que voient les autres.
numeric-err-nosuchnick = Ce pseudo n'existe pas.
numeric-err-nosuchchannel = Ce salon n'existe pas.
numeric-err-cannotsendtochan = Le message n'a pas été envoyé au salon.
numeric-err-toomanychannels = Le client est dans trop de salons.
numeric-err-wasnosuchnick = Personne n'a porté ce pseudo récemment.
numeric-err-toomanytargets = La commande a trop de destinataires.
numeric-err-noorigin = PING ou PONG sans paramètre.
numeric-err-invalidcapcmd = Cette sous-commande de CAP n'existe pas.
numeric-err-norecipient = Le message n'a pas de destinataire.
numeric-err-notexttosend = Le message n'a pas de texte.
numeric-err-inputtoolong = La ligne était trop longue.
numeric-err-unknowncommand = Cette commande n'existe pas.
numeric-err-nonicknamegiven = Il manque le pseudo.
numeric-err-erroneusnickname = Le pseudo n'est pas valide.
numeric-err-nicknameinuse = Le pseudo est pris, ou réservé à un compte.
numeric-err-bannickchange = Un bannissement dans un salon interdit de changer de pseudo.
numeric-err-usernotinchannel = L'utilisateur n'est pas dans le salon.
numeric-err-notonchannel = Le client n'est pas dans le salon.
numeric-err-useronchannel = L'utilisateur est déjà dans le salon.
numeric-err-notregistered = Le client doit d'abord s'enregistrer : NICK et USER.
numeric-err-needmoreparams = Il manque des paramètres.
numeric-err-alreadyregistered = Le client est déjà enregistré.
numeric-err-passwdmismatch = Le mot de passe est faux.
numeric-err-yourebannedcreep = L'administration vous exclut du serveur.
numeric-err-linkchannel = Le client a été envoyé dans un autre salon.
numeric-err-channelisfull = Le salon est plein.
numeric-err-unknownmode = Ce mode de salon n'existe pas.
numeric-err-inviteonlychan = On n'entre que sur invitation.
numeric-err-bannedfromchan = Le client est banni du salon.
numeric-err-badchannelkey = La clé du salon manque ou est fausse.
numeric-err-badchanmask = Le nom du salon n'est pas valide.
numeric-err-needreggednick = Il faut un compte pour entrer dans le salon, ou pour écrire à l'utilisateur.
numeric-err-banlistfull = Les listes du salon sont pleines.
numeric-err-noprivileges = La commande est réservée aux opérateurs du serveur.
numeric-err-chanoprivsneeded = La commande est réservée à ceux qui modèrent le salon.
numeric-err-umodeunknownflag = Ce mode d'utilisateur n'existe pas.
numeric-err-usersdontmatch = On ne voit ni ne change les modes d'autrui.
numeric-err-helpnotfound = Il n'y a pas d'aide à ce sujet.
numeric-rpl-whoissecure = La connexion de l'utilisateur est chiffrée.
numeric-rpl-yourlanguagesare = La langue dans laquelle le serveur parle au client.
numeric-err-nolanguage = Le serveur ne parle pas cette langue.
numeric-err-invalidkey = La clé ne convient pas.
numeric-err-invalidmodeparam = L'argument du mode n'est pas valide.
numeric-rpl-helpstart = Commence l'aide sur un sujet.
numeric-rpl-helptxt = Une ligne d'aide.
numeric-rpl-endofhelp = Termine l'aide sur un sujet.
numeric-rpl-mononline = Des utilisateurs suivis sont connectés.
numeric-rpl-monoffline = Des utilisateurs suivis ne sont pas connectés.
numeric-rpl-monlist = Des utilisateurs que le client suit.
numeric-rpl-endofmonlist = Termine la liste des utilisateurs suivis.
numeric-rpl-whoiskeyvalue = Ce que quelqu'un indique de soi sous une clé.
numeric-rpl-keyvalue = Une clé et sa valeur.
numeric-rpl-keynotset = Rien n'est indiqué sous la clé.
numeric-rpl-metadatasubok = Des clés que le client suit désormais.
numeric-rpl-metadataunsubok = Des clés que le client ne suit plus.
numeric-rpl-metadatasubs = Des clés que le client suit.
numeric-rpl-metadatasynclater = Il y en a davantage : demander de nouveau par `METADATA SYNC`.
numeric-err-monlistfull = Le client suit autant d'utilisateurs qu'il peut.
numeric-rpl-loggedin = Le client est identifié à un compte.
numeric-rpl-saslsuccess = L'identification SASL a réussi.
numeric-err-saslfail = L'identification SASL a échoué.
numeric-err-sasltoolong = Un paramètre d'AUTHENTICATE était trop long.
numeric-err-saslaborted = Le client a abandonné l'identification SASL.
numeric-err-saslalready = Le client est déjà identifié.
numeric-rpl-saslmechs = Les mécanismes SASL du serveur.
reply-account-exists = Le nom est pris.
reply-account-required = Il faut d'abord s'identifier.
reply-already-authenticated = Le client est déjà identifié.
reply-bad-account-name = Le nom ne convient pas à un compte.
reply-cannot-send = Rien n'est envoyé : le client ne peut pas parler là, ou personne ne recevrait ce qui n'est pas conservé non plus.
reply-complete-connection-required = La connexion doit d'abord être complète : il manque le mot de passe du serveur, ou l'on ne s'inscrit pas avant l'accueil.
reply-dcc-insecure = Le message est envoyé ; il propose du DCC, qui montre l'adresse et n'est pas chiffré.
reply-internal-error = Il n'y a pas de place pour un autre repère de lecture.
reply-invalid-code = Il n'y a pas d'adresse électronique à prouver.
reply-invalid-email = L'adresse électronique n'en est pas une, ou manque là où il en faut une ; `*` n'en donne aucune.
reply-invalid-invitation = Le code donné ne permet à personne de créer un compte.
reply-invitation-required = Créer un compte demande le code d'une invitation.
reply-invalid-key = La clé n'est pas faite de ce dont les clés sont faites.
reply-invalid-value = La clé ne peut pas avoir cette valeur : elle est trop longue, ce n'est pas une adresse là où il en faut une, ou c'est le nom de quelqu'un d'autre.
reply-key-no-permission = Ce n'est pas au client de le dire, ou de le lire.
reply-limit-reached = Il y a autant de clés qu'il peut y en avoir ; le dernier paramètre dit combien.
reply-invalid-params = Les paramètres ne vont pas ensemble, ou l'endroit n'est pas de ceux que l'on peut lire.
reply-cannot-change-realname = Qui n'a plus la parole ne peut pas changer de nom réel.
reply-invalid-realname = Le nom réel est vide ou trop long.
reply-invalid-target = La cible n'existe pas, ou le client n'a pas à la lire ni à la changer.
reply-invalid-utf8 = La ligne n'est pas en UTF-8 et n'a pas été lue.
reply-message-cut = Le message est parti sans sa fin, qui ne tenait pas sur la ligne.
reply-message-held = Il attend que quelqu'un qui administre le serveur le laisse passer : personne ne l'a vu.
reply-message-warned = C'est dit, avec des mots que l'administration n'aime pas lire.
reply-message-error = L'historique ne peut pas être lu en ce moment.
reply-multiline-invalid = Le message de plusieurs lignes est mal formé.
reply-multiline-invalid-target = Une ligne va à un autre destinataire que le message.
reply-multiline-max-bytes = Le message de plusieurs lignes a trop d'octets.
reply-multiline-max-lines = Le message de plusieurs lignes a trop de lignes.
reply-need-capability = Il faut d'abord demander la capacité.
reply-invalid-condition = La condition ne peut pas être lue ; rien n'est listé.
reply-need-more-params = Il manque des paramètres.
reply-need-nick = Il faut d'abord choisir un pseudo.
reply-redact-forbidden = Le client n'a pas à retirer ce message.
reply-redact-window-expired = Le message est trop ancien pour que son auteur le retire.
reply-cannot-rename = Le salon ne peut pas avoir un autre nom, ou pas encore.
reply-channel-name-in-use = Un autre salon a ce nom, ou il est réservé.
reply-temporarily-unavailable = Cela ne se peut pas maintenant : rien ne peut être enregistré, ou l'on ne crée pas de compte en ce moment.
reply-text-cut = Le texte est gardé sans sa fin ; le paramètre dit combien d'octets il peut avoir.
reply-timeout = Le lot est resté ouvert trop longtemps.
reply-too-many-modes = Les changements au-delà de la limite n'ont pas été lus.
reply-too-many-targets = La commande a trop de destinataires ; celui-ci est laissé de côté.
reply-unacceptable-password = Le mot de passe est trop long.
reply-unknown-msgid = Ce message n'existe pas, ou il est retiré.
reply-weak-password = Le mot de passe est trop facile à deviner.

## Le client : entrer
client-welcome = Bienvenue dans Causette.
client-ask-server = Adresse du serveur :{" "}
client-connecting = Connexion à { $server } …
client-connected-tls = { $protocol } ✓
client-connected-clear = non chiffrée
client-ask-sign-up = Voulez-vous vous inscrire ? [o/N]{" "}
client-ask-nick = Pseudo :{" "}
client-ask-password-new = Mot de passe ({ $minimum } caractères au moins) :{" "}
client-ask-password = Mot de passe :{" "}
client-ask-password-again = Encore une fois :{" "}
client-ask-email = Adresse électronique :{" "}
client-ask-code = Code :{" "}
client-ask-invitation = Code d'invitation (rien si vous n'en avez pas) :{" "}
client-waiting = Ce programme attend avec vous et s'identifiera de lui-même quand le serveur en dira plus. Ctrl+C pour quitter ; vous pouvez revenir plus tard.
client-passwords-differ = Les deux mots de passe diffèrent : choisissez-en un et tapez-le deux fois.
client-account-created = Compte « { $account } » créé : bienvenue !
client-signed-in = Vous êtes identifié : { $account }.
client-guest = Vous êtes là sous le pseudo { $nick }, sans compte.
client-remembered = Cet appareil est mémorisé dans { $file }.
client-to-forget = Pour l'oublier : causette logout
client-not-remembered = Cet appareil n'a pas pu être mémorisé : { $error }
client-token-refused = Ce serveur ne connaît plus cet appareil : identifiez-vous de nouveau.
client-signed-out = { $server } ne laisse pas cet appareil s'identifier : son jeton lui a été retiré, ou le compte ne s'ouvre que depuis d'autres adresses. Pour vous identifier de nouveau : causette login
client-no-sign-up = Ce serveur ne permet pas l'inscription d'ici ; demandez à son administrateur, ou essayez : /msg NickServ HELP
client-no-sasl = Ce serveur ne prend pas de mot de passe par SASL : venez sans, en invité, et identifiez-vous vous-même auprès de ses services s'il en a.
client-too-many-tries = C'était le troisième essai. Réessayez plus tard, ou adressez-vous à l'administrateur.
client-sign-in-first = { $server } ne connaît pas cet appareil. D'abord : causette login { $server }
client-yes = o
client-no = n

## Le client : la confiance
client-untrusted = Le certificat de { $server } n'est signé par aucune autorité connue de cette machine.
client-fingerprint = Empreinte (clé publique, SHA-256) :
client-fingerprint-where = L'administrateur la voit au démarrage du serveur, ou par : causette admin fingerprint
client-ask-trust = Faire confiance à cette clé désormais ? [oui/non/une fois]{" "}
client-trust-yes = oui
client-trust-once = une fois
client-not-trusted = Vous ne faites pas confiance à la clé de { $server }. Si c'est la bonne : causette trust { $server }
client-key-changed = La clé de { $server } n'est pas celle à laquelle vous faisiez confiance. Quelqu'un s'est peut-être mis entre vous, ou le serveur a une nouvelle clé : demandez à l'administrateur. Si elle est nouvelle : causette trust --replace { $server }
client-key-wrong = La clé de { $server } n'est pas celle qui était demandée.
client-no-key = { $server } est joint sans chiffrement, et n'a donc pas de clé à laquelle faire confiance.
client-key-trusted = Vous faites désormais confiance à la clé de { $server }.
client-needs-encryption = { $server } serait joint sans chiffrement ; si c'est voulu : --insecure
client-bad-address = { $address } n'est pas une adresse de serveur : écrivez chat.exemple.fr, ou machine:port

## Le client : la connexion
client-connection-lost = La connexion est perdue : { $reason }
client-put-out = Le serveur a mis fin à la connexion : { $reason }
client-come-back = Ce programme ne revient pas de lui-même : appuyez sur Entrée pour essayer.
client-kept-out = { $reason } (Ce programme ne réessaie pas de lui-même.)
client-refused = rien n'écoute à cette adresse
client-name-unknown = son nom n'a pas été trouvé
client-out-of-reach = aucun chemin n'y mène
client-timed-out = aucune réponse à temps
client-no-answer = le serveur ne répond pas
client-closed = le serveur a fermé la connexion
client-unreachable = { $server } est injoignable : { $error }
client-offline = hors ligne
client-connecting-short = connexion …
client-online = en ligne
client-retry-in = hors ligne, nouvel essai dans { $seconds } s
client-not-connected = Il n'y a pas de connexion ; réessayez quand elle sera revenue.
client-not-encrypted = non chiffré

## Le client : ce qui se dit
client-said = { $nick } : { $text }
client-noticed = { $nick } (annonce) : { $text }
client-redacted = [message supprimé par { $nick }]
client-redacted-because = [message supprimé par { $nick } : { $reason }]
client-alert = *** ALERTE de { $nick } : { $text }
client-gap = … des messages plus anciens ne sont pas chargés ici …
client-joined = { $nick } rejoint le salon
client-parted = { $nick } quitte le salon
client-parted-because = { $nick } quitte le salon : { $reason }
client-left = { $nick } quitte le serveur
client-left-because = { $nick } quitte le serveur : { $reason }
client-channel-renamed = { $nick } a renommé { $from } en { $to }
client-channel-renamed-because = { $nick } a renommé { $from } en { $to } : { $reason }
client-renamed = { $nick } s'appelle désormais { $new }
client-topic-set = { $nick } change le sujet : { $topic }
client-topic-removed = { $nick } retire le sujet
client-modes = { $nick } change les modes : { $modes }
client-kicked = { $by } exclut { $nick } : { $reason }
client-you-kicked = { $by } vous exclut : { $reason }
client-invited = { $by } invite { $nick }
client-you-are-invited = { $nick } vous invite dans { $channel } : /join { $channel }
client-entered-meanwhile = Vous êtes maintenant dans { $channel } ; pour y aller : /go { $channel }
client-typing-one = { $nick } écrit…
client-typing-two = { $nick } et { $other } écrivent…
client-typing-many = { $count } personnes écrivent…
client-is-away = absent
client-says-of-themselves = { $nick } indique, sous { $key } : { $value }
client-people = { $count } ici : { $people }
client-topic-is = Sujet : { $topic }
client-topic-none = Il n'y a pas de sujet.
client-not-said = Non envoyé à { $target } : { $reason } (/resend réessaie)
client-fate-unknown = la connexion s'est perdue pendant l'envoi, et ce serveur ne dit pas si le message est arrivé.
client-order-unknown = La connexion s'est perdue avant que { $target } ne réponde : on ne sait pas si c'est fait. Rien n'est renvoyé tout seul.
client-outbox-full = Trop de messages attendent d'être envoyés : celui-ci n'a pas été pris. Cela reprendra avec la connexion.
client-given-up = { $count ->
    [one] { $count } message abandonné : il ne sera plus envoyé.
   *[other] { $count } messages abandonnés : ils ne seront plus envoyés.
}
client-nowhere = C'est la page du serveur lui-même : choisissez d'abord une conversation, par /join ou /query.
client-no-channel = Cela ne se fait que dans un salon.
client-no-message = Il n'y a pas ici de message numéro { $number } ; /last montre les numéros.
client-nothing-said = Rien ne s'est encore dit ici.
client-nothing-found = Rien de tel n'a été trouvé.
client-no-conversation = Il n'y a pas de conversation appelée { $name }.
client-not-a-person = { $name } est un salon ; pour y aller : /join { $name }
client-no-search = Ce serveur n'a pas de recherche.
client-no-setting = Il n'y a pas ici de réglage { $name } ; il y a : /set { $known }
client-nobody = Il n'y a personne.
client-server-cannot = Ce serveur ne sait pas faire cela.
client-not-a-line = Ce n'est pas une ligne du protocole.
client-no-files = Ce serveur ne prend pas de fichiers d'ici.
client-files-sign-in = Les fichiers sont pour qui a un compte ici : inscrivez-vous, ou connectez-vous.
client-file-for-whom = Pour qui ? Allez dans un salon ou auprès de quelqu'un, ou écrivez : /upload --public fichier
client-download-done = { $name } est arrivé, son SHA-256 est juste : { $path }
client-upload-done = { $name } est arrivé, son SHA-256 est juste : { $place } peut le récupérer.
client-upload-done-unsaid = { $name } est arrivé, son SHA-256 est juste. Qui est dans { $place } peut le récupérer, mais n'en a rien su : vous avez quitté ce salon.
client-upload-done-at = { $name } est arrivé, son SHA-256 est juste : { $address }
client-transfer-failed = { $name } : { $reason }
client-transfer-cancelled = { $name } est abandonné.
client-transfers-none = Aucun fichier n'est en chemin.
client-transfers-how = /transfers pause, resume ou cancel, et un numéro.
client-no-transfer = Il n'y a pas de transfert { $number }. /transfers les liste.
client-transfer-over = { $name } n'est plus en chemin.
client-transfer-arrived = { $name } est déjà arrivé.
client-transfer-has-failed = { $name } a échoué et ne bouge pas. Pour réessayer : /transfers resume { $number }
client-transfer-stopped = { $name } est en pause. Pour reprendre : /transfers resume { $number }
client-transfer-going = { $name } est déjà en chemin : { $how }
client-transfer-goes-on = { $name } reprend.
client-transfer-not-begun = { $name } n'a jamais commencé : il n'y a rien à reprendre. Redemandez-le : /upload ou /download
client-files-none = Il n'y a pas de fichiers à voir.
client-files-more = Il y en a d'autres. Un fichier se récupère par son numéro ou son nom : /download 12
client-files-how = Un fichier se récupère par son numéro ou son nom : /download 12
client-file-of-server = serveur
client-file-aside = mis de côté
client-shared = 📎 { $name } ({ $size }) · /download { $number }
client-text-file = texte
client-percent = { $percent } %
client-time-left = reste { $time }
client-audience-to = { $nick } (privé)
client-audience-you = vous (privé)
client-audience-public = tout le monde
client-audience-link = par son adresse
client-audience-private = pour vous
client-transfer-waiting = attend son tour
client-transfer-counting = calcul de son SHA-256
client-transfer-away = attend le réseau ({ $reason }), reprendra de lui-même
client-transfer-paused = en pause
client-transfer-given-up = abandonné
client-step-upload = Envoi de { $name } à { $place }.
client-step-download = Téléchargement de { $name }.
client-step-quarter = { $name } : { $percent } %
client-step-away = { $name } attend le réseau ({ $reason }) et reprendra de lui-même.
client-step-paused = { $name } est en pause. Pour reprendre : /transfers
client-muted = { $name } est maintenant en silence.
client-unmuted = { $name } n'est plus en silence.
client-unknown = Il n'y a pas de commande /{ $word } ; rien n'a été envoyé. /help les liste.
client-unknown-near = Il n'y a pas de commande /{ $word } ; rien n'a été envoyé. Vouliez-vous dire { $nearest } ?
client-several-lines = Une commande tient sur une ligne : rien n'a été fait, et rien n'a été envoyé. Pour dire ce texte tel quel, faites-le commencer par un autre /.
client-misused = Cela s'écrit ainsi : { $usage }

## Le client : lignes simples et verbes
client-plain-greeting = Connecté à { $server } : vous êtes { $nick }. #Help liste ce que l'on peut taper.
client-plain-with = Conversation privée avec { $name }. #Private pour revenir à { $home }.
client-plain-in = Vous êtes maintenant dans { $name }.
client-plain-unread = { $name } : { $count } à lire, { $mentions } pour vous, dont les plus récents sont affichés ; pour en voir plus : /go { $name }, puis /last 100
client-back-online = La connexion est revenue.
client-prompt = Moi :{" "}
client-prompt-to = Moi → { $name } :{" "}
client-said-privately = { $nick } (privé) : { $text }
client-nothing-to-send = Il n'y a rien à envoyer.
client-sent-partly = { $reason } (messages enregistrés auparavant : { $count })
client-sent-perhaps = { $reason } ; on ne sait pas si le dernier message est enregistré.
client-input-too-long = Le texte dépasse { $max } Mio : la suite n'a pas été envoyée.
client-no-such-message = Il n'y a pas de message { $id } ici.
client-no-history = ce serveur ne garde pas l'historique
client-bad-since = « { $since } » ne désigne pas un moment du passé : écrivez 90s, 15m, 1h ou 7d, un jour (2026-11-22), un instant (2026-11-22T14:00:00Z) ou l'identifiant d'un message.
client-whoami = { $nick } sur { $server }
client-not-logged-in = { $server } ne connaît pas cet appareil.
client-logged-out = { $server } et cet appareil se sont oubliés.
client-logged-out-here = Cet appareil a oublié { $server }, mais le serveur n'a pas pu en être averti : il est encore dans sa liste d'appareils.
client-key-already = Vous faites déjà confiance à la clé de { $server }.

## Le client : les commandes
client-help-heading = Ce que vous pouvez taper ; tout le reste est dit :
client-help-syntax = [commande]
client-help = Liste les commandes, ou en explique une.
client-query-syntax = [pseudo]
client-query = Parle désormais avec une personne ; sans nom, revient au salon commun.
client-msg-syntax = pseudo|#salon texte
client-msg = Dit quelque chose à quelqu'un sans y aller.
client-text-syntax = texte
client-me = Dit ce que vous faites.
client-join-syntax = #salon [clé]
client-join = Entre dans un salon.
client-reason-syntax = [mots]
client-part = Quitte ce salon, ou range cette conversation.
client-go-syntax = nom|numéro
client-go = Passe à une autre conversation.
client-who-syntax = [masque]
client-who = Dit qui est dans ce salon.
client-users = Dit qui est connecté.
client-nick-syntax = pseudo
client-whois = Dit ce que l'on sait de quelqu'un.
client-list-syntax = [masque]
client-list = Montre les salons qui existent.
client-topic-syntax = [sujet]
client-topic = Montre le sujet de ce salon, ou le change.
client-last-syntax = [nombre]
client-last = Montre les derniers messages avec leur numéro.
client-reply-syntax = numéro texte
client-reply = Répond au message de ce numéro.
client-react-syntax = numéro emoji
client-react = Réagit à ce message ; répété, l'annule.
client-delete-syntax = numéro [motif]
client-delete = Retire le message de ce numéro.
client-search-syntax = mots
client-search = Cherche quelque chose qui s'est dit.
client-older = Remonte à des messages plus anciens.
client-mute = Met cette conversation en silence, ou l'en sort.
client-away = Dit que vous êtes absent.
client-back = Dit que vous êtes de retour.
client-nick = Prend un autre pseudo.
client-invite = Invite quelqu'un dans ce salon.
client-kick-syntax = pseudo [motif]
client-kick = Exclut quelqu'un de ce salon.
client-ban-syntax = pseudo|masque
client-ban = Empêche quelqu'un d'entrer dans ce salon.
client-unban = Laisse quelqu'un entrer de nouveau.
client-mode-syntax = [salon] modes
client-mode = Change les modes de ce salon.
client-notice = Dit quelque chose à quoi aucun programme ne répond.
client-resend = Renvoie ce qui n'a pas été pris.
client-discard = Renonce à ce qui n'est pas parti ou n'a pas été pris.
client-set-syntax = réglage valeur
client-set = Change un réglage.
client-quote-syntax = ligne
client-quote = Envoie une ligne du protocole telle quelle.
client-files = Montre les fichiers du serveur.
client-files-syntax = [public|own|sent|#salon]
client-file-syntax = fichier
client-upload-syntax = [--to pseudo|--public] fichier
client-upload = Envoie un fichier à qui vous parlez ici.
client-upload-as-before = #TrfU "fichier" ou #TrfU private pseudo "fichier"
client-download = Récupère un fichier du serveur.
client-download-as-before = #TrfD "fichier"
client-transfers-syntax = [pause|resume|cancel numéro]
client-transfers = Montre les fichiers en chemin ; pause, resume, cancel.
client-quit = Quitte.

## Le client : les fichiers en chemin
client-file-answer = Le serveur répond { $status }.
client-file-none = { $path } : il n'y a pas de tel fichier.
client-file-forbidden = { $path } : vous n'en avez pas la permission.
client-file-disk-full = { $path } : le disque est plein. Ce qui est arrivé est gardé : faites de la place, puis redonnez la même commande ou, dans la discussion, /transfers resume.
client-file-read-only = { $path } : on ne peut rien y écrire.
client-file-folder = { $path } est un dossier : les fichiers s'envoient un par un, ou réunis en un seul.
client-file-device = { $path } est un tube ou un périphérique, pas un fichier. Ce qui vient d'un tube s'envoie par : … | causette upload - --name notes.txt
client-folder-none = { $path } : il n'y a pas de tel dossier.
client-file-too-large = { $name } fait { $size }, et ce serveur prend des fichiers de { $max } au plus. Rien n'a été envoyé.
client-file-trouble = { $path } : { $error }
client-file-strange = La réponse du serveur est incompréhensible.
client-file-not-made = Le serveur a tout reçu et l'examine encore.
client-file-changed = { $name } a changé pendant l'envoi. Rien n'a été gardé sur le serveur ; envoyez-le à nouveau.
client-file-forgotten = Le serveur ne connaît plus cet envoi.
client-file-there = { $path } existe déjà et n'est pas remplacé.
client-file-mismatch = { $name } n'est pas ce que le serveur annonçait : son SHA-256 est autre. Il n'a pas été gardé.
client-file-unknown = Il n'y a pas de fichier « { $name } » que vous puissiez voir. /files les liste.
client-file-elsewhere = { $server } est un autre serveur : un fichier se récupère sur celui où vous parlez.
client-upload-one = Un nom, ou l'entrée standard, ne valent que pour un seul fichier.
client-upload-name = Ce qui vient de l'entrée standard a besoin d'un nom : --name notes.txt
client-download-both = La sortie standard prend le fichier ou le JSON, pas les deux.
client-bad-which = { $which } n'est ni public, ni own, ni sent, ni all, ni un #salon.
client-interrupted = Interrompu. Ce qui est arrivé est gardé : la même commande reprendra là.
client-interrupted-input = Interrompu. Rien n'en a été gardé.
client-sent = { $name } ({ $size }) est arrivé : c'est le fichier { $number }, son SHA-256 est juste.
client-fetched = { $name } ({ $size }) est arrivé, son SHA-256 est juste.
client-transfers-full = Trop de transferts attendent déjà ; abandonnez-en : /transfers

## Le client : les jours
client-day = { $weekday } { $day } { $month }
client-day-of-year = { $weekday } { $day } { $month } { $year }
client-weekday-1 = lundi
client-weekday-2 = mardi
client-weekday-3 = mercredi
client-weekday-4 = jeudi
client-weekday-5 = vendredi
client-weekday-6 = samedi
client-weekday-7 = dimanche
client-month-1 = janvier
client-month-2 = février
client-month-3 = mars
client-month-4 = avril
client-month-5 = mai
client-month-6 = juin
client-month-7 = juillet
client-month-8 = août
client-month-9 = septembre
client-month-10 = octobre
client-month-11 = novembre
client-month-12 = décembre

## Le client : l'écran
client-new-messages = { $count ->
    [one] { $count } nouveau message
   *[other] { $count } nouveaux messages
}
client-arrivals = { $count ->
    [one] +{ $count } arrivée
   *[other] +{ $count } arrivées
}
client-departures = { $count ->
    [one] −{ $count } départ
   *[other] −{ $count } départs
}
client-renames = { $count ->
    [one] { $count } nouveau nom
   *[other] { $count } nouveaux noms
}
client-alert-title = Message de l'administration, { $nick }
client-alert-title-server = Message de l'administration
client-alert-esc = Échap : vu
client-mark-sending = ◌ envoi…
client-mark-waiting = ◌ en attente
client-mark-failed = ✗ non envoyé (/resend)
client-too-small = fenêtre trop petite
client-pane-channels = Salons
client-pane-people = Privé
client-pane-members = { $count ->
    [one] { $count } membre
   *[other] { $count } membres
}
client-you = (vous)
client-more = … { $count } de plus
client-below = ↓ plus récent en bas
client-unread = { $count } à lire, { $mentions } pour vous
client-line-full = La ligne contient au plus { $count } octets : ce qui n'y tiendrait pas n'y a pas été mis.
client-room-left = { $count ->
    [one] encore { $count } octet dans ce message
   *[other] encore { $count } octets dans ce message
}
client-keys = F1 aide · Ctrl+K aller à · Tab compléter · Maj+Tab messages
client-aim-reply = ↩ Répond à { $message }
client-aim-react = + Réagit à { $message }
client-aim-delete = ✗ Retire { $message }
client-aim-unknown = un message qui n'est pas chargé ici
client-aim-ends = Échap annule
client-keys-message = ↑↓ choisir · r répondre · + réagir · d retirer · c copier · Échap retour
client-keys-file = ↑↓ choisir · s récupérer le fichier · r répondre · Échap retour
client-go-to = Aller à
client-pane-files = Fichiers (F4)
client-transfers-title = F4 Transferts
client-transfer-keys = ↑↓ choisir · p pause · r reprendre · a annuler · Échap ferme
client-transfer-key-pause = p
client-transfer-key-resume = r
client-transfer-key-cancel = a
client-drop = Envoyer { $name } ({ $size }) à { $place } ?
client-drop-count = { $count } fichiers
client-drop-keys = Entrée oui · p pour vous · Échap coller le texte
client-drop-key-private = p
client-ask-leave = Quitter ? o/N
client-long = Texte long de { $lines ->
    [one] { $lines } ligne
   *[other] { $lines } lignes
}, envoyé en { $messages ->
    [one] un seul message
   *[other] { $messages } messages
}.
client-long-keys = e envoyer · m modifier · a annuler
client-long-keys-file = e envoyer · f en fichier · m modifier · a annuler
client-long-answers-file = Envoyer ? o/N, ou f : en fichier
client-long-file = f
client-long-send = e
client-long-edit = m
client-long-cancel = a
client-pasted = { $lines ->
    [one] Une ligne a été collée.
   *[other] { $lines } lignes ont été collées.
}
client-long-answers = Envoyer ? o/N
client-long-not-sent = Non envoyé.
client-help-title = Commandes : ↑↓ défiler, toute autre touche revient

## Filters
filter-warned = L'administration vous demande de surveiller vos mots dans { $channel } : { $reason }
filter-held = Votre message à { $channel } attend que l'administration l'ait regardé : { $reason }
filter-held-full = Non envoyé : trop de messages attendent déjà l'administration. Motif : { $reason }
filter-dropped = L'administration ne laisse pas dire cela ici. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}Motif : { $reason }
filter-too-long = Les mots d'un filtre font au plus { $max } octets ; ceux-ci en font { $bytes }
filter-everything = Cela se trouverait dans chaque message : il faut à un filtre au moins une lettre ou un chiffre outre * et ?
filter-already = Ces mots y sont déjà cherchés, numéro { $number } : retirez d'abord ce filtre
filters-full = Il y a déjà { $max } filtres, le maximum : retirez-en d'abord
filter-unknown = Il n'y a pas de filtre numéro { $number }
filter-set = Le filtre { $number } est posé : { $pattern }
filter-removed = Le filtre { $number } est retiré : { $pattern }
filter-line = { $number }. { $action ->
    [warn] avertit
    [hold] retient
    [drop] refuse
   *[mute] fait taire
} : { $pattern }{ $channel ->
    [none] {""}
   *[other] {" "}dans { $channel }
}, depuis le { $since }, par { $by } : { $reason }
filters-end = Filtres : { $number }
held-line = { $number }. { $nick } dans { $channel }, { $since } (filtre { $filter }) : { $text }
held-end = Messages en attente : { $number }
held-unknown = Aucun message numéro { $number } n'attend
held-released-done = Dit : le message de { $nick } dans { $channel } (numéro { $number })
held-discarded-done = Écarté : le message de { $nick } dans { $channel } (numéro { $number })
held-author-gone = { $nick } n'est plus là : son message dans { $channel } est écarté (numéro { $number })
held-discarded = L'administration ne laisse pas dire votre message à { $channel }. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}{ $reason ->
    [none] {""}
   *[other] Motif : { $reason }
}
held-room-closed = Votre message à { $channel } n'est pas dit : le salon est fermé
held-ended = Personne n'a décidé à temps de votre message à { $channel } : il n'est pas dit. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}{ $reason ->
    [none] {""}
   *[other] Motif : { $reason }
}
notice-filter-set = { $by } pose le filtre { $number }, qui { $action ->
    [warn] avertit
    [hold] retient
    [drop] refuse
   *[mute] fait taire
} : { $pattern }{ $channel ->
    [none] {""}
   *[other] {" "}dans { $channel }
} ({ $reason })
notice-filter-removed = { $by } retire le filtre { $number }, { $pattern } : { $reason }
notice-filter-struck = { $nick } dans { $channel } : le filtre { $number } { $action ->
    [warn] a averti
    [hold] { $held ->
        [none] a empêché de dire quelque chose
       *[other] fait attendre un message jusqu'à ce que quelqu'un en décide (numéro { $held })
    }
   *[drop] a empêché de dire quelque chose
}
notice-held-released = { $by } laisse dire le message de { $nick } dans { $channel } (numéro { $number })
notice-held-discarded = { $by } écarte le message de { $nick } dans { $channel } (numéro { $number })
chanserv-filter-help = FILTER LIST montre les mots cherchés dans les salons,
    FILTER ADD warn | hold | drop | mute [#salon] mot raison, ou "plusieurs mots" raison, en cherche (* dans un mot, ? pour un caractère) ;
    warn avertit, hold retient, drop refuse, mute refuse et fait taire,
    FILTER DEL numéro raison ne les cherche plus,
    FILTER HELD montre les messages qui attendent, RELEASE numéro en laisse dire un, DISCARD numéro non : FILTER RELEASE 3.

## Sanctions
sanction-kept-out = L'administration vous exclut de ce serveur { $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
}. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}Motif : { $reason }
sanction-kept-out-there = Vous ne pouvez pas entrer : l'administration vous exclut { $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
}. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}Motif : { $reason }
sanction-kept-out-of = L'administration vous exclut de { $channel } { $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
}. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}Motif : { $reason }
sanction-silent = L'administration vous laisse lire mais pas parler, { $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
}. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}Motif : { $reason }
sanction-silent-there = Vous ne pouvez pas parler là : l'administration vous a retiré la parole { $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
}. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}Motif : { $reason }
sanction-silent-in = L'administration vous retire la parole dans { $channel } { $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
}. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}Motif : { $reason }
closing-banned = Banni par l'administration : { $reason }
closing-kicked = Déconnecté par l'administration : { $reason }
kicked-off = L'administration vous a déconnecté. { $contact ->
    [none] {""}
   *[other] Pour contester : { $contact }. {""}
}Motif : { $reason }
away-silent = Absent
sanction-silent-over = Vous pouvez parler de nouveau : l'interdiction a pris fin
sanction-silent-over-in = Vous pouvez parler de nouveau dans { $channel } : l'interdiction a pris fin
notice-sanctioned = { $by } { $kind ->
    [ban] bannit
   *[mute] retire la parole à
} { $whom }{ $channel ->
    [none] {""}
   *[other] {" "}dans { $channel }
}, { $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
} (numéro { $number }) : { $reason }
notice-sanction-lifted = { $by } lève la sanction de { $whom } (numéro { $number }) : { $reason }
notice-put-out = { $by } a mis { $nick } hors de { $channel } : { $reason }
admin-killed = { $nick } est déconnecté ; connexions terminées : { $number }
admin-put-out = { $nick } est mis hors de { $channel }
sanction-imposed = { $kind ->
    [ban] Banni
   *[mute] Réduit au silence
} { $channel ->
    [none] {""}
   *[other] dans { $channel } {""}
}{ $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
} : { $whom } (numéro { $number } ; personnes connectées touchées : { $people })
sanction-lifted = Levée : la sanction de { $whom } (numéro { $number })
sessions-none = Personne n'est connecté à { $account }, et aucun appareil n'y est lié : il n'y a rien à fermer
registration-set-already = C'est déjà le cas : { $registration }
registration-configured-already = La configuration décide déjà : { $registration }
role-account-waits = { $account } attend d'être approuvé : décidez d'abord de cela
sanctions-lifted = Levées : les { $count } sanctions de { $whom } (numéros { $number })
sanction-line = { $number }. { $kind ->
    [ban] exclusion
   *[mute] silence
} de { $whom }{ $channel ->
    [none] {""}
   *[other] {" "}dans { $channel }
}, depuis le { $since }, { $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
}, par { $by } : { $reason }
sanctions-end = Sanctions : { $number } ; montrées : { $shown }
sanction-duration = Une sanction dure au moins une seconde et au plus cent ans : 30m, 12h, 7d, 1y, ou perm si elle ne finit pas
sanction-too-long = Avec votre rôle, une sanction finit dans les { $days } jours : dites pour combien de temps, 30m, 12h ou 7d
sanction-lift-above = Quelqu'un au-dessus de vous en a décidé ({ role-word }) : il faut un rôle comme le sien pour y mettre fin
sanction-lift-too-long = Avec votre rôle, on ne lève que ce qui dure au plus { $days } jours
sanction-yourself = Personne n'est son propre juge
sanction-hits-you = Cela vous toucherait vous-même, et d'autres personnes connectées : { $number }
sanction-hits-all = Cela toucherait tout le monde ; parmi les personnes connectées : { $number }
sanction-too-wide = Cela pourrait toucher n'importe qui ; parmi les personnes connectées : { $number }. Une plage veut au moins 8 bits en IPv4 ou 16 en IPv6, un masque une lettre ou un chiffre qui doit s'y trouver
sanction-hits-above = Cela toucherait quelqu'un que votre rôle n'atteint pas, parmi tant de personnes connectées : { $number }
sanction-already = Cela vaut déjà, numéro { $number }, { $until ->
    [never] définitivement
   *[other] jusqu'au { $until }
} : levez d'abord cette sanction
sanction-target = { $whom } n'est ni une adresse, ni une plage, ni un masque
sanction-unknown = Il n'y a pas de sanction numéro { $number }
sanction-none = Aucune sanction de cette sorte ne vise { $whom } { $channel ->
    [none] sur le serveur
   *[other] dans { $channel }
}
sanctions-full = Il y a déjà { $max } sanctions, le maximum : levez-en d'abord
sanctions-full-of-masks = Il y a déjà des sanctions sur { $max } masques, le maximum : levez-en, ou visez des comptes et des adresses
command-uban = Exclusions du serveur (comptes, masques, adresses) : ADD, DEL, LIST, INFO.
command-kline = Exclure quelqu'un du serveur ; autre nom de UBAN ADD.
command-dline = Exclure une adresse du serveur ; autre nom de UBAN ADD.
command-mute = Laisser quelqu'un lire sans parler sur le serveur.
command-unkline = Lever une exclusion du serveur ; autre nom de UBAN DEL.
command-undline = Lever l'exclusion d'une adresse ; autre nom de UBAN DEL.
command-unmute = Rendre la parole à quelqu'un sur le serveur.
## La console et les verbes de l'administrateur
admin-no-verb = Il n'y a pas de verbe « { $verb } »
admin-field-unknown = « { $verb } » n'a pas de champ « { $field } »
admin-field-wrong = Ce que dit « { $field } » de « { $verb } » ne convient pas
admin-field-no-span = « { $field } » de « { $verb } » n'est pas une durée : écrivez 90s, 15m, 2h, 7d ou 4w (s, min, h, jours, semaines)
admin-field-missing = « { $verb } » demande « { $field } »
admin-forbidden = Seuls le compte du système qui fait tourner le serveur, et root, peuvent l'administrer
admin-watching = Ce qui arrive est dit à partir de maintenant
admin-stop-too-late = Un arrêt se demande { $hours } heures à l'avance au plus ; rien n'a été arrêté
admin-stopping-in = Le serveur s'arrête dans { $seconds } s ; tout le monde est prévenu
admin-stop-sooner = Le serveur s'arrête déjà plus tôt, dans { $seconds } s : annulez d'abord cet arrêt, ou laissez-le venir
admin-no-stop = Il n'y a pas d'arrêt à annuler
stop-announced = Le serveur s'arrête dans { $seconds } s : { $reason }
stop-called-off = Finalement, le serveur ne s'arrête pas
stop-cancelled = L'arrêt est annulé
admin-list-people = PSEUDO | DEPUIS | ADRESSE | CLIENT | INACTIF | SALONS
admin-list-rooms = SALON | GENS | MODES | PROPRIÉTAIRE | OUVERT | SUJET
admin-list-accounts = COMPTE | RÔLE | CRÉÉ | VU | NOTES
admin-list-devices = NUMÉRO | APPAREIL | UTILISÉ | DEPUIS
admin-list-sanctions = NUMÉRO | QUOI | QUI | OÙ | JUSQU'À | PAR | RAISON
admin-list-people-count = Connectés : { $people } ; connexions : { $sessions } ; comptes : { $accounts }
admin-list-rooms-count = Salons : { $rooms }
admin-list-accounts-count = Comptes : { $accounts }
admin-list-sanctions-count = Sanctions en vigueur : { $sanctions }
admin-list-more = La suite : --after { $name }
admin-list-absent = toujours présent
admin-list-present = à l'instant
admin-list-waiting = attend une approbation
admin-list-sanction = sanction { $number }
admin-list-for-ever = toujours
admin-list-server = le serveur
admin-kind-ban = bannissement
admin-kind-mute = silence
admin-role-owner = propriétaire
admin-role-admin = administrateur
admin-role-moderator = modérateur
admin-role-auditor = auditeur
admin-role-user = utilisateur
admin-role-guest = invité
admin-role-bot = robot
admin-show-account = Compte
admin-show-role = Rôle
admin-show-created = Créé
admin-show-seen = Vu
admin-show-notes = Notes
admin-show-login = Identification
admin-login-any = de partout
admin-login-pinned = de { $address } seulement
admin-login-unpinned = la prochaine fera retenir son adresse
admin-show-certificates = Certificats
admin-show-rooms = Possède
admin-field-no-word = « { $field } » de « { $verb } » est l'un de : { $words }
admin-list-invitations = NUMÉRO | SALON | RESTE | FAITE | JUSQU'À | PAR
admin-list-invitations-count = Invitations en vigueur : { $invitations }
admin-list-filters = NUMÉRO | MOTS | CE QUI ARRIVE | OÙ | PAR | RAISON
admin-list-filters-count = Filtres : { $filters }
admin-list-held = NUMÉRO | DEPUIS | SALON | DE | FILTRE | TEXTE
admin-list-held-count = Messages en attente : { $messages }
admin-filter-warn = averti
admin-filter-hold = retenu
admin-filter-drop = refusé
admin-filter-mute = refusé, auteur réduit au silence
admin-token-made =
    Jeton { $number } de { $account }, valable jusqu'au { $until }. Il ne sera plus jamais montré :
    { $token }
watch-signed-in = { $account } a ouvert une session depuis { $address } ({ $mechanism })
watch-signed-in-device = { $account } a ouvert une session depuis { $address } ({ $mechanism }, { $device })
watch-sign-in-refused = Connexion de { $name } depuis { $address } refusée : { $factor } ({ $mechanism })
watch-factor-name = ce compte n'existe pas
watch-factor-password = mot de passe faux
watch-factor-token = jeton d'appareil faux
watch-factor-certificate = le certificat ne l'ouvre pas
watch-factor-code = le code a déjà servi ou est trop vieux
watch-factor-throttled = trop d'échecs auparavant
watch-factor-waiting = le compte attend d'être approuvé
watch-factor-banned = cette personne est exclue du serveur
watch-factor-address = juste, mais on ne s'y identifie pas depuis cette adresse
watch-came = + { $nick } est là ({ $address })
watch-left = - { $nick } est parti
watch-left-reason = - { $nick } est parti : { $reason }
watch-wrote = { $nick } → administration : { $message }
watch-wrote-to = administration → { $nick } : { $message }
watch-lost = { $lost } événements perdus : cette console lit trop lentement
cli-admin-people = Liste les présents, avec adresses, salons et clients
cli-admin-rooms = Liste les salons
cli-admin-accounts = Liste les comptes
cli-admin-account = Montre un compte, l'approuve, l'abandonne
cli-admin-account-show = Montre tout ce qu'on sait d'un compte
cli-admin-sanctions = Liste les sanctions en vigueur
cli-admin-alert = Dit à tous ce que personne ne doit manquer
cli-admin-write = Écrit à quelqu'un au nom de l'administration
cli-admin-kick = Déconnecte quelqu'un, ou le sort d'un salon
cli-admin-ban = Interdit à quelqu'un le serveur, ou un salon
cli-admin-unban = Lève un bannissement
cli-admin-mute = Laisse quelqu'un lire, et ne rien dire
cli-admin-unmute = Rend la parole à quelqu'un
cli-admin-lift = Lève une sanction, par son numéro
cli-admin-role = Donne à un compte un rôle sur le serveur
cli-admin-sessions = Connexions des comptes
cli-admin-sessions-end = Ferme les connexions d'un compte et retire ses jetons
cli-admin-account-drop = Abandonne un compte
cli-admin-account-approve = Admet un compte en attente
cli-admin-account-refuse = Abandonne un compte en attente
cli-admin-registration = Ouvre ou ferme l'inscription
cli-admin-room = Salons du serveur
cli-admin-room-close = Vide un salon et l'abandonne
cli-admin-room-take = Donne un salon à un autre compte
cli-admin-watch = Dit ce qui arrive, jusqu'à interruption
cli-admin-account-rename = Donne un autre nom à un compte
cli-admin-account-suspend = N'admet personne par un compte, pour un temps
cli-admin-account-resume = Rouvre un compte suspendu
cli-admin-account-login = Décide d'où l'on peut s'identifier à un compte
cli-admin-account-unlock = Oublie l'adresse retenue pour un compte
cli-admin-room-rename = Donne un autre nom à un salon
cli-admin-filters = Liste les mots recherchés
cli-admin-filter = Mots recherchés dans ce qui se dit
cli-admin-filter-add = Recherche des mots dans ce qui se dit dans les salons
cli-admin-filter-remove = Ne recherche plus des mots
cli-admin-held = Liste les messages en attente, ou en décide
cli-admin-held-release = Laisse dire un message en attente
cli-admin-held-discard = Ne laissera jamais dire un message
cli-admin-invitation = Invitations avec un code
cli-admin-invitation-end = Met fin à une invitation
cli-admin-invitations = Liste les invitations en vigueur
cli-admin-owner = Le premier propriétaire du serveur
cli-admin-owner-code = Montre le code qui fait le premier propriétaire
cli-admin-token = Jetons des programmes
cli-admin-token-create = Donne un jeton à un programme
cli-admin-token-revoke = Retire un jeton
admin-field-new-name = Le nom désormais
admin-field-login = any, pin-first, ou des adresses et plages
admin-field-uses = Pour combien un code est bon (1 par défaut, avec --for)
admin-field-invite-for = Combien de temps (7d par défaut, avec --uses)
admin-field-invitation = Le numéro de l'invitation
admin-field-scope = Pour quoi : read, people, moderation, accounts, rooms, server, register, avec des virgules
admin-field-token-for = Combien de temps, un an au plus (30d par défaut)
admin-field-token-name = Comment il s'appelle (par défaut : ce à quoi il sert)
admin-field-token = Le numéro du jeton
admin-field-action = warn (avertit ; par défaut), hold (retient), drop (refuse) ou mute (fait taire)
admin-field-pattern = Les mots ; * est n'importe quoi dans un mot, ? un caractère
admin-field-filter = Le numéro du filtre
admin-field-held = Le numéro du message
cli-value-scopes = PORTÉES
cli-value-login = RÈGLE
cli-value-action = ACTION
admin-field-nick = Le pseudo, ou le compte
admin-field-room = Le salon
admin-field-in-room = Dans ce salon seulement (sinon sur tout le serveur)
admin-field-for = Durée : 90s, 15m, 2h, 7d, 4w (sinon pour toujours)
admin-field-whom = Un compte, un pseudo, une adresse, une plage d'adresses ou un masque
admin-field-text = Ce qu'on lira
admin-field-like = Seulement ceux dont le nom contient cela
admin-field-after = Seulement ceux d'après ce nom
admin-field-limit = Combien au plus
admin-field-to = À qui, par pseudo ou compte
admin-field-number = Le numéro de la sanction
admin-field-role = owner, admin, moderator, auditor, bot ; user pour aucun
admin-field-registration = open, invite, approve, closed ; configured pour suivre la configuration
admin-field-new-owner = Le compte qui doit le posséder
admin-field-in = Dans combien de temps : 10s, 5m (sinon tout de suite)
admin-field-cancel = Annule l'arrêt qui vient
cli-value-span = DURÉE
cli-value-whom = QUI
cli-value-role = RÔLE
cli-value-registration = MODE
cli-admin-json = Affiche la réponse comme un objet JSON
cli-admin-yes = Ne demande rien avant d'agir
admin-entry = Consigné au registre : n° { $entry }
cli-server-forbidden = Le serveur de { $folder } est celui d'un autre utilisateur : seuls le compte qui le fait tourner, et root, peuvent l'administrer
cli-admin = Administre le serveur en marche ; sans verbe, par la console
cli-serve-console = Montre la console
cli-serve-no-console = Ne montre pas la console, mais le journal
console-prompt = Votre action sur le serveur :{ " " }
console-prompt-to = À { $name } :{ " " }
console-missing = { $what } :{ " " }
console-answer = [o/N]{ " " }
console-confirm = { $what } ? [o/N]
console-not-done = Rien n'a été fait.
console-does-not-fit = Cela ne convient pas.
console-no-such-word = « { $said } » n'est aucun de : { $words }.
console-no-number = « { $said } » n'est pas un nombre.
console-no-size = « { $said } » n'est pas une taille en octets : écrivez par exemple 500MB, ou 2GiB.
console-backup = Une sauvegarde est en cours : { $file }
console-backup-busy = Une sauvegarde est déjà en cours.
console-backup-progress = Sauvegarde : { $percent } %
console-backup-where = Dites dans quel fichier, #Backup FICHIER, ou réglez backup.folder dans la configuration.
console-help-backup = Fait une sauvegarde : #Backup [fichier]
console-unknown = Il n'y a pas de commande « { $word } » : #Help les donne.
console-too-much = Il y a quelque chose de trop : « { $words } ».
console-private = Conversation avec { $name }, qui voit l'administration. #Private pour revenir.
console-private-over = La conversation avec { $name } est finie.
console-private-whom = Dites avec qui : #Private PSEUDO
console-exit = Le serveur s'arrête dans { $ahead }, et tout le monde est prévenu. L'arrêter ? [o/N]
console-attached = La console du serveur de { $folder }. Ctrl+D pour la quitter ; #Help pour les commandes.
console-server-ended = Le serveur s'est arrêté. Au revoir.
console-help-help = Montre cette liste
console-help-private = Converse avec quelqu'un ; sans nom, revient
console-help-exit = Arrête le serveur : #Exit [10s] [raison] ; ou : close
console-help-detach = Quitte la console ; le serveur continue
console-banner =
    Causette { $version }, données : { $folder }, journal : { $log }
      Adresses : { $addresses }
      Certificat (SHA-256) : { $fingerprint }
      Clé publique (SHA-256), que les clients montrent : { $key }
    #Help pour les commandes.
console-fault = Le serveur ne peut pas continuer : { $reason }. Son journal en dit plus ; relancez-le
## Sauvegardes
backup-entered = La sauvegarde { $file } est inscrite au registre
backup-made = Sauvegarde { $file } : { $bytes } octets, SHA-256 { $sha256 }
backup-entry = C'est l'inscription { $entry } du registre
backup-no-server = Aucun serveur ne tourne : la sauvegarde n'est pas inscrite au registre
backup-not-entered = La sauvegarde est entière, mais elle n'est pas inscrite au registre : { $reason }
backup-elsewhere = N'y est pas, parce que situé hors du dossier de données : { $file }
backup-contents = { $count ->
    [one] Avec le contenu d'un fichier gardé ici
   *[other] Avec { $count } contenus de fichiers gardés ici
}
backup-content-removed = N'y est pas, car supprimé entre-temps : fichier { $file }, { $name }
backup-content-lost = N'y est pas, car son contenu est introuvable : fichier { $file }, { $name }
backup-content-damaged = N'y est pas, car son contenu est illisible ou n'est plus ce qu'il était : fichier { $file }, { $name }
backup-contents-more = Et { $count } autres n'y sont pas
backup-verified = La sauvegarde { $place } est entière : { $server } du { $created }, faite par { $version }, { $entries } inscriptions au registre, toutes telles qu'enregistrées
restored = La sauvegarde est dans { $place } : { $server } du { $created }, { $entries } inscriptions au registre, toutes telles qu'enregistrées
restored-database = La configuration place la base dans { $database } : déplacez-y causette.db avant de démarrer le serveur
restored-elsewhere = La configuration place la base dans { $database }, et ce qui vient d'être remis est le fichier { $file }. Avant de démarrer le serveur, déménagez-le là-bas, dans une base vide : causette migrate --from sqlite:causette.db --to URL ; ou nommez ce fichier dans database.url
backup-refused = { $file } : { $error }
backup-exists = { $file } existe déjà : nommez un autre fichier, ou remplacez-le avec --force
backup-not-a-file = { $file } existe et n'est pas un fichier : nommez-en un autre
backup-lost = son fil s'est arrêté : signalez-le comme une erreur du programme
backup-in-data-dir = { $file } serait dans le dossier de données et se perdrait avec lui : nommez un fichier ailleurs, de préférence sur un autre disque
backup-under-way = { $file } existe : une autre sauvegarde de ce nom est en cours, ou autre chose s'appelle ainsi
backup-log-grew = Le journal de la base a grossi de { $mebibytes } Mio pendant la copie, et la sauvegarde a été abandonnée : écrivez-la sur un disque plus rapide, ou à une heure plus calme
backup-foreign = { $file } n'est pas une sauvegarde de Causette
backup-damaged = { $file } n'est pas la sauvegarde qui fut écrite : { $what }
backup-broken-cut = elle s'arrête trop tôt
backup-broken-header = ce qui se trouve entre ses fichiers a changé
backup-broken-digest = { $member } a changé
backup-broken-trailer = sa fin a changé, ou quelque chose la suit
backup-contradicts = { $file } est telle qu'elle fut écrite, mais la base qu'elle contient n'est pas saine : { $what }
backup-differs = { $file } annonce pour { $table } dans sa base { $told }, et l'on y trouve { $found }
backup-newer-format = La sauvegarde a le format { $found }, et cette version de Causette lit ceux jusqu'à { $known } : prenez la version qui l'a faite, ou une plus récente
backup-newer-schema = La base de la sauvegarde a la forme { $found }, et cette version de Causette connaît celles jusqu'à { $known } : prenez la version qui l'a faite, ou une plus récente
restore-running = Un serveur tourne sur { $folder } : arrêtez-le et mettez ses fichiers de côté, ou nommez un autre dossier avec --data
restore-not-empty = { $folder } n'est pas vide : mettez de côté ce qui s'y trouve, ou nommez un autre dossier avec --data
admin-status-no-backup = Le serveur n'a encore fait aucune sauvegarde de lui-même
admin-status-backup = Dernière sauvegarde : { $file }, { $time }
admin-status-backup-failed = La suivante a échoué : { $reason }
rule-bytes = un nombre entier avec son unité, comme « 100MiB » ou « 2GiB » (KiB, MiB, GiB, TiB), ou « 0 »
rule-whole-path = le nom complet d'un dossier, à partir de /
rule-clamd = là où le démon de ClamAV écoute : "unix:/run/clamav/clamd.ctl" ou "tcp:127.0.0.1:3310"
rule-scan-command = un programme par son nom complet et ses arguments, dont un est "{ "{" }path{ "}" }" : ["/usr/local/bin/regarde", "{ "{" }path{ "}" }"]
rule-scan-failure = "refuse" ou "accept"
rule-files-url = une adresse par laquelle commencent toutes les autres, avec https:// ou http:// devant, un hôte, et ni blanc ni signe hors - . : [ ] / _ ~ : « https://files.example.org »
rule-kept = un nombre entier de minutes, d'heures ou de jours, comme « 24h » ou « 30d », { $days } jours au plus, ou « 0 » pour toujours
rule-pace = un nombre entier de minutes, d'heures ou de jours, comme « 30m », « 24h » ou « 7d », { $days } jours au plus
rule-backup-pair = là aussi : backup.every et backup.folder vont ensemble
cli-backup = Écrit dans un fichier tout ce qui fait le serveur
cli-backup-file = Le fichier
cli-backup-force = Remplace le fichier s'il existe
cli-backup-verify = N'écrit rien : vérifie la sauvegarde qu'est ce fichier
cli-restore = Remet une sauvegarde dans un dossier de données vide
cli-restore-file = La sauvegarde

## Le registre, lu par des personnes
cli-audit-read = Lire les dernières inscriptions du registre, ou y chercher
cli-audit-tail = Afficher les dernières inscriptions ; la lecture y est inscrite
cli-audit-search = Chercher dans le registre ; la lecture y est inscrite
cli-admin-doctor = Dire ce qui ne va pas dans le serveur, et que faire
cli-value-time = MOMENT
cli-value-kind = TYPE
register-field-last = Combien des dernières inscriptions
register-field-account = Ce qu'un compte a fait, et ce qui lui a été fait
register-field-address = Ce qui est venu d'une adresse, ou d'une plage comme 192.0.2.0/24
register-field-from = À partir de ce moment : 28/11/2026, « 28/11/2026 14:30 », ou 2h pour il y a deux heures
register-field-to = Avant ce moment
register-field-kind = Les types qui commencent ainsi, comme message ou authentification.echec
register-field-room = Ce qui s'est passé dans un salon
register-field-text = Des mots qui y figurent, dans un ordre quelconque
register-field-after = Après l'inscription de ce numéro
register-field-limit = Combien d'inscriptions au plus
register-field-format = table, csv ou jsonl
register-field-follow = Continuer avec ce qui arrive, jusqu'à interruption
register-field-pages = Tout dire, en autant de pages qu'il en faut
register-headings = N° | MOMENT | ÉVÉNEMENT | QUI | OÙ | QUOI
register-server = le serveur
register-system = { $name } (console)
register-gone = { $name } (abandonné)
register-guest = { $name } (invité)
register-erased = effacé, comme le dit l'inscription { $entry }
register-unreadable = illisible : lancez causette audit verify
register-redacted = [retiré par { $by } le { $time }]
register-count = { $number ->
    [one] une inscription
   *[other] { $number } inscriptions
}
register-nothing = Le registre n'a rien de tel
register-more = Il y en a peut-être d'autres : continuez avec --after { $number }
register-unplaced = { $number ->
    [one] Une inscription a été laissée de côté : sa provenance n'a pas été trouvée
   *[other] { $number } inscriptions ont été laissées de côté : leur provenance n'a pas été trouvée
}
register-looked-back = Ce qui précède l'inscription { $number } n'a pas été regardé : causette audit search regarde tout
register-too-long = Une question au registre a { $max } octets au plus
register-no-address = { $value } n'est ni une adresse ni une plage d'adresses, comme 192.0.2.7 ou 2001:db8::/32
register-no-time = { $value } n'est pas un moment : écrivez 28/11/2026, 2026-11-28T14:30:00Z, ou 2h pour il y a deux heures
register-times-crossed = Ce que l'on cherche commence avant de finir : --from doit précéder --to
register-no-kind = Aucun type d'inscription ne commence par { $value } : la page sur le registre en donne la liste
register-no-follow = Pour suivre le registre, utilisez causette audit tail --follow
register-none = Demandez au moins une inscription
register-last-or-limit = Demandez les dernières inscriptions ou celles qui suivent une inscription, pas les deux
register-too-many = On montre au plus { $max } des dernières inscriptions : pour davantage, cherchez
register-no-account = Aucun compte ne s'appelle { $name }, ni ne s'appelait ainsi quand il a été abandonné ; un nom qu'un compte a quitté pour un autre se trouve avec --kind compte --text, les identifications sous un nom que personne n'a avec --text
register-no-room = Aucun salon ne s'appelle { $name }, ni ne s'appelait ainsi quand il a été fermé ; un nom qu'un salon a quitté pour un autre se trouve avec --kind salon --text
register-busy = D'autres lisent le registre : réessayez dans un instant
register-unread = Le registre n'a pas pu être lu : { $error }
audit-needs-server = { $why }. Qui lit le registre y est d'abord inscrit, ce que seul le serveur en marche peut faire
audit-reading = Cette lecture est l'inscription { $entry } du registre
register-kind-compte-creation = compte créé
register-kind-compte-suppression = compte supprimé
register-kind-compte-motdepasse = mot de passe changé
register-kind-compte-code-usage = code utilisé
register-kind-compte-reglage = réglage du compte
register-kind-compte-certificat-ajout = certificat ajouté
register-kind-compte-certificat-retrait = certificat retiré
register-kind-compte-appareil-ajout = jeton créé
register-kind-compte-appareil-retrait = jeton révoqué
register-kind-compte-renommage = compte renommé
register-kind-pseudo-change = pseudo changé
register-kind-profil-change = ce que quelqu'un dit de soi
register-kind-session-ouverture = connexion
register-kind-session-fermeture = déconnexion
register-kind-session-presence = quelqu'un devant un client, ou personne
register-kind-session-refus = connexion refusée
register-kind-session-silence = connexions muettes
register-kind-authentification-succes = identification
register-kind-authentification-echec = identification refusée
register-kind-utilisateur-depart = départ
register-kind-message-creation = message
register-kind-message-suppression = message retiré
register-kind-salon-creation = salon ouvert
register-kind-salon-renommage = salon renommé
register-kind-salon-fermeture = salon fermé
register-kind-salon-entree = entrée
register-kind-salon-sortie = sortie
register-kind-salon-expulsion = expulsion
register-kind-salon-sujet = sujet
register-kind-salon-mode = modes
register-kind-salon-enregistrement = salon enregistré
register-kind-salon-ouverture = temps fermés d'un salon ouverts
register-kind-salon-desenregistrement = salon désenregistré
register-kind-salon-acces = droits dans un salon
register-kind-salon-profil = ce qui est dit d'un salon
register-kind-salon-reprise = resté dans un salon en s'identifiant
register-kind-salon-invitation = invitation à un salon
register-kind-administration-operateur = devenu opérateur
register-kind-administration-deconnexion = renvoyé du serveur
register-kind-administration-annonce = annonce
register-kind-administration-rechargement = configuration relue
register-kind-administration-arret = arrêt demandé
register-kind-administration-empreinte = empreintes montrées
register-kind-administration-invitation = invitation créée
register-kind-administration-invitation-code = invitation avec un code
register-kind-administration-invitation-fin = invitation close
register-kind-administration-proprietaire = code du premier propriétaire
register-kind-administration-refus = refusé à un jeton
register-kind-filtre-pose = filtre posé
register-kind-filtre-retrait = filtre retiré
register-kind-filtre-atteinte = filtre atteint
register-kind-message-retenue = message retenu
register-kind-message-retenue-fin = message retenu tranché
register-kind-fichier-depot = fichier déposé
register-kind-fichier-changement = fichier modifié
register-kind-fichier-retrait = fichier supprimé
register-kind-fichier-lecture = fichier téléchargé
register-kind-fichier-refus = fichier refusé
register-kind-registre-lecture = registre lu
register-kind-administration-sauvegarde = sauvegarde faite
register-kind-import-debut = importation commencée
register-kind-import-fin = importation terminée
register-kind-administration-motdepasse = mot de passe réinitialisé
register-kind-administration-role = rôle donné
register-kind-administration-inscriptions = inscriptions réglées
register-kind-alerte-emise = alerte
register-kind-administration-alerte = alerte du moment
register-kind-administration-approbation = inscription approuvée
register-kind-sanction-prononce = sanction
register-kind-sanction-levee = sanction levée
register-kind-sanction-fin = fin de sanction
register-kind-horloge-saut = saut d'horloge
register-kind-registre-liaison = liaison des inscriptions
register-kind-effacement-fait = effacement
register-kind-serveur-demarrage = serveur démarré
register-kind-serveur-arret = serveur arrêté

## Ce qui ne va pas dans un serveur, et que faire
doctor-busy = Un examen est déjà en cours : redemandez dans un instant
doctor-configuration = La configuration { $file } peut entrer en vigueur
doctor-configuration-none = Il n'y a pas de fichier de configuration : tout est par défaut
doctor-configuration-wrong = La configuration ne peut pas entrer en vigueur : { $error }
doctor-configuration-wrong-do = Corrigez-la et vérifiez avec causette check ; un serveur en marche garde celle qu'il a
doctor-folder = Le dossier de données { $folder } n'est qu'au serveur
doctor-folder-none = Il n'y a pas encore de dossier de données { $folder }
doctor-folder-none-do = Le premier démarrage le crée ; s'il devrait exister, nommez-le avec --data ou --config
doctor-folder-refused = Le dossier de données { $folder } ne peut pas être examiné : { $error }
doctor-folder-refused-do = Lancez ceci sous l'utilisateur du serveur ou comme root
doctor-folder-foreign = Le dossier de données { $folder } appartient à un autre utilisateur
doctor-folder-foreign-do = Lancez le serveur, et ceci, sous l'utilisateur à qui est le dossier, ou cédez-le avec chown -R
doctor-folder-open = D'autres que son propriétaire peuvent regarder dans le dossier de données { $folder } (mode { $mode })
doctor-folder-open-do = Fermez-le : chmod 700 { $folder }
doctor-write = On peut écrire dans { $folder }
doctor-write-refused = On ne peut rien écrire dans { $folder } : { $error }
doctor-write-refused-do = Libérez le disque ou montez-le en écriture ; d'ici là rien n'est enregistré et personne ne peut parler
doctor-disk = Le disque de { $folder } a encore { $mebibytes } Mio
doctor-disk-low = Le disque de { $folder } n'a plus que { $mebibytes } Mio
doctor-disk-low-do = Faites de la place, ou déplacez le dossier de données sur un disque plus grand
doctor-disk-full = Le disque de { $folder } est plein : il reste { $mebibytes } Mio
doctor-disk-full-do = Faites de la place maintenant : quand rien ne peut être enregistré personne ne peut parler, et après une minute le serveur s'arrête
doctor-inodes = Le disque de { $folder } peut encore recevoir { $count } fichiers
doctor-inodes-low = Le disque de { $folder } ne peut plus recevoir que { $count } fichiers
doctor-inodes-low-do = Supprimez de petits fichiers inutiles : df -i montre où est la limite
doctor-inodes-full = Le disque de { $folder } ne prend plus de fichiers (il en reste { $count })
doctor-inodes-full-do = Supprimez maintenant de petits fichiers inutiles : df -i montre où est la limite
doctor-socket = Seuls l'utilisateur du serveur et root peuvent demander à { $file }
doctor-socket-open = D'autres peuvent se connecter à { $file } (mode { $mode }) ; ils sont refusés, mais n'ont pas à venir jusque-là
doctor-socket-open-do = Fermez-le : chmod 600 { $file }
doctor-clock = L'horloge montre { $now }, et rien dans l'enregistrement n'est plus tardif
doctor-clock-early = L'horloge montre { $now }, ce qui est avant la création de ce programme
doctor-clock-early-do = Réglez l'horloge, et faites-la suivre les autres : timedatectl set-ntp true
doctor-clock-behind = L'horloge montre { $now }, et la dernière entrée du registre est de { $last }
doctor-clock-behind-do = Réglez l'horloge si elle est fausse ; si elle l'était avant, le prochain démarrage inscrit le saut et continue
doctor-clock-stepped = L'horloge a été réglée { $count } fois depuis le démarrage du serveur ; chaque fois est inscrite au registre
doctor-clock-stepped-do = Faites suivre à l'horloge les autres, pour qu'elle soit corrigée en douceur : timedatectl set-ntp true
doctor-ntp = L'horloge suit les autres (NTP)
doctor-ntp-not = L'horloge ne suit pas encore les autres (NTP)
doctor-ntp-not-do = timedatectl timesync-status dit pourquoi ; sans réseau, elle ne peut pas
doctor-files = { $files } fichiers peuvent être ouverts à la fois
doctor-files-unbounded = Un nombre quelconque de fichiers peut être ouvert
doctor-files-few = Seuls { $files } fichiers peuvent être ouverts à la fois, ce qui limite les connexions ; { $wanted } sont le minimum pour mille personnes
doctor-files-few-do = Relevez la limite : LimitNOFILE= dans l'unité systemd, ulimit -n dans un shell
doctor-files-used = { $open } des { $files } fichiers qui peuvent être ouverts le sont : bientôt personne ne pourra plus se connecter
doctor-files-used-do = Relevez la limite et redémarrez : LimitNOFILE= dans l'unité systemd, ulimit -n dans un shell
doctor-memory = { $mebibytes } Mio de mémoire sont disponibles
doctor-memory-low = Seuls { $mebibytes } Mio de mémoire sont disponibles
doctor-memory-low-do = Voyez ce qui tourne d'autre sur cette machine, et donnez davantage au serveur si beaucoup de gens viennent
doctor-memory-out = Il n'y a presque plus de mémoire disponible : { $mebibytes } Mio
doctor-memory-out-do = Arrêtez d'autres programmes, sinon le système en choisira un
doctor-certificate = Le certificat est valable jusqu'au { $date }, pendant { $days } jours
doctor-certificate-ends = Le certificat expire le { $date }, dans { $days } jours
doctor-certificate-ends-do = Renouvelez-le, puis causette admin reload
doctor-certificate-ended = Le certificat a expiré le { $date } : les clients le refusent
doctor-certificate-ended-do = Renouvelez-le maintenant, puis causette admin reload
doctor-certificate-none = Aucun certificat ne peut être examiné ici : un premier démarrage en fait un, ou seul le service le reçoit
doctor-certificate-none-do = Redemandez pendant que le serveur tourne
doctor-trust = Les clients se fient d'eux-mêmes au certificat pour { $server }
doctor-trust-self = Le certificat est celui du serveur : les clients interrogent leurs utilisateurs à son sujet, les nôtres le connaissent par son empreinte
doctor-trust-self-do = Donnez aux gens des invitations, qui portent l'empreinte ; ou prenez le certificat d'une autorité pour un serveur public
doctor-trust-not = Les clients ne se fient pas au certificat pour { $server }
doctor-trust-not-do = Voyez si server.name est un de ses noms, si le fichier a toute la chaîne, et si cette machine a les autorités (ca-certificates)
doctor-key = La clé { $file } est fermée aux autres
doctor-key-open = D'autres peuvent lire la clé { $file } (mode { $mode }), et se faire passer pour ce serveur
doctor-key-open-do = Fermez-la : chmod 600 { $file } ; si d'autres y ont eu accès, faites une nouvelle clé et un nouveau certificat
doctor-database = La base { $file } est entière, dans la forme { $version }
doctor-database-answers = La base { $file }, dans la forme { $version }, répond : son serveur veille sur ses pages
doctor-database-unfinished = La base { $file }, dans la forme { $version }, a été examinée trois secondes et est entière jusque-là : causette audit verify l'examine en entier
doctor-database-damaged = La base { $file } est endommagée : { $error }
doctor-database-damaged-do = Arrêtez le serveur, gardez une copie du dossier de données, et revenez à une sauvegarde : causette restore
doctor-certificate-damaged = Le certificat { $file } est abîmé : rien n'y en est un, et un démarrage le refuse
doctor-certificate-damaged-do = Remettez-le depuis une sauvegarde ; celui que le serveur a fait est refait de sa clé si le fichier est retiré
doctor-key-none = La clé { $file } n'est pas là, et un démarrage refuse le certificat à côté d'elle
doctor-key-none-do = Remettez-la depuis une sauvegarde ; sans elle, les clients ne reconnaissent plus le serveur
doctor-contents = Les contenus de fichiers gardés ici ({ $count }) sont dans { $folder }
doctor-contents-lost = Sur { $count } contenus de fichiers gardés ici, { $lost } ne sont pas dans { $folder }, dont celui du fichier { $file }, { $name }
doctor-contents-lost-do = Remettez ce dossier depuis l'endroit où était le serveur avant, ou depuis une sauvegarde : il suit le dossier de données quand un serveur déménage
doctor-cloak-none = La clé { $file } n'est pas là : un démarrage en fait une autre, tous les noms qui tiennent lieu d'adresses changent, et les exclusions des anciens ne valent plus
doctor-cloak-none-do = Remettez-la depuis une sauvegarde avant le prochain démarrage
doctor-database-none = Il n'y a pas encore de base { $file }
doctor-database-none-do = Le premier démarrage la crée ; si elle devrait exister, nommez son dossier avec --data ou --config
doctor-database-empty = Il n'y a encore rien dans la base { $file }
doctor-database-empty-do = Le premier démarrage crée ses tables ; s'il devrait y avoir quelque chose, vérifiez que database.url nomme la bonne
doctor-database-older-there = La base { $file } est d'une version antérieure à { $version }
doctor-database-older-there-do = Le prochain démarrage la met à jour : faites d'abord une sauvegarde
doctor-settings = Le serveur de bases garde ce que Causette promet : { $version }
doctor-settings-words = Le serveur de bases est { $found }
doctor-settings-words-do = Mettez-le à niveau : { $needed } ou plus récent
doctor-settings-commits = Le serveur de bases peut perdre ce qui est validé quand le courant manque : { $name } vaut { $found }
doctor-settings-commits-do = Donnez à { $name } la valeur { $needed } dans sa configuration et redémarrez-le : d'ici là, Causette ne démarre pas
doctor-settings-pages = Le serveur de bases peut ne pas réparer une page qu'une coupure de courant n'a écrite qu'en partie : { $name } vaut { $found }
doctor-settings-pages-do = Donnez à { $name } la valeur { $needed } dans sa configuration et redémarrez-le
doctor-settings-damage = Le serveur de bases ne remarque pas ce que son disque altère : { $name } vaut { $found }
doctor-settings-damage-do = Il lui faut { $needed } : pour PostgreSQL, pg_checksums --enable pendant qu'il est arrêté
doctor-settings-copies = Une copie du serveur de bases peut manquer de ce qu'il a validé en dernier, après une coupure de courant : { $name } vaut { $found }
doctor-settings-copies-do = Donnez à { $name } la valeur { $needed } dans sa configuration et redémarrez-le
doctor-settings-characters = La base ne peut pas garder chaque caractère tel qu'il vient : { $name } vaut { $found }
doctor-settings-characters-do = Il faut { $needed } : créez la base de nouveau, comme le montre la page « La base de données »
doctor-settings-moments = On ne peut pas interroger le serveur de bases sur un seul instant : { $name } vaut { $found }
doctor-settings-moments-do = Donnez à { $name } la valeur { $needed } dans sa configuration et redémarrez-le
doctor-settings-batches = Le serveur de bases accepte trop peu à la fois : { $name } vaut { $found }
doctor-settings-batches-do = Donnez à { $name } la valeur { $needed } dans sa configuration et redémarrez-le
doctor-settings-writing = Le serveur de bases est en lecture seule : { $name } vaut { $found }
doctor-settings-writing-do = Il faut { $needed } : nommez dans database.url le serveur qui reçoit les écritures
doctor-database-older = La base { $file } est d'une version antérieure à { $version }
doctor-database-older-do = Le prochain démarrage la met à jour, et garde une copie
doctor-database-unreadable = La base ne peut pas être lue : { $error }
doctor-database-unreadable-do = Faites ce que dit cette phrase ; si rien n'y fait, revenez à une sauvegarde : causette restore
doctor-log = Le journal de la base a { $mebibytes } Mio
doctor-log-long = Le journal de la base a { $mebibytes } Mio ; à partir de { $max } Mio rien n'est plus enregistré
doctor-log-long-do = Un autre programme a ouvert la base et lit longtemps : arrêtez-le (fuser montre lequel)
doctor-log-full = Le journal de la base a { $mebibytes } Mio, plus que { $max } : rien n'est enregistré
doctor-log-full-do = Arrêtez maintenant l'autre programme qui a ouvert la base (fuser montre lequel)
doctor-recording = Ce qui se dit est enregistré
doctor-recording-fails = Le disque refuse ce qui est à enregistrer : personne ne peut parler, et après une minute le serveur s'arrête
doctor-recording-fails-do = Occupez-vous du disque maintenant : le journal du serveur dit ce que le système a refusé
doctor-recording-fails-there = Le serveur de bases refuse ce qui est à enregistrer, ou ne répond pas : personne ne peut parler, et après une minute le serveur s'arrête
doctor-recording-fails-there-do = Occupez-vous maintenant du serveur de bases et du réseau : le journal du serveur dit ce qui a été refusé
doctor-backup = La dernière sauvegarde a { $hours } heures
doctor-backup-none = Le serveur ne fait pas de sauvegardes de lui-même
doctor-backup-none-do = Réglez [backup] every et folder, ou lancez causette backup par un minuteur
doctor-backup-not-yet = Le serveur n'a pas encore fait de sauvegarde
doctor-backup-not-yet-do = Il en fait une après un moment de marche ; voyez son journal si aucune ne vient
doctor-backup-old = La dernière sauvegarde a { $hours } heures, plus du double de ce qu'il faudrait
doctor-backup-old-do = Voyez dans le journal du serveur pourquoi aucune n'a été faite depuis
doctor-backup-failed = Aucune sauvegarde n'a pu être faite : { $error }
doctor-backup-failed-do = Occupez-vous de ce dossier et de son disque ; le serveur réessaie de lui-même
doctor-log-file = Le journal peut être écrit dans { $file }
doctor-log-file-refused = Le journal ne peut pas être écrit dans { $file } : { $error }
doctor-log-file-refused-do = Donnez ce fichier à l'utilisateur du serveur, ou nommez-en un autre dans [log] file
doctor-owner = { $count ->
    [one] Un compte est propriétaire du serveur
   *[other] { $count } comptes sont propriétaires du serveur
}
doctor-owner-none = Aucun compte n'est propriétaire du serveur
doctor-owner-none-do = Faites-en un : #AddAdmin NOM sur la console, ou causette admin role NOM owner --reason …
doctor-sign-ups = Chacun peut s'inscrire, et reçoit les règles et l'adresse à qui écrire
doctor-sign-ups-bare = Chacun peut s'inscrire, et la configuration ne dit pas : { $keys }
doctor-sign-ups-bare-do = Réglez-le, pour que les gens connaissent les règles et puissent contester ; ou faites approuver les inscriptions : causette admin registration approve
doctor-listener = { $address } répond
doctor-listener-deaf = Personne ne répond à { $address }
doctor-listener-deaf-do = Voyez le journal du serveur, puis redémarrez-le ; un pare-feu de cette machine peut gêner
doctor-listeners-ended = Un port d'écoute s'est arrêté : tout le monde ne peut pas se connecter
doctor-listeners-ended-do = Voyez le journal du serveur, puis redémarrez-le
doctor-sts = Les clients qui viennent sans TLS sont envoyés au port { $port } avec
doctor-sts-untrusted = Le port { $port } parle TLS ; aucun client n'y est envoyé, car tous ne se fieraient pas au certificat
doctor-sts-no-port = Aucun port ne parle TLS à tous : on ne peut pas dire aux clients où venir avec
doctor-sts-no-port-do = Si un serveur mandataire devant parle TLS, c'est normal ; sinon ajoutez un [[listener]] avec TLS
doctor-stopped = Aucun serveur ne tourne là : les ports d'écoute, l'enregistrement et ce qu'il fait de lui-même n'ont pas été examinés
doctor-all-well = Tout va bien
doctor-count = { $wrong ->
    [0] Rien ne va mal
    [one] Une chose ne va pas
   *[other] { $wrong } choses ne vont pas
}, { $hints ->
    [one] une pourrait aller mieux
   *[other] { $hints } pourraient aller mieux
}

## Reprendre ce que gardaient les deux anciens programmes
cli-import = Reprend comptes et conversations d'un ancien programme
cli-import-a = Celui au fichier SQLite, à LogFile.txt et ChatFile.txt
cli-import-b = Celui aux tables authentification et connexion de MySQL
cli-import-database = Son fichier SQLite, avec la table users(id, username, password)
cli-import-chat = Ce qui fut dit : ChatFile.txt
cli-import-log = Ce qui s'est passé : LogFile.txt
cli-import-files = Le dossier des fichiers échangés
cli-import-dump = Un export SQL, comme l'écrivent mysqldump et phpMyAdmin
cli-import-url = La base où sont ses tables : mysql://NOM@HÔTE/BASE, au lieu d'un export
cli-import-password-file = Le fichier du mot de passe, si ni l'URL ni CAUSETTE_IMPORT_PASSWORD ne l'ont
cli-import-room = Le salon dont tout devient l'historique ; sinon, voir la documentation
cli-import-dry-run = Ne change rien : dit seulement ce qui serait fait
import-running = Un serveur tourne sur { $folder } : arrêtez-le d'abord, ou regardez avec --dry-run
import-other-user = { $folder } appartient à { $user }, et le serveur ne pourrait pas ouvrir ce que vous y créez : lancez ceci en tant que { $user }, par exemple avec sudo -u { $user }
import-unread = { $file } ne peut être lu : { $error }
import-too-large = { $file } dépasse { $max } Gio : coupez-le en morceaux et importez-les l'un après l'autre
import-no-database = { $file } n'est pas une base SQLite : nommez le fichier où l'ancien programme gardait ses utilisateurs, ou remettez-en une copie s'il en était une
import-damaged = { $file } est abîmé, et ce qu'on en peut lire n'est pas tout ce qui s'y trouvait ({ $error }) : remettez-en une copie. S'il n'y en a pas, sqlite3 { $file } .recover | sqlite3 sauve.db sauve ce qui reste, pour --database sauve.db
import-no-table = { $file } n'a pas de table { $table } : c'est la base d'un autre programme. La table users(id, username, password) est attendue
import-no-column = La table { $table } de { $file } n'a pas de colonne { $column } : elle a été modifiée à la main, ou vient d'un autre programme. La table users(id, username, password) est attendue
import-no-tables = { $file } ne parle ni de la table authentification ni de la table connexion : ce n'est pas un export de l'ancien programme. Exportez ces deux tables avec leurs données
import-url-scheme = --url prend une base MySQL ou MariaDB, comme mysql://root@localhost/chat, car c'est là que le programme B gardait ses tables. Un export dans un fichier se nomme par --dump
import-url-built = --url : ce programme a été compilé sans MySQL ni MariaDB : exportez les deux tables, et nommez le fichier par --dump
import-url-wrong = --url : cette URL est illisible ({ $error }). Elle s'écrit comme mysql://root@localhost/chat ; dans un nom ou un mot de passe, écrivez % et deux chiffres hexadécimaux à la place de ce qui n'est ni lettre ni chiffre
import-url-parameter = --url : { $name } n'est pas un paramètre d'URL : la page « La base de données » les donne
import-url-escape = --url : { $escape } n'y est pas un caractère : % est suivi de deux chiffres hexadécimaux, et s'écrit lui-même %25
import-url-unescaped = --url : le nom ou le mot de passe s'y termine trop tôt, ou contient un % sans deux chiffres hexadécimaux : écrivez-y % / ? # @ : comme %25 %2F %3F %23 %40 %3A, ou nommez un fichier par --password-file
import-url-nameless = --url : nommez la base après l'hôte, comme mysql://root@localhost/chat : phpMyAdmin en montre le nom au-dessus des tables
import-url-ours = { $database } est une base de Causette, et non du programme B : nommez celle où l'ancien programme gardait ses tables
import-url-unreachable = Le serveur de bases ne répond pas ({ $error }) : démarrez-le, et vérifiez l'hôte et le port dans --url
import-url-no-tls = Le serveur de { $database } n'offre pas TLS, que --url demande : faites que ce serveur l'offre ; ou, là où personne d'autre ne peut écouter en chemin, écrivez ?ssl-mode=preferred
import-url-untrusted = Le certificat du serveur de bases n'est pas digne de confiance ({ $error }) : nommez l'autorité qui en répond, par ?ssl-ca=FICHIER à la fin de l'URL
import-url-denied = Le serveur de bases refuse le nom ou le mot de passe ({ $error }) : vérifiez le nom dans --url, et le mot de passe, là, dans --password-file ou dans CAUSETTE_IMPORT_PASSWORD
import-url-no-such = Il n'y a pas de base à { $database } : phpMyAdmin montre le nom de celles qui existent, et le dernier mot de --url doit en être un
import-url-no-table = { $database } n'a pas de table { $table }, ou ce nom ne peut la lire : nommez la base où le programme B gardait ses tables, ou donnez à ce nom le droit de les lire (GRANT SELECT)
import-url-no-column = La table { $table } de { $database } n'a pas de colonne { $column }, ou ce nom ne peut la lire : elle a été modifiée à la main, ou vient d'un autre programme. Sont attendues authentification(id, mdp, ip) et connexion(date_time, type, ip, port, donnée)
import-url-too-large = Les tables de { $database } dépassent { $max } Gio : exportez-les en morceaux, et importez-les l'un après l'autre par --dump
import-url-unread = { $database } ne peut être lue : { $error }. La cause écartée, relancez la même importation ; ou exportez les deux tables, et nommez le fichier par --dump
import-room-none = La configuration ne nomme aucun salon dans channels.auto_join : nommez-en un avec --room
import-room-name = { $room } n'est pas un nom de salon : il commence par #
import-room-unknown = Le salon { $room } n'existe pas, et se refermerait aussitôt, vide : mettez-le dans channels.auto_join, ou créez-le et enregistrez-le d'abord
import-not-written = Tout n'a pas pu être écrit : { $error }. Ce qui est écrit reste ; la cause écartée, relancez la même importation, elle continuera
import-problem-file = { $file } : { $what }
import-file = { $name } : { $bytes } octets, du { $time }
import-file-link = c'est un lien vers autre chose ; laissé de côté
import-file-folder = c'est un dossier, et seul ce qui se trouve à côté est repris ; nommez-le aussi par --files
import-file-special = ce n'est pas un fichier ; laissé de côté
import-file-unread = illisible ({ $error }) ; laissé de côté
import-file-too-large = il dépasse { $max } Mio, la limite de files.max_size ; laissé de côté
import-file-many = il y a déjà { $max } fichiers, et il ne peut y en avoir plus ; laissé de côté
import-file-name = aucun fichier ne peut s'appeler ainsi ici : c'est { $name }
import-file-changed = il a changé pendant qu'il était repris ; laissé de côté : relancez la même importation
import-files-would = Et il y aurait { $files ->
        [one] { $files } fichier
       *[other] { $files } fichiers
    } que chaque compte peut télécharger
import-files-done = Et { $files ->
        [one] { $files } fichier repris, que chaque compte peut télécharger
       *[other] { $files } fichiers repris, que chaque compte peut télécharger
    }
import-files-known = Fichiers déjà repris auparavant : { $files_known }
import-files-gone = Fichiers repris par une importation précédente et supprimés depuis, laissés ainsi : { $files_gone }
import-problem = { $file }, ligne { $line } : { $what }
import-damaged-row = ceci n'est pas écrit comme une ligne de table ; elle est laissée de côté
import-damaged-cut = l'export s'arrête au milieu d'une ligne, laissée de côté ; refaites l'export
import-damaged-end = l'export s'arrête ici : la suite manque, et nul ne sait ce qu'elle était ; refaites l'export
import-no-such-table = aucun export n'a la table { $table }, dont rien n'est donc repris : exportez les deux tables, authentification et connexion, avec leurs données
import-damaged-width = la ligne a { $found } valeurs pour { $expected } colonnes ; elle est laissée de côté
import-damaged-columns = la table { $table } n'a pas de colonne { $column } : elle a été modifiée à la main. Ses lignes sont laissées de côté ; rendez aux colonnes leur nom
import-account-twice = le compte { $name } figure deux fois avec le même mot de passe ; il n'est créé qu'une fois
import-name-form = on ne peut s'appeler { $name } ici : le compte est { $account }
import-name-empty = le nom est vide : le compte est { $account }
import-nameless = membre
import-name-kept = { $name } est réservé à qui tient le serveur : le compte est { $account }
import-name-taken = { $name }, ou un nom qui lui ressemble, est déjà pris : le compte est { $account }
import-password-none = { $account } n'avait pas de mot de passe, et personne ne peut s'y connecter : donnez un code avec causette account password { $account }
import-password-unusable = le mot de passe de { $account } est trop long, ou a la forme d'un jeton d'appareil : il n'ouvre rien. Donnez un code avec causette account password { $account }
import-password-weak = le mot de passe de { $account } a moins de { $min } caractères, ou c'est le nom ; il est repris tel quel
import-password-shared = { $count } comptes ont le mot de passe de { $account } ; il est repris tel quel
import-password-not-base64 = le mot de passe n'est pas en Base64 ; il est pris tel quel
import-password-said = c'était le mot de passe de la personne ; qu'elle l'a écrit est gardé, ce qu'il était ne l'est pas
import-password-place = (un mot de passe, qui n'est pas gardé)
import-address = { $address } n'est pas une adresse : le compte est lié à celle de sa première connexion
import-date-wrong = { $date } n'est pas une date du passé ; la ligne a l'heure de celle qui la précède
import-date-impossible = le { $date } n'existe pas ; la ligne a l'heure de celle qui la précède
import-date-early = sa date est d'avant 1970, quand aucun tel programme ne tournait ; la ligne a l'heure de celle qui la précède
import-date-ahead = { $time } est encore à venir ; la ligne a l'heure de celle qui la précède
import-date-back = { $time } précède la ligne du dessus ; la ligne a l'heure de celle-ci
import-data-decoded = ceci pourrait être un mot ou du Base64 ; c'est pris pour du Base64
import-data-kept = ceci pourrait être le Base64 de ce qui n'est pas un texte ; c'est gardé tel quel
import-kind-unknown = { $kind } n'est ni serveur ni client_NOM ; la ligne n'est gardée que pour le registre
import-person-unknown = { $name } n'a pas de compte ; ce qui fut dit sous ce nom n'est gardé que pour le registre
import-long = c'est plus long que ne peut l'être un message, et cela en devient { $count }
import-empty = il n'y a rien dedans ; c'est laissé de côté
import-would = Il y aurait { $accounts ->
        [one] { $accounts } compte créé
       *[other] { $accounts } comptes créés
    } et { $messages ->
        [one] { $messages } message repris
       *[other] { $messages } messages repris
    }
import-done = { $accounts ->
        [one] { $accounts } compte créé
       *[other] { $accounts } comptes créés
    }, { $messages ->
        [one] { $messages } message repris
       *[other] { $messages } messages repris
    }
import-nothing-new = Rien de nouveau : tout avait déjà été repris, et rien n'a changé
import-known = Déjà repris auparavant : comptes { $accounts_known }, messages { $messages_known }
import-gone = Comptes créés par une importation précédente et abandonnés depuis, laissés ainsi : { $accounts_gone }
import-left-out = Laissées de côté : { $left_out }, chacune est nommée ci-dessus
import-dry-run = Rien n'a changé : ce n'était qu'un coup d'œil
import-progress-accounts = Comptes : { $done } sur { $of }
import-progress-messages = Messages : { $done } sur { $of }
import-progress-files = Fichiers : { $done } sur { $of }
# causette migrate : vers une autre base.
cli-value-url = URL
cli-migrate = Déménage tout ce qui est enregistré vers une autre base
cli-migrate-from = La base à déménager, écrite comme database.url ; à défaut, celle de la configuration
cli-migrate-to = La base vide qui la reçoit, écrite de même
cli-migrate-from-password = Le fichier du mot de passe de la première, sur une ligne
cli-migrate-to-password = Le fichier du mot de passe de la seconde, sur une ligne
cli-migrate-from-ca = Le fichier de l'autorité qui répond du serveur de la première
cli-migrate-to-ca = Le fichier de l'autorité qui répond du serveur de la seconde
cli-migrate-no-verify = Ne vérifie pas le registre à l'arrivée
migrate-misnamed = { $option } : il faut { $rule }
migrate-missing = database.url : il n'y a pas de base de Causette dans { $database }
migrate-running = Un serveur tourne sur { $folder } : arrêtez-le d'abord, et n'en démarrez pas avant la fin du déménagement
migrate-same = Tout est déjà dans { $database } : nommez une autre base
migrate-occupied = { $database } contient déjà quelque chose : nommez une base vide, ou un fichier qui n'existe pas
migrate-other = { $database } contient ce qu'a commencé un autre déménagement, ou celui-ci avant qu'un serveur ne tourne à nouveau sur la source : videz-la, et recommencez
migrate-served = Un serveur a tourné sur { $database } pendant le déménagement : ce qu'il a enregistré depuis n'est pas dans la copie. Arrêtez-le, videz la destination, et recommencez
migrate-given-up = Le déménagement a été interrompu. Ce qui est arrivé reste sur place : la même commande continue
migrate-resumed = { $rows } de ces lignes étaient arrivées par un essai précédent
migrate-progress = { $table } : { $rows } lignes sur { $of } en tout
migrate-table = { $table } : { $rows } lignes en { $seconds } s ({ $pace } par seconde)
migrate-rows = { $rows } lignes de { $tables } tables sont dans { $to }, autant que dans la source : { $seconds } s ({ $pace } par seconde)
migrate-rows-differ = { $rows } lignes de { $tables } tables ont été apportées dans { $to } : { $seconds } s ({ $pace } par seconde)
migrate-contents = Le contenu des fichiers n'est dans aucune base : il reste dans { $folder }, et suit le dossier de données où celui-ci va
migrate-same-head = Le registre finit par la même inscription { $entry } des deux côtés
migrate-verified = { $entries } inscriptions du registre y sont comme elles ont été faites : vérifié en { $seconds } s
migrate-unverified = Le registre n'y a pas été vérifié : causette audit verify le fait
migrate-then = { $from } n'a été que lue, et reste comme elle était : n'y démarrez plus de serveur. Écrivez dans la configuration, avant de démarrer le serveur :
migrate-differs = { $table } a { $found } lignes, contre { $told } dans la source
migrate-differs-head = Le registre finit par une autre inscription que dans la source
migrate-differs-do = La copie n'est pas la source : quelqu'un l'a modifiée entre-temps. Videz-la, et recommencez ; aucun serveur ne démarre sur elle en l'état
migrate-altered = Tout est arrivé, et { $count } choses n'y sont pas comme elles ont été enregistrées :
migrate-altered-do = Vérifiez la source par causette audit verify. Si les mêmes défauts y sont, ils ont été déménagés tels quels : la même commande avec --no-verify termine le déménagement. D'ici là, aucun serveur ne démarre sur la copie

## Fichiers
file-unknown = Il n'y a pas de fichier { $file }
file-account-needed = Les fichiers sont pour qui a un compte : identifiez-vous, ou inscrivez-vous
file-not-yours = { $file } n'est pas à vous
file-yours-already = { $file } est déjà à vous : LIST mine le montre, et GET vous en donne une adresse
file-offered = Le serveur propose ce fichier depuis un dossier à lui : c'est là qu'il faut le retirer
file-put-aside = Ce fichier a été mis de côté par l'administration
file-aside-already = C'est déjà le cas
file-too-large = Un fichier peut avoir ici { $max } octets, et celui-ci en a { $bytes }
file-quota-full = Il n'y a plus de place parmi vos fichiers : voyez QUOTA, et supprimez ce dont vous n'avez plus besoin
file-day-full = Vous avez envoyé autant que permis en un jour : reprenez demain
file-too-many = Vous avez autant de fichiers que permis : supprimez ce dont vous n'avez plus besoin
file-uploads-full = Trop d'envois sont en cours : attendez que certains soient finis
file-server-full = Le serveur a autant de fichiers que permis
file-uploads-off = Personne ne peut déposer de fichiers ici
file-network-full = Il a été déposé depuis votre réseau autant que permis en un jour : reprenez demain, ou d'ailleurs
file-name-filtered = Un fichier ne peut pas s'appeler ici { $file } : { $reason }
file-too-old = Les fichiers que ces personnes peuvent voir ne se gardent pas si longtemps, et celui-ci est plus ancien : déposez-le de nouveau
file-kept-so-long = il a été gardé aussi longtemps que de tels fichiers le sont
file-quota-already = Il peut déjà garder autant
file-quota-set = Votre compte { $account } peut garder { $max } de fichiers, dit l'administration : { $reason }
file-quota-is = { $account } peut garder { $max } de fichiers
file-touched = { $act ->
    [removed] L'administration a supprimé votre fichier { $name } (#{ $id })
    [put-aside] L'administration a mis de côté votre fichier { $name } (#{ $id }), et plus personne ne le reçoit
   *[other] L'administration rend votre fichier { $name } (#{ $id })
} : { $reason }
file-aside-missed = Le { $time }, l'administration a mis de côté votre fichier { $name } (#{ $id }), et plus personne ne le reçoit : { $reason }
file-aside-missed-more = { $count } autres de vos fichiers ont été mis de côté entre-temps : /msg FileServ LIST mine les montre
notice-file = { $by } a { $act ->
    [removed] supprimé
    [put-aside] mis de côté
   *[other] rendu
} le fichier #{ $id } { $name } { $offered ->
    [yes] du serveur
   *[other] de { $owner }
} : { $reason }
notice-file-quota = { $by } laisse { $account } garder { $max } de fichiers : { $reason }
fileserv-help-ruling = Pour qui fait tourner le serveur : LIST all, DELETE numéro motif, QUARANTINE numéro motif, RELEASE numéro motif.
file-no-upload = Il n'y a pas d'envoi de ce nom, ou il est fini
file-not-coming = Aucun dépôt de ce nom n'est en cours chez vous : QUOTA montre ceux qui le sont
file-upload-cancelled = Ce dépôt a été annulé, et rien n'en est gardé : recommencez-le
file-shown-already = Ceux qui peuvent le voir sont les mêmes
file-says-beside = { $file } en dit plus qu'elle n'en montre, par exemple où et quand elle a été prise, et ces personnes le liraient : déposez-la de nouveau pour elles, ce qui l'enlève, ou envoyez-la telle quelle à quelqu'un par SEND
file-not-sent = Il n'a pas été envoyé à { $nick }
file-sent-to-many = Il a été envoyé à autant de personnes que permis
file-harmful = Ce fichier est nuisible, d'après ce qui regarde les fichiers ici, et n'a pas été pris
file-too-large-to-scan = Ce qui regarde les fichiers ici avant qu'ils soient pris n'en regarde pas d'aussi grand
file-bytes-missing = Les octets de ce fichier ne sont pas là pour le moment : dites-le à qui tient le serveur
file-changed = Ce fichier vient de changer là où il est proposé : il est compté à nouveau, redemandez dans un instant
file-other-wanted = Le fichier n'est pas celui que vous voulez : prenez-le sans cette condition
file-unlooked = Ce qui doit regarder les fichiers ici avant qu'ils soient pris est injoignable : réessayez plus tard
file-picture-unclean = Cette image ne peut pas être débarrassée de ce qu'elle dit de son lieu : elle est trop grande, abîmée, ou d'un genre dont cela ne s'ôte pas ici. Enregistrez-la en JPEG ou en PNG, ou déposez-la pour vous ou pour quelqu'un
file-shown-public = public
file-shown-link = par lien
file-shown-private = privé
file-shown-aside = mis de côté
admin-list-files = NUMÉRO | NOM | TAILLE | PROPRIÉTAIRE | DEPUIS | POUR
admin-list-files-count = Fichiers : { $files }
admin-list-files-more = Il y en a de plus anciens : --after { $number }
admin-file-number = Numéro
admin-file-name = Nom
admin-file-size = Taille
admin-file-type = Type
admin-file-sha256 = SHA-256
admin-file-owner = Propriétaire
admin-file-shown = Pour
admin-file-sent = Envoyé à
admin-file-since = Depuis
admin-file-until = Gardé jusqu'au
admin-quota = { $account } garde { $files } fichiers, { $bytes } en tout, et peut garder { $max }, { $own ->
    [yes] comme il a été décidé pour ce compte
   *[other] comme tout le monde
}
cli-admin-files = Liste les fichiers de tout le monde, les plus récents d'abord
cli-admin-file = Liste les fichiers, en montre un, le supprime, le met de côté
cli-admin-file-show = Montre tout ce qu'on sait d'un fichier
cli-admin-file-remove = Supprime un fichier
cli-admin-file-quarantine = Met un fichier de côté, pour que personne ne le reçoive
cli-admin-file-release = Laisse de nouveau recevoir un fichier mis de côté
cli-admin-quota = Combien de fichiers un compte peut garder
cli-admin-quota-show = Montre combien de fichiers un compte garde, et peut garder
cli-admin-quota-set = Décide combien de fichiers un compte peut garder
cli-admin-quota-unset = Laisse un compte garder autant de fichiers que tout le monde
cli-value-sha256 = SHA-256
cli-value-size = TAILLE
admin-field-owner = Seulement ceux d'un compte
admin-field-sha256 = Seulement ceux dont les octets ont ce SHA-256
admin-field-older = Seulement ceux d'avant ce numéro, qui sont plus anciens
admin-field-file = Le numéro du fichier, comme la liste le montre
admin-field-quota = Combien : 500MB, 2GiB
admin-field-no-size = { $field } : ce n'est pas une taille en octets ; écrivez par exemple 500 MB, ou 2 GiB
fileserv-help = Je garde des fichiers. LIST [public | mine | tome | #salon] [partie d'un nom] dit lesquels il y a, INFO numéro dit où en est un,
    UPLOAD nom [for public | link | private | #salon | pseudo] vous donne un lien par lequel en déposer un, CANCEL numéro | nom | ALL renonce à ce qui est en cours,
    SEND pseudo numéro en envoie un à quelqu'un, REVOKE numéro pseudo le reprend,
    SHARE numéro public | link | private | #salon dit qui peut le voir, DELETE numéro le supprime, QUOTA dit combien de place vous avez.
    GET numéro vous donne une adresse par laquelle le télécharger sans mot de passe, pendant une semaine.
fileserv-unknown = Je ne connais pas cette commande : /msg FileServ HELP
fileserv-upload-syntax = Déposer un fichier : UPLOAD nom [for public | link | private | #salon | pseudo]
fileserv-share-syntax = Dire qui peut le voir : SHARE numéro public | link | private | #salon
fileserv-none = Il n'y a pas de tels fichiers
fileserv-line = #{ $id } { $name } · { $size } · { $owner } · { $time } · { $shown }
fileserv-address = { $address } SHA-256 { $sha256 }
fileserv-more = Il y en a d'autres : ajoutez « before { $id } »
fileserv-sent-to = Envoyé à { $people }
fileserv-sent = #{ $id } { $name } a été envoyé à { $nick }
fileserv-revoked = { $nick } ne peut plus recevoir #{ $id } { $name }
fileserv-deleted = #{ $id } { $name } est supprimé
fileserv-put-aside = Plus personne ne reçoit #{ $id } { $name } jusqu'à ce que vous le rendiez
fileserv-released = #{ $id } { $name } peut de nouveau être reçu
fileserv-quota = Vous gardez { $files } fichiers, { $bytes } en tout, et pouvez garder { $max } ; un seul peut avoir { $one } ; aujourd'hui vous pouvez encore envoyer { $today }
fileserv-upload = Déposez { $name } (pour : { $shown }) ici, par un navigateur ou par curl -T, dans les { $hours } heures ({ $max } au plus) : { $address }
fileserv-quota-held = En plus, { $held } sont retenus pour des dépôts en cours ou dont le lien attend
fileserv-coming = En cours, numéro { $number } : { $name } · { $size } au plus · { $shown } · jusqu'au { $time } · CANCEL { $number } y renonce
fileserv-coming-more = { $count } autres sont en cours : CANCEL ALL renonce à tous
fileserv-none-coming = Rien de vous n'est en cours
fileserv-cancelled = Le dépôt { $number } de { $name } est annulé : rien n'en est gardé, et plus personne ne l'envoie
fileserv-cancelled-all = { $count } dépôts sont annulés : rien n'en est gardé, et plus personne ne les envoie
fileserv-cancel-syntax = Renoncer à un dépôt, ou à un lien par lequel déposer : CANCEL numéro | nom | ALL
