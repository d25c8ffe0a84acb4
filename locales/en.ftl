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
account-name-invalid = The name { $account } cannot be used: unaccented letters, digits and - _ [ ] { "{" } { "}" } \ | ` ^ only, not starting with a digit or -
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
unknown-command = Unknown command { $command }: /quote HELP lists them
not-registered = You have not registered: send NICK and USER first
need-more-params = Not enough parameters for { $command }: { $syntax }
invalid-cap = Unknown CAP subcommand: LS, LIST, REQ or END
no-origin = No origin specified
unavailable = The server cannot record anything at the moment: nothing was sent, try again in a minute
unavailable-door = The server cannot record anything at the moment: try again in a minute
too-many-targets = Too many targets: { $max } at a time

## Names and messages
no-nickname = No nickname given
nick-invalid = The nickname { $nick } cannot be used: at most { $max } unaccented letters, digits and - _ [ ] { "{" } { "}" } \ | ` ^, not starting with a digit or -
nick-in-use = Nickname is already in use
no-such-nick = No such nickname: { $nick }
service-not-here = { $nick } does not answer yet
no-recipient = No recipient given
no-text = No text to send
need-message-tags = Ask for the capability first: CAP REQ message-tags
message-cut = Your message was too long for one line: its last { $bytes } bytes were not sent
away-will-read = will read this on returning
away-disconnected = Disconnected

## Channels
no-such-channel = No such channel: { $channel }
channel-invalid = The channel name { $channel } cannot be used: # and at most { $max } bytes, without spaces, commas or colons
not-on-channel = You are not in { $channel }
user-not-in-channel = { $nick } is not in { $channel }
too-many-channels = You are in { $max } channels already, or there are too many: leave one first
banned = You cannot enter { $channel }: you are banned from it
invite-only = You cannot enter { $channel }: one must be invited
bad-key = You cannot enter { $channel }: the key is missing or wrong
channel-full = You cannot enter { $channel }: it is full
speak-members-only = You cannot speak in { $channel }: join it first
speak-moderated = You cannot speak in { $channel }: it is moderated and you have no voice
speak-banned = You cannot speak in { $channel }: you are banned from it
operators-only = Only operators of { $channel } may do that
no-topic = No topic is set
end-of-names = End of /NAMES list
end-of-who = End of /WHO list
end-of-whois = End of /WHOIS list
end-of-ban-list = End of channel ban list
ban-list-full = The ban list of { $channel } is full: it takes { $max } masks
unknown-mode = is no mode of channels here: { $mode }
unknown-user-mode = Unknown user mode
not-your-modes = You may only see and change your own modes
invalid-mode-param = The argument of mode { $mode } is missing or cannot be used
whois-account = is signed in as
whois-secure = is using a secure connection
whois-host = is connecting from { $address } (only you see this)
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

## HELP
help-title = Help
help-commands = The commands of this server:
help-more = More on one of them: HELP command
help-not-found = There is no help on that: HELP lists the commands
end-of-help = End of /HELP
command-authenticate = Sign in by SASL.
command-cap = Agree on what your client understands.
command-chathistory = Read what was said before in a channel that you are in or with a person.
command-help = Explain a command.
command-join = Enter channels; one that does not exist is made, and you are its operator.
command-kick = Put someone out of a channel (operators).
command-lusers = How many people and channels there are.
command-mode = Show or change the modes of a channel: b ban, o operator, v voice, i invite only, k key, l limit, m moderated, n members only, s secret, t topic locked.
command-motd = The message of the day.
command-names = Who is in a channel.
command-nick = Take another nickname.
command-notice = Say something that no program answers.
command-ns = Sign up and sign in: REGISTER password, IDENTIFY [name] password.
command-part = Leave channels.
command-pass = Give the server's password, or name:password, before NICK.
command-ping = Ask whether the server is there; it answers PONG after everything before.
command-pong = Answer a PING.
command-privmsg = Say something to channels or people; people who are away find it later.
command-quit = Leave the server.
command-register = Make an account; * takes your nickname as its name.
command-tagmsg = Send tags without a text, as typing notices and reactions are.
command-topic = Show or set the topic of a channel.
command-user = Give your user name and real name, when connecting.
command-who = Who is in a channel, with their hosts.
command-whois = What is known of a person.

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

