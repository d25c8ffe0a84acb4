//! Every bound of the program, in one place.
//!
//! A bound that the administrator may change has its default here and its key in the configuration (`[limits]`,
//! `[history]`, `[accounts]`, `[flood]`); the others are constants with the reason for their size.

mod account;
mod administration;
mod database;
mod files;
mod import;
mod register;
mod words;

pub use account::*;
pub use administration::*;
pub use database::*;
pub use files::*;
pub use import::*;
pub use register::*;
pub use words::*;

/// How many inputs the engine takes at a time from its inbox.
pub const INPUTS_PER_TURN: usize = 256;

/// How many inputs wait for the engine. A full inbox stops reading from sockets.
pub const INBOX: usize = 4096;

/// How many lines of one session may be between its read loop and the core (in the inbox, or held behind an Ask).
pub const LINES_IN_FLIGHT: usize = 64;

/// Parts of a list that a line names, and rooms in which one thing is told, that cost as much as a line.
pub const PARTS_PER_LINE: usize = 4;

/// Lines that a session may owe for what its lines cost beyond themselves: as many as the dearest of them, which is told in all rooms
/// that one can be in. So nobody waits longer for what came before.
pub const LINES_OWED: u32 = CHANNELS_PER_USER.div_ceil(PARTS_PER_LINE) as u32;

/// How many deliveries (lines times recipients) may fill a batch while another commits, before the engine waits.
pub const DELIVERIES_IN_FLIGHT: usize = 1 << 18;

/// How many records may fill a batch while another commits, before the engine waits.
pub const RECORDS_IN_FLIGHT: usize = 4096;

/// How many outputs of a failed batch's followers may wait before the engine waits too.
pub const OUTPUTS_IN_FLIGHT: usize = 1 << 16;

/// Bytes of the database's write-ahead log above which the recorder waits a moment for those who read from it, so that it can
/// be emptied: four times what is written before its pages are moved into the database file.
pub const WAL_BYTES: u64 = 64 << 20;

/// Bytes of that log from which on the administrator is told what holds it up. No page of history lasts so long: another
/// program reads the database.
pub const WAL_BYTES_TOLD: u64 = 256 << 20;

/// Bytes of that log above which nothing more is recorded until it can be emptied, as on a full disk. A copy of a large database
/// under load ends long before; a program that never ends its reading gets there, and must not take the whole disk.
pub const WAL_BYTES_MAX: u64 = 2 << 30;

/// Rows that go from one database into another at a time, in one transaction, when a server is moved, or backed up from a database
/// server.
pub const MOVE_ROWS: usize = 2000;

/// Pages of the database that a backup copies at a time: a mebibyte.
pub const BACKUP_STEP_PAGES: i32 = 256;

/// How long a backup leaves disk and processor to others after each step, in percent of the time that the step took.
pub const BACKUP_PAUSE_PERCENT: u32 = 100;

/// Bytes by which the database's log may grow while a backup copies, until the copying makes no more pauses: half of what the
/// administrator is told of.
pub const BACKUP_LOG_BYTES_UNHURRIED: u64 = WAL_BYTES_TOLD / 2;

/// Bytes by which that log may grow until the backup is given up: half of what keeps people from writing.
pub const BACKUP_LOG_BYTES_MAX: u64 = WAL_BYTES_MAX / 2;

/// Bytes of a backup that are written before the disk is made to keep them. What waits in memory would be written with the next
/// commit, which would wait for all of it.
pub const BACKUP_SYNC_BYTES: u64 = 4 << 20;

/// Bytes of a file of the data folder that a backup takes with the database, and of what it says of itself.
pub const BACKUP_FILE_BYTES: u64 = 1 << 20;

/// Files in a backup, beside the contents of files that people keep.
pub const BACKUP_FILES: usize = 16;

/// Seconds after a start from which on a backup is made that has become due.
pub const BACKUP_AFTER_START_SECONDS: u64 = 5;

/// Seconds after which a backup that failed is tried again, where the next would not come before.
pub const BACKUP_RETRY_SECONDS: u64 = 600;

/// Backups that the configuration may want to be kept.
pub const BACKUPS_KEPT: usize = 1000;

/// Questions that may wait for the threads of their kind, which answer hashes, tokens or messages; beyond it an Ask is answered
/// [`Unavailable`](crate::input::Answer::Unavailable). Hashes come few at a time: see [`CHECKS_RUNNING`].
pub const QUESTIONS_WAITING: usize = 1024;

/// Threads that hash passwords at most: each takes the memory of one Argon2id, 19 MiB by default.
pub const HASHERS: usize = 8;

/// Bytes of one page of history, or of one replay: what does not fit is left out, at the end that is asked for last.
pub const PAGE_BYTES: usize = 256 << 10;

/// How many pages of history may wait to be read.
pub const READS_WAITING: usize = 1024;

/// Connections whose time as an operator's is over that are told so in one second; the others are in the next.
pub const OPERS_ENDED: usize = 100;

/// Accounts that wait to be approved at most: while so many do, nobody else signs up.
pub const WAITING_ACCOUNTS: usize = 1000;

/// Of these, those that NickServ names at a time.
pub const WAITING_NAMED: usize = 100;

/// Seconds between two names that its owner gives a channel: each is told to all its members.
pub const RENAME_SECONDS: i64 = 60;

/// People or rooms in one answer to those who run the server.
pub const PEOPLE_LISTED: usize = 500;

/// Accounts that one list of them has at most.
pub const ACCOUNTS_LISTED: usize = 500;

/// Passwords checked at a time for one address, and for one name: fewer than the failures that cost nothing.
pub const CHECKS_PER_ORIGIN: usize = 4;

/// Passwords checked or hashed at a time for everybody: enough for every thread that does it to have the next one at hand. The others
/// wait where they have their turns, by address and by name.
pub const CHECKS_RUNNING: usize = 16;

/// Passwords that wait for their turn to be checked or hashed. As many as one thread gets through in [`CHECK_WAITING_SECONDS`].
pub const CHECKS_WAITING: usize = 1024;

/// Of these, those of one address: an office that comes back at once.
pub const CHECKS_WAITING_OF_ADDRESS: usize = 256;

/// Seconds that a password waits for its turn: less than clients and programs wait for an answer, so that they are told.
pub const CHECK_WAITING_SECONDS: i64 = 20;

/// Failed sign-ins from one address, or for one account, before each further one must wait.
pub const SIGN_IN_FAILURES_FREE: u32 = 5;

/// Seconds that the first further sign-in must wait; each failure doubles it.
pub const SIGN_IN_DELAY_SECONDS: i64 = 2;

/// Seconds that a sign-in waits at most.
pub const SIGN_IN_DELAY_SECONDS_MAX: i64 = 300;

/// Seconds without a failure after which an address or account starts afresh.
pub const SIGN_IN_FORGET_SECONDS: i64 = 3600;

/// Lines of a message of the day: more than a screen is not read.
pub const MOTD_LINES: usize = 100;

/// Bytes of one of them: what the heads of a numeric with the longest server name and nickname leave of a line of 512.
pub const MOTD_LINE_BYTES: usize = 350;

/// Bytes of `server.contact`, `server.rules` and `server.privacy`: each is told on one line, behind a few words.
pub const HOUSE_WORD_BYTES: usize = 200;

/// Hours in which a code that stands for a forgotten password opens its account: long enough to reach who asked for it.
pub const CODE_HOURS: i64 = 24;

/// Requests by HTTP whose secret is being checked at a time.
pub const VISITS: usize = 256;

/// Acts of the administrator's that wait for an answer at most.
pub const ACTS_WAITING: usize = 64;

/// Seconds in which further requests with the same token from the same address are not noted again.
pub const VISITS_NOTED_SECONDS: i64 = 60;

/// Addresses and names whose failures are remembered. The oldest are forgotten first.
pub const SIGN_IN_FAILURES_REMEMBERED: usize = 65_536;

/// Sign-ups from one address that go through at once; one more is allowed each [`REGISTER_REFILL_SECONDS`].
pub const REGISTER_BURST: u32 = 5;

/// Seconds after which an address may sign up once more.
pub const REGISTER_REFILL_SECONDS: i64 = 600;

/// Refusals of one address, at the door or while it must wait to sign in, that the register notes at once; one
/// more each [`REFUSALS_REFILL_SECONDS`].
pub const REFUSALS_BURST: u32 = 10;

/// Seconds after which one more refusal of an address is noted.
pub const REFUSALS_REFILL_SECONDS: i64 = 60;

/// Bytes of a password at most.
pub const PASSWORD_BYTES: usize = 1024;

/// Bytes of a SASL message at most: authzid, authcid and password, in base64.
pub const SASL_BYTES: usize = 4096;

/// How often SCRAM hashes a password: what the specification asks for at least, since the client computes it at each
/// sign-in, and some are small. <https://www.rfc-editor.org/rfc/rfc7677#section-4>
pub const SCRAM_ITERATIONS: u32 = 4096;

/// Seconds from accept to a registered nickname.
pub const REGISTRATION_SECONDS: u32 = 60;

/// Seconds that a session without account may stay where accounts are required.
pub const ACCOUNTLESS_SECONDS: u32 = 300;

/// Seconds in which connections from one address that say nothing are counted before the record enters them together.
pub const SILENT_SECONDS: i64 = 60;

/// Addresses of which such connections are counted at a time. What comes from others is entered at once.
pub const SILENT_ADDRESSES: usize = 4096;

/// Seconds of silence after which a session is sent PING.
pub const PING_AFTER_SECONDS: u32 = 120;

/// Seconds that the answer to that PING may take.
pub const PONG_WITHIN_SECONDS: u32 = 60;

/// Days without a connection after which somebody who is always on is present no more.
pub const PRESENT_DAYS: i64 = 30;

/// People at most who stop being present before one input is handled: after a leap of the clock the others follow with the next ones.
pub const GONE_PER_INPUT: usize = 100;

/// Members above which a room has no JOIN, QUIT and AWAY fan-out, and NAMES and WHO are cut.
pub const LARGE_ROOM: usize = 2000;

/// Sessions of one user at a time.
pub const SESSIONS_PER_USER: usize = 32;

/// Channels that one user is in.
pub const CHANNELS_PER_USER: usize = 100;

/// Channels at a time, permanent ones included.
pub const CHANNELS: usize = 100_000;

/// Those whose messages pass the mode `R` of one person. For people one meets: who wants to hear everybody takes the mode back.
pub const ACCEPTED: usize = 100;

/// Targets of one PRIVMSG, NOTICE, TAGMSG, KICK or NAMES. JOIN and PART take as many as a line holds.
pub const TARGETS: usize = 4;

/// Mode changes with an argument in one MODE.
pub const MODES: usize = 6;

/// Channels that one account may register.
pub const REGISTERED_CHANNELS: usize = 50;

/// People invited to a channel by its moderators who have not entered yet. One more replaces the earliest.
pub const INVITED: usize = 1000;

/// Names that are kept for those who run the server.
pub const RESERVED_NAMES: usize = 1000;

/// Bytes of the name of somebody of another network for whom a program speaks, with what says so before it.
pub const RELAYED_NICK_BYTES: usize = 65;

/// Client-only tags that are not passed on, or alone are.
pub const CLIENT_TAGS_DENIED: usize = 30;

/// Lasting rights in one channel.
pub const ACCESS: usize = 500;

/// Bytes of a mask of a list.
pub const MASK_BYTES: usize = 256;

/// Lines of one LIST, WHO or STATS answer: enough for every room that people can look through.
pub const LISTED: usize = 2000;

/// Conditions of one LIST, each of which is held against every channel.
pub const CONDITIONS: usize = 100;

/// Minutes after which a message can only be taken back by those who moderate.
pub const REDACT_MINUTES: i64 = 24 * 60;

/// Bytes of a language tag, a WHOX token or another word that is given back as it came.
pub const WORD_BYTES: usize = 32;

/// Bytes of a channel key.
pub const KEY_BYTES: usize = 32;

/// Bytes of the realname.
pub const REALNAME_BYTES: usize = 150;

/// Bytes of the `user` part of `nick!user@host`.
pub const USERNAME_BYTES: usize = 18;

/// Seconds without a line after which a message of several lines that was not ended is dropped: at the slowest rate that
/// lines are let through, the next one comes within a second.
pub const BATCH_SECONDS: u32 = 60;

/// Batches of one session that were refused and whose lines are dropped without a further word. Of the one that was refused
/// longest ago, the next line is answered again.
pub const REFUSED_BATCHES: usize = 8;

/// Bytes of a message id that a client sends back.
pub const MSGID_BYTES: usize = 64;

/// Bytes of a label. <https://ircv3.net/specs/extensions/labeled-response>
pub const LABEL_BYTES: usize = 64;

/// Lines of each channel that are replayed to a client whose person wants them where the server replays none.
pub const REPLAYED_LINES: usize = 50;

/// Lines of each channel that one may have replayed: with a hundred channels still a quick page.
pub const REPLAYED_LINES_MAX: usize = 200;

/// Missed direct messages that are replayed, however few lines of channels are: nothing else shows them to such a client.
pub const REPLAYED_DIRECT: usize = 50;

/// Events of one room that are looked at for a replay: those that it does not show, programs' questions, must not push out what
/// was said, however many there are of them, nor make it slow.
pub const REPLAY_EVENTS: usize = 2000;

/// Conversations whose missed direct messages are replayed to a client that does not ask for history.
pub const REPLAY_CONVERSATIONS: usize = 20;

/// Addresses whose connections are counted, of those that came lately: more than the default rate of all together lets in before
/// the first is forgotten.
pub const ADDRESSES_REMEMBERED: usize = 65_536;

/// Connections that are told at a time, in the way in which they speak, that there is no place for them. Who comes beside them is
/// told so in clear, and closed.
pub const REFUSALS_AT_ONCE: usize = 16;

/// Of these, those of one address: who connects in masses and says nothing must leave some for others.
pub const REFUSALS_OF_ADDRESS: usize = REFUSALS_AT_ONCE / 2;

/// Connections from this machine that are answered at a time when there is no other place: health checks.
pub const NEAR_PLACES: usize = 4;

/// Files beside connections that may be opened later: copies of the database, certificates, what libraries open.
pub const FILES_RESERVED: usize = 16;

/// Connections below which the start warns that few files may be open.
pub const CONNECTIONS_FEW: usize = 1024;

/// TLS handshakes being computed at a time, per core. Who is slow to send theirs holds none of it.
pub const HANDSHAKES_PER_CORE: usize = 4;

/// Seconds that a handshake waits for room to be computed.
pub const HANDSHAKE_ROOM_SECONDS: u64 = 5;

/// Seconds for a TLS handshake, and for the first byte of a connection: who says none is sent away.
pub const HANDSHAKE_SECONDS: u64 = 10;

/// Bytes of the header in which a proxy says for whom it connects.
pub const PROXY_HEADER_BYTES: usize = 4096;

/// Seconds that SIGTERM leaves to write what is waiting.
pub const STOP_SECONDS_MAX: u64 = 1;

/// Bytes of the log that may wait to be written; what does not fit is lost and counted. The log of a busy hour, and little
/// beside what the chat itself may hold.
pub const LOG_BYTES_WAITING: usize = 1 << 20;

/// Milliseconds for what was logged to be written before the process ends: what is written to may be stuck.
pub const LOG_FLUSH_MILLIS: u64 = 200;

/// The same where the process ends because something has failed: the last line says what, and nobody waits for the end.
pub const LOG_FAILURE_FLUSH_MILLIS: u64 = 3000;

/// Seconds by which the wall clock may differ from what the monotonic clock lets expect; beyond it somebody has set it, which is
/// recorded. More than any clock is slewed by from one second to the next, and than a machine stands still under load.
pub const CLOCK_STEP_SECONDS: i64 = 2;

/// Steps of the wall clock that are remembered one by one: those of a month on a machine that loses the time at each start. The
/// oldest become one.
pub const CLOCK_STEPS: usize = 64;

/// Seconds after which an engine that handles nothing, or a recorder that does not come back, is taken for stuck: a commit
/// on the slowest of disks takes one.
pub const STUCK_SECONDS: u64 = 10;

/// Seconds that a look at the disk may take for the metrics, which then go without it.
pub const LOOK_SECONDS: u64 = 2;

/// Reloads of the configuration that may wait for another: each is as good as the next.
pub const RELOADS_WAITING: usize = 4;

/// Seconds ahead for which a stop may be asked: two days.
pub const STOP_AHEAD_SECONDS_MAX: u64 = 48 * 3_600;

/// Seconds before a stop at which people are told of it once more.
pub const STOP_TOLD_SECONDS: [u64; 4] = [3, 10, 60, 600];

/// Events that wait for somebody who watches at a console; behind them the oldest are lost.
pub const WATCHED_WAITING: usize = 256;

/// Bytes of one request to the admin socket.
pub const ADMIN_REQUEST_BYTES: usize = 8192;

/// Bytes of one answer on it: a list of ten thousand connections fits, as text and as data.
pub const ADMIN_ANSWER_BYTES: usize = 1 << 24;

/// Connections to the admin socket at a time.
pub const ADMIN_CONNECTIONS: usize = 16;

/// The bounds that the configuration may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a nickname or account name. `limits.nick`, NICKLEN.
    pub nick: usize,
    /// Bytes of a channel name. `limits.channel`, CHANNELLEN.
    pub channel: usize,
    /// Bytes of a topic at most. `limits.topic`; with the longest names it may be less, as TOPICLEN says.
    pub topic: usize,
    /// Bytes of a KICK reason at most. `limits.kick`; with the longest names it may be less, as KICKLEN says.
    pub kick: usize,
    /// Bytes of an AWAY text at most. `limits.away`; with the longest names it may be less, as AWAYLEN says.
    pub away: usize,
    /// Entries of all lists of a channel together. `limits.list_modes`, MAXLIST.
    pub list_modes: usize,
    /// Nicknames that one session monitors. `limits.monitor`, MONITOR.
    pub monitor: usize,
    /// Nicknames that were in use and are remembered. `limits.whowas`.
    pub whowas: usize,
    /// Bytes of a message of several lines. `limits.multiline_bytes`, the value of `draft/multiline`.
    pub multiline_bytes: usize,
    /// Lines of it. `limits.multiline_lines`, the value of `draft/multiline`.
    pub multiline_lines: usize,
    /// Bytes that wait for one session before it is closed. `limits.sendq_bytes`.
    pub sendq_bytes: usize,
    /// Connections from one address (an IPv6 /64 counts as one). `limits.sessions_per_ip`. By default an office of forty people,
    /// each with a computer, a telephone and a client that is just coming back.
    pub sessions_per_ip: usize,
    /// What becomes of a message that does not fit on a line. `limits.too_long`.
    pub too_long: TooLong,
}

/// What becomes of a message that is longer than a line has room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TooLong {
    /// It is refused, and reaches nobody.
    #[default]
    Refuse,
    /// Its beginning is sent, and its author is warned.
    Cut,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nick: 32,
            channel: 64,
            topic: 390,
            kick: 390,
            away: 390,
            list_modes: 100,
            monitor: 100,
            whowas: 100,
            multiline_bytes: 16_384,
            multiline_lines: 200,
            sendq_bytes: 2 << 20,
            sessions_per_ip: 128,
            too_long: TooLong::Refuse,
        }
    }
}
