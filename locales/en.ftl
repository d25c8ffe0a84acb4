# What people read from the server, in English.
# One message per key; fr.ftl has the same keys with the same variables, and a test checks it.

## Greeting
welcome = Welcome to { $network }, { $nick }
your-host = Your host is { $server }, running { $version }
created = This server was started on { $time }
isupport = are supported by this server
motd-start = - { $server } Message of the day -
motd = - { $network } keeps what is said, in order: come back later and find it.
    - Commands: /quote HELP
motd-end = End of /MOTD command
lusers-client = There are { $users } users and { $invisible } invisible on 1 servers
lusers-operators = operator(s) online
lusers-unknown = unknown connection(s)
lusers-channels = channels formed
lusers-me = I have { $clients } clients and 0 servers
lusers-local = Current local users { $clients }, max { $max }
lusers-global = Current global users { $clients }, max { $max }

## The lobby: connected, not signed in
lobby-account-required = This server knows its people by an account. Without one you are disconnected after { $minutes } minutes.
guest-account-required = From now on one needs an account here. Without one you are disconnected at { $until }.
lobby-sign-up = New here? To sign up as { $nick }: /msg NickServ REGISTER your-password
lobby-sign-up-approve = New here? To sign up as { $nick }: /msg NickServ REGISTER your-password. Somebody who runs this server then has to approve the account.
lobby-sign-up-invite = New here? It takes an invitation. To sign up as { $nick }: /msg NickServ REGISTER your-password and, behind it, the code of the invitation
lobby-email = Your e-mail address, which is kept here, goes behind the password: REGISTER your-password you@example.org, and the code of an invitation behind both
lobby-sign-in = { $nick } is yours already? Sign in: /msg NickServ IDENTIFY your-password
house-rules = The rules here: { $word }
house-privacy = What is kept about you: { $word }
house-contact = Whom to ask: { $word }
account-required = Sign in first: /msg NickServ IDENTIFY your-name your-password, or sign up: /msg NickServ REGISTER your-password

## Signing in and up
logged-in = You are now signed in as { $account }
sasl-success = SASL authentication successful
sasl-aborted = SASL authentication aborted
sasl-malformed = SASL authentication failed: the message is not valid
sasl-mechanisms = are the available SASL mechanisms
sasl-too-long = SASL message too long
sasl-unknown-mechanism = SASL authentication failed: use { $mechanisms }
sign-in-failed = The name or the password is wrong
sign-in-busy = The server has too much to do to check this: nothing was looked at, try again in a moment
sign-in-wait = Too many failed attempts: try again in { $seconds } seconds
already-signed-in = You are already signed in
already-registered = You may not do that again
account-created = The account { $account } is made; welcome
account-made-waits = The account { $account } is made. Somebody who runs this server has to approve it before you can sign in: stay here and you are told, or come back later
account-waits = The account { $account } waits to be approved by somebody who runs this server: try again later
account-approved = The account { $account } is approved. Sign in now: /msg NickServ IDENTIFY { $account } your-password
account-refused = The administration has not let the account { $account } in, which is given up: { $reason }
account-not-waiting = The account { $account } does not wait to be approved
how-to-object = The administration decided this. To object: { $contact }
sign-up-address = One signs in to accounts of this server from certain addresses only, and yours is none of them: the account { $account } was not made
login-refused = Somebody gave what is right to sign in to { $account } from { $address }, and was refused: your setting login does not allow that address
login-refused-how = If it was you: /msg NickServ SET login any, or SET login pin-first and sign in there next. If not, others know your password: /msg NickServ SET password old new
login-no-range = "{ $word }" is not an address nor a range of addresses: say any, pin-first, or such as 192.0.2.7 and 2001:db8::/32, with commas or blanks between
login-too-many = An account has at most { $max } addresses and ranges from which one may sign in
login-shuts-out = This would shut out the connection by which you ask, which comes from { $address }: put that address on the list
login-already = That is so already for { $account }: { $login }
login-not-pinned = No address is kept for { $account }, whose setting login is { $login }: there is none to forget
login-given = The administration decided from where one may sign in to your account { $account }, { $kind ->
    [any] from anywhere
    [pin-first] from the address of the next sign-in alone
   *[ranges] from the addresses alone that /msg NickServ SET shows
 }: { $reason }
login-unlocked = The administration let the address be forgotten to which sign-ins to your account { $account } were pinned, the next one pins another: { $reason }
admin-login-given = One may sign in to { $account } { $kind ->
    [any] from anywhere
    [pin-first] from the address of the next sign-in alone
   *[ranges] from { $login } alone
 }
admin-login-unlocked = The address to which { $account } was pinned is forgotten: the next sign-in pins another
account-made = The account { $account } is made
admin-no-account = There is no account { $account }
admin-password-reset = The password of { $account } is the new one now. All connections of this account were ended, and its devices and certificates open it no more
admin-code = Give { $account } this code. It is the password once, within { $hours } hours, and then a new one has to be chosen. All connections of this account were ended, and its devices and certificates open it no more
    { $code }
admin-role-given = { $account } has the role { role-word } now
admin-first-owner = { $account } is the first to run this server, and so has the role { role-word } now
admin-sessions-ended = The connections of { $account } were ended: { $sessions }. Devices that must be given a password anew: { $devices }
admin-account-dropped = The account { $account } is no more. Connections ended: { $sessions }; devices removed: { $devices }
admin-account-approved = The account { $account } is approved
admin-account-refused = The account { $account } was not let in and is no more
admin-registration-set = Sign-ups are set to { $registration } until somebody sets them otherwise, whatever the configuration says
admin-registration-configured = The configuration says again who may sign up: { $registration }
out-of-reach = You may act only on those whose role is below your own
role-out-of-reach = You may not give { $account } the role { role-word }: your own does not reach so far
role-own = Nobody decides of their own role
role-held = { $account } has the role { role-word } already
last-owner = { $account } is the only owner of this server: give another account the role owner first
drop-sanctioned = While a sanction holds for { $account }, the account cannot be given up
drop-own = Your own account you give up yourself: /msg NickServ DROP { $account }
admin-alerted = { $number ->
    [one] 1 person has been told
   *[other] { $number } people have been told
 }
admin-account-renamed = The account { $from } is called { $account } now
admin-channel-renamed = The channel { $channel } is called { $to } now
admin-written = { $nick } has it
admin-written-later = { $nick } is not there at the moment, and will read it later
admin-channel-closed = { $channel } is closed: { $number ->
    [one] 1 person was in it
   *[other] { $number } people were in it
 }
code-ended = This code has been used, or is too old: ask the administrator for another
password-choose = You have come by a code that works once. Choose a password now, or you cannot come back: /msg NickServ SET PASSWORD your-new-password
account-exists = The name { $account } is taken: choose another
account-name-worn = Somebody goes by { $account } now: choose another name
account-like-another = The name { $account } looks like that of somebody else: choose another
account-name-invalid = The name { $account } cannot be used: unaccented letters, digits and - _ [ ] { "{" } { "}" } \ | ` ^ only, not starting with a digit or -
account-name-invalid-unicode = The name { $account } cannot be used: letters and digits of any script and - _ [ ] { "{" } { "}" } \ | ` ^ only, in one direction of writing, not starting with a digit or -
account-name-too-long = This name is too long: a name has at most { $max } bytes, and an accented letter is two
account-name-reserved = The name { $account } is kept for those who run this server: choose another, or ask them
account-named-already = { $account } is the name of that account already
password-weak = This password is too easy to guess: use at least { $min } characters, not all the same, not the name
password-forbidden = This password has a character that nobody sees or can be sure to type again, such as a tab: leave it out
password-blank-edge = This password begins or ends with a blank, which would be lost where one types it: leave it out
password-too-long = This password is too long
email-invalid = This is no e-mail address; write * for none
email-needed = Here it takes an e-mail address, as you@example.org. In REGISTER it stands in its place, behind the code of an invitation and a comma where you have one
email-needed-invalid = This is no e-mail address, and here it takes one, as you@example.org
email-not-kept = No e-mail address is kept here
email-and-code-invalid = This is neither an e-mail address, which nothing here needs, nor the code of an invitation, which is made of four groups: write the code there
need-nick = Choose a nickname first: NICK
connect-first = Finish connecting first, then send REGISTER again
sign-up-closed = Only the administrator makes accounts here: ask them for one
sign-up-closed-invited = No invitation helps at present: only the administrator makes accounts here. Ask them for one
sign-up-invitation = Here it takes an invitation to sign up: give its code behind the password, /msg NickServ REGISTER your-password code, or in the place of the e-mail address. Ask somebody who runs this server for one
sign-up-code-wrong = This code lets nobody sign up: it is wrong, used up, or over. { $registration ->
    [invite] Look at it again, or ask who invited you for another
   *[other] Look at it again, or sign up without it
}
invitation-room-shut = The invitation leads to { $channel }, but you cannot enter there: { $why }
sign-up-full = Too many accounts wait to be approved: try again later
sign-up-busy = The server has too much to do to make an account: try again in a moment
sign-up-wait = Too many accounts were made from your address: try again in some minutes
connected-already = { $nick } is connected already, and wants one connection at a time (SET multiclient refuse): end that one, or try again when it is gone
too-many-sessions = This account has { $max } connections already: close one and try again
server-password-wrong = The server's password is missing or wrong: send it with PASS
server-password-first = Give the server's password first, with PASS
nickserv-help = I keep accounts: yours keeps your nickname, your rooms and what you missed.
nickserv-register-syntax = Sign up under your nickname: REGISTER password
nickserv-register-syntax-invite = Sign up under your nickname, with an invitation: REGISTER password code
nickserv-register-syntax-email = Sign up under your nickname; your e-mail address is kept: REGISTER password you@example.org
nickserv-register-syntax-invite-email = Sign up under your nickname, with an invitation; your e-mail address is kept: REGISTER password you@example.org code
nickserv-email-syntax = SET email you@example.org: the e-mail address that is kept of you
nickserv-owner-syntax = Become the first owner of this server, by the code that is shown at its console: OWNER code
nickserv-owner = You are the owner of this server now, with the account { $account }
owner-code-wrong = This code opens nothing. A new one is shown at the server's console, as long as the server has no owner
owner-by-code = by the code shown at the server's console
nickserv-identify-syntax = Sign in: IDENTIFY [name] password
nickserv-email = I took { $email } for an e-mail address, which nothing here needs: it is not part of your password.
nickserv-unknown = I do not know that command: /msg NickServ HELP

## Lines and commands
line-too-long = Input line was too long: it was not read
invalid-utf8 = The message is not UTF-8: it was not read
malformed-line = This is no IRC message
unknown-command = There is no such command: /quote HELP lists them
not-registered = You have not registered: send NICK and USER first
need-more-params = Not enough parameters: { $syntax }
invalid-cap = Unknown CAP subcommand: LS, LIST, REQ or END
no-origin = No origin specified
unavailable = The server cannot record anything at the moment: nothing was sent, try again in a minute
history-unreadable = What was said cannot be read at the moment: try again in a minute
unavailable-door = The server cannot record anything at the moment: try again in a minute
too-many-targets = Too many targets, { $max } at a time: nothing was done about this one

## Names and messages
no-nickname = No nickname given
nick-invalid = A nickname has at most { $max } unaccented letters, digits and - _ [ ] { "{" } { "}" } \ | ` ^, and does not start with a digit or -
nick-invalid-unicode = A nickname has letters and digits of any script and - _ [ ] { "{" } { "}" } \ | ` ^, in one direction of writing and at most { $max } bytes, and does not start with a digit or -
nick-in-use = Nickname is already in use
nick-like-another = That nickname looks like that of somebody else: choose another
nick-kept = That nickname is kept for those who run this server: choose another
nick-already = { $nick } is what they are called already
nick-held = You keep your nickname while you are banned or muted in { $channel }: leave the channel first
no-such-nick = Nobody goes by that nickname
service-privmsg = Services answer PRIVMSG only: nothing was taken
no-recipient = No recipient given
need-relaymsg = Ask for the capability first: CAP REQ draft/relaymsg
relay-no-network = Name the person and the network, with / between them: alice/othernet
relay-nick-forbidden = That name is too long, or has signs that no name may have
relay-operators-only = Only operators of { $channel } can relay to it
playback-help = To be shown what was said: PLAY * [from [to]], or PLAY #room,#room or PLAY nickname, with times in seconds since 1970
playback-too-many = Ask for { $target } by itself
no-text = No text to send
need-message-tags = Ask for the capability first: CAP REQ message-tags
message-too-long = Your message has { $bytes } bytes, and { $max } fit on a line: nothing was sent, send it in parts
alert-too-long = The text has { $bytes } bytes, and { $max } fit on a line: nobody was told
administration-too-long = The message has { $bytes } bytes; a message has { $max } bytes and { $lines } lines at most: nothing was sent
message-cut = Your message was too long for one line: its last { $bytes } bytes were not sent
text-cut = Your text was too long: only its first { $bytes } bytes were kept, the last { $missing } are missing
away-will-read = will read this on returning
away-disconnected = Disconnected
away-nobody = Nobody is there

## Channels
no-such-channel = There is no such channel
channel-invalid = A channel's name begins with # and has at most { $max } bytes, without spaces, commas or colons
not-on-channel = You are not in that channel
user-not-in-channel = They are not in that channel
too-many-channels = You are in { $max } channels already: leave one first
server-full-of-channels = The server has { $max } channels already, its bound: join one that exists
banned = You cannot enter: you are banned
invite-only = You cannot enter: one must be invited
bad-key = You cannot enter: the key is missing or wrong
channel-full = You cannot enter: the channel is full
speak-members-only = You cannot speak there: join the channel first
tags-denied = This server does not pass on such tags
tagmsg-nobody = Nobody is there who could get it
speak-moderated = You cannot speak there: the channel is moderated and you have no voice
speak-banned = You cannot speak there: you are banned
operators-only = Only those who moderate the channel may do that
no-topic = No topic is set
end-of-names = End of /NAMES list
end-of-who = End of /WHO list
end-of-whois = End of /WHOIS list
end-of-ban-list = End of channel ban list
ban-list-full = The lists of the channel are full: they take { $max } masks
unknown-mode = is no mode of channels here: { $mode }
unknown-user-mode = Unknown user mode
user-mode-not-given = That mode is not set with MODE: operators get theirs with OPER, and Z shows TLS
not-your-modes = You may only see and change your own modes
mask-no-account = { $mask } names an account that does not exist: nobody would be meant by it, now or later
invalid-mode-param = The argument of mode { $mode } is missing or cannot be used
whois-account = is signed in as
whois-secure = is using a secure connection
whois-actually = is the user and the host behind the account, and the address (only you and operators of the server see this)
whois-service = is a service of this server
accepted-already = You have accepted them already
accepted-not = You have not accepted them
accepted-full = You have accepted { $max } people, which is all that one can: ACCEPT -nickname removes one
end-of-accept = End of /ACCEPT list
whois-host = is connecting from { $address } (only you and operators of the server see this)
whois-idle = seconds idle, signon time

## History
history-no-target = There is no history of { $target } that you may read
history-invalid-params = CHATHISTORY takes LATEST, BEFORE, AFTER, AROUND, BETWEEN or TARGETS, a target, msgid= or timestamp=, and a number

## Leaving
quit = Quit
quit-reason = Quit: { $reason }
quit-signed-in = Signed in
part-account-kept-out = The account may not be in this room
quit-absent = Absent for { $days } days
closing-left = Connection closed
closing-failed = Connection lost
closing-slow-reader = SendQ exceeded
closing-flood = A line without an end
closing-fault = Internal error: this command failed; nothing was changed
closing-stop = The server stops: { $reason }
closing-ping-timeout = Ping timeout: { $seconds } seconds
closing-registration-timeout = Registration was not complete after { $seconds } seconds
closing-account-required = No sign-in after { $seconds } seconds

## Modes
mode-ban = Those whom a mask covers may not enter or speak: nick!user@host, ~account:name, ~mute:mask (speaking only).
mode-exception = Those whom a mask covers are not banned.
mode-invite-exception = Those whom a mask covers need no invitation.
mode-key = One enters with a key.
mode-forward = Those who may not enter are sent to another channel.
mode-limit = It takes so many members.
mode-slow = Between two messages of a member without a voice so many seconds pass.
mode-no-ctcp = No questions from program to program (CTCP), except /me.
mode-speak-registered = Only people with an account speak, and those with a prefix.
mode-join-registered = Only people with an account enter.
mode-op-moderated = What members without a prefix say, only operators and above see.
mode-invite-only = One enters when invited.
mode-moderated = Only members with a prefix speak.
mode-members-only = Only members speak.
mode-secret = It is in no list, and those outside are told that it does not exist, until they try to enter.
mode-topic-locked = Only half-operators and above set the topic.
mode-auditorium = Members without a prefix are seen by those who moderate only.
mode-founder = Founder: may do everything.
mode-protected = Protected: nobody of a lower rank puts them out.
mode-operator = Operator: moderates and names operators.
mode-half-operator = Half-operator: moderates and gives voice.
mode-voice = Voice: speaks where others may not.
user-mode-bot = You are a program.
user-mode-no-ctcp = No questions from program to program (CTCP) reach you in private; /me does.
user-mode-registered-only = Only people with an account may write to you.
user-mode-secure = Your connection is encrypted (set by the server).
user-mode-invisible = Those who share no channel with you do not find you.
user-mode-operator = You are an operator of the server (by OPER, or by the role of your account).
user-mode-server-notices = You are told what operators should know (operators).
user-mode-wallops = You hear what operators tell everyone.

## Away, invitations, lists
now-away = You are marked as away
no-longer-away = You are no longer marked as away
end-of-invite-list = End of the channels to which you are invited
user-on-channel = They are in that channel already
list-condition = { $condition } is no condition: >10 or <10 (members), C>60 or T<60 (minutes), !mask. Nothing is listed
list-heading = Members: Topic
end-of-list = End of /LIST
end-of-exception-list = End of channel exception list
end-of-invite-exception-list = End of channel invite exception list
end-of-monitor-list = End of MONITOR list
monitor-no-nick = Nobody can go by { $nick }: it is not followed
monitor-list-full = You follow { $max } nicknames already: stop following one first
was-no-such-nick = Nobody went by that nickname lately
whowas-account = was signed in as
end-of-whowas = End of WHOWAS
visible-host = is the host that others see of you
forwarded = You cannot enter, and were sent to the other channel

## Speaking
join-registered-only = You cannot enter: the channel is for people with an account
speak-registered-only = You cannot speak there: the channel is for people with an account
speak-no-ctcp = That cannot be sent there: questions from program to program (CTCP) are not let through
speak-no-dcc = You cannot offer files or chats to a channel by DCC: it would show your address to all
message-no-ctcp = This person's programs answer no questions: nothing was sent, /me passes
message-registered-only = This person takes messages only from people with an account
dcc-warning = DCC shows your address to the other side, is not encrypted and leaves no trace here
multiline-need-capability = Ask for the capabilities first: CAP REQ :batch draft/multiline
multiline-invalid = This message of several lines is not well-formed: nothing was sent
multiline-open = Another message of several lines is not ended yet: nothing of this one was sent
multiline-twice = A message of several lines is open under this reference already: neither was sent
multiline-type = Clients send no batches of the type { $type }: nothing was sent
multiline-reference = A reference has 1 to 32 letters, digits and -: nothing was sent
multiline-targets = A message of several lines goes to one target: nothing was sent
multiline-service = Services take one line at a time: nothing was sent
multiline-not-open = No message of several lines is open as { $reference }: nothing was sent
multiline-refused = This message of several lines was refused before: nothing was sent
multiline-verb = All lines must be PRIVMSG, or all NOTICE: nothing was sent
multiline-tags = Tags of the message stand on BATCH +reference, its lines take none: nothing was sent
multiline-concat = A line that goes on needs a line before it, and a text: nothing was sent
multiline-blank = A message needs a line that is not blank: nothing was sent
multiline-line-lost = A line could not be read: nothing of the message of several lines was sent
multiline-timeout = No line came for { $seconds } seconds: nothing of the message of several lines was sent
multiline-other-target = A line goes to somebody else than the whole message: nothing was sent
multiline-too-long = The message is longer than { $max } bytes: nothing was sent
multiline-too-many-lines = The message has more than { $max } lines: nothing was sent
need-message-redaction = Ask for the capability first: CAP REQ draft/message-redaction
redact-no-target = There is nothing in { $target } that you may take back
redact-unknown = There is no such message, or it was taken back already
redact-forbidden = You may take back only your own messages
redact-expired = The message is older than { $hours } hours: ask an operator
markread-need-params = MARKREAD takes a channel or nickname, and timestamp= to set the marker
markread-invalid = This is no time: timestamp=2026-01-31T12:00:00.000Z is one
markread-full = You have { $max } read markers already
metadata-invalid = It goes like this: { $syntax }
metadata-no-target = There is nobody and no channel of that name that you may know of
metadata-subs-own = One follows keys for oneself: METADATA * SUB
metadata-not-set = Nothing is set under this key
metadata-not-own = Only they can say that of themselves
metadata-room-ruled = Only half-operators and operators of the channel may say something of it
metadata-room-closed = Not everybody may enter this channel: only its members read what is said of it
metadata-key-invalid = A key is made of small letters, digits and the signs _ . / - and has { $max } bytes at most
metadata-value-too-long = What stands under a key has { $max } bytes at most
metadata-value-invalid = { $key ->
    [display-name] A name is one line with something to read on it
    [avatar] An avatar is the address of a picture: it begins with https:// or http:// and has no spaces
    [homepage] A page is given by its address: it begins with https:// or http:// and has no spaces
   *[other] This cannot stand under a key: it must be one line
  }
metadata-name-taken = { $name } is somebody else here, or looks like them: choose another name
metadata-held = You keep what others read of you while you are banned or muted in { $channel }: leave the channel first
metadata-full = There are { $max } keys already: take one away first, by setting it to nothing
metadata-subs-full = You follow { $max } keys already: let one go first, by METADATA * UNSUB
metadata-later = There is more than is sent at a time: ask again by METADATA SYNC

## The server
admin-me = Administrative info about { $server }
info = { $version }
    A self-hosted chat server that keeps what it shows.
    Running since { $time }
end-of-info = End of INFO
end-of-links = End of LINKS
stats-uptime = Server up { $days } days { $time }
end-of-stats = End of STATS
your-language = is the language in which you are spoken to
no-language = There is no such language here: en or fr
realname-held = You keep your realname while you are banned or muted in { $channel }: leave the channel first
realname-invalid = A realname has 1 to { $max } bytes
nothing-to-verify = There is nothing to verify: e-mail addresses are not checked here
whois-operator = is an operator of the server ({ $class })
whois-bot = is a bot on { $network }
whois-modes = has modes { $modes }
whois-certificate = has client certificate fingerprint { $fingerprint }
program-token-out-of-scope = This token is not good for that: it would need the scope { $scope }
program-token-needed = That takes the token of a program, which somebody who runs the server makes: neither a password nor a device's token is good for it
machine-only = Only whoever has the server's machine may do that: at its console, or with causette admin
refusal-without-token = There is no token that asked for anything
owner-there = This server has an owner already: they give roles
right-needed = { $roles ->
    [owner-admin-moderator] That needs the role moderator, administrator or owner
    [owner-admin] That needs the role administrator or owner
    [owner-admin-moderator-auditor-user-bot] That is for those who have an account: sign in, or sign up
    [owner-auditor] That needs the role auditor or owner
   *[other] That needs another role: { $roles }
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
beyond-your-role = { $nick } is out of your reach ({ role-word })
alert = ALERT: { $text }
alert-missed = ALERT of { $time }: { $text }
administration-realname = Those who run this server
channel-closed = The administration has closed { $channel }: { $reason }
channel-closed-owner = { $channel }, which was yours, has been closed: { $reason }
channel-kept-open = { $channel } stands in channels.auto_join of the configuration: take it out there and have it read again first
administration-room-kept = { $channel } is the channel of those who run this server (server.administration_room in the configuration)
administration-room-only = { $channel } is for those who run this server
administration-room-left = Only those who run this server may be here
administration-room-taken = What those who run this server do is kept in no channel: { $channel } is in use by others
rename-owner-only = Only who owns a registered channel can rename it, and operators of the server
rename-wait = { $channel } has just been renamed: wait { $seconds } seconds
channel-named-already = The channel is called { $to } already
channel-exists = There is a channel { $to } already: choose another name
channel-owned-already = { $channel } is { $account }'s already
channel-taken = { $channel }, which was yours, now belongs to { $account }: { $reason }
channel-given = { $channel } is yours now: { $reason }
brought = The administration has put you into { $channel }
nick-given = The administration has given you another nickname: you are called { $nick } now, no longer { $from }
account-renamed = The administration has renamed your account from { $from } to { $account }: sign in under that name from now on, with the password that you have. Reason: { $reason }
channel-renamed-owner = The administration has renamed your channel { $channel } to { $to }: { $reason }
sajoin-done = { $nick } is in { $channel } now
samode-done = Changed in { $channel }: { $modes }
samode-nothing = Nothing has changed in { $channel }
sanick-done = { $from } is called { $nick } now
oper-failed = The operator's name or password is wrong
oper-welcome = You are now an operator of the server
notice-oper = { $nick } is now an operator of the server ({ $class })
notice-oper-failed = { $nick } tried to become an operator of the server with a wrong name or password
notice-killed = { $by } disconnected { $nick }: { $reason }
notice-alerted = { $by } alerted everybody: { $text }
notice-wrote-to-administration = { $nick } to the administration: { $text }
notice-administration-wrote = { $by } to { $nick }, as the administration: { $text }
notice-channel-closed = { $by } closed { $channel }: { $reason }
notice-channel-given = { $by } gave { $channel } to { $account }: { $reason }
notice-brought = { $by } put { $nick } into { $channel }
notice-modes = { $by } changed the modes of { $channel }: { $modes }
notice-nick-given = { $by } called { $from } { $nick }
notice-account-renamed = { $by } renamed the account { $from } to { $account }: { $reason }
notice-channel-renamed = { $by } renamed { $channel } to { $to }: { $reason }
notice-reloaded = The configuration was read again
notice-account-made = { $by } made the account { $account }
notice-account-waits = { $account } signed up and waits to be approved: /msg NickServ APPROVE { $account }, or REFUSE { $account } reason
notice-account-approved = { $by } approved the account { $account }
notice-account-refused = { $by } did not let the account { $account } in: { $reason }
notice-account-dropped = { $by } gave up the account { $account }: { $reason }
notice-sessions-ended = { $by } ended the connections of { $account }: { $reason }
notice-role-given = { $by } gave { $account } the role { role-word }: { $reason }
notice-registration-set = { $by } set who may sign up: { $registration }
notice-invitation-made = { $by } made invitation { $number }: { $uses ->
    [1] one person
   *[other] { $uses } people
} may sign up with it, { $until ->
    [never] without end
   *[other] until { $until }
}
notice-invitation-ended = { $by } ended invitation { $number }: { $reason }
notice-owner-code = The code that makes the first owner was shown at the console
notice-token-given = { $by } gave { $account } a token for programs, { $name }: good for { $scopes }, until { $until }
notice-token-taken = { $by } took the token { $name } away from { $account }: { $reason }
notice-login-given = { $by } decided from where one may sign in to { $account }, { $kind ->
    [any] from anywhere
    [pin-first] from the address of the next sign-in alone
   *[ranges] from { $number ->
        [one] one address or range
       *[other] { $number } addresses or ranges
    }
 }: { $reason }
notice-login-unlocked = { $by } let the address be forgotten to which { $account } was pinned: { $reason }
program-token-given = Your account has a token for programs, { $name }, which { $by } made: good for { $scopes }, until { $until }. DEVICE LIST shows it, DEVICE DEL takes it away
program-token-taken = The administration took the token { $name } away from your account: { $reason }
too-many-modes = Only { $max } modes with an argument at a time: left out was { $rest }
key-invalid = A key has at most { $max } bytes, without spaces, commas or colons
oper-revoked = You are no longer an operator of the server: the configuration has changed
oper-over = OPER makes you an operator of the server for one hour, which is over. OPER again gives another; a role of your account lasts: causette admin role NAME admin, or #AddAdmin at the console
role-given = The administration has given your account { $account } the role { role-word }: { $reason }
registration-kept = Who may sign up was set while the server runs and stays as it was set: { $registration }
stopped-by-because = at the request of { $nick }: { $reason }
kill-absent = They have no connection at the moment
reason-needed = A reason is needed: the register keeps it
speak-muted = You cannot speak there: you are muted
speak-slow = That room is slow, one message every { $pace } s: you may speak there again in { $seconds } s
slow-invalid = Between two messages pass 1 to { $max } seconds, { $mask } is no such time: MODE { $channel } +{ $mode } 30, or 5m
nick-reserved = That nickname is reserved for a service
nickserv-info-connected = Connected now
rehashed = The configuration was read again
stopped-by = at the request of { $nick }
closing-password-reset = The administrator has given this account a new password
closing-signed-out = Signed out
closing-signed-in-elsewhere = Signed in elsewhere
closing-account-dropped = The account was given up
closing-account-removed = The administration has given up this account: { $reason }
closing-sessions-ended = The administration has ended all connections of this account: { $reason }
sasl-no-certificate = No certificate was shown that opens this account: NickServ CERT ADD lets yours in
password-changed = The password is changed

## NickServ
nickserv-more = Also: SET, INFO [name], SESSIONS, LOGOUT [number | all], GHOST nickname, CERT, DEVICE, DROP name
nickserv-sign-in-first = Sign in first: IDENTIFY name password
nickserv-saregister-syntax = Make an account for somebody (operators of the server): SAREGISTER name password
nickserv-approve-syntax = Accounts that wait to be approved (operators of the server): WAITING shows them; APPROVE name; REFUSE name reason
nickserv-rename-syntax = Give an account another name (operators of the server): RENAME name new-name reason
nickserv-waiting = { $account }, since { $time }
nickserv-waiting-number = Accounts that wait to be approved: { $number }
nickserv-setting = { $name }: { $value }
nickserv-set = { $name } is now { $value }
# What people may say for on, off and default, in small letters, with one blank between.
switch-on = on true yes
switch-off = off false no
switch-default = default
nickserv-set-syntax = SET always-on on | off | default; SET multiclient on | off | refuse | default; SET language en | fr | default; SET replay …; SET password current new
nickserv-login-syntax = SET login any | here | pin-first | addresses and ranges, as 192.0.2.7 2001:db8::/32: from where one may sign in to your account
nickserv-login-pinned = Sign-ins are pinned to { $address }: from elsewhere they are refused
nickserv-login-unpinned = The address of the next sign-in will be pinned; to pin that of this connection: SET login here
nickserv-always-on-off-here = Nobody stays without a connection on this server
nickserv-no-such-account = There is no such account
nickserv-info = { $account } was made on { $time }
nickserv-info-last-seen = Last connection ended: { $time }
nickserv-info-channels = Owns { $channels }
nickserv-info-login = Sign-ins only from { $ranges }
nickserv-session = { $number }. { $address } ({ $transport }), device { $device }, since { $time }
nickserv-session-this = { $number }. { $address } ({ $transport }), device { $device }, since { $time } (this one)
nickserv-device = Device { $device }, last used { $time }
nickserv-replay-syntax = SET replay on | off | number | default, up to 200: how many earlier lines of each room a client is shown that does not ask for them; with a device's number behind, that device alone
nickserv-password-syntax = The new password is the rest of the line; a current one with blanks stands in quotation marks: SET password "the current one" the new one
nickserv-password-quoted = The quotation marks around it are not part of the new password.
nickserv-password-code = The code before the new password is not part of it.
nickserv-logout-syntax = End a connection: LOGOUT for this one, LOGOUT number, or LOGOUT all
nickserv-ended = Connections ended: { $number }
nickserv-ghost-syntax = End your other connections: GHOST nickname
nickserv-not-yours = That nickname is not yours
nickserv-cert-syntax = Sign in by a certificate: CERT ADD [fingerprint], CERT LIST, CERT REMOVE fingerprint (SHA-256, 64 hexadecimal digits)
nickserv-cert-present = This connection shows { $fingerprint }
nickserv-cert-none = This connection shows no certificate
nickserv-cert-empty = No certificate opens your account
nickserv-cert-not-shown = That certificate has to be shown first: connect with it and sign in by password, then say CERT ADD.
nickserv-cert-taken = This certificate opens an account already
nickserv-cert-full = Your account has { $max } certificates already: remove one first
nickserv-cert-added = The certificate opens your account from now on
nickserv-cert-unknown = That certificate does not open your account
nickserv-cert-removed = The certificate no longer opens your account
nickserv-drop-syntax = To give up your account for good, with the channels it owns: DROP { $account }

## ChanServ
chanserv-help = I keep channels. REGISTER #channel makes it yours, INFO #channel tells whose it is,
    OP #channel [nickname] gives your rights back or makes an operator,
    AMODE #channel lists lasting rights, AMODE #channel +o | -o account changes them (a o h v),
    TRANSFER #channel account gives it away, UNREGISTER #channel gives it up,
    REVEAL #channel opens what was said in it while it was closed.
    Operators of the server: CLOSE #channel reason, TAKEOVER #channel account reason; FILTER looks for words.
chanserv-unknown = I do not know that command: /msg ChanServ HELP
chanserv-account-needed = One needs an account to own a channel
chanserv-registration-closed = Channels cannot be registered on this server
chanserv-registered-already = { $channel } has an owner already
chanserv-registered = { $channel } is yours: it stays when everyone leaves, and you rule in it
chanserv-too-many = An account owns { $max } channels at most
chanserv-founder-only = Only the owner of { $channel } may do that
chanserv-unregister-again = To give up { $channel }, with the rights that others have in it: UNREGISTER { $channel } { $channel }
chanserv-unregistered = { $channel } has no owner any more
chanserv-heir-absent = Nobody is given a channel unasked: { $account } must be in { $channel } first
chanserv-reveal-again = Beware: whoever is in { $channel }, or enters it later, will read all that was said in it up to now, also while it was closed (i, k). It cannot be taken back. To do it: REVEAL { $channel } { $channel }
chanserv-revealed = What was said in { $channel } while it was closed is open now to all who are in it or enter
chanserv-revealed-by = { $nick } has opened what was said in { $channel } while it was closed: whoever is in it or enters reads it
chanserv-transferred = { $channel } is now { $account }'s
chanserv-no-rights = You have no lasting rights in { $channel } that allow that
chanserv-owner-by-transfer = { $channel } has one owner: to make somebody else it, TRANSFER { $channel } account
chanserv-no-such-right = Lasting rights are a, o, h and v, not { $modes }: AMODE #channel +o | -o account
chanserv-not-registered = { $channel } is not registered: REGISTER { $channel }
chanserv-access = { $account }: { $modes }
chanserv-access-end = Lasting rights in { $channel }: { $number }
chanserv-access-full = A channel keeps the rights of { $max } accounts at most
chanserv-info = { $channel } is { $account }'s; made on { $time }
chanserv-info-unregistered = { $channel } has no owner; made on { $time }

## HELP
help-title = Help
help-commands = The commands of this server:
help-more = More on one of them: /quote HELP command
help-not-found = There is no help on that: HELP lists the commands
end-of-help = End of /HELP
command-accept = Whose messages pass your mode R, though they have no account: a nickname adds, - before it removes, * lists.
command-admin = Who runs the server.
command-authenticate = Sign in by SASL.
command-away = Say that you are away, with a reason; without one, that you are back.
command-batch = Send a message of several lines as one.
command-cap = Agree on what your client understands.
command-chathistory = Read what was said before in a channel that you are in or with a person.
command-cs = Own a channel and give lasting rights in it: REGISTER, OP, AMODE, INFO, TRANSFER, UNREGISTER.
command-die = Stop the server (operators of the server).
command-fs = Your files and those of others: LIST, INFO, GET, SEND, REVOKE, SHARE, DELETE, QUOTA, UPLOAD, CANCEL.
command-help = Explain a command.
command-info = What this server is.
command-invite = Ask someone into a channel; without parameters, where you are invited.
command-ison = Which of these nicknames are online.
command-join = Enter channels; one that does not exist is made, and you are its operator.
command-kick = Put someone out of a channel (operators).
command-kill = End all connections of someone (operators of the server).
command-alert = Tell all people something that they must not miss (operators of the server).
command-sajoin = Put someone into a channel (operators of the server).
command-samode = Change the modes of a channel without a rank in it (operators of the server).
command-sanick = Give someone another nickname (operators of the server).
command-language = In which language the server speaks to you.
command-links = The servers of the network.
command-list = The channels: all, those a mask fits (#a*), those it does not (!#a*), by members (>10), age (C>60, minutes) or age of the topic (T<60); several together, in one parameter or more.
command-lusers = How many people and channels there are.
command-markread = Up to when you have read, for all your clients.
command-metadata = What you say of yourself and of channels for clients to show, and what you want to know so of others.
command-mode = Show or change the modes of a channel, or your own:
command-monitor = Be told when people come online and leave: + adds, - removes, C clears, L lists, S tells who is here.
command-motd = The message of the day.
command-names = Who is in a channel.
command-nick = Take another nickname.
command-notice = Say something that no program answers.
command-ns = Your account: REGISTER password, IDENTIFY [name] password, SET, INFO, SESSIONS, LOGOUT, GHOST, CERT, DEVICE, DROP.
command-oper = Become an operator of the server.
command-part = Leave channels.
command-pass = Give the server's password, or name:password, before NICK.
command-ping = Ask whether the server is there; it answers PONG after everything before.
command-pong = Answer a PING.
command-privmsg = Say something to channels or people; people who are away find it later.
command-quit = Leave the server.
command-redact = Take back what was said.
command-register = Make an account; * takes your nickname as its name.
command-rehash = Read the configuration again (operators of the server).
command-relaymsg = Say in a channel what somebody of another network says; for its operators.
command-rename = Give a channel another name: its owner, and operators of the server.
command-setname = Change your realname.
command-stats = Figures of the server: u since when it runs, o its operators.
command-tagmsg = Send tags without a text, as typing notices and reactions are.
command-time = What time it is on the server.
command-topic = Show or set the topic of a channel.
command-user = Give your user name and real name, when connecting.
command-userhost = Where some people are, and whether they are away.
command-verify = Prove an e-mail address; there is none to prove here.
command-version = The program, its version and what it supports.
command-wallops = Tell something to all who want to hear the operators (operators of the server).
command-who = Who is in a channel or fits a mask, with the fields you ask for (%tcuihsnfdlaor).
command-whois = What is known of a person.
command-whowas = Who went by a nickname lately.
command-znc = Show again what was said, as bouncers do.

## The configuration
config-syntax = line { $line }: this is no TOML. A line is `key = value`, with texts in quotation marks, or a [table], or a comment behind #
config-syntax-twice = line { $line }: this key or table is there already: keep one of the two
config-syntax-string = line { $line }: a text is not written as TOML wants it: between two quotation marks on one line, each \ in it written twice
config-syntax-bracket = line { $line }: a bracket is not closed, or a comma is missing between two values
rule-text = a text in quotation marks
rule-boolean = true or false, without quotation marks
rule-number = a whole number from { $min } to { $max }, without quotation marks
rule-texts = a list of texts in quotation marks: ["…", "…"]
rule-networks = a list of IP addresses or networks: ["192.0.2.7", "2001:db8::/32"]
rule-login = "any", "pin-first", or a list of 1 to { $max } IP addresses or networks: ["192.0.2.7", "2001:db8::/32"]
rule-verifier = the hash of a password, which `causette hash-password` makes of it
rule-choice = one of these: { $choices }
rule-table = a table: [{ $path }] on a line of its own, and its keys below
rule-tables = a table that may come several times: [[{ $path }]] on a line of its own, and its keys below
rule-address = an IP address, a colon and a port from 1 to 65535, or 0 for one that the system chooses, an IPv6 address in brackets: "[::]:52020" for all addresses
rule-address-free = an address that is free: { $other } is taken by a [[listener]] above, and [::] and 0.0.0.0 are all addresses of this machine
rule-server-name = a name of at most 63 unaccented letters, digits, dots and hyphens, with a dot in it: "chat.example.org"
rule-network = a name of 1 to 32 bytes without blanks; an accented letter has two
rule-line = a text on one line, of at most { $max } bytes; an accented letter has two
rule-file = the name of a file
rule-names = a list of at most { $max } names that somebody could have: ["root", "admin"]
rule-folder = the name of a folder
rule-client-tags = the names of tags without "+", each once, { $max } at most, or "*" and then names with "-" before them: ["typing"], ["*", "-reply"]
rule-user-modes = letters of { $modes }, each at most once
rule-tls-pair = there too: tls.certificate and tls.key go together
rule-database = "sqlite:" and the name of a file, in server.data_dir or absolute: "sqlite:causette.db"; or the URL of a database on a server: "postgres://causette@localhost/causette", "mysql://causette@localhost/causette"
rule-database-built = "sqlite:" and the name of a file: this program was built without PostgreSQL, MySQL and MariaDB
rule-database-url = the URL of a database, as "postgres://causette@localhost/causette" or "mysql://causette@localhost/causette", and this one cannot be read ({ $error }); in a name or password, write what is no letter and no digit as % and two hexadecimal digits
rule-database-parameter = the URL of a database with parameters that exist, and { $name } is none: the page "The database" has them
rule-database-escape = the URL of a database in which each % is followed by two hexadecimal digits, and { $escape } is no character: write % itself as %25
rule-database-unescaped = the URL of a database in whose name and password % / ? # @ : are written as %25 %2F %3F %23 %40 %3A; or put the password into the file of database.password_file
rule-database-name = a URL that names the database, behind the host: "postgres://causette@localhost/causette"
rule-database-server = left out where database.url names no database on a server
rule-room = the name of a room of at most { $bytes } bytes, with # in front and without blanks and commas, or "" for none
rule-rooms = a list of at most { $max } names of rooms, each of at most { $bytes } bytes, with # in front and without blanks and commas: ["#general"]
rule-proxies = a list with the addresses of your proxies, because a [[listener]] has proxy_protocol = true, and nobody else could connect there
rule-word = a word of 1 to { $max } unaccented letters, digits and the signs - _ .
config-unknown-key = line { $line }: there is no key "{ $key }"; did you mean "{ $nearest }"?
config-expected = line { $line }: "{ $key }" must be { $expected }
config-expected-here = "{ $key }" must be { $expected }
config-later = line { $line }: { $key } = { $value } comes with version { $version }
config-some-day = line { $line }: { $key } = { $value } comes with a later version
config-twice = line { $line }: "{ $key }" names { $value } twice
config-more = { $first } (and { $others } more: `causette check` names them all)

password-unreadable = { $key }: { $file } cannot be read: { $error }
password-open = { $key }: others may read { $file } (mode { $mode }): chmod 600 { $file }, and give the account another password where somebody else had access
password-no-line = { $key }: { $file } must have the password on one line, of 1024 bytes at most, and nothing else
motd-unreadable = server.motd: { $file } cannot be read: { $error }
motd-too-long = server.motd: { $file } is too long: { $lines } lines at most, each of { $bytes } bytes at most, since nothing of it is cut
motd-line-too-long = server.motd: line { $line } of { $file } is too long: { $bytes } bytes at most, since nothing of it is cut; an accented letter has two
motd-control = server.motd: there is a control character in line { $line } of { $file } that means something to terminals: remove it
motd-no-text = server.motd: line { $line } of { $file } is not written in UTF-8: save the file in that encoding

## What the system refuses
system-not-found = there is no such file or folder
system-forbidden = permission denied
system-full = there is no room left
system-read-only = nothing can be written there
system-a-folder = it is a folder
system-no-folder = something on the way there is no folder
system-address-in-use = another program listens here already
system-address-not-here = this machine has no such address
system-no-text = it is not written in UTF-8
system-other = the system says: { $error }

## Start and stop
start-address-forbidden = { $address }: only root, and services that were given CAP_NET_BIND_SERVICE, may listen on ports below 1024: give it that (the page "The certificate" shows how), or choose a greater port with --listen or [[listener]] address
start-address-not-here = { $address }: this machine has no such address; choose one that it has, or [::] for all of them, with --listen or [[listener]] address
start-address-refused = { $address }: the system refuses to listen here: { $error }
start-listening = Listening on { $address }. Connect with any IRC client: { $host }, port { $port }, TLS on
start-this-machine = this machine's name or address
start-address-in-use = { $address }: another program listens here already; choose another address with --listen or [[listener]] address
start-certificate = SHA-256 of the certificate: { $fingerprint }
start-certificate-self-signed = The certificate is self-signed. Give people its SHA-256, by which their client knows this server: { $fingerprint }
certificate-ends = Certificate: valid until { $date }, { $days ->
    [one] { $days } day
   *[other] { $days } days
} from now
certificate-ends-soon = The certificate ends on { $date }, { $days ->
    [one] { $days } day
   *[other] { $days } days
} from now: renew it, put it in its place and reload the server; it needs a restart only where systemd hands the certificate over as a credential
certificate-ended = The certificate ended on { $date }, and clients refuse it: renew it, put it in its place and reload the server
certificate-renewed = The certificate was about to end and was made anew from the same key. The fingerprint of the public key, which Causette's clients compare, is the same; the SHA-256 of the certificate, which WeeChat and irssi compare, is now { $fingerprint }
certificate-self-signed = It is self-signed: clients know the server by its fingerprint (causette admin fingerprint)
certificate-trusted = Clients trust it by themselves, and are told to come with TLS only
certificate-untrusted = No authority that this machine knows vouches for it and server.name today
tls-file-missing = { $key }: there is no file { $file }. Write where it is; or remove tls.certificate and tls.key, and the server makes a certificate of its own
tls-file-forbidden = { $key }: the account that runs the server may not read { $file }. Do not open the file to everybody: under systemd let the unit hand it over (LoadCredential=), or copy it where the server may read it each time that it is renewed; the page "The certificate" shows both
tls-file-unreadable = { $key }: { $file } cannot be read: { $error }
tls-no-credentials = { $key }: { $file } names a credential of the systemd service, and there is none here: add LoadCredential= to its unit, then restart the service
tls-no-certificate = { $key }: there is no certificate in { $file }. It must hold the chain in PEM, the server's own certificate first: -----BEGIN CERTIFICATE-----
tls-bad-certificate = { $key }: the certificate in { $file } is damaged ({ $error }): put it there again
tls-no-key = { $key }: there is no whole private key in { $file }. It must be in PEM: -----BEGIN PRIVATE KEY-----
tls-key-locked = { $key }: the private key in { $file } is locked with a passphrase, and at the start nobody is there to type it. Unlock it: openssl pkey -in { $file } -out unlocked.pem
tls-key-other = { $key }: { $file } is not the key of the certificate in { $certificate }: name two files that were made together
tls-key-unusable = { $key }: the private key in { $file } cannot be used: { $error }
tls-own-key-missing = { $key }: { $file } is missing beside { $certificate }, and people know the server by that key: put it back from a copy. If it is lost for good, remove { $certificate } too: the server then makes new ones, which everybody has to accept
database-no-certificate = { $key }: there is no certificate in { $file }. It must hold certificates in PEM: -----BEGIN CERTIFICATE-----
database-tls-pair = { $key }: a certificate of the client's own comes with its key: name both, as sslcert and sslkey
start-data-dir-locked = server.data_dir: { $folder } is in use by another server (process { $pid })
start-database-held = database.url: { $database } is in use by another Causette (process { $pid }), which serves, moves or imports it: stop that one first, or name another database
start-clock = the system's clock shows a time before 1970: set it, then start again
start-database-missing = database.url: { $database } is missing or empty, but { $folder } is no new server's: its keys are there, or the log of its database. Put the database back, from a backup where need be; or, if a server without accounts and messages is meant: causette serve --new
start-database-present = --new: { $database } is there already. Start without --new to go on with it; to begin with nothing all the same, move it away first
start-database-present-there = --new: there is a server's record in { $database } already. Start without --new to go on with it; to begin with nothing all the same, name an empty database in database.url
start-database-newer = database.url: { $database } has the form { $found }, and this version of Causette knows forms up to { $known }: run a newer one, or put back the copy that was made before the upgrade
start-database-foreign = database.url: { $database } is no database of Causette: name another file
start-database-foreign-there = database.url: there are tables of another program in { $database }: create a database for Causette alone, and name that
start-database-no-log = database.url: { $database } cannot have a log beside it (-wal), as on a network disk: name a file on a local disk
start-database-damaged = database.url: { $database } is damaged ({ $error }): leave the files as they are, and restore a backup
start-database-damaged-there = database.url: { $database } is damaged ({ $error }): look into the log of the database server, and restore a backup
start-database-busy = database.url: { $database } is locked by another program ({ $error }): end it, then start again
start-database-full = database.url: there is no room on the disk for { $database } ({ $error }): make some, then start again
start-database-full-there = database.url: the server of { $database } has no room left on its disk ({ $error }): make some there, then start again
start-database-fails = database.url: the server of { $database } fails ({ $error }): look into its log, and at the network
start-database-too-old = database.url: { $database } is on { $version }, and Causette needs { $needed } or later: upgrade that server, or name a database on another
start-database-served = database.url: { $database } is in use by another Causette, which serves, moves or imports it: only one may at a time. Stop that one first, or wait until it has ended, or name another database. Where its machine is gone, the database server notices that by itself, after a while
start-database-moving = database.url: { $database } holds what a move that has not ended has brought so far: end it by the same causette migrate, or empty the database
start-database-unreachable = database.url: the database server cannot be reached ({ $error }): start it, and check the host and the port in database.url, and the network
start-database-no-tls = database.url: the server of { $database } offers no TLS, and sslmode or database.ca_file asks for it: let that server offer TLS; or, where nobody else can listen on the way, write sslmode=prefer
start-database-untrusted = database.url: the certificate of the database server is not trusted ({ $error }): name the authority that vouches for it in database.ca_file, and the server as its certificate does
start-database-denied = database.url: the database server refuses the name or the password ({ $error }): check both, in database.url, database.password_file or CAUSETTE_DATABASE_PASSWORD, and whether that name may come from this machine
start-database-no-such = database.url: the server has no database { $database }: create it, as the page "The database" shows, or correct the name
start-database-unsafe = database.url: the server of { $database } is set not to keep what Causette promises people: { $name } is { $found }, and has to be { $needed }. Set it so, then start again
start-database-same-name = server.casemapping: the { $what ->
    [accounts] accounts
   *[channels] channels
} { $first } and { $second } would have the same name. Start with the mapping that there was, let one of the two be given up, then change it
start-database-altered = database.url: in { $database }, somebody has changed the table { $table } by hand ({ $difference }): change it back, or restore a backup
start-database-no-rights = database.url: the server of { $database } does not let this name make and change tables ({ $error }): give it all rights on this database, as the page "The database" shows
start-database-no-view = database.url: in { $database }, { $view } is not the view of that name: give what is there another name, or drop it, then start again
start-database-no-schema = database.url: { $database } has none of the schemas in search_path ({ $path }), or this name may not use it: create one (CREATE SCHEMA), grant USAGE and CREATE on it, or set search_path right
start-database-on-server = database.url: { $database } is on a server, and this is done with a file only
start-database-replaced = database.url: { $database } is no longer the file that is open: another program has removed or replaced it. Start the server again, and leave the files of a running server to it
start-database-statement = database.url: { $database } refused a statement ({ $error }): please report this as a bug
start-database-unreadable = database.url: { $database } cannot be read or written ({ $error }): look at the disk, and at the rights on { $folder }
reload-needs-restart = { $key } cannot change while the server runs: restart it, or put the key back. Nothing has changed
stop-by-signal = maintenance
stop-by-administrator = stopped by the administrator
stop-not-recorded = The server stopped without recording its stop: the disk refused it, or did not take it in time. What people have seen is recorded
start-data-dir-not-made = server.data_dir: { $folder } is not there and cannot be made: { $error }
start-data-dir-foreign = server.data_dir: others can enter { $folder }, and it is not only the server's. Choose another folder, a new one; or, if this one is to be the server's alone: chmod 700 { $folder }

## What is refused at the door
refused-plaintext = This server speaks TLS only: switch TLS on in your client, on the same port
refused-no-proxy = Only this server's proxies connect to this port: use another one
refused-no-gateway = This address may not speak for others (WEBIRC): name it in proxy.trusted
refused-no-client = WEBIRC does not say for whom: WEBIRC password gateway hostname address
refused-full = The server is full: try again in a minute, or tell its administrator
refused-too-fast = Too many connections in a short time: try again in a minute
refused-silent = Nothing was said in the first ten seconds: connect again
refused-too-many-connections = Too many connections from your address: close one, or try again later

## The web page
http-welcome =
    { $server } ({ $network }) is a chat server.
    Connect with any IRC client (WeeChat, irssi, Halloy, Goguma…) to this address and port, with TLS.
    Sign up there: /msg NickServ REGISTER your-password
http-metrics-forbidden = Metrics are shown only to this machine itself and to the networks of flood.exempt

## The administrator's door
admin-malformed = The server does not understand this request
admin-stopping = The server stops
admin-stop-too-long = The reason is too long: people can be shown { $max } bytes of it; nothing was stopped
admin-busy = Too many ask the server at once on its admin socket: end some, or try again
admin-no-files = The server may open no more files, so that it cannot listen: raise its limit (systemd: LimitNOFILE, shell: ulimit -n), or try again
admin-unavailable = The server cannot answer at the moment
admin-status = Running for { $seconds } s; connections: { $sessions }; over HTTP, or silent so far: { $others }
admin-status-failing = Running for { $seconds } s; connections: { $sessions }; over HTTP, or silent so far: { $others }; nothing can be recorded at the moment: look at the log and the disk
admin-status-stuck = Running for { $seconds } s; connections: { $sessions }; over HTTP, or silent so far: { $others }; nothing is recorded or answered at the moment: look at the disk
admin-status-database = The database is { $database }
admin-controls = There are line breaks or other control characters in "{ $field }"

## The command line
cli-about = A self-hosted chat server that speaks IRC
cli-usage = Usage:
cli-commands = Commands:
cli-options = Options:
cli-arguments = Arguments:
cli-help = Show this help
cli-version = Show the version
cli-lang = Language of this command's texts: en or fr
cli-config = The configuration (default: causette.toml in the current folder, else, without data here, /etc/causette/causette.toml)
cli-data = The data folder, instead of server.data_dir
cli-serve = Run the server
cli-check = Name everything that is wrong with the configuration
check-good = { $file }: the configuration is right
check-database = { $database } ({ $engine }): a start goes on with it; its tables have the form { $found }, that of this version
check-database-older = { $database } ({ $engine }): a start brings its tables from the form { $found } to { $known }
check-database-views = { $database } ({ $engine }): its tables have the form { $found }, that of this version; a view is missing, which a start makes again
check-database-none = { $database } ({ $engine }): there are no tables yet; a start makes them
check-database-unseen = { $database } was not looked at: only another account may read it
check-credential = { $file } was not looked at, nor what needs it: it is a credential that systemd hands to the service only
check-none = There is no configuration: everything is as it is by default
cli-listen = Listen here instead of on the configured addresses; may be repeated
cli-new = Begin with a new database although the folder has the keys of a server; without it, a missing database stops the start
cli-log-format = How the log is written, text, json or journald (default: log.format)
cli-hash-password = Hash a password from standard input, for server.password_hash
cli-account = Accounts of the running server
cli-account-create = Make an account; its password comes from standard input
cli-account-password = Replace a forgotten password by a one-time code, or by another
cli-account-password-stdin = Read the new password from standard input, instead of making a code
cli-password-stdin = Read the password from standard input (the only way: arguments are seen by others)
cli-account-name = The account's name
cli-admin-stop = Stop the server and wait for its end; everybody is told
cli-reason = Why, for the people and the register
cli-admin-reload = Read the configuration again, and wait for what comes of it
cli-admin-status = Tell how the server is
cli-no-server = No server runs on { $folder }: start it with `causette serve`, or name its folder with --data
cli-not-ended = The server on { $folder } was told to stop and has not ended yet: its log says why
cli-ended = The server on { $folder } was stopping already, and has ended: its log says whether its stop is recorded
cli-server-deaf = The server on { $folder } starts or stops just now: try again in a moment
cli-server-closed = The server on { $folder } ended the connection before it had answered: its log says why
cli-server-late = The server on { $folder } has not answered within { $seconds } seconds: its log may say why
cli-server-unreadable = This command does not understand what the server on { $folder } answers: are they of the same version?
cli-server-unreachable = The server on { $folder } does not answer: { $error }
cli-error = Error: { $error }
cli-wrong = The command line does not fit: { $words }
cli-wrong-unknown = There is no option { $words } here
cli-wrong-verb = There is no command { $words }
cli-wrong-missing = It lacks { $words }
cli-wrong-missing-all = It lacks one of: { $words }
cli-wrong-conflict = These do not go together: { $words }
cli-wrong-value = This value cannot be: { $words }
cli-wrong-help = What can be written: --help
cli-wrong-near = Did you mean: { $words }
cli-password-missing = No password on standard input

cli-chat = Talk, on a screen or in plain lines
cli-chat-plain = Plain lines, which are only appended: for simple terminals, pipes, and whoever likes them
cli-chat-screen-reader = Plain lines, and what arrives waits while a line is being typed
cli-chat-classic = Plain lines, with the habits of the two older programs: bye alone leaves
cli-chat-to = From a pipe: to whom the lines go, a #channel or a nickname
cli-chat-commands = From a pipe: lines may be commands
cli-client-server = The server: chat.example.org, host:port or an invitation (default: CAUSETTE_SERVER, else the last one)
cli-client-account = Sign in as this account, with a password from CAUSETTE_PASSWORD_FILE or --password-stdin
cli-client-password-stdin = Read the password from standard input
cli-client-guest = Come as a guest with this nickname
cli-client-fingerprint = The key that the server must have, as causette admin fingerprint shows it
cli-client-insecure = Allow a connection that is not encrypted
cli-send = Say something, and print the message's id once it is stored
cli-send-text = The text; standard input where it is missing or -
cli-target = A #channel or a nickname
cli-reply-to = The id of the message that this one answers
cli-notice = Say it as a notice, which no program answers
cli-tail = Print what was said, and what is being said
cli-tail-target = #channels and nicknames (default: the channels that you are in)
cli-since = From then on: 90s, 15m, 1h or 7d ago, a day, a moment, or the id of a message
cli-count = The last so many messages (default: 50, or all with --since)
cli-follow = Go on with what is said from now on
cli-events = Print coming, going and changes too
cli-json = Print one JSON object on each line
cli-who = Print who is connected, or who is in a channel
cli-who-target = A #channel or a mask (default: everybody)
cli-search = Look for something that was said
cli-search-words = What to look for
cli-login = Sign in, and remember this device
cli-logout = Make the server and this device forget each other
cli-upload = Send files to the server
cli-upload-file = The files; - is standard input, with --name
cli-upload-to = For this person alone, to whom they are sent
cli-upload-room = For those in this room
cli-upload-public = For whoever has an account
cli-upload-link = For whoever knows the address
cli-upload-private = For you alone (where nothing else is said)
cli-upload-name = What the file is called
cli-download = Fetch a file from the server
cli-download-file = Its number, its name or its address
cli-download-output = Where to put it: a file that is not there yet, a folder, or -
cli-files = List the files on the server
cli-files-which = Only these: public, own, sent or a #room
cli-json-events = Print what happens as one JSON object on each line
cli-whoami = Print as whom this device enters
cli-trust = Trust a server's key
cli-replace = Trust it in place of the key that was trusted before
client-no-server = No server is named: write its address, or set CAUSETTE_SERVER
client-no-password = No password: set CAUSETTE_PASSWORD_FILE, or use --password-stdin
client-bad-fingerprint = The fingerprint must be 64 hexadecimal digits, as causette admin fingerprint shows it

## Devices
device-name-invalid = A device's name has 1 to { $max } characters, and no control characters among them
device-too-many = Your account has { $max } devices already: remove one first, DEVICE DEL id
device-unknown = Your account has no device { $id }: DEVICE LIST shows them
device-syntax = DEVICE takes ADD and a name, LIST, or DEL and the number of a device
device-none = No device has a password of its own yet
closing-device-removed = This device was removed from the account: sign in with the password
password-itself = A device's password cannot change that of the account: give the account's own
password-like-code = This password has the form of the codes that the administrator makes: choose another
password-like-token = This password has the form of those that the server makes for devices: choose another
nickserv-device-added = Device { $id }, { $name }, signs in with this password from now on: { $token } (it is shown only now)
nickserv-device-line = { $id }. { $name }, added { $time }
nickserv-device-used = , last used { $time } from { $address }
nickserv-device-this = { " " }(this one)
nickserv-device-program = , of a program that runs the server (it signs in nowhere): good for { $scopes }, until { $until }
nickserv-device-removed = Device { $id } is removed: its password opens your account no more
nickserv-device-syntax = Give a device or a program a password of its own: DEVICE ADD name, DEVICE LIST, DEVICE DEL number
nickserv-devices-removed = Devices removed: { $number }. Each must sign in anew, with the new password
http-sign-in = Sign in: Authorization: Bearer and a device's token, or Basic and your name with your password
http-sign-in-failed = The name, the password or the token is wrong. A one-time code opens nothing here: sign in with it once by a chat client, and choose a password
# The administration by HTTP.
http-admin-sign-in = Sign in: Authorization: Bearer and a program's token, which "causette admin token create" makes
http-admin-not-found = There is nothing at this path: /api/v1/openapi.json says what there is
http-foreign-origin = A page of another site may not change files here: let the administrator name its address in files.url
http-other-method = That is not done with this address
http-files-unclear = What “{ $what }” says cannot be
http-files-not-found = There is nothing at this address: look at it again, or ask for it again whoever gave it to you
file-disk-full = The server's disk is full: nothing can be uploaded until there is room again. Tell the administrator
file-broken-off = The file broke off before its end, and nothing of it was kept: send it again
file-digest-mismatch = What came is not what was announced (SHA-256), and nothing of it was kept: send it again
file-upload-busy = Somebody is sending this upload's bytes right now: wait until they have ended
file-upload-expired = This upload was not finished in time, and is over: begin it anew
file-upload-over = This upload is over: its file is there
tus-version = Here tus 1.0.0 is spoken: Tus-Resumable: 1.0.0
tus-malformed = The header { $header } is missing, or cannot be read
tus-media-type = The bytes of an upload have the type application/offset+octet-stream
tus-defer-length = The length of an upload must be known when it begins: Upload-Length
tus-concatenation = Uploads cannot be put together here: send each in one piece after another
tus-metadata = Upload-Metadata cannot be read, or says what cannot be: { $word }
tus-offset = The upload is at byte { $offset }: go on there
tus-checksum = These bytes do not have the checksum that was announced, and were dropped: send them again
upload-title = Upload a file
upload-about = Choose the file that is kept here as { $name }. It may have { $mebibytes } MiB.
upload-file = File
upload-send = Upload
upload-made = { $name } is there. This is its address:
upload-no-form = This is not what the form sends: choose a file below, or send its bytes with PUT
upload-no-file = There was no file: choose one
upload-over = This link is over, and takes no other file: ask whoever gave it to you for another, or FileServ
http-admin-method = Here only { $methods } is understood
http-admin-media-type = The body must be JSON: Content-Type: application/json
http-admin-too-long = The body is too long: { $max } bytes at most
http-admin-too-slow = The body did not arrive in time
http-admin-malformed = The body is no JSON object
http-admin-no-query = Only GET takes its fields from the query: write them into the body
http-admin-encoding = The path or the query cannot be read: a % has two hexadecimal digits behind it, and the whole is UTF-8
http-admin-twice = "{ $field }" is there twice
http-admin-unknown-field = There is no field "{ $field }" here
http-admin-choice = "{ $field }" must be one of: { $words }
http-admin-limit = "limit" is a number from 1 to { $max }
http-admin-after = "after" is the number of the last one that you have
command-device = Give a device a password of its own, see those that have one, remove one.
capability-causette-devices = `DEVICE` gives a device a token to sign in with in place of the password.
reply-invalid-nick = That is not the name of somebody of another network: `name/network`.
reply-no-devices = No device has a token; told only to clients without `batch`.
reply-privs-needed = Only who moderates the channel may do that.
reply-too-many-devices = The account has as many devices as it may have.
reply-unknown-device = The account has no device of that number.

## Invitations
start-public-key = The SHA-256 of its public key, which Causette's clients show and invitations carry: { $fingerprint }
admin-fingerprint-certificate = SHA-256 of the certificate, for WeeChat (tls_fingerprint) and irssi (-tls_pinned_cert); another certificate has another:
admin-fingerprint-public-key = SHA-256 of the public key, which Causette's clients show; it stays when the certificate is renewed with the same key:
admin-invitation =
    Give this link to the people you invite, by a way that you trust; their client then knows where to go and by what to recognise the server:
    { $link }
admin-invitation-code =
    Give this link to the people you invite, by a way that you trust; their client then knows where to go and by what to recognise the server, and they may sign up:
    { $link }
    The code alone, for any other client: { $code }
    { $uses ->
        [1] One person may sign up with it
       *[other] { $uses } people may sign up with it
    }, { $until ->
        [never] without end.
       *[other] until { $until }.
    } It is shown only now.
admin-invitation-ended = Nobody can sign up with invitation { $number } any more
invitation-terms = An invitation is for 1 to { $uses } people, and for { $days } days at most
invitation-too-many = There are { $max } invitations already: end some first
invitation-unknown = There is no invitation { $number } that holds
admin-owner-code =
    Whoever signs in and sends this within { $minutes } minutes owns this server: /msg NickServ OWNER { $code }
    The code works once; a new one takes its place.
admin-token-taken = The token { $number }, { $name }, opens the account { $account } no more
admin-reading-entered = That the register is read is entered
program-token-without-role = { $account } runs nothing on this server: give the account a role first, such as bot
program-token-terms = A token is good for one second to { $days } days, and for one scope at least
program-token-beyond = With this token { $account } could do more than you may: leave scopes out
program-token-unknown = The account { $account } has no token { $id }
admin-invite-no-room = There is no room { $room }: somebody has to join it first, or name it in channels.auto_join
admin-invite-address = "{ $address }" is no address: write HOST or HOST:PORT, an IPv6 address in brackets
cli-admin-fingerprint = Tell the fingerprints by which clients know the server
cli-admin-invite = Make a link that invites people
cli-invite-address = Where people come to, HOST or HOST:PORT (default: server.name where it is a public one, else the name of the machine)
cli-invite-room = The room that they enter (default: the first of channels.auto_join)

## The auditor
cli-audit = What an auditor does with the record
cli-audit-verify = Verify that the record is what was recorded
cli-audit-json = Write the result as one JSON object
audit-progress = { $entries } of { $of } entries looked at
audit-agrees = The record is what was recorded: { $entries } entries, { $messages } messages and events of one room, { $shared } events of several rooms in { $places } places
audit-bound-from = Each entry from { $bound_from } on binds what it tells of by itself; those before are bound as they were found at the upgrade
audit-erased-count = Of { $erased } entries what they commit to was erased, as other entries say
audit-limit = This finds what was changed in the rows. That the last entries were cut off with their rows, or that somebody wrote an entry anew with its commitment, only a copy of the register elsewhere tells, as in a backup
audit-database-missing = database.url: there is no database at { $database }: name the data folder with --data, or the configuration with --config
audit-database-older = database.url: { $database } has the form { $found }, and this version reads { $known }: start the server once, which brings it up
audit-altered = the record is not what was recorded: { $count ->
    [one] one disagreement
   *[other] { $count } disagreements
}
audit-more = and { $count } more
audit-at-row = row { $number }
audit-at-place = room { $room }, place { $number }
audit-at-places = room { $room }, places { $from } to { $to }
audit-at-person = room { $room }, person { $number }
audit-at-sent = file { $room } sent to account { $number }
audit-entry-missing = entry { $from } is missing
audit-entries-missing = entries { $from } to { $to } are missing
audit-out-of-order = entry { $entry } is older than the one before it, and tells of no step of the clock
audit-impossible = { $table }, { $row }: it has a value that cannot be there, or the row that goes with it has
audit-row-missing = { $table }, { $row }: this row is missing, and entry { $entry } tells of it
audit-row-missing-alone = { $table }, { $row }: this row is missing, and others belong to it
audit-row-without-entry = { $table }, { $row }: no entry tells of this row
audit-row-unmeant = { $table }, { $row }: the entry of this row should be { $entry }, which does not tell of it
audit-column-without-entry = { $table }, { $row }: no entry tells of what is in { $column }
audit-entry-altered = entry { $entry } was altered: its metadata or their salt, its number, time or type, or the place of its row
audit-content-altered = { $table }, { $row }: the content or its salt is not what entry { $entry } commits to
audit-erased-unsaid = entry { $entry }: what it commits to is gone or marked as erased, and no entry says that it was erased
audit-tag-altered = entry { $entry }: { $column } is not the tag that whom it names has by the key of that month
audit-key-missing = { $table }: the key of the tags of { $row } is missing
audit-key-unused = { $table }: no entry has a tag by the key of { $row }
audit-column-altered = { $table }, { $row }: { $column } is not what entry { $entry } tells
audit-earlier-altered = entry { $entry }, or its row, was altered since the upgrade
audit-binding-altered = entry { $entry } does not bind those before it as they are
audit-bound-late = entry { $entry } is bound as those from before the upgrade are, and comes after it
audit-redaction = { $table }, { $row }: this message is taken back or shown, and the register says otherwise
audit-place-empty = { $row }: there is nothing, neither in message nor in shared_place
audit-place-twice = { $row }: there are two events
audit-place-beyond = { $table }, { $row }: there is something where the room has no place by its own row
audit-count = { $table }: there are { $from } rows of one kind, and the register tells of { $to }
audit-closing = entry { $entry } closes a connection, and names another address or account than it had

## The command line: its groups, completions, the manual
cli-talking = To talk:
cli-running = To run a server:
cli-shell = For your shell:
cli-completions = Print what a shell needs to complete these commands
cli-completions-shell = bash, elvish, fish, powershell or zsh
cli-man = Write the manual pages of these commands
cli-man-folder = Where to; it is made if need be
cli-value-command = COMMAND
cli-value-language = LANGUAGE
cli-value-file = FILE
cli-value-folder = FOLDER
cli-value-address = ADDRESS
cli-value-host = HOST[:PORT]
cli-value-room = #ROOM
cli-value-name = NAME
cli-value-nick = NICKNAME
cli-value-target = TARGET
cli-value-text = TEXT
cli-value-words = WORDS
cli-value-since = SINCE
cli-value-count = COUNT
cli-value-format = FORMAT
cli-value-which = WHICH
cli-value-shell = SHELL
cli-value-key = KEY
man-name = NAME
man-synopsis = SYNOPSIS
man-commands = COMMANDS
man-version = VERSION
man-environment = ENVIRONMENT
man-environment-of-client =
    CAUSETTE_SERVER The server, where the command line names none.
    CAUSETTE_PASSWORD_FILE A file whose first line is the password for --account.
    CAUSETTE_PLAIN With 1, causette chat shows plain lines.
    NO_COLOR With any value, nothing is coloured.
    XDG_STATE_HOME Where the files are; without it, ~/.local/state.
man-files = FILES
man-files-of-client =
    $XDG_STATE_HOME/causette/known_servers The keys of servers that you trust.
    $XDG_STATE_HOME/causette/credentials.toml This device's tokens. Whoever has them can sign in as you.
    $XDG_STATE_HOME/causette/last_server The server that was used last.
    $XDG_STATE_HOME/causette/state/ For each server, what was typed and is not sent yet, and the silent conversations.
man-exit = EXIT STATUS
man-exit-of-client =
    0 All was done.
    1 It failed for a reason that has no number of its own.
    2 The command line was not understood, or something is missing in it.
    3 The network failed, or the server did not answer.
    4 The sign-in was refused, or the server does not know this device.
    5 The server refused it.
    6 There is no such channel, person or message.
    7 The server's key is not trusted, or the connection would not be encrypted.
    8 Part of it was done.
    130 It was interrupted.
    141 Nobody reads any more what it prints.
man-exit-of-server =
    0 All was done.
    1 It failed.
    2 The command line was not understood.
    3 No server runs there, or it does not answer.
    5 It was refused.
    70 The server could not go on: start it again.
    78 The configuration must be changed; each mistake in it was told.
man-see-also = SEE ALSO

## The protocol page
page-title = The protocol, entry by entry
page-about = All that this server understands and says, with where it is specified. A value is that of a server whose configuration changes nothing.
page-overview = How it fits together:
page-column-argument = Argument
page-column-capability = Capability
page-column-code = Code
page-column-command = Command
page-column-effect = What it does
page-column-kind = Kind
page-column-meaning = What it says
page-column-mode = Mode
page-column-name = Name
page-column-number = Number
page-column-setter = Who sets it
page-column-spec = Specification
page-column-token = Token
page-column-value = Value
page-column-who = Who may use it
page-commands = Commands
page-commands-about = `HELP` says the same on the server. Who has been greeted and must still sign in speaks with `PRIVMSG` to services alone, and sees with `MODE` only their own modes.
page-needs-nothing = Every connection
page-needs-welcome = Who has been greeted with `001`
page-needs-online = Who is signed in, or a guest where guests may come
page-needs-online-or = Who is signed in, or a guest where guests may come; every connection with `draft/pre-away`
page-needs-operator = Operators of the server
page-channel-modes = Modes of channels
page-channel-modes-about = Each rank may also do what the ranks after it may: founder `q`, protected `a`, operator `o`, half-operator `h`, voice `v`. Everyone may give up a rank of their own.
page-user-modes = Modes of users
page-user-modes-about = Nobody sees or sets those of others with `MODE`.
page-argument-list = A mask; without one the list is shown
page-argument-member = A nickname
page-argument-always = Always
page-argument-when-set = When it is set
page-argument-never = None
page-setter-rank = `{ $rank }` and above
page-setter-self = Oneself
page-setter-operator = Operators of the server, for themselves
page-setter-oper = `OPER`; one may give it up
page-setter-server = The server
page-capabilities = Capabilities
page-capabilities-about = What `CAP LS 302` lists.
page-tokens = Tokens of `005`
page-tokens-about = `VERSION` gives them again.
page-numerics = Numerics
page-numerics-about = Those that this server sends.
page-replies = Standard replies
page-replies-about = `*` stands for any command. Codes whose specification is `standard-replies` are Causette's own.
capability-message-tags = Messages have tags: `msgid`, and those that clients give to each other; `TAGMSG` comes and goes.
capability-server-time = Every line says when it was said: `time`.
capability-batch = Lines that belong together are marked as one, as a page of history is.
capability-labeled-response = What answers a command bears the label that the command bore.
capability-echo-message = What one says comes back once it is recorded.
capability-account-tag = What comes from somebody signed in names their account: `account`.
capability-account-notify = That somebody signs in, or that an account changes, is told of those one sees.
capability-extended-join = `JOIN` says the account and the real name too.
capability-away-notify = People in the same channels are seen going away and coming back: `AWAY`.
capability-multi-prefix = All prefixes of a member are shown, not only the highest.
capability-userhost-in-names = `NAMES` shows `nick!user@host`.
capability-sasl = `AUTHENTICATE` signs in. The value names the mechanisms.
capability-standard-replies = `FAIL`, `WARN` and `NOTE` are sent as such, and not as a `NOTICE`.
capability-cap-notify = Capabilities that come and go are told; here they stay the same. Who says `CAP LS 302` has it.
capability-draft-chathistory = The client reads the past with `CHATHISTORY`: nothing is replayed unasked.
capability-draft-event-playback = History has joins, parts, topics and modes too, not only what was said.
capability-draft-account-registration = `REGISTER` makes accounts. The value says what it allows, and with `email-required` that it takes an e-mail address; it is empty where only the administrator makes them. Where accounts have to be approved, the answer is `REGISTER VERIFICATION_REQUIRED`, nobody is signed in, and there is no code to give to `VERIFY`.
capability-invite-notify = Who moderates a channel sees whom others invite: `INVITE`.
capability-chghost = That a host changes is told. Here it does not change while one is seen.
capability-sts = Clients are told to come with TLS only, where the certificate is one that everybody trusts.
capability-setname = People in the same channels are seen changing their real name: `SETNAME`.
capability-extended-monitor = What is told of people in the same channels is told of those in `MONITOR` too, where their capability is enabled.
capability-no-implicit-names = `JOIN` is not followed by the list of members: `NAMES` asks for it.
capability-draft-no-implicit-names = The same under the name it had as a draft.
capability-soju-im-no-implicit-names = The same under soju's name.
capability-draft-read-marker = `MARKREAD` says up to when one has read, after `JOIN` and when one's other clients have read on.
capability-draft-multiline = Messages of several lines are sent and seen as one, with `batch`. The value says how long they may be.
capability-draft-message-redaction = `REDACT` takes back what was said, and shows what others take back.
capability-draft-channel-rename = `RENAME` shows that a channel has another name. Without it a client is shown that it left one channel and entered another.
capability-draft-relaymsg = `RELAYMSG` may be used, by operators of a channel.
capability-znc-in-playback = Nothing is replayed of a channel that one enters: `PRIVMSG *playback :PLAY` asks for it.
capability-draft-pre-away = `AWAY` works before the welcome too, and `AWAY *` says that nobody is at this client: it counts as if it were not there.
capability-draft-languages = `LANGUAGE` chooses in which language the server speaks. The value counts and names them, the server's own first.
capability-draft-metadata-3 = `METADATA` says something of oneself or a channel under keys; changes of the keys that one follows come by `761` and `766`. The value says that it may be used before the greeting, and how much there may be.
token-accountextban = Names of the mask that goes by account: `~account:alice`, or `~a:alice`.
token-awaylen = Bytes of the reason of `AWAY`.
token-bot = The user mode of programs.
token-casemapping = Which letters of names are the same: `A` to `Z` and `a` to `z`.
token-chanlimit = Channels in which one may be.
token-chanmodes = Modes of channels: lists; always with an argument; with one when set; never.
token-channellen = Bytes of the name of a channel.
token-chantypes = How the name of a channel begins.
token-chathistory = Messages of one page of `CHATHISTORY`.
token-draft-chathistory = The same under the name it had as a draft.
token-clienttagdeny = Client-only tags that are dropped, by `server.client_tags_denied`; absent where none are.
token-elist = What `LIST` may be asked for: age (C), masks (M, N), age of the topic (T), members (U).
token-excepts = The mode of exceptions to bans.
token-extban = What masks may begin with: `~`, then account (a) or mute (m).
token-invex = The mode of exceptions to invitations.
token-keylen = Bytes of the key of a channel.
token-kicklen = Bytes of the reason of `KICK`.
token-maxlist = Masks in the lists of a channel, all together.
token-maxtargets = Targets of one command.
token-modes = Changes with an argument in one `MODE`.
token-monitor = Nicknames that one may follow with `MONITOR`.
token-msgreftypes = How `CHATHISTORY` may refer to a message, the best first.
token-namelen = Bytes of a real name.
token-network = The name of the network.
token-nicklen = Bytes of a nickname.
token-prefix = Ranks of members, the highest first: their modes, and the signs in front of a nickname.
token-safelist = The answer to `LIST`, however long, disconnects nobody.
token-saferate = Who sends fast is read more slowly, and not disconnected.
token-soju-saferate = The same under soju's name.
token-soju-filehost = Where files are uploaded by `POST`; only where `files.url` is an address of HTTPS.
token-statusmsg = Signs that may stand before a channel, to speak only to members of that rank and above.
token-targmax = Targets of each command.
token-topiclen = Bytes of a topic.
token-userlen = Bytes of a user name.
token-utf8mapping = Names of every script are compared by this profile; only where the server takes them.
token-utf8only = Text is UTF-8; a line that is not is refused.
token-draft-accountrequired = One must sign in.
token-draft-icon = Where the network's icon is; only where the certificate is one that everybody trusts.
token-causette-files = Where files are uploaded, listed and sent (`/api/v1/uploads` by tus, `/api/v1/files`): an address, or a path on the same host and port as IRC; only where files may be uploaded.
token-whox = `WHO` gives the fields that one asks for.
numeric-rpl-welcome = The client is registered.
numeric-rpl-yourhost = The server's name and version.
numeric-rpl-created = When the server was started.
numeric-rpl-myinfo = The server's name, version and mode letters.
numeric-rpl-isupport = What the server supports, as tokens.
numeric-rpl-endofstats = Ends the answer to STATS.
numeric-rpl-umodeis = The modes of the user who asks.
numeric-rpl-statsuptime = How long the server has been running.
numeric-rpl-statsoline = One who may become an operator of the server by OPER, or is one by the role of their account.
numeric-rpl-luserclient = How many people there are, and how many of them are invisible.
numeric-rpl-luserop = How many operators of the server there are.
numeric-rpl-luserunknown = How many connections have not said yet who they are.
numeric-rpl-luserchannels = How many channels there are.
numeric-rpl-luserme = How many clients are connected here.
numeric-rpl-adminme = Begins the answer to ADMIN.
numeric-rpl-adminloc1 = The name of the network.
numeric-rpl-adminloc2 = What the server says of itself.
numeric-rpl-adminemail = How to reach whoever runs the server.
numeric-rpl-localusers = How many clients there are now, and were at most.
numeric-rpl-globalusers = The same of the whole network, which is this server.
numeric-rpl-whoiscertfp = The fingerprint of the user's certificate.
numeric-rpl-away = The user is away.
numeric-rpl-userhost = The answer to USERHOST.
numeric-rpl-ison = The answer to ISON.
numeric-rpl-unaway = The client is no longer away.
numeric-rpl-nowaway = The client is away now.
numeric-rpl-whoisuser = The user's name, host and real name.
numeric-rpl-whoisserver = The server of the user; in WHOWAS, until when.
numeric-rpl-whoisoperator = The user is an operator of the server.
numeric-rpl-whowasuser = The name, host and real name that a user had.
numeric-rpl-endofwho = Ends the answer to WHO.
numeric-rpl-whoisidle = How long the user has been silent, and since when connected.
numeric-rpl-endofwhois = Ends the answer to WHOIS.
numeric-rpl-whoischannels = The channels of the user.
numeric-rpl-liststart = Begins the answer to LIST.
numeric-rpl-list = One channel, its size and topic.
numeric-rpl-listend = Ends the answer to LIST.
numeric-rpl-channelmodeis = The modes of the channel.
numeric-rpl-creationtime = When the channel was created.
numeric-rpl-acceptlist = People whose messages pass the mode R.
numeric-rpl-endofaccept = Ends the list of people whose messages pass.
numeric-err-acceptfull = The messages of as many people pass as may.
numeric-err-acceptexist = The messages of this person pass already.
numeric-err-acceptnot = The messages of this person do not pass.
numeric-err-cantsendtouser = The user takes no questions from program to program.
numeric-rpl-whoisactually = The user name and host behind what others see, and the address.
numeric-rpl-whoisaccount = The account of the user.
numeric-rpl-notopic = The channel has no topic.
numeric-rpl-topic = The channel's topic.
numeric-rpl-topicwhotime = Who set the topic, and when.
numeric-rpl-whoisbot = The user is a bot.
numeric-rpl-invitelist = A channel to which the client is invited.
numeric-rpl-endofinvitelist = Ends the list of invitations.
numeric-rpl-inviting = The invitation was sent.
numeric-rpl-invexlist = A mask of the channel's invite exceptions.
numeric-rpl-endofinvexlist = Ends the list of invite exceptions.
numeric-rpl-exceptlist = A mask of the channel's ban exceptions.
numeric-rpl-endofexceptlist = Ends the list of ban exceptions.
numeric-rpl-version = The version of the server.
numeric-rpl-whoreply = One user of the answer to WHO.
numeric-rpl-namreply = Members of the channel.
numeric-rpl-whospcrpl = One user of the answer to WHO with chosen fields.
numeric-rpl-links = One server of the network: this one.
numeric-rpl-endoflinks = Ends the answer to LINKS.
numeric-rpl-endofnames = Ends the answer to NAMES.
numeric-rpl-banlist = A mask of the channel's bans.
numeric-rpl-endofbanlist = Ends the list of bans.
numeric-rpl-endofwhowas = Ends the answer to WHOWAS.
numeric-rpl-info = A line about the server.
numeric-rpl-motd = A line of the message of the day.
numeric-rpl-endofinfo = Ends the answer to INFO.
numeric-rpl-motdstart = Begins the message of the day.
numeric-rpl-endofmotd = Ends the message of the day.
numeric-rpl-whoishost = Where the user connects from.
numeric-rpl-whoismodes = The modes of the user.
numeric-rpl-youreoper = The client is an operator of the server now.
numeric-rpl-rehashing = The configuration was read again.
numeric-rpl-time = The time of the server.
numeric-rpl-visiblehost = The host that others see.
numeric-err-nosuchnick = There is no such nickname.
numeric-err-nosuchchannel = There is no such channel.
numeric-err-cannotsendtochan = The message was not sent to the channel.
numeric-err-toomanychannels = The client is in too many channels.
numeric-err-wasnosuchnick = Nobody had this nickname lately.
numeric-err-toomanytargets = The command has too many targets.
numeric-err-noorigin = PING or PONG without a parameter.
numeric-err-invalidcapcmd = There is no such CAP subcommand.
numeric-err-norecipient = The message has no target.
numeric-err-notexttosend = The message has no text.
numeric-err-inputtoolong = The line was too long.
numeric-err-unknowncommand = There is no such command.
numeric-err-nonicknamegiven = The nickname is missing.
numeric-err-erroneusnickname = The nickname is not valid.
numeric-err-nicknameinuse = The nickname is in use, or kept for an account.
numeric-err-bannickchange = A ban in a channel forbids the change of nickname.
numeric-err-usernotinchannel = The user is not in the channel.
numeric-err-notonchannel = The client is not in the channel.
numeric-err-useronchannel = The user is already in the channel.
numeric-err-notregistered = The client must register first: NICK and USER.
numeric-err-needmoreparams = Parameters are missing.
numeric-err-alreadyregistered = The client is already registered.
numeric-err-passwdmismatch = The password is wrong.
numeric-err-yourebannedcreep = The administration keeps you out of the server.
numeric-err-linkchannel = The client was sent to another channel.
numeric-err-channelisfull = The channel is full.
numeric-err-unknownmode = There is no such channel mode.
numeric-err-inviteonlychan = The channel is for invited users.
numeric-err-bannedfromchan = The client is banned from the channel.
numeric-err-badchannelkey = The channel's key is missing or wrong.
numeric-err-badchanmask = The channel's name is not valid.
numeric-err-needreggednick = An account is needed to enter the channel, or to speak to the user.
numeric-err-banlistfull = The lists of the channel are full.
numeric-err-noprivileges = The command is for operators of the server.
numeric-err-chanoprivsneeded = The command is for those who moderate the channel.
numeric-err-umodeunknownflag = There is no such user mode.
numeric-err-usersdontmatch = Modes of other users cannot be seen or changed.
numeric-err-helpnotfound = There is no help on this subject.
numeric-rpl-whoissecure = The user's connection is encrypted.
numeric-rpl-yourlanguagesare = The language in which the server speaks to the client.
numeric-err-nolanguage = The server does not speak this language.
numeric-err-invalidkey = The key cannot be used.
numeric-err-invalidmodeparam = The argument of the mode is not valid.
numeric-rpl-helpstart = Begins the help on a subject.
numeric-rpl-helptxt = A line of help.
numeric-rpl-endofhelp = Ends the help on a subject.
numeric-rpl-mononline = Monitored users are online.
numeric-rpl-monoffline = Monitored users are offline.
numeric-rpl-monlist = Users whom the client monitors.
numeric-rpl-endofmonlist = Ends the list of monitored users.
numeric-rpl-whoiskeyvalue = What somebody says of themselves under a key.
numeric-rpl-keyvalue = A key and its value.
numeric-rpl-keynotset = Nothing is set under the key.
numeric-rpl-metadatasubok = Keys that the client follows from now on.
numeric-rpl-metadataunsubok = Keys that the client follows no more.
numeric-rpl-metadatasubs = Keys that the client follows.
numeric-rpl-metadatasynclater = There is more: ask again by `METADATA SYNC`.
numeric-err-monlistfull = The client monitors as many users as it may.
numeric-rpl-loggedin = The client is signed in to an account.
numeric-rpl-saslsuccess = SASL succeeded.
numeric-err-saslfail = SASL failed.
numeric-err-sasltoolong = A parameter of AUTHENTICATE was too long.
numeric-err-saslaborted = The client gave SASL up.
numeric-err-saslalready = The client is already signed in.
numeric-rpl-saslmechs = The SASL mechanisms of the server.
reply-account-exists = The name is taken.
reply-account-required = One must sign in first.
reply-already-authenticated = The client is signed in already.
reply-bad-account-name = The name cannot be an account's.
reply-cannot-send = Nothing was sent: the client may not speak there, or nobody would get what is not kept either.
reply-complete-connection-required = The connection must be complete first: the server's password is missing, or one may not sign up before the greeting.
reply-dcc-insecure = The message was sent; it offers DCC, which shows one's address and is not encrypted.
reply-internal-error = There is no room for another read marker.
reply-invalid-code = There is no e-mail address to prove.
reply-invalid-email = The e-mail address is none, or missing where one is asked for; `*` stands for no address.
reply-invalid-invitation = The code that was given lets nobody sign up.
reply-invitation-required = Signing up takes the code of an invitation.
reply-invalid-key = The key is not made of what keys are made of.
reply-invalid-value = The key cannot have such a value: it is too long, no address where there must be one, or the name of somebody else.
reply-key-no-permission = It is not for the client to say that, or to read it.
reply-limit-reached = There are as many keys as may be; the last parameter says how many.
reply-invalid-params = The parameters do not fit together, or the place is none that one may read.
reply-cannot-change-realname = Whoever is muted may not take another real name.
reply-invalid-realname = The real name is empty or too long.
reply-invalid-target = The target does not exist, or is not for the client to read or change.
reply-invalid-utf8 = The line is not UTF-8 and was not read.
reply-message-cut = The message was sent without its end, for which the line had no room.
reply-message-held = It waits until somebody who runs the server lets it pass: nobody has seen it.
reply-message-warned = It is said, and has words that the administration does not like to read.
reply-message-error = The history cannot be read at the moment.
reply-multiline-invalid = The message of several lines is not well-formed.
reply-multiline-invalid-target = A line goes to another target than the message.
reply-multiline-max-bytes = The message of several lines has too many bytes.
reply-multiline-max-lines = The message of several lines has too many lines.
reply-need-capability = The capability must be asked for first.
reply-invalid-condition = The condition cannot be read; nothing is listed.
reply-need-more-params = Parameters are missing.
reply-need-nick = A nickname must be chosen first.
reply-redact-forbidden = The message is not the client's to take back.
reply-redact-window-expired = The message is too old to be taken back by its author.
reply-cannot-rename = The channel cannot have another name, or not yet.
reply-channel-name-in-use = There is another channel of that name, or it is kept.
reply-temporarily-unavailable = It cannot be done now: nothing can be recorded, or accounts are not given at the moment.
reply-text-cut = The text was kept without its end; the parameter says how many bytes there may be.
reply-timeout = The batch was left open for too long.
reply-too-many-modes = The changes beyond the bound were not read.
reply-too-many-targets = The command has too many targets; this one was left out.
reply-unacceptable-password = The password is too long.
reply-unknown-msgid = There is no such message, or it was taken back.
reply-weak-password = The password is too easy to guess.

## The client: entering
client-welcome = Welcome to Causette.
client-ask-server = Server address:{" "}
client-connecting = Connecting to { $server } …
client-connected-tls = { $protocol } ✓
client-connected-clear = not encrypted
client-ask-sign-up = Would you like to sign up? [y/N]{" "}
client-ask-nick = Nickname:{" "}
client-ask-password-new = Password (at least { $minimum } characters):{" "}
client-ask-password = Password:{" "}
client-ask-password-again = Once more:{" "}
client-ask-email = E-mail address:{" "}
client-ask-code = Code:{" "}
client-ask-invitation = Code of the invitation (nothing if you have none):{" "}
client-waiting = This program waits with you, and signs in by itself when the server tells more. Ctrl+C leaves; you can come back later.
client-passwords-differ = The two passwords differ: choose one and type it twice.
client-account-created = Account "{ $account }" created. You are signed in.
client-signed-in = You are signed in as { $account }.
client-guest = You are here as { $nick }, without an account.
client-remembered = This device is remembered in { $file }.
client-to-forget = To forget it: causette logout
client-not-remembered = This device could not be remembered: { $error }
client-token-refused = This server no longer knows this device: sign in again.
client-signed-out = { $server } does not let this device sign in: its token was taken back, or the account opens from other addresses only. Sign in again with: causette login
client-no-sign-up = This server makes no accounts from here; ask its administrator, or try: /msg NickServ HELP
client-no-sasl = This server takes no passwords by SASL: come without one, as a guest, and sign in to its services yourself if it has any.
client-too-many-tries = That was the third try. Try again later, or ask the administrator for help.
client-sign-in-first = { $server } does not know this device. First: causette login { $server }
client-yes = y
client-no = n

## The client: trust
client-untrusted = The certificate of { $server } is signed by no authority that this machine knows.
client-fingerprint = Fingerprint (public key, SHA-256):
client-fingerprint-where = The administrator sees it when the server starts, or by: causette admin fingerprint
client-ask-trust = Trust this key from now on? [yes/no/once]{" "}
client-trust-yes = yes
client-trust-once = once
client-not-trusted = The key of { $server } is not trusted. To trust it: causette trust { $server }
client-key-changed = The key of { $server } is not the one that was trusted. Somebody may be in between, or the server has a new key: ask the administrator. If it is new: causette trust --replace { $server }
client-key-wrong = The key of { $server } is not the one that was asked for.
client-no-key = { $server } is reached without encryption, and so has no key to be trusted.
client-key-trusted = The key of { $server } is trusted from now on.
client-needs-encryption = { $server } would be reached without encryption; where that is wanted: --insecure
client-bad-address = { $address } is no address of a server: write chat.example.org, or host:port

## The client: the connection
client-connection-lost = The connection was lost: { $reason }
client-put-out = The server has ended the connection: { $reason }
client-come-back = This program does not come back by itself: press Enter to try.
client-kept-out = { $reason } (This program does not try again by itself.)
client-refused = nothing listens there
client-name-unknown = its name was not found
client-out-of-reach = no way leads there
client-timed-out = no answer came in time
client-no-answer = the server does not answer
client-closed = the server closed the connection
client-unreachable = { $server } cannot be reached: { $error }
client-offline = offline
client-connecting-short = connecting …
client-online = online
client-retry-in = offline, next try in { $seconds } s
client-not-connected = There is no connection; try again when it is back.
client-not-encrypted = not encrypted

## The client: what is said
client-said = { $nick }: { $text }
client-noticed = { $nick } (notice): { $text }
client-redacted = [message deleted by { $nick }]
client-redacted-because = [message deleted by { $nick }: { $reason }]
client-alert = *** ALERT from { $nick }: { $text }
client-gap = … older messages are not loaded here …
client-joined = { $nick } joins
client-parted = { $nick } leaves the channel
client-parted-because = { $nick } leaves the channel: { $reason }
client-left = { $nick } leaves the server
client-left-because = { $nick } leaves the server: { $reason }
client-channel-renamed = { $nick } has renamed { $from } to { $to }
client-channel-renamed-because = { $nick } has renamed { $from } to { $to }: { $reason }
client-renamed = { $nick } is now { $new }
client-topic-set = { $nick } sets the topic: { $topic }
client-topic-removed = { $nick } removes the topic
client-modes = { $nick } sets { $modes }
client-kicked = { $by } puts { $nick } out: { $reason }
client-you-kicked = { $by } puts you out: { $reason }
client-invited = { $by } invites { $nick }
client-you-are-invited = { $nick } invites you to { $channel }: /join { $channel }
client-entered-meanwhile = You are in { $channel } now; to go there: /go { $channel }
client-typing-one = { $nick } is typing…
client-typing-two = { $nick } and { $other } are typing…
client-typing-many = { $count } people are typing…
client-is-away = away
client-says-of-themselves = { $nick } says, under { $key }: { $value }
client-people = { $count } here: { $people }
client-topic-is = Topic: { $topic }
client-topic-none = There is no topic.
client-not-said = Not sent to { $target }: { $reason } (/resend tries again)
client-fate-unknown = the connection was lost while it was being sent, and this server does not tell whether it arrived.
client-order-unknown = The connection was lost before { $target } answered: whether it was done is not known. It is not sent again by itself.
client-outbox-full = Too many messages are waiting to be sent: this one was not taken. It goes on when the connection is back.
client-given-up = { $count ->
    [one] { $count } message is given up: it is not sent any more.
   *[other] { $count } messages are given up: they are not sent any more.
}
client-nowhere = This is the server's own page: choose a conversation first, with /join or /query.
client-no-channel = That works in a channel only.
client-no-message = There is no message number { $number } here; /last shows the numbers.
client-nothing-said = Nothing was said here yet.
client-nothing-found = Nothing was found.
client-no-conversation = There is no conversation called { $name }.
client-not-a-person = { $name } is a channel; to go there: /join { $name }
client-no-search = This server has no search.
client-no-setting = There is no setting { $name } here; there is: /set { $known }
client-nobody = Nobody is there.
client-server-cannot = This server cannot do that.
client-not-a-line = That is no line of the protocol.
client-no-files = This server takes no files from here.
client-files-sign-in = Files are for those who have an account here: sign up, or sign in.
client-file-for-whom = For whom? Go to a room or to somebody, or write: /upload --public file
client-download-done = { $name } has arrived, its SHA-256 is right: { $path }
client-upload-done = { $name } has arrived, its SHA-256 is right: { $place } can fetch it.
client-upload-done-unsaid = { $name } has arrived, its SHA-256 is right. Who is in { $place } can fetch it, but was not told: you have left.
client-upload-done-at = { $name } has arrived, its SHA-256 is right: { $address }
client-transfer-failed = { $name }: { $reason }
client-transfer-cancelled = { $name } is given up.
client-transfers-none = No file is on its way.
client-transfers-how = /transfers pause, resume or cancel, and a number.
client-no-transfer = There is no transfer { $number }. /transfers lists them.
client-transfer-over = { $name } is not on its way any more.
client-transfer-arrived = { $name } has arrived already.
client-transfer-has-failed = { $name } has failed, and does not move. To try again: /transfers resume { $number }
client-transfer-stopped = { $name } is paused. To go on: /transfers resume { $number }
client-transfer-going = { $name } is on its way already: { $how }
client-transfer-goes-on = { $name } goes on.
client-transfer-not-begun = { $name } was never begun, so that nothing can go on. Ask for it anew: /upload or /download
client-files-none = There are no files to be seen.
client-files-more = There are more. A file is fetched by its number or its name: /download 12
client-files-how = A file is fetched by its number or its name: /download 12
client-file-of-server = server
client-file-aside = put aside
client-shared = 📎 { $name } ({ $size }) · /download { $number }
client-text-file = text
client-percent = { $percent } %
client-time-left = { $time } left
client-audience-to = { $nick } (private)
client-audience-you = you (private)
client-audience-public = everybody
client-audience-link = by its address
client-audience-private = you alone
client-transfer-waiting = waits for others
client-transfer-counting = its SHA-256 is being counted
client-transfer-away = waits for the network ({ $reason }); goes on by itself
client-transfer-paused = paused
client-transfer-given-up = given up
client-step-upload = Sending { $name } to { $place }.
client-step-download = Fetching { $name }.
client-step-quarter = { $name }: { $percent } %
client-step-away = { $name } waits for the network ({ $reason }); it goes on by itself.
client-step-paused = { $name } is paused. To go on: /transfers
client-muted = { $name } is silent now.
client-unmuted = { $name } is no longer silent.
client-unknown = There is no command /{ $word }; nothing was sent. /help lists them.
client-unknown-near = There is no command /{ $word }; nothing was sent. Did you mean { $nearest }?
client-several-lines = A command has one line: nothing was done, and nothing was sent. To say it as it is, begin it with another /.
client-misused = It is written like this: { $usage }

## The client: plain lines and verbs
client-plain-greeting = Connected to { $server } as { $nick }. #Help lists what you can type.
client-plain-with = Private conversation with { $name }. #Private goes back to { $home }.
client-plain-in = You are in { $name } now.
client-plain-unread = { $name }: { $count } unread, { $mentions } for you, of which the newest are printed; for more: /go { $name }, then /last 100
client-back-online = The connection is back.
client-prompt = Me:{" "}
client-prompt-to = Me → { $name }:{" "}
client-said-privately = { $nick } (private): { $text }
client-nothing-to-send = There is nothing to send.
client-sent-partly = { $reason } (messages stored before: { $count })
client-sent-perhaps = { $reason }; whether the last message was stored is not known.
client-input-too-long = The text is longer than { $max } MiB: what is behind was not sent.
client-no-such-message = There is no message { $id } here.
client-no-history = this server keeps no history
client-bad-since = “{ $since }” is no place in the past: write 90s, 15m, 1h or 7d, a day (2026-11-22), a moment (2026-11-22T14:00:00Z) or the id of a message.
client-whoami = { $nick } on { $server }
client-not-logged-in = { $server } does not know this device.
client-logged-out = { $server } and this device have forgotten each other.
client-logged-out-here = This device has forgotten { $server }, but the server could not be told: its list of devices still has this one.
client-key-already = The key of { $server } is trusted already.

## The client: commands
client-help-heading = What you can type; everything else is said:
client-help-syntax = [command]
client-help = Lists the commands, or explains one.
client-query-syntax = [nickname]
client-query = Talks with one person from now on; without a name, goes back to the common room.
client-msg-syntax = nickname|#channel text
client-msg = Says something to somebody without going there.
client-text-syntax = text
client-me = Says what you are doing.
client-join-syntax = #channel [key]
client-join = Enters a channel.
client-reason-syntax = [words]
client-part = Leaves this channel, or puts this conversation away.
client-go-syntax = name|number
client-go = Goes to another conversation.
client-who-syntax = [mask]
client-who = Shows who is in this channel.
client-users = Shows who is connected.
client-nick-syntax = nickname
client-whois = Shows what is known of somebody.
client-list-syntax = [mask]
client-list = Shows the channels that there are.
client-topic-syntax = [topic]
client-topic = Shows the topic of this channel, or sets it.
client-last-syntax = [count]
client-last = Shows the last messages with their numbers.
client-reply-syntax = number text
client-reply = Answers the message with that number.
client-react-syntax = number emoji
client-react = Reacts to that message; once more: undone.
client-delete-syntax = number [reason]
client-delete = Takes back the message with that number.
client-search-syntax = words
client-search = Looks for something that was said.
client-older = Reads older messages.
client-mute = Silences this conversation, or ends its silence.
client-away = Says that you are away.
client-back = Says that you are back.
client-nick = Takes another nickname.
client-invite = Asks somebody into this channel.
client-kick-syntax = nickname [reason]
client-kick = Puts somebody out of this channel.
client-ban-syntax = nickname|mask
client-ban = Keeps somebody out of this channel.
client-unban = Lets somebody in again.
client-mode-syntax = [channel] modes
client-mode = Changes the modes of this channel.
client-notice = Says something that no program answers.
client-resend = Sends again what was not taken.
client-discard = Gives up what has not left or was not taken.
client-set-syntax = setting value
client-set = Changes a setting.
client-quote-syntax = line
client-quote = Sends a line of the protocol as it is.
client-files = Shows the files on the server.
client-files-syntax = [public|own|sent|#room]
client-file-syntax = file
client-upload-syntax = [--to nick|--public] file
client-upload = Sends a file to those you talk with here.
client-upload-as-before = #TrfU "file" or #TrfU private nick "file"
client-download = Fetches a file from the server.
client-download-as-before = #TrfD "file"
client-transfers-syntax = [pause|resume|cancel number]
client-transfers = Shows the files on their way; pause, resume, cancel.
client-quit = Leaves.

## The client: files on their way
client-file-answer = The server answers { $status }.
client-file-none = { $path }: there is no such file.
client-file-forbidden = { $path }: you have no permission to do that there.
client-file-disk-full = { $path }: the disk is full. What has arrived is kept: make room, then give the same command again or, in the chat, /transfers resume.
client-file-read-only = { $path }: nothing can be written there.
client-file-folder = { $path } is a folder: files are sent one by one, or packed into one.
client-file-device = { $path } is a pipe or a device, and no file. What comes by a pipe is sent by: … | causette upload - --name notes.txt
client-folder-none = { $path }: there is no such folder.
client-file-too-large = { $name } has { $size }, and this server takes files of at most { $max }. Nothing was sent.
client-file-trouble = { $path }: { $error }
client-file-strange = The server answers what cannot be understood.
client-file-not-made = The server has all of it and is still looking at it.
client-file-changed = { $name } has changed while it was being sent. Nothing was kept on the server; send it again.
client-file-forgotten = The server does not know the upload any more.
client-file-there = { $path } is there already, and is not written over.
client-file-mismatch = { $name } is not what the server said that it is: its SHA-256 is another one. It was not kept.
client-file-unknown = There is no file “{ $name }” that you may see. /files lists them.
client-file-elsewhere = { $server } is another server: files are fetched from the one that you talk on.
client-upload-one = A name, or standard input, is for one file alone.
client-upload-name = What comes by standard input needs a name: --name notes.txt
client-download-both = Standard output has room for the file or for JSON, not for both.
client-bad-which = { $which } is none of public, own, sent, all or a #room.
client-interrupted = Interrupted. What has arrived is kept: the same command goes on from there.
client-interrupted-input = Interrupted. Nothing of it was kept.
client-sent = { $name } ({ $size }) has arrived as file { $number }, its SHA-256 is right.
client-fetched = { $name } ({ $size }) has arrived, its SHA-256 is right.
client-transfers-full = Too many transfers wait already; give some up: /transfers

## The client: days
client-day = { $weekday } { $day } { $month }
client-day-of-year = { $weekday } { $day } { $month } { $year }
client-weekday-1 = Monday
client-weekday-2 = Tuesday
client-weekday-3 = Wednesday
client-weekday-4 = Thursday
client-weekday-5 = Friday
client-weekday-6 = Saturday
client-weekday-7 = Sunday
client-month-1 = January
client-month-2 = February
client-month-3 = March
client-month-4 = April
client-month-5 = May
client-month-6 = June
client-month-7 = July
client-month-8 = August
client-month-9 = September
client-month-10 = October
client-month-11 = November
client-month-12 = December

## The client: the screen
client-new-messages = { $count ->
    [one] { $count } new message
   *[other] { $count } new messages
}
client-arrivals = { $count ->
    [one] +{ $count } arrival
   *[other] +{ $count } arrivals
}
client-departures = { $count ->
    [one] −{ $count } departure
   *[other] −{ $count } departures
}
client-renames = { $count ->
    [one] { $count } new name
   *[other] { $count } new names
}
client-alert-title = Message from the administration, { $nick }
client-alert-title-server = Message from the administration
client-alert-esc = Esc: seen
client-mark-sending = ◌ sending…
client-mark-waiting = ◌ waiting
client-mark-failed = ✗ not sent (/resend)
client-too-small = window too small
client-pane-channels = Channels
client-pane-people = Private
client-pane-members = { $count ->
    [one] { $count } member
   *[other] { $count } members
}
client-you = (you)
client-more = … { $count } more
client-below = ↓ newer below
client-unread = { $count } unread, { $mentions } for you
client-line-full = The line holds { $count } bytes at most: what would not fit was not put into it.
client-room-left = { $count ->
    [one] { $count } byte left in this message
   *[other] { $count } bytes left in this message
}
client-keys = F1 help · Ctrl+K go to · Tab complete · Shift+Tab messages
client-aim-reply = ↩ Answers { $message }
client-aim-react = + Reacts to { $message }
client-aim-delete = ✗ Takes back { $message }
client-aim-unknown = a message that is not loaded here
client-aim-ends = Esc cancels
client-keys-message = ↑↓ choose · r answer · + react · d delete · c copy · Esc back
client-keys-file = ↑↓ choose · s save the file · r answer · + react · Esc back
client-go-to = Go to
client-pane-files = Files (F4)
client-transfers-title = F4 Transfers
client-transfer-keys = ↑↓ choose · p pause · r resume · c cancel · Esc close
client-transfer-key-pause = p
client-transfer-key-resume = r
client-transfer-key-cancel = c
client-drop = Send { $name } ({ $size }) to { $place }?
client-drop-count = { $count } files
client-drop-keys = Enter yes · p for you alone · Esc paste the text
client-drop-key-private = p
client-ask-leave = Leave? y/N
client-long = Long text of { $lines ->
    [one] { $lines } line
   *[other] { $lines } lines
}, sent as { $messages ->
    [one] one message
   *[other] { $messages } messages
}.
client-long-keys = s send · e edit · c cancel
client-long-keys-file = s send · f as a file · e edit · c cancel
client-long-answers-file = Send? y/N, or f: as a file
client-long-file = f
client-long-send = s
client-long-edit = e
client-long-cancel = c
client-pasted = { $lines ->
    [one] One line was pasted.
   *[other] { $lines } lines were pasted.
}
client-long-answers = Send? y/N
client-long-not-sent = Not sent.
client-help-title = Commands: ↑↓ scroll, any other key goes back

## Filters
filter-warned = The administration asks you to mind your words in { $channel }: { $reason }
filter-held = Your message to { $channel } waits until the administration has looked at it: { $reason }
filter-held-full = Not sent: too many messages wait for the administration already. Reason: { $reason }
filter-dropped = The administration does not let that be said there. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}Reason: { $reason }
filter-too-long = The words of a filter have at most { $max } bytes; these have { $bytes }
filter-everything = That would be found in every message: a filter needs at least one letter or digit beside * and ?
filter-already = These words are looked for there already, as number { $number }: remove that filter first
filters-full = There are { $max } filters already, their bound: remove some first
filter-unknown = There is no filter of number { $number }
filter-set = Filter { $number } is set: { $pattern }
filter-removed = Filter { $number } is removed: { $pattern }
filter-line = { $number }. { $action ->
    [warn] warns
    [hold] holds
    [drop] drops
   *[mute] mutes
}: { $pattern }{ $channel ->
    [none] {""}
   *[other] {" "}in { $channel }
}, since { $since }, by { $by }: { $reason }
filters-end = Filters: { $number }
held-line = { $number }. { $nick } in { $channel }, { $since } (filter { $filter }): { $text }
held-end = Messages that wait: { $number }
held-unknown = No message of number { $number } waits
held-released-done = Said: the message of { $nick } in { $channel } (number { $number })
held-discarded-done = Discarded: the message of { $nick } in { $channel } (number { $number })
held-author-gone = { $nick } is gone: their message in { $channel } is discarded (number { $number })
held-discarded = The administration does not let your message to { $channel } be said. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}{ $reason ->
    [none] {""}
   *[other] Reason: { $reason }
}
held-room-closed = Your message to { $channel } is not said: the room is closed
held-ended = Nobody decided in time about your message to { $channel }: it is not said. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}{ $reason ->
    [none] {""}
   *[other] Reason: { $reason }
}
notice-filter-set = { $by } sets filter { $number }, which { $action ->
    [warn] warns
    [hold] holds
    [drop] drops
   *[mute] mutes
}: { $pattern }{ $channel ->
    [none] {""}
   *[other] {" "}in { $channel }
} ({ $reason })
notice-filter-removed = { $by } removes filter { $number }, { $pattern }: { $reason }
notice-filter-struck = { $nick } in { $channel }: filter { $number } { $action ->
    [warn] has warned
    [hold] { $held ->
        [none] has kept something from being said
       *[other] lets a message wait until somebody decides about it (number { $held })
    }
   *[drop] has kept something from being said
}
notice-held-released = { $by } lets the message of { $nick } in { $channel } be said (number { $number })
notice-held-discarded = { $by } discards the message of { $nick } in { $channel } (number { $number })
chanserv-filter-help = FILTER LIST shows the words that are looked for in rooms,
    FILTER ADD warn | hold | drop | mute [#channel] word reason, or "several words" reason, looks for some (* within a word, ? for a character);
    warn only warns, hold lets the message wait, drop refuses it, mute refuses and mutes,
    FILTER DEL number reason looks for them no more,
    FILTER HELD shows the messages that wait, RELEASE number lets one be said, DISCARD number does not: FILTER RELEASE 3.

## Sanctions
sanction-kept-out = The administration keeps you out of this server { $until ->
    [never] for good
   *[other] until { $until }
}. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}Reason: { $reason }
sanction-kept-out-there = You cannot enter: the administration keeps you out { $until ->
    [never] for good
   *[other] until { $until }
}. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}Reason: { $reason }
sanction-kept-out-of = The administration keeps you out of { $channel } { $until ->
    [never] for good
   *[other] until { $until }
}. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}Reason: { $reason }
sanction-silent = The administration lets you read and say nothing { $until ->
    [never] for good
   *[other] until { $until }
}. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}Reason: { $reason }
sanction-silent-there = You cannot speak there: the administration has muted you { $until ->
    [never] for good
   *[other] until { $until }
}. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}Reason: { $reason }
sanction-silent-in = The administration lets you say nothing in { $channel } { $until ->
    [never] for good
   *[other] until { $until }
}. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}Reason: { $reason }
closing-banned = Banned by the administration: { $reason }
closing-kicked = Disconnected by the administration: { $reason }
kicked-off = The administration has disconnected you. { $contact ->
    [none] {""}
   *[other] To object: { $contact }. {""}
}Reason: { $reason }
away-silent = Away
sanction-silent-over = You may speak again: the mute has ended
sanction-silent-over-in = You may speak again in { $channel }: the mute has ended
notice-sanctioned = { $by } { $kind ->
    [ban] bans
   *[mute] mutes
} { $whom }{ $channel ->
    [none] {""}
   *[other] {" "}in { $channel }
}, { $until ->
    [never] for good
   *[other] until { $until }
} (number { $number }): { $reason }
notice-sanction-lifted = { $by } lifts the sanction on { $whom } (number { $number }): { $reason }
notice-put-out = { $by } put { $nick } out of { $channel }: { $reason }
admin-killed = { $nick } is disconnected; connections ended: { $number }
admin-put-out = { $nick } is put out of { $channel }
sanction-imposed = { $kind ->
    [ban] Banned
   *[mute] Muted
} { $channel ->
    [none] {""}
   *[other] in { $channel } {""}
}{ $until ->
    [never] for good
   *[other] until { $until }
}: { $whom } (number { $number }; people connected whom it hits: { $people })
sanction-lifted = Lifted: the sanction on { $whom } (number { $number })
sessions-none = Nobody is connected to { $account }, nor has it a device: there is nothing to end
registration-set-already = That is so already: { $registration }
registration-configured-already = The configuration rules already: { $registration }
role-account-waits = { $account } waits to be approved: decide on that first
sanctions-lifted = Lifted: the { $count } sanctions on { $whom } (numbers { $number })
sanction-line = { $number }. { $kind ->
    [ban] ban
   *[mute] mute
} of { $whom }{ $channel ->
    [none] {""}
   *[other] {" "}in { $channel }
}, since { $since }, { $until ->
    [never] for good
   *[other] until { $until }
}, by { $by }: { $reason }
sanctions-end = Sanctions: { $number }; shown: { $shown }
sanction-duration = A sanction holds for at least a second and at most a hundred years: 30m, 12h, 7d, 1y, or perm for good
sanction-too-long = With your role a sanction ends within { $days } days: say for how long, 30m, 12h or 7d
sanction-lift-above = Somebody above you decided that ({ role-word }): it takes a role like theirs to end it
sanction-lift-too-long = With your role only what holds for at most { $days } days can be lifted
sanction-yourself = Nobody judges themselves
sanction-hits-you = That would hit yourself, and this many others who are connected: { $number }
sanction-hits-all = That would hit everybody: of those who are connected, this many: { $number }
sanction-too-wide = That could hit anybody; of those who are connected, this many: { $number }. A range needs at least 8 bits of IPv4 or 16 of IPv6, a mask a letter or digit that must be there
sanction-hits-above = That would hit somebody whom your role does not reach, among this many who are connected: { $number }
sanction-already = That holds already, as number { $number }, { $until ->
    [never] for good
   *[other] until { $until }
}: lift it first
sanction-target = { $whom } is no address, range or mask
sanction-unknown = There is no sanction of number { $number }
sanction-none = There is no such sanction on { $whom } { $channel ->
    [none] on the server
   *[other] in { $channel }
}
sanctions-full = There are { $max } sanctions already, their bound: lift some first
sanctions-full-of-masks = There are sanctions on { $max } masks already, their bound: lift some, or name accounts and addresses
command-uban = Bans of the server, of accounts, masks and addresses: ADD, DEL, LIST, INFO.
command-kline = Ban somebody from the server; another spelling of UBAN ADD.
command-dline = Ban an address from the server; another spelling of UBAN ADD.
command-mute = Let somebody read and say nothing on the server.
command-unkline = Lift a ban of the server; another spelling of UBAN DEL.
command-undline = Lift a ban of an address; another spelling of UBAN DEL.
command-unmute = Let somebody speak again on the server.
## The console and the verbs of the administrator
admin-no-verb = There is no verb "{ $verb }"
admin-field-unknown = "{ $verb }" has no field "{ $field }"
admin-field-wrong = What "{ $field }" of "{ $verb }" says does not fit
admin-field-no-span = "{ $field }" of "{ $verb }" is no length of time: write 90s, 15m, 2h, 7d or 4w
admin-field-missing = "{ $verb }" needs "{ $field }"
admin-forbidden = Only the system account that runs the server, and root, may administer it
admin-watching = What happens is told from now on
admin-stop-too-late = A stop can be asked for { $hours } hours ahead at most; nothing was stopped
admin-stopping-in = The server stops in { $seconds } s; everybody is told
admin-stop-sooner = The server stops sooner already, in { $seconds } s: call that off first, or let it be
admin-no-stop = There is no stop to call off
stop-announced = The server stops in { $seconds } s: { $reason }
stop-called-off = The server does not stop after all
stop-cancelled = The stop was called off
admin-list-people = NICKNAME | SINCE | ADDRESS | CLIENT | IDLE | ROOMS
admin-list-rooms = ROOM | PEOPLE | MODES | OWNER | OPENED | TOPIC
admin-list-accounts = ACCOUNT | ROLE | MADE | LAST THERE | NOTES
admin-list-devices = NUMBER | DEVICE | LAST USED | FROM
admin-list-sanctions = NUMBER | WHAT | WHOM | WHERE | UNTIL | BY | REASON
admin-list-people-count = Connected: { $people }; connections: { $sessions }; accounts: { $accounts }
admin-list-rooms-count = Rooms: { $rooms }
admin-list-accounts-count = Accounts: { $accounts }
admin-list-sanctions-count = Sanctions that hold: { $sanctions }
admin-list-more = More follow: --after { $name }
admin-list-absent = always there
admin-list-present = now
admin-list-waiting = waits to be approved
admin-list-sanction = sanction { $number }
admin-list-for-ever = for ever
admin-list-server = the server
admin-kind-ban = ban
admin-kind-mute = mute
admin-role-owner = owner
admin-role-admin = administrator
admin-role-moderator = moderator
admin-role-auditor = auditor
admin-role-user = user
admin-role-guest = guest
admin-role-bot = bot
admin-show-account = Account
admin-show-role = Role
admin-show-created = Made
admin-show-seen = Last there
admin-show-notes = Notes
admin-show-login = Sign-in
admin-login-any = from anywhere
admin-login-pinned = pinned to { $address }
admin-login-unpinned = the next sign-in pins its address
admin-show-certificates = Certificates
admin-show-rooms = Owns
admin-field-no-word = "{ $field }" of "{ $verb }" is one of { $words }
admin-list-invitations = NUMBER | ROOM | USES LEFT | MADE | UNTIL | BY
admin-list-invitations-count = Invitations that hold: { $invitations }
admin-list-filters = NUMBER | WORDS | WHAT HAPPENS | WHERE | BY | REASON
admin-list-filters-count = Filters: { $filters }
admin-list-held = NUMBER | SINCE | ROOM | FROM | FILTER | TEXT
admin-list-held-count = Messages that wait: { $messages }
admin-filter-warn = warned
admin-filter-hold = held
admin-filter-drop = refused
admin-filter-mute = refused, author muted
admin-token-made =
    Token { $number } of { $account }, good until { $until }. Nobody is shown it again:
    { $token }
watch-signed-in = { $account } has signed in from { $address } ({ $mechanism })
watch-signed-in-device = { $account } has signed in from { $address } ({ $mechanism }, { $device })
watch-sign-in-refused = Sign-in as { $name } from { $address } refused: { $factor } ({ $mechanism })
watch-factor-name = there is no such account
watch-factor-password = wrong password
watch-factor-token = wrong token of a device
watch-factor-certificate = the certificate does not open it
watch-factor-code = the code has been used or is too old
watch-factor-throttled = too many failures before
watch-factor-waiting = the account waits to be approved
watch-factor-banned = they are kept out of the server
watch-factor-address = right, but nobody may sign in to it from there
watch-came = + { $nick } is there ({ $address })
watch-left = - { $nick } has left
watch-left-reason = - { $nick } has left: { $reason }
watch-wrote = { $nick } → administration: { $message }
watch-wrote-to = administration → { $nick }: { $message }
watch-lost = { $lost } events were lost: this console reads too slowly
cli-admin-people = List who is there, with addresses, rooms and clients
cli-admin-rooms = List the rooms
cli-admin-accounts = List the accounts
cli-admin-account = Look at an account, approve it, give it up
cli-admin-account-show = Show all that there is about an account
cli-admin-sanctions = List the sanctions that hold
cli-admin-alert = Tell everybody something that they must not miss
cli-admin-write = Write to somebody in the name of the administration
cli-admin-kick = End somebody's connections, or put them out of a room
cli-admin-ban = Keep somebody out of the server, or of a room
cli-admin-unban = End a ban
cli-admin-mute = Let somebody read and say nothing
cli-admin-unmute = Let somebody speak again
cli-admin-lift = End a sanction by its number
cli-admin-role = Give an account a role on the server
cli-admin-sessions = Connections of accounts
cli-admin-sessions-end = End an account's connections and take its tokens away
cli-admin-account-drop = Give up an account
cli-admin-account-approve = Let an account in that waits
cli-admin-account-refuse = Give up an account that waits
cli-admin-registration = Open or close the sign-up
cli-admin-room = Rooms of the server
cli-admin-room-close = Empty a room and give it up
cli-admin-room-take = Give a room another owner
cli-admin-watch = Tell what happens, until it is interrupted
cli-admin-account-rename = Give an account another name
cli-admin-account-suspend = Let nobody in with an account for a while
cli-admin-account-resume = Let in again with a suspended account
cli-admin-account-login = Decide from where one may sign in to an account
cli-admin-account-unlock = Forget the address to which an account is pinned
cli-admin-room-rename = Give a room another name
cli-admin-filters = List the words that are looked for
cli-admin-filter = Words that are looked for in what is said
cli-admin-filter-add = Look for words in what is said in rooms
cli-admin-filter-remove = Look for words no more
cli-admin-held = List the messages that wait, or decide
cli-admin-held-release = Let a message be said that waits
cli-admin-held-discard = Let a message never be said
cli-admin-invitation = Invitations with a code
cli-admin-invitation-end = End an invitation
cli-admin-invitations = List the invitations that hold
cli-admin-owner = The first owner of the server
cli-admin-owner-code = Show the code that makes the first owner
cli-admin-token = Tokens of programs
cli-admin-token-create = Give a program a token
cli-admin-token-revoke = Take away a token
admin-field-new-name = The name from now on
admin-field-login = any, pin-first, or addresses and ranges
admin-field-uses = For how many a code is good (default: 1 with --for)
admin-field-invite-for = How long a code is good (default: 7d with --uses)
admin-field-invitation = The number of the invitation
admin-field-scope = For what: read, people, moderation, accounts, rooms, server, register, with commas
admin-field-token-for = How long it is good, a year at most (default: 30d)
admin-field-token-name = What it is called (default: what it is for)
admin-field-token = The number of the token
admin-field-action = warn (the default), hold, drop or mute
admin-field-pattern = The words; * is anything within a word, ? one character
admin-field-filter = The number of the filter
admin-field-held = The number of the message
cli-value-scopes = SCOPES
cli-value-login = POLICY
cli-value-action = ACTION
admin-field-nick = The nickname, or the account
admin-field-room = The room
admin-field-in-room = Only in this room (default: on the server)
admin-field-for = For how long: 90s, 15m, 2h, 7d, 4w (default: for ever)
admin-field-whom = An account, a nickname, an address, a range of addresses, or a mask
admin-field-text = What they read
admin-field-like = Only those whose name has this in it
admin-field-after = Only those behind this name
admin-field-limit = How many at most
admin-field-to = To whom, by nickname or account
admin-field-number = The number of the sanction
admin-field-role = owner, admin, moderator, auditor, bot; user for none
admin-field-registration = open, invite, approve, closed; configured for what the configuration says
admin-field-new-owner = The account that is to own it
admin-field-in = In how long: 10s, 5m (default: at once)
admin-field-cancel = Call off the stop that is coming
cli-value-span = TIME
cli-value-whom = WHOM
cli-value-role = ROLE
cli-value-registration = MODE
cli-admin-json = Print the answer as one JSON object
cli-admin-yes = Ask nothing before it is done
admin-entry = Entered in the register under { $entry }
cli-server-forbidden = The server on { $folder } is another user's: only the system account that runs it, and root, may administer it
cli-admin = Administer the running server; without a verb, by the console
cli-serve-console = Show the console, even where the log goes elsewhere
cli-serve-no-console = Show no console, and tell the log
console-prompt = Your action on the server:{ " " }
console-prompt-to = To { $name }:{ " " }
console-missing = { $what }:{ " " }
console-answer = [y/N]{ " " }
console-confirm = { $what }? [y/N]
console-not-done = Nothing was done.
console-does-not-fit = That does not fit.
console-no-such-word = "{ $said }" is none of { $words }.
console-no-number = "{ $said }" is no number.
console-no-size = "{ $said }" is no length in bytes: write one like 500MB, or 2GiB.
console-backup = A backup is being made: { $file }
console-backup-busy = A backup is being made already.
console-backup-progress = Backup: { $percent } %
console-backup-where = Say into which file, #Backup FILE, or set backup.folder in the configuration.
console-help-backup = Make a backup: #Backup [file]
console-unknown = There is no command "{ $word }": #Help lists them.
console-too-much = There is too much: "{ $words }".
console-private = Conversation with { $name }, who sees the administration. #Private to come back.
console-private-over = The conversation with { $name } is over.
console-private-whom = Say with whom: #Private NICKNAME
console-exit = The server stops in { $ahead }, and everybody is told. Stop it? [y/N]
console-attached = The console of the server on { $folder }. Ctrl+D to leave it; #Help for the commands.
console-server-ended = The server has stopped. Goodbye.
console-help-help = Show this list
console-help-private = Converse with somebody; without a name, come back
console-help-exit = Stop the server: #Exit [10s] [why]; also: close
console-help-detach = Leave the console; the server goes on
console-banner =
    Causette { $version }, data: { $folder }, log: { $log }
      Addresses: { $addresses }
      Certificate (SHA-256): { $fingerprint }
      Public key (SHA-256), which clients show: { $key }
    #Help for the commands.
console-fault = The server cannot go on: { $reason }. Its log says more; start it again
## Backups
backup-entered = The backup { $file } is entered in the register
backup-made = Backup { $file }: { $bytes } bytes, SHA-256 { $sha256 }
backup-entry = It is entry { $entry } of the register
backup-no-server = No server runs, so that the backup is not entered in the register
backup-not-entered = The backup is whole, but it is not entered in the register: { $reason }
backup-elsewhere = Not in it, because it lies outside of the data folder: { $file }
backup-contents = { $count ->
    [one] With the content of one file that people keep here
   *[other] With { $count } contents of files that people keep here
}
backup-content-removed = Not in it, because it was removed meanwhile: file { $file }, { $name }
backup-content-lost = Not in it, because its content is not there: file { $file }, { $name }
backup-content-damaged = Not in it, because its content cannot be read or is not what it was: file { $file }, { $name }
backup-contents-more = And { $count } more are not in it
backup-verified = The backup { $place } is whole: { $server } of { $created }, made by { $version }, { $entries } entries of the register, all as they were recorded
restored = The backup is in { $place }: { $server } of { $created }, { $entries } entries of the register, all as they were recorded
restored-database = The configuration has the database at { $database }: move causette.db there before you start the server
restored-elsewhere = The configuration has the database at { $database }, and what was restored is the file { $file }. Before you start the server, move it there, into an empty database: causette migrate --from sqlite:causette.db --to URL; or name the file in database.url
backup-refused = { $file }: { $error }
backup-exists = { $file } is there already: name another file, or replace it with --force
backup-not-a-file = { $file } is there and is no file: name another
backup-lost = its thread has ended: please report this as a bug
backup-in-data-dir = { $file } would lie in the data folder, and be lost with it: name a file elsewhere, best on another disk
backup-under-way = { $file } is there: another backup of that name is under way, or something else is called so
backup-log-grew = The log of the database grew by { $mebibytes } MiB while it was copied, so that the backup was given up: write it to a faster disk, or while less is said
backup-foreign = { $file } is no backup of Causette
backup-damaged = { $file } is not the backup that was written: { $what }
backup-broken-cut = it ends too early
backup-broken-header = what stands between its files was changed
backup-broken-digest = { $member } was changed
backup-broken-trailer = its end was changed, or something follows
backup-contradicts = { $file } is as it was written, but the database in it is not sound: { $what }
backup-differs = { $file } says of { $table } in its database { $told }, and there is { $found }
backup-newer-format = The backup has the format { $found }, and this version of Causette reads formats up to { $known }: use the version that made it, or a newer one
backup-newer-schema = The database in the backup has the form { $found }, and this version of Causette knows forms up to { $known }: use the version that made it, or a newer one
restore-running = A server runs on { $folder }: stop it, and put its files aside, or name another folder with --data
restore-not-empty = { $folder } is not empty: put aside what is in it, or name another folder with --data
admin-status-no-backup = The server has made no backup by itself yet
admin-status-backup = Last backup: { $file }, { $time }
admin-status-backup-failed = The next one failed: { $reason }
rule-bytes = a whole number with its unit, as "100MiB" or "2GiB" (KiB, MiB, GiB, TiB), or "0"
rule-whole-path = the whole name of a folder, from / on
rule-clamd = where the daemon of ClamAV listens: "unix:/run/clamav/clamd.ctl" or "tcp:127.0.0.1:3310"
rule-scan-command = a program by its whole name and its arguments, one of which is "{ "{" }path{ "}" }": ["/usr/local/bin/look", "{ "{" }path{ "}" }"]
rule-scan-failure = "refuse" or "accept"
rule-files-url = an address that all others begin with, with https:// or http:// in front, a host, and no blank or sign but - . : [ ] / _ ~: "https://files.example.org"
rule-kept = a whole number of minutes, hours or days, as "24h" or "30d", { $days } days at most, or "0" for ever
rule-pace = a whole number of minutes, hours or days, as "30m", "24h" or "7d", { $days } days at most
rule-backup-pair = there too: backup.every and backup.folder go together
cli-backup = Write everything that makes the server to a file
cli-backup-file = The file
cli-backup-force = Replace the file where it is there
cli-backup-verify = Write nothing: verify the backup that the file is
cli-restore = Put a backup into an empty data folder
cli-restore-file = The backup

## The register, read by people
cli-audit-read = Read the last entries of the register, or search it
cli-audit-tail = Show the last entries of the register; the reading is entered in it
cli-audit-search = Search the register; the reading is entered in it
cli-admin-doctor = Say what is wrong with the server, and what to do
cli-value-time = TIME
cli-value-kind = TYPE
register-field-last = How many of the last entries
register-field-account = What an account did, and what was done to it
register-field-address = What came from an address, or a range as 192.0.2.0/24
register-field-from = From this moment on: 2026-11-28, "2026-11-28 14:30", or 2h for two hours ago
register-field-to = Before this moment
register-field-kind = Types that begin so, as message or authentification.echec
register-field-room = What happened in a room
register-field-text = Words that stand in it, in any order
register-field-after = Behind the entry of this number
register-field-limit = How many entries at most
register-field-format = table, csv or jsonl
register-field-follow = Go on with what happens, until interrupted
register-field-pages = Tell everything, in as many pages as it takes
register-headings = ENTRY | TIME | WHAT HAPPENED | WHO | WHERE | WHAT
register-server = the server
register-system = { $name } (console)
register-gone = { $name } (given up)
register-guest = { $name } (guest)
register-erased = erased, as entry { $entry } says
register-unreadable = cannot be read: run causette audit verify
register-redacted = [taken back by { $by } on { $time }]
register-count = { $number ->
    [one] one entry
   *[other] { $number } entries
}
register-nothing = Nothing of this sort is in the register
register-more = There may be more: go on with --after { $number }
register-unplaced = { $number ->
    [one] One entry was left out: from where it came was not found
   *[other] { $number } entries were left out: from where they came was not found
}
register-looked-back = What is before entry { $number } was not looked at: causette audit search looks at everything
register-too-long = A question to the register has { $max } bytes at most
register-no-address = { $value } is no address and no range of addresses, as 192.0.2.7 or 2001:db8::/32
register-no-time = { $value } is no time: write 2026-11-28, 2026-11-28T14:30:00Z, or 2h for two hours ago
register-times-crossed = What is sought begins before it ends: --from must be before --to
register-no-kind = There is no type of entry that begins with { $value }: the page on the register lists them
register-no-follow = To follow the register, use causette audit tail --follow
register-none = Ask for at least one entry
register-last-or-limit = Ask for the last entries or for those behind one, not both
register-too-many = At most { $max } of the last entries are shown: for more, search
register-no-account = No account has the name { $name }, nor had it when it was given up; a name that an account gave up for another is found with --kind compte --text, sign-ins with a name that nobody has with --text
register-no-room = No room has the name { $name }, nor had it when it was closed; a name that a room gave up for another is found with --kind salon --text
register-busy = Others are reading the register: try again in a moment
register-unread = The register could not be read: { $error }
audit-needs-server = { $why }. Whoever reads the register is entered in it first, which only the running server can do
audit-reading = This reading is entry { $entry } of the register
register-kind-compte-creation = account created
register-kind-compte-suppression = account dropped
register-kind-compte-motdepasse = password changed
register-kind-compte-code-usage = code used
register-kind-compte-reglage = account setting
register-kind-compte-certificat-ajout = certificate added
register-kind-compte-certificat-retrait = certificate removed
register-kind-compte-appareil-ajout = token made
register-kind-compte-appareil-retrait = token revoked
register-kind-compte-renommage = account renamed
register-kind-pseudo-change = nickname changed
register-kind-profil-change = what somebody says of themselves
register-kind-session-ouverture = connection
register-kind-session-fermeture = disconnection
register-kind-session-presence = somebody at a client, or nobody
register-kind-session-refus = connection refused
register-kind-session-silence = silent connections
register-kind-authentification-succes = sign-in
register-kind-authentification-echec = sign-in refused
register-kind-utilisateur-depart = left
register-kind-message-creation = message
register-kind-message-suppression = message taken back
register-kind-salon-creation = room opened
register-kind-salon-renommage = room renamed
register-kind-salon-fermeture = room closed
register-kind-salon-entree = joined
register-kind-salon-sortie = left the room
register-kind-salon-expulsion = put out of the room
register-kind-salon-sujet = topic
register-kind-salon-mode = modes
register-kind-salon-enregistrement = room registered
register-kind-salon-ouverture = closed times of a room opened
register-kind-salon-desenregistrement = room unregistered
register-kind-salon-acces = rights in a room
register-kind-salon-profil = what is said of a room
register-kind-salon-reprise = stayed in a room on signing in
register-kind-salon-invitation = invited to a room
register-kind-administration-operateur = became operator
register-kind-administration-deconnexion = put out of the server
register-kind-administration-annonce = announcement
register-kind-administration-rechargement = configuration read again
register-kind-administration-arret = stop asked for
register-kind-administration-empreinte = fingerprints shown
register-kind-administration-invitation = invitation made
register-kind-administration-invitation-code = invitation with a code
register-kind-administration-invitation-fin = invitation ended
register-kind-administration-proprietaire = code for the first owner
register-kind-administration-refus = refused to a token
register-kind-filtre-pose = filter set
register-kind-filtre-retrait = filter removed
register-kind-filtre-atteinte = filter struck
register-kind-message-retenue = message held
register-kind-message-retenue-fin = held message decided
register-kind-fichier-depot = file uploaded
register-kind-fichier-changement = file changed
register-kind-fichier-retrait = file removed
register-kind-fichier-lecture = file fetched
register-kind-fichier-refus = file refused
register-kind-registre-lecture = register read
register-kind-administration-sauvegarde = backup made
register-kind-import-debut = import begun
register-kind-import-fin = import ended
register-kind-administration-motdepasse = password reset
register-kind-administration-role = role given
register-kind-administration-inscriptions = sign-ups set
register-kind-alerte-emise = alert
register-kind-administration-alerte = alert of the moment
register-kind-administration-approbation = sign-up approved
register-kind-sanction-prononce = sanction
register-kind-sanction-levee = sanction lifted
register-kind-sanction-fin = sanction ended
register-kind-horloge-saut = clock stepped
register-kind-registre-liaison = binding of entries
register-kind-effacement-fait = erased
register-kind-serveur-demarrage = server started
register-kind-serveur-arret = server stopped

## What is wrong with a server, and what to do
doctor-busy = The doctor is looking already: ask again in a moment
doctor-configuration = The configuration { $file } can be put in force
doctor-configuration-none = There is no configuration file: everything is as by default
doctor-configuration-wrong = The configuration cannot be put in force: { $error }
doctor-configuration-wrong-do = Correct it and look again with causette check; a running server goes on with the one it has
doctor-folder = The data folder { $folder } is the server's alone
doctor-folder-none = There is no data folder { $folder } yet
doctor-folder-none-do = The first start makes it; if there should be one, name it with --data or --config
doctor-folder-refused = The data folder { $folder } cannot be looked at: { $error }
doctor-folder-refused-do = Run this as the server's user or as root
doctor-folder-foreign = The data folder { $folder } belongs to another user
doctor-folder-foreign-do = Run the server, and this, as the user whose folder it is, or give it over with chown -R
doctor-folder-open = Others than its owner may look into the data folder { $folder } (mode { $mode })
doctor-folder-open-do = Close it: chmod 700 { $folder }
doctor-write = Something can be written in { $folder }
doctor-write-refused = Nothing can be written in { $folder }: { $error }
doctor-write-refused-do = Free the disk or mount it for writing; until then nothing is recorded and nobody can speak
doctor-disk = The disk of { $folder } has { $mebibytes } MiB left
doctor-disk-low = The disk of { $folder } has only { $mebibytes } MiB left
doctor-disk-low-do = Make room, or move the data folder to a larger disk
doctor-disk-full = The disk of { $folder } is full: { $mebibytes } MiB are left
doctor-disk-full-do = Make room now: when nothing can be recorded nobody can speak, and after a minute the server ends
doctor-inodes = The disk of { $folder } can take { $count } more files
doctor-inodes-low = The disk of { $folder } can take only { $count } more files
doctor-inodes-low-do = Remove small files that nobody needs: df -i shows where the bound is
doctor-inodes-full = The disk of { $folder } takes no more files ({ $count } left)
doctor-inodes-full-do = Remove small files that nobody needs now: df -i shows where the bound is
doctor-socket = Only the server's user and root may ask at { $file }
doctor-socket-open = Others may connect to { $file } (mode { $mode }); they are refused, but need not come so far
doctor-socket-open-do = Close it: chmod 600 { $file }
doctor-clock = The clock shows { $now }, and nothing in the record is later
doctor-clock-early = The clock shows { $now }, which is before this program was made
doctor-clock-early-do = Set the clock, and have it follow others: timedatectl set-ntp true
doctor-clock-behind = The clock shows { $now }, and the last entry of the register is from { $last }
doctor-clock-behind-do = Set the clock if it is wrong; if it was wrong before, the next start enters the step and goes on
doctor-clock-stepped = The clock was set { $count } times since the server started; each is entered in the register
doctor-clock-stepped-do = Have the clock follow others, so that it is moved gently: timedatectl set-ntp true
doctor-ntp = The clock follows others (NTP)
doctor-ntp-not = The clock does not follow others yet (NTP)
doctor-ntp-not-do = timedatectl timesync-status says why; without a network it cannot
doctor-files = { $files } files may be open at a time
doctor-files-unbounded = Any number of files may be open
doctor-files-few = Only { $files } files may be open at a time, which bounds the connections; { $wanted } are the least for a thousand people
doctor-files-few-do = Raise the limit: LimitNOFILE= in the systemd unit, ulimit -n in a shell
doctor-files-used = { $open } of { $files } files that may be open are: soon nobody can connect any more
doctor-files-used-do = Raise the limit and restart: LimitNOFILE= in the systemd unit, ulimit -n in a shell
doctor-memory = { $mebibytes } MiB of memory are available
doctor-memory-low = Only { $mebibytes } MiB of memory are available
doctor-memory-low-do = See what else runs on this machine, and give the server more where many people come
doctor-memory-out = Hardly any memory is available: { $mebibytes } MiB
doctor-memory-out-do = End other programs, or the system will choose one to end
doctor-certificate = The certificate is good until { $date }, for { $days } days
doctor-certificate-ends = The certificate ends on { $date }, in { $days } days
doctor-certificate-ends-do = Renew it, then causette admin reload
doctor-certificate-ended = The certificate ended on { $date }: clients refuse it
doctor-certificate-ended-do = Renew it now, then causette admin reload
doctor-certificate-none = No certificate can be looked at here: a first start makes one, or only the service is handed it
doctor-certificate-none-do = Ask again while the server runs
doctor-trust = Clients trust the certificate for { $server } by themselves
doctor-trust-self = The certificate is the server's own: clients ask their users about it, ours know it by its fingerprint
doctor-trust-self-do = Give people invitations, which bear the fingerprint; or take a certificate of an authority for a public server
doctor-trust-not = Clients do not trust the certificate for { $server }
doctor-trust-not-do = See that server.name is a name in it, that the file has the whole chain, and that this machine has the authorities (ca-certificates)
doctor-key = The key { $file } is closed to others
doctor-key-open = Others may read the key { $file } (mode { $mode }), and pass for this server
doctor-key-open-do = Close it: chmod 600 { $file }; where others had access, make a new key and certificate
doctor-database = The database { $file } is whole, in the form { $version }
doctor-database-answers = The database { $file }, in the form { $version }, answers: its server looks after its pages
doctor-database-unfinished = The database { $file }, in the form { $version }, was looked at for three seconds and is whole so far: causette audit verify looks at all of it
doctor-database-damaged = The database { $file } is damaged: { $error }
doctor-database-damaged-do = Stop the server, keep a copy of the data folder, and go back to a backup: causette restore
doctor-certificate-damaged = The certificate { $file } is damaged: nothing that is one is in it, and a start refuses it
doctor-certificate-damaged-do = Put it back from a backup; one of the server's own is made anew from its key where the file is removed
doctor-key-none = The key { $file } is not there, and a start refuses the certificate beside it
doctor-key-none-do = Put it back from a backup; without it clients do not know the server again
doctor-contents = The { $count } contents of files that people keep are in { $folder }
doctor-contents-lost = Of { $count } contents of files that people keep { $lost } are not in { $folder }, as that of file { $file }, { $name }
doctor-contents-lost-do = Bring that folder back from where the server was before, or from a backup: it goes with the data folder where a server moves
doctor-cloak-none = The key { $file } is not there: a start makes another, all names that stand for addresses change, and bans of the old ones hold no more
doctor-cloak-none-do = Put it back from a backup before the next start
doctor-database-none = There is no database { $file } yet
doctor-database-none-do = The first start makes it; if there should be one, name its folder with --data or --config
doctor-database-empty = There is nothing in the database { $file } yet
doctor-database-empty-do = The first start makes its tables; if there should be something, look whether database.url names the right one
doctor-database-older-there = The database { $file } is of an earlier version than { $version }
doctor-database-older-there-do = The next start brings it up: make a backup before
doctor-settings = The database server keeps what Causette promises: { $version }
doctor-settings-words = The database server is { $found }
doctor-settings-words-do = Upgrade it to { $needed } or later
doctor-settings-commits = The database server may lose what is committed when the power fails: { $name } is { $found }
doctor-settings-commits-do = Set { $name } to { $needed } in its configuration and restart it: until then Causette does not start
doctor-settings-pages = The database server may not mend a page of which a power cut wrote a part: { $name } is { $found }
doctor-settings-pages-do = Set { $name } to { $needed } in its configuration and restart it
doctor-settings-damage = The database server does not notice what its disk alters: { $name } is { $found }
doctor-settings-damage-do = Have it { $needed }: for PostgreSQL, pg_checksums --enable while it is stopped
doctor-settings-copies = A copy of the database server may lack what it committed last, after a power cut: { $name } is { $found }
doctor-settings-copies-do = Set { $name } to { $needed } in its configuration and restart it
doctor-settings-characters = The database cannot keep each character as it comes: { $name } is { $found }
doctor-settings-characters-do = It has to be { $needed }: create the database anew, as the page "The database" shows
doctor-settings-moments = The database server cannot be asked about one moment: { $name } is { $found }
doctor-settings-moments-do = Set { $name } to { $needed } in its configuration and restart it
doctor-settings-batches = The database server takes too little at once: { $name } is { $found }
doctor-settings-batches-do = Set { $name } to { $needed } in its configuration and restart it
doctor-settings-writing = The database server only reads: { $name } is { $found }
doctor-settings-writing-do = It has to be { $needed }: name the server that takes what is written in database.url
doctor-database-older = The database { $file } is of an earlier version than { $version }
doctor-database-older-do = The next start brings it up, and keeps a copy
doctor-database-unreadable = The database cannot be read: { $error }
doctor-database-unreadable-do = Do what that sentence says; where nothing helps, go back to a backup: causette restore
doctor-log = The log of the database has { $mebibytes } MiB
doctor-log-long = The log of the database has { $mebibytes } MiB; from { $max } MiB on nothing is recorded
doctor-log-long-do = Some other program has the database open and reads for long: end it (fuser shows which)
doctor-log-full = The log of the database has { $mebibytes } MiB, more than { $max }: nothing is recorded
doctor-log-full-do = End the other program that has the database open now (fuser shows which)
doctor-recording = What is said is recorded
doctor-recording-fails = The disk refuses what is to be recorded: nobody can speak, and after a minute the server ends
doctor-recording-fails-do = See to the disk now: the log of the server says what the system refused
doctor-recording-fails-there = The database server refuses what is to be recorded, or cannot be reached: nobody can speak, and after a minute the server ends
doctor-recording-fails-there-do = See to the database server and the network now: the log of the server says what was refused
doctor-backup = The last backup is { $hours } hours old
doctor-backup-none = The server makes no backups by itself
doctor-backup-none-do = Set [backup] every and folder, or run causette backup from a timer
doctor-backup-not-yet = The server has made no backup yet
doctor-backup-not-yet-do = It makes one when it has run for a moment; see its log if none comes
doctor-backup-old = The last backup is { $hours } hours old, more than twice as long as it should be
doctor-backup-old-do = See the log of the server for why none was made since
doctor-backup-failed = No backup could be made: { $error }
doctor-backup-failed-do = See to that folder and its disk; the server tries again by itself
doctor-log-file = The log can be written to { $file }
doctor-log-file-refused = The log cannot be written to { $file }: { $error }
doctor-log-file-refused-do = Give that file to the server's user, or name another in [log] file
doctor-owner = { $count ->
    [one] One account is owner of the server
   *[other] { $count } accounts are owner of the server
}
doctor-owner-none = No account is owner of the server
doctor-owner-none-do = Make one: #AddAdmin NAME on the console, or causette admin role NAME owner --reason …
doctor-sign-ups = Everybody may sign up, and is told the rules and whom to write to
doctor-sign-ups-bare = Everybody may sign up, and the configuration does not say: { $keys }
doctor-sign-ups-bare-do = Set it, so that people know the rules and can object; or let sign-ups be approved: causette admin registration approve
doctor-listener = { $address } answers
doctor-listener-deaf = Nobody answers at { $address }
doctor-listener-deaf-do = See the log of the server, then restart it; a firewall on this machine may be in the way
doctor-listeners-ended = A listener has ended: not everybody can connect
doctor-listeners-ended-do = See the log of the server, then restart it
doctor-sts = Clients that come without TLS are told to come to port { $port } with it
doctor-sts-untrusted = Port { $port } speaks TLS; no client is sent there, because not all would trust the certificate
doctor-sts-no-port = No port speaks TLS to everybody: clients cannot be told where to come with it
doctor-sts-no-port-do = Where a proxy in front speaks TLS this is as it should be; otherwise add a [[listener]] with TLS
doctor-stopped = No server runs there: listeners, recording and what it does by itself were not looked at
doctor-all-well = Nothing is wrong
doctor-count = { $wrong ->
    [0] Nothing is wrong
    [one] One thing is wrong
   *[other] { $wrong } things are wrong
}, { $hints ->
    [one] one could be better
   *[other] { $hints } could be better
}

## Taking over what the two older programs kept
cli-import = Take over people and conversations of an older program
cli-import-a = The program with an SQLite file, LogFile.txt and ChatFile.txt
cli-import-b = The program with the tables authentification and connexion
cli-import-database = Its SQLite file, with the table users(id, username, password)
cli-import-chat = What people said: ChatFile.txt
cli-import-log = What happened: LogFile.txt
cli-import-files = The folder of the files that people exchanged
cli-import-dump = An SQL dump, as mysqldump and phpMyAdmin write it
cli-import-url = The database in which its tables are: mysql://USER@HOST/DATABASE, instead of a dump
cli-import-password-file = The file with the password for it, where neither the URL nor CAUSETTE_IMPORT_PASSWORD has it
cli-import-room = The room in which all of it becomes history; without it, see the documentation
cli-import-dry-run = Change nothing: only tell what would be done
import-running = A server runs on { $folder }: stop it first, or look with --dry-run
import-other-user = { $folder } belongs to { $user }, and the server could not open what you make there: run this as { $user }, for example with sudo -u { $user }
import-unread = { $file } cannot be read: { $error }
import-too-large = { $file } is larger than { $max } GiB: cut it into parts and import one after the other
import-no-database = { $file } is no SQLite database: name the file in which the older program kept its users, or restore a copy of it where it was one
import-damaged = { $file } is damaged, and what can be read of it is not all that was there ({ $error }): restore a copy of it. Where there is none, sqlite3 { $file } .recover | sqlite3 saved.db saves what is left, for --database saved.db
import-no-table = { $file } has no table { $table }: it is the database of another program. The table users(id, username, password) is expected
import-no-column = The table { $table } in { $file } has no column { $column }: it was changed by hand, or belongs to another program. The table users(id, username, password) is expected
import-no-tables = { $file } tells of no table authentification or connexion: it is no dump of the older program. Export these two tables, with their data
import-url-scheme = --url takes a database of MySQL or MariaDB, as mysql://root@localhost/chat, for there program B kept its tables. A dump in a file is named by --dump
import-url-built = --url: this program was built without MySQL and MariaDB: export the two tables, and name the file by --dump
import-url-wrong = --url: this URL cannot be read ({ $error }). It is written as mysql://root@localhost/chat; in a name or password, write what is no letter and no digit as % and two hexadecimal digits
import-url-parameter = --url: { $name } is no parameter of a URL: the page "The database" has them
import-url-escape = --url: { $escape } in it is no character: % is followed by two hexadecimal digits, and is itself written %25
import-url-unescaped = --url: the name or password in it ends too early, or has a % without two hexadecimal digits: write % / ? # @ : in it as %25 %2F %3F %23 %40 %3A, or name a file by --password-file
import-url-nameless = --url: name the database behind the host, as mysql://root@localhost/chat: phpMyAdmin shows its name above the tables
import-url-ours = { $database } is a database of Causette, not of program B: name the one in which the older program kept its tables
import-url-unreachable = The database server cannot be reached ({ $error }): start it, and check the host and the port in --url
import-url-no-tls = The server of { $database } offers no TLS, and --url asks for it: let that server offer TLS; or, where nobody else can listen on the way, write ?ssl-mode=preferred
import-url-untrusted = The certificate of the database server is not trusted ({ $error }): name the authority that vouches for it, with ?ssl-ca=FILE behind the URL
import-url-denied = The database server refuses the name or the password ({ $error }): check the name in --url, and the password there, in --password-file or in CAUSETTE_IMPORT_PASSWORD
import-url-no-such = There is no database at { $database }: phpMyAdmin shows the names of those that there are, and the last word of --url is to be one of them
import-url-no-table = { $database } has no table { $table }, or this name may not read it: name the database in which program B kept its tables, or give that name the right to read them (GRANT SELECT)
import-url-no-column = The table { $table } of { $database } has no column { $column }, or this name may not read it: it was changed by hand, or belongs to another program. Expected are authentification(id, mdp, ip) and connexion(date_time, type, ip, port, donnée)
import-url-too-large = The tables of { $database } hold more than { $max } GiB: export them in parts, and import these one after the other with --dump
import-url-unread = { $database } cannot be read: { $error }. When the cause is gone, start the same import again; or export the two tables, and name the file by --dump
import-room-none = The configuration names no room in channels.auto_join: name a room with --room
import-room-name = { $room } is no name of a room: it begins with #
import-room-unknown = There is no room { $room }, and it would close again with nobody in it: put it into channels.auto_join, or make and register it first
import-not-written = Not everything could be written: { $error }. What was written stays; when the cause is gone, start the same import again and it goes on
import-problem-file = { $file }: { $what }
import-file = { $name }: { $bytes } bytes, of { $time }
import-file-link = this is a link to something else; it is left out
import-file-folder = this is a folder, and only what lies beside it is taken; name it by --files too
import-file-special = this is no file; it is left out
import-file-unread = this cannot be read ({ $error }); it is left out
import-file-too-large = this is larger than { $max } MiB, as files.max_size says; it is left out
import-file-many = there are { $max } files already, and no more can be; it is left out
import-file-name = no file can be called so here: it is { $name }
import-file-changed = this changed while it was taken over; it is left out: start the same import again
import-files-would = And it would make { $files ->
        [one] { $files } file
       *[other] { $files } files
    } that everybody with an account may fetch
import-files-done = And made { $files ->
        [one] { $files } file
       *[other] { $files } files
    } that everybody with an account may fetch
import-files-known = Files taken over before: { $files_known }
import-files-gone = Files that an earlier import has made and that were removed since, left as they are: { $files_gone }
import-problem = { $file }, line { $line }: { $what }
import-damaged-row = this is not written as a row is; it is left out
import-damaged-cut = the dump ends in the middle of a row, which is left out; export it anew
import-damaged-end = the dump is cut off here: what should come behind is missing, and nobody can tell what it was; export it anew
import-no-such-table = no dump has the table { $table }, so nothing of it is taken: export both tables, authentification and connexion, with their data
import-damaged-width = the row has { $found } values where there are { $expected } columns; it is left out
import-damaged-columns = the table { $table } has no column { $column }: it was changed by hand. Its rows are left out; name the columns as they were
import-account-twice = the account { $name } is there twice with the same password; it is made once
import-name-form = nobody can be called { $name } here: the account is { $account }
import-name-empty = the name is empty: the account is { $account }
import-nameless = member
import-name-kept = { $name } is kept for those who run the server: the account is { $account }
import-name-taken = { $name }, or a name that looks like it, is somebody's: the account is { $account }
import-password-none = { $account } had no password, and nobody can sign in to it: give a code with causette account password { $account }
import-password-unusable = the password of { $account } is too long, or has the form of a device's token, and nobody can sign in by it: give a code with causette account password { $account }
import-password-weak = the password of { $account } is shorter than { $min } characters, or is the name; it is taken as it is
import-password-shared = { $count } accounts have the password of { $account }; it is taken as it is
import-password-not-base64 = the password is not in Base64; it is taken as it stands
import-password-said = this was the person's password; that it was written is kept, and not what it was
import-password-place = (a password, which is not kept)
import-address = { $address } is no address: the account is bound to the one from which its person signs in first
import-date-wrong = { $date } is no date of the past; the row has the time of the row before it
import-date-impossible = there is no { $date }; the line has the time of the line before it
import-date-early = its date is before 1970, when no such program ran; the line has the time of the line before it
import-date-ahead = { $time } is still to come; the line has the time of the line before it
import-date-back = { $time } is before the line above; the line has the time of that one
import-data-decoded = this could be a word or Base64; it is taken for Base64
import-data-kept = this could be Base64 for something that is no text; it is kept as it stands
import-kind-unknown = { $kind } is neither serveur nor client_NAME; the row is kept for the register only
import-person-unknown = { $name } has no account; what was said under that name is kept for the register only
import-long = this is longer than one message may be, and becomes { $count } messages
import-empty = there is nothing in it; it is left out
import-would = It would make { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    } and take over { $messages ->
        [one] { $messages } message
       *[other] { $messages } messages
    }
import-done = Made { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    }, took over { $messages ->
        [one] { $messages } message
       *[other] { $messages } messages
    }
import-nothing-new = Nothing new: everything was taken over before, and nothing was changed
import-known = Taken over before: accounts { $accounts_known }, messages { $messages_known }
import-gone = Accounts that an earlier import has made and that were given up since, left as they are: { $accounts_gone }
import-left-out = Left out: { $left_out }, each of them is named above
import-dry-run = Nothing was changed: this was only a look
import-progress-accounts = Accounts: { $done } of { $of }
import-progress-messages = Messages: { $done } of { $of }
import-progress-files = Files: { $done } of { $of }
# causette migrate: into another database.
cli-value-url = URL
cli-migrate = Move everything that was recorded into another database
cli-migrate-from = The database that is moved, in the form of database.url; without it, the one of the configuration
cli-migrate-to = The empty database that it is moved into, in the same form
cli-migrate-from-password = The file with the password for the first, on one line
cli-migrate-to-password = The file with the password for the second, on one line
cli-migrate-from-ca = The file with the authority that vouches for the first one's server
cli-migrate-to-ca = The file with the authority that vouches for the second one's server
cli-migrate-no-verify = Do not verify the register behind the move
migrate-misnamed = { $option }: expected is { $rule }
migrate-missing = database.url: there is no database of Causette at { $database }
migrate-running = A server runs on { $folder }: stop it first, and start none until the move has ended
migrate-same = { $database } is where everything is already: name another database
migrate-occupied = { $database } holds something already: name an empty database, or a file that is not there
migrate-other = { $database } holds what another move has begun, or this one before a server ran again on the source: empty it, and begin anew
migrate-served = A server ran on { $database } while it was moved: what it has recorded since is not in the copy. Stop it, empty the target, and begin anew
migrate-given-up = The move was interrupted. What has come so far stays there: the same command goes on with it
migrate-resumed = { $rows } of these rows had come by an earlier attempt
migrate-progress = { $table }: { $rows } of { $of } rows in all
migrate-table = { $table }: { $rows } rows in { $seconds } s ({ $pace } a second)
migrate-rows = { $rows } rows of { $tables } tables are in { $to }, as many as in the source: { $seconds } s ({ $pace } a second)
migrate-rows-differ = { $rows } rows of { $tables } tables were brought to { $to }: { $seconds } s ({ $pace } a second)
migrate-contents = The contents of files are in no database: they stay in { $folder }, and go with the data folder where that goes
migrate-same-head = The register ends with the same entry { $entry } in both
migrate-verified = { $entries } entries of the register are there as they were recorded: verified in { $seconds } s
migrate-unverified = The register was not verified there: causette audit verify does so
migrate-then = { $from } was only read, and is as it was: start no server on it again. Write into the configuration, before you start the server:
migrate-differs = { $table } has { $found } rows, and { $told } in the source
migrate-differs-head = The register ends with another entry than in the source
migrate-differs-do = The copy is not the source: somebody has changed it meanwhile. Empty it, and begin anew; no server starts on it as it is
migrate-altered = Everything has come, and { $count } things there are not as they were recorded:
migrate-altered-do = Verify the source by causette audit verify. Where the same is wrong there, it was moved as it was: the same command with --no-verify ends the move. Until then no server starts on the copy

## Files
file-unknown = There is no file { $file }
file-account-needed = Files are for those who have an account: sign in, or sign up
file-not-yours = { $file } is not yours
file-yours-already = { $file } is yours already: LIST mine shows it, and GET gives you an address of it
file-offered = The server offers this file from a folder of its own: take it away there
file-put-aside = This file was put aside by those who run the server
file-aside-already = It is so already
file-too-large = A file may have { $max } bytes here, and this one has { $bytes }
file-quota-full = There is no room left for it among your files: see QUOTA, and delete what you need no more
file-day-full = You have uploaded as much as you may in a day: go on tomorrow
file-too-many = You have as many files as you may: delete what you need no more
file-uploads-full = Too many uploads are under way: wait until some have ended
file-server-full = The server has as many files as it may
file-uploads-off = Nobody may upload files here
file-network-full = As much was uploaded from your network as may be in a day: go on tomorrow, or from elsewhere
file-name-filtered = A file may not be called { $file } here: { $reason }
file-too-old = Files that these people may see are not kept for so long, and this one is older: upload it again
file-kept-so-long = it was kept for as long as such files are
file-quota-already = It may keep as much already
file-quota-set = Your account { $account } may keep files of { $max }, says the administration: { $reason }
file-quota-is = { $account } may keep files of { $max }
file-touched = { $act ->
    [removed] The administration has removed your file { $name } (#{ $id })
    [put-aside] The administration has put your file { $name } (#{ $id }) aside, and nobody fetches it
   *[other] The administration gives your file { $name } (#{ $id }) back
}: { $reason }
file-aside-missed = On { $time } the administration has put your file { $name } (#{ $id }) aside, and nobody fetches it: { $reason }
file-aside-missed-more = { $count } more of your files were put aside meanwhile: /msg FileServ LIST mine shows them
notice-file = { $by } { $act ->
    [removed] removed
    [put-aside] put aside
   *[other] gave back
} the file #{ $id } { $name } of { $offered ->
    [yes] the server
   *[other] { $owner }
}: { $reason }
notice-file-quota = { $by } lets { $account } keep files of { $max }: { $reason }
fileserv-help-ruling = For those who run the server: LIST all, DELETE number reason, QUARANTINE number reason, RELEASE number reason.
file-no-upload = There is no such upload, or it is over
file-not-coming = No such upload of yours is under way: QUOTA shows those that are
file-upload-cancelled = This upload was cancelled, and nothing of it is kept: begin it anew
file-shown-already = Those who may see it are the same
file-says-beside = { $file } says more than it shows, as where and when it was taken, and these people would read that: upload it again for them, which removes it, or SEND it to somebody as it is
file-not-sent = It was not sent to { $nick }
file-sent-to-many = It was sent to as many people as it may
file-harmful = This file does harm, says what looks at files here, and was not taken
file-too-large-to-scan = What looks at files here before they are taken does not look at one that is so large
file-bytes-missing = The bytes of this file are not there at the moment: tell those who run the server
file-changed = This file has just changed where it is offered: it is counted again, ask in a moment
file-other-wanted = The file is another than the one that you want: fetch it without that condition
file-unlooked = What has to look at files here before they are taken cannot be reached: try again later
file-picture-unclean = This picture cannot be freed of what it says of its place: it is too large, damaged, or of a kind from which that is not taken out here. Save it as JPEG or PNG, or upload it for yourself or for somebody
file-shown-public = public
file-shown-link = by link
file-shown-private = private
file-shown-aside = put aside
admin-list-files = NUMBER | NAME | LENGTH | OWNER | SINCE | FOR
admin-list-files-count = Files: { $files }
admin-list-files-more = There are older ones: --after { $number }
admin-file-number = Number
admin-file-name = Name
admin-file-size = Length
admin-file-type = Type
admin-file-sha256 = SHA-256
admin-file-owner = Owner
admin-file-shown = For
admin-file-sent = Sent to
admin-file-since = Since
admin-file-until = Kept until
admin-quota = { $account } keeps { $files } files of { $bytes } in all, and may keep { $max }, { $own ->
    [yes] as was decided for this account
   *[other] as everybody
}
cli-admin-files = List everybody's files, the newest first
cli-admin-file = List files, look at one, remove it, put it aside
cli-admin-file-show = Show all that there is about a file
cli-admin-file-remove = Remove a file
cli-admin-file-quarantine = Put a file aside, so that nobody fetches it
cli-admin-file-release = Let a file that was put aside be fetched again
cli-admin-quota = How much of files an account may keep
cli-admin-quota-show = Show how much of files an account keeps, and may
cli-admin-quota-set = Decide how much of files an account may keep
cli-admin-quota-unset = Let an account keep as much of files as everybody
cli-value-sha256 = SHA-256
cli-value-size = SIZE
admin-field-owner = Only those of an account
admin-field-sha256 = Only those whose bytes have this SHA-256
admin-field-older = Only those before this number, which are older
admin-field-file = The number of the file, as the list shows it
admin-field-quota = How much: 500MB, 2GiB
admin-field-no-size = { $field }: this is no length in bytes; write it like 500 MB, or 2 GiB
fileserv-help = I keep files. LIST [public | mine | tome | #channel] [part of a name] tells which there are, INFO number tells where one is,
    UPLOAD name [for public | link | private | #channel | nickname] gives you a link by which to upload one, CANCEL number | name | ALL gives up what is under way,
    SEND nickname number sends one to somebody, REVOKE number nickname takes that back,
    SHARE number public | link | private | #channel says who may see it, DELETE number removes it, QUOTA tells how much room you have.
    GET number gives you an address by which you fetch it without a password, for a week.
fileserv-unknown = I do not know that command: /msg FileServ HELP
fileserv-upload-syntax = Upload a file: UPLOAD name [for public | link | private | #channel | nickname]
fileserv-share-syntax = Say who may see it: SHARE number public | link | private | #channel
fileserv-none = There are no such files
fileserv-line = #{ $id } { $name } · { $size } · { $owner } · { $time } · { $shown }
fileserv-address = { $address } SHA-256 { $sha256 }
fileserv-more = There are more: add “before { $id }”
fileserv-sent-to = Sent to { $people }
fileserv-sent = #{ $id } { $name } was sent to { $nick }
fileserv-revoked = { $nick } cannot fetch #{ $id } { $name } any more
fileserv-deleted = #{ $id } { $name } is deleted
fileserv-put-aside = Nobody fetches #{ $id } { $name } until you release it
fileserv-released = #{ $id } { $name } can be fetched again
fileserv-quota = You keep { $files } files of { $bytes } in all, and may keep { $max }; one may have { $one }; today you may still upload { $today }
fileserv-upload = Upload { $name } (for: { $shown }) here, by a browser or by curl -T, within { $hours } hours ({ $max } at most): { $address }
fileserv-quota-held = Beside that { $held } are held for uploads that are under way or whose links wait
fileserv-coming = Under way, number { $number }: { $name } · { $size } at most · { $shown } · until { $time } · CANCEL { $number } gives it up
fileserv-coming-more = { $count } more are under way: CANCEL ALL gives all of them up
fileserv-none-coming = Nothing of yours is under way
fileserv-cancelled = The upload { $number } of { $name } is given up: nothing of it is kept, and nobody sends it any more
fileserv-cancelled-all = { $count } uploads are given up: nothing of them is kept, and nobody sends them any more
fileserv-cancel-syntax = Give an upload up, or a link by which to upload: CANCEL number | name | ALL
