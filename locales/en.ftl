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
lusers-client = People: { $users }; connections: { $sessions }; servers: 1
lusers-operators = operators online
lusers-channels = channels open
lusers-me = Clients: { $sessions }; other servers: 0
lusers-local = Connections now: { $sessions }; at most so far: { $max }

## The lobby: connected, not signed in
lobby-account-required = This server knows its people by an account. Without one you are disconnected after { $minutes } minutes.
lobby-sign-up = New here? To sign up as { $nick }: /msg NickServ REGISTER your-password
lobby-sign-in = { $nick } is yours already? Sign in: /msg NickServ IDENTIFY your-password
account-required = Sign in first: /msg NickServ IDENTIFY your-name your-password, or sign up: /msg NickServ REGISTER your-password

## Signing in and up
logged-in = You are now signed in as { $account }
sasl-success = SASL authentication successful
sasl-aborted = SASL authentication aborted
sasl-malformed = SASL authentication failed: the message is not valid
sasl-mechanisms = are the available SASL mechanisms
sasl-not-negotiated = Ask for the capability first: CAP REQ sasl
sasl-too-long = SASL message too long
sasl-unknown-mechanism = SASL authentication failed: use { $mechanisms }
sign-in-failed = The name or the password is wrong
sign-in-busy = Several sign-ins are being checked: try again in a moment
sign-in-wait = Too many failed attempts: try again in { $seconds } seconds
already-signed-in = You are already signed in
already-registered = You may not do that again
account-created = The account { $account } is made; welcome
account-made = The account { $account } is made
account-exists = The name { $account } is taken: choose another
account-like-another = The name { $account } looks like that of somebody else: choose another
account-name-invalid = The name { $account } cannot be used: unaccented letters, digits and - _ [ ] { "{" } { "}" } \ | ` ^ only, not starting with a digit or -
account-name-invalid-unicode = The name { $account } cannot be used: letters and digits of any script and - _ [ ] { "{" } { "}" } \ | ` ^ only, in one direction of writing, not starting with a digit or -
account-name-reserved = The name { $account } is kept for those who run this server: choose another, or ask them
password-weak = This password is too easy to guess: use at least { $min } characters, not all the same, not the name
password-too-long = This password is too long
email-invalid = This is no e-mail address; write * for none
need-nick = Choose a nickname first: NICK
connect-first = Finish connecting first, then send REGISTER again
sign-up-closed = Only the administrator makes accounts here: ask them for one
sign-up-wait = Too many accounts were made from your address: try again in some minutes
too-many-sessions = This account has { $max } connections already: close one and try again
server-password-wrong = The server's password is missing or wrong: send it with PASS
server-password-first = Give the server's password first, with PASS
nickserv-help = I keep accounts. Without one you cannot talk here.
nickserv-register-syntax = Sign up under your nickname: REGISTER password
nickserv-identify-syntax = Sign in: IDENTIFY [name] password
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
unavailable-door = The server cannot record anything at the moment: try again in a minute
too-many-targets = Too many targets: { $max } at a time

## Names and messages
no-nickname = No nickname given
nick-invalid = A nickname has at most { $max } unaccented letters, digits and - _ [ ] { "{" } { "}" } \ | ` ^, and does not start with a digit or -
nick-invalid-unicode = A nickname has letters and digits of any script and - _ [ ] { "{" } { "}" } \ | ` ^, in one direction of writing and at most { $max } bytes, and does not start with a digit or -
nick-in-use = Nickname is already in use
nick-like-another = That nickname looks like that of somebody else: choose another
no-such-nick = Nobody goes by that nickname
service-not-here = { $nick } does not answer yet
no-recipient = No recipient given
no-text = No text to send
need-message-tags = Ask for the capability first: CAP REQ message-tags
message-cut = Your message was too long for one line: its last { $bytes } bytes were not sent
away-will-read = will read this on returning
away-disconnected = Disconnected

## Channels
no-such-channel = There is no such channel
channel-invalid = A channel's name begins with # and has at most { $max } bytes, without spaces, commas or colons
not-on-channel = You are not in that channel
user-not-in-channel = They are not in that channel
too-many-channels = You are in { $max } channels already, or there are too many: leave one first
banned = You cannot enter: you are banned
invite-only = You cannot enter: one must be invited
bad-key = You cannot enter: the key is missing or wrong
channel-full = You cannot enter: the channel is full
speak-members-only = You cannot speak there: join the channel first
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
not-your-modes = You may only see and change your own modes
invalid-mode-param = The argument of mode { $mode } is missing or cannot be used
whois-account = is signed in as
whois-secure = is using a secure connection
whois-host = is connecting from { $address } (only you and operators of the server see this)
whois-idle = seconds idle, signon time

## History
history-no-target = There is no history of { $target } that you may read
history-invalid-params = CHATHISTORY takes LATEST, BEFORE, AFTER, AROUND, BETWEEN or TARGETS, a target, msgid= or timestamp=, and a number

## Leaving
quit = Quit
quit-reason = Quit: { $reason }
quit-signed-in = Signed in
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
mode-no-ctcp = No questions from program to program (CTCP), except /me.
mode-speak-registered = Only people with an account speak, and those with a prefix.
mode-join-registered = Only people with an account enter.
mode-op-moderated = What members without a prefix say, only operators see.
mode-invite-only = One enters when invited.
mode-moderated = Only members with a prefix speak.
mode-members-only = Only members speak.
mode-secret = Nobody outside learns that it exists.
mode-topic-locked = Only half-operators and above set the topic.
mode-auditorium = Members without a prefix are seen by those who moderate only.
mode-founder = Founder: may do everything.
mode-protected = Protected: nobody but a founder puts them out.
mode-operator = Operator: moderates and names operators.
mode-half-operator = Half-operator: moderates and gives voice.
mode-voice = Voice: speaks where others may not.
user-mode-bot = You are a program.
user-mode-registered-only = Only people with an account may write to you.
user-mode-secure = Your connection is encrypted (set by the server).
user-mode-invisible = Those who share no channel with you do not find you.
user-mode-operator = You are an operator of the server (set by OPER).
user-mode-server-notices = You are told what operators should know (operators).
user-mode-wallops = You hear what operators tell everyone.

## Away, invitations, lists
now-away = You are marked as away
no-longer-away = You are no longer marked as away
end-of-invite-list = End of the channels to which you are invited
user-on-channel = They are in that channel already
list-heading = Members: Topic
end-of-list = End of /LIST
end-of-exception-list = End of channel exception list
end-of-invite-exception-list = End of channel invite exception list
end-of-monitor-list = End of MONITOR list
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
message-registered-only = This person takes messages only from people with an account
dcc-warning = DCC shows your address to the other side, is not encrypted and leaves no trace here
multiline-need-capability = Ask for the capabilities first: CAP REQ :batch draft/multiline
multiline-invalid = This message of several lines is not well-formed: nothing was sent
multiline-open = A message of several lines was not ended before the next began: nothing of either was sent
multiline-other-target = A line goes to somebody else than the whole message: nothing was sent
multiline-too-long = The message is longer than { $max } bytes: nothing was sent
multiline-too-many-lines = The message has more than { $max } lines: nothing was sent
need-message-redaction = Ask for the capability first: CAP REQ draft/message-redaction
redact-no-target = There is nothing in { $target } that you may take back
redact-unknown = There is no such message, or it was taken back already
redact-forbidden = You may take back only your own messages
redact-expired = The message is older than { $hours } hours: ask an operator
markread-need-params = MARKREAD takes a channel or nickname, and timestamp= to set the marker
markread-invalid = This is no place that you read, or no time
markread-full = You have { $max } read markers already

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
realname-invalid = A realname has 1 to { $max } bytes
nothing-to-verify = There is nothing to verify: e-mail addresses are not checked here
whois-operator = is an operator of the server ({ $class })
whois-bot = is a bot on { $network }
whois-modes = has modes { $modes }
whois-certificate = has client certificate fingerprint { $fingerprint }
operators-of-the-server = Only operators of the server may do that: OPER name password
oper-failed = The operator's name or password is wrong
oper-welcome = You are now an operator of the server
rehashed = The configuration was read again
stopped-by = stopped by { $nick }
closing-killed = Disconnected by { $by }: { $reason }
closing-signed-out = Signed out
closing-signed-in-elsewhere = Signed in elsewhere
closing-account-dropped = The account was given up
sasl-no-certificate = No certificate was shown that opens this account: NickServ CERT ADD lets yours in
password-changed = The password is changed

## NickServ
nickserv-more = Also: SET, INFO [name], SESSIONS, LOGOUT [number | all], GHOST nickname, CERT, DROP name
nickserv-sign-in-first = Sign in first: IDENTIFY name password
nickserv-saregister-syntax = Make an account for somebody (operators of the server): SAREGISTER name password
nickserv-setting = { $name }: { $value }
nickserv-set = { $name } is now { $value }
nickserv-set-syntax = SET always-on on | off; SET multiclient on | off; SET language en | fr | default; SET password current new
nickserv-always-on-off-here = Nobody stays without a connection on this server
nickserv-no-such-account = There is no such account
nickserv-info = { $account } was made on { $time }
nickserv-info-last-seen = Last connection ended: { $time }
nickserv-info-channels = Owns { $channels }
nickserv-session = { $number }. { $address } ({ $transport }), device { $device }, since { $time }
nickserv-session-this = { $number }. { $address } ({ $transport }), device { $device }, since { $time } (this one)
nickserv-device = Device { $device }, last used { $time }
nickserv-logout-syntax = End a connection: LOGOUT for this one, LOGOUT number, or LOGOUT all
nickserv-ended = Connections ended: { $number }
nickserv-ghost-syntax = End your other connections: GHOST nickname
nickserv-not-yours = That nickname is not yours
nickserv-cert-syntax = Sign in by a certificate: CERT ADD [fingerprint], CERT LIST, CERT REMOVE fingerprint (SHA-256, 64 hexadecimal digits)
nickserv-cert-present = This connection shows { $fingerprint }
nickserv-cert-none = This connection shows no certificate
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
    TRANSFER #channel account gives it away, UNREGISTER #channel gives it up.
chanserv-unknown = I do not know that command: /msg ChanServ HELP
chanserv-account-needed = One needs an account to own a channel
chanserv-registration-closed = Channels cannot be registered on this server
chanserv-registered-already = { $channel } has an owner already
chanserv-registered = { $channel } is yours: it stays when everyone leaves, and you rule in it
chanserv-too-many = An account owns { $max } channels at most
chanserv-founder-only = Only the owner of { $channel } may do that
chanserv-unregister-again = To give up { $channel }, with the rights that others have in it: UNREGISTER { $channel } { $channel }
chanserv-unregistered = { $channel } has no owner any more
chanserv-transferred = { $channel } is now { $account }'s
chanserv-no-rights = You have no lasting rights in { $channel } that allow that
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
command-admin = Who runs the server.
command-authenticate = Sign in by SASL.
command-away = Say that you are away, with a reason; without one, that you are back.
command-batch = Send a message of several lines as one.
command-cap = Agree on what your client understands.
command-chathistory = Read what was said before in a channel that you are in or with a person.
command-cs = Own a channel and give lasting rights in it: REGISTER, OP, AMODE, INFO, TRANSFER, UNREGISTER.
command-die = Stop the server (operators of the server).
command-help = Explain a command.
command-info = What this server is.
command-invite = Ask someone into a channel; without parameters, where you are invited.
command-ison = Which of these nicknames are online.
command-join = Enter channels; one that does not exist is made, and you are its operator.
command-kick = Put someone out of a channel (operators).
command-kill = End all connections of someone (operators of the server).
command-language = In which language the server speaks to you.
command-links = The servers of the network.
command-list = The channels: all, those a mask fits (#a*), those it does not (!#a*), by members (>10), age (C>60, minutes) or age of the topic (T<60).
command-lusers = How many people and channels there are.
command-markread = Up to when you have read, for all your clients.
command-mode = Show or change the modes of a channel, or your own:
command-monitor = Be told when people come online and leave: + adds, - removes, C clears, L lists, S tells who is here.
command-motd = The message of the day.
command-names = Who is in a channel.
command-nick = Take another nickname.
command-notice = Say something that no program answers.
command-ns = Your account: REGISTER password, IDENTIFY [name] password, SET, INFO, SESSIONS, LOGOUT, GHOST, CERT, DROP.
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

## The configuration
config-syntax = line { $line }: { $message }
config-unknown-key = line { $line }: there is no key "{ $key }"; did you mean "{ $nearest }"?
config-expected = line { $line }: "{ $key }" must be { $expected }
config-expected-here = "{ $key }" must be { $expected }
config-later = line { $line }: { $key } = { $value } comes with version { $version }
config-some-day = line { $line }: { $key } = { $value } comes with a later version
config-twice = line { $line }: "{ $key }" names { $value } twice

## Start and stop
start-listening = Listening on { $address }. Connect with any IRC client: { $host }, port { $port }, TLS on
start-this-machine = this machine's name or address
start-address-in-use = { $address }: another program listens here already; choose another address with --listen or [[listener]] address
start-certificate = SHA-256 of the certificate: { $fingerprint }
start-certificate-self-signed = The certificate is self-signed. Give people its SHA-256, by which their client knows this server: { $fingerprint }
start-data-dir-locked = server.data_dir: { $folder } is in use by another server (process { $pid })
reload-needs-restart = { $key } cannot change while the server runs: restart it, or put the key back. Nothing has changed
stop-by-signal = maintenance
stop-by-administrator = stopped by the administrator
stop-not-recorded = The server stopped without recording its stop: the disk refuses. What people have seen is recorded
start-data-dir-foreign = server.data_dir: others can enter { $folder }, and it is not only the server's. Choose another folder, a new one; or, if this one is to be the server's alone: chmod 700 { $folder }

## What is refused at the door
refused-plaintext = This server speaks TLS only: switch TLS on in your client, on the same port
refused-no-proxy = Only this server's proxies connect to this port: use another one
refused-no-gateway = This address may not speak for others (WEBIRC): name it in proxy.trusted
refused-no-client = WEBIRC does not say for whom: WEBIRC password gateway hostname address
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
admin-unavailable = The server cannot answer at the moment
admin-status = Running for { $seconds } s; connections: { $sessions }
admin-status-failing = Running for { $seconds } s; connections: { $sessions }; nothing can be recorded at the moment: look at the log and the disk
admin-controls = There are line breaks or other control characters in "{ $field }"

## The command line
cli-about = A self-hosted chat server that speaks IRC
cli-usage = Usage:
cli-commands = Commands
cli-options = Options
cli-arguments = Arguments
cli-help = Show this help
cli-version = Show the version
cli-lang = Language of this command's texts: en or fr
cli-config = The configuration (default: causette.toml in the current folder, where there is one)
cli-data = The data folder, instead of server.data_dir
cli-serve = Run the server
cli-listen = Listen here instead of on the configured addresses; may be repeated
cli-log-format = How the log is written: text or json
cli-hash-password = Turn a password from standard input into the hash for server.password_hash
cli-account = Accounts of the running server
cli-account-create = Make an account; its password comes from standard input
cli-password-stdin = Read the password from standard input (the only way: arguments are seen by others)
cli-account-name = The account's name
cli-admin = Administer the running server
cli-admin-stop = Stop the server: everybody is told, everything is recorded
cli-reason = Why, for the people and the register
cli-admin-status = Tell how the server is
cli-no-server = No server runs on { $folder }: start it with `causette serve`, or name its folder with --data
cli-server-unreachable = The server on { $folder } does not answer: { $error }
cli-error = Error: { $error }
cli-password-missing = No password on standard input

