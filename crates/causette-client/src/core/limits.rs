//! Every bound of the client.

use std::time::Duration;

/// Entries that one conversation keeps in memory; the oldest go first and come back from the server when they are scrolled to.
pub const ENTRIES_MAX: usize = 10_000;

/// Conversations that are kept at once: far more than a person follows.
pub const BUFFERS_MAX: usize = 1_000;

/// Messages that wait to be stored by the server, over all conversations. What is typed beyond is refused, not lost.
pub const OUTBOX_MAX: usize = 200;

/// Lines that were sent and are not confirmed, unless one message has more by itself. A server that slows its clients down
/// takes a few lines a second: what is typed behind them elsewhere waits for no more than these.
pub const LINES_IN_FLIGHT: usize = 64;

/// Lines of one message of those that a long text becomes when it is typed or pasted, for the same reason.
pub const PART_LINES: usize = 48;

/// Lines from which on a text is sent only after a question.
pub const ASK_LINES: usize = 10;

/// Added to [`PATIENCE`] for each line that is on its way: servers slow their clients down, and answer when they have read.
pub const PATIENCE_PER_LINE: Duration = Duration::from_secs(1);

/// Bytes that a script may say by one command: hours at the pace of most servers.
pub const INPUT_BYTES_MAX: u64 = 4 * 1_024 * 1_024;

/// How often the connection may be lost while one message is being sent, before a script is told that it does not go.
pub const LOSSES_MAX: usize = 5;

/// What comes in one conversation while older things are still read is held, so much of it; what is more is read again.
pub const HELD_MAX: usize = 1_000;

/// Names of what was printed last in one conversation, so that nothing is printed twice: more than are held and on a page.
pub const RECENT_MAX: usize = 2_000;

/// Messages of all batches that are open, which are put together: a page of a hundred messages of two hundred lines. What
/// comes beyond is dropped.
pub const BATCH_MESSAGES_MAX: usize = 24_000;

/// Bytes of what they say, in all.
pub const BATCH_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// Bytes of one message of several lines, about; what is beyond is not shown.
pub const TEXT_BYTES_MAX: usize = 64 * 1_024;

/// Bytes of what was said in one conversation that are kept in memory.
pub const TIMELINE_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// People who are shown as typing in one conversation.
pub const TYPING_MAX: usize = 64;

/// Lines that a server may say before it knows who comes, which are shown before the person is asked; further ones are not kept.
pub const DOOR_LINES_MAX: usize = 16;

/// Batches in a batch: a labelled answer holds a page of history, which holds a message of several lines.
pub const BATCH_DEPTH_MAX: usize = 4;

/// Nicknames that are tried in place of one that is taken.
pub const NICKS_MAX: u32 = 4;

/// Batches that may be open at once.
pub const BATCHES_MAX: usize = 64;

/// Commands that wait for the server's labelled answer.
pub const REQUESTS_MAX: usize = 1_024;

/// Messages of one page of history.
pub const PAGE: usize = 100;

/// Bytes of what a page says below which a server has not ended it for its length: with fewer messages than were asked for
/// it is the last one.
pub const PAGE_BYTES_SURE: usize = 16 * 1_024;

/// Pages that are read to close a gap after an absence; what is older is marked as a gap, and read when it is scrolled to.
pub const CATCH_UP_PAGES: usize = 5;

/// Pages that are read to find out how much is unread, those of an absence included; where they do not reach back to what was
/// read, the count says that there is more.
pub const UNREAD_PAGES: usize = 10;

/// Pages one after the other that bring nothing new; then older ones are asked for when the person wants them. A thousand
/// reactions may stand before the next message, and a server may have no end.
pub const PAGES_IN_VAIN: usize = 50;

/// Pages that are looked through for a message that may have been stored. One that is further back stays with the person, who
/// decides.
pub const DOUBT_PAGES: usize = 50;

/// Tries to read on a conversation that is followed, while the server cannot read it: about a minute, before who follows it
/// is told.
pub const READS_MAX: u32 = 7;

/// Conversations whose latest activity is asked for after an absence.
pub const TARGETS: usize = 50;

/// People of one channel that are known by name, and of all channels together.
pub const MEMBERS_MAX: usize = 20_000;
/// See [`MEMBERS_MAX`].
pub const MEMBERS_TOTAL_MAX: usize = 100_000;

/// People of a channel up to whom the server is asked who of them is away: beyond, servers stop telling when that changes.
pub const PRESENCE_MAX: usize = 2_000;

/// People and channels of whom it is known what they are called beside their names.
pub const PROFILES_MAX: usize = 20_000;

/// Times that more of it is asked for over one connection: a server may always have more.
pub const PROFILE_QUESTIONS_MAX: usize = 256;

/// Seconds that are waited at most before it is.
pub const PROFILE_WAIT_MAX: i64 = 60;

/// Bytes of the line that is being typed, with its line breaks.
pub const DRAFT_BYTES_MAX: usize = 64 * 1_024;

/// Drafts of one conversation that are put aside: one for each thing that was begun without finishing the one before.
pub const ASIDE_MAX: usize = 16;

/// Emoji under one message, and people under one emoji, that are kept.
pub const REACTIONS_MAX: usize = 64;

/// Bytes of one outgoing line with its end. <https://modern.ircdocs.horse/#message-format>
pub const LINE_BYTES: usize = 512;

/// Bytes that a server may put before a relayed message: `:nick!user@host `, at the lengths that networks use.
pub const SOURCE_BYTES_MAX: usize = 120;

/// Bytes of such a source behind the nickname, `!user@host`, before the server has shown one's own.
pub const SOURCE_REST_BYTES: usize = 76;

/// Silence after which the client asks whether the server is still there.
pub const IDLE: Duration = Duration::from_secs(60);

/// How long the answer may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Between two notices that the person is typing. <https://ircv3.net/specs/client-tags/typing>
pub const TYPING_EVERY: Duration = Duration::from_secs(3);

/// For how long a notice of typing holds.
pub const TYPING_LASTS: Duration = Duration::from_secs(6);

/// Before the place up to which the person has read is told to the server.
pub const MARK_AFTER: Duration = Duration::from_secs(1);

/// The first wait before a connection is tried again, and the longest; it doubles in between.
pub const RETRY_FIRST: Duration = Duration::from_secs(1);
/// See [`RETRY_FIRST`].
pub const RETRY_LAST: Duration = Duration::from_secs(60);

/// How long a connection must have held for the next one to be tried at once when it is lost: a server that lets somebody in
/// only to put them out again is not asked without end.
pub const STEADY: Duration = Duration::from_secs(60);

/// For how long leaving waits for messages that are not stored yet.
pub const FAREWELL: Duration = Duration::from_secs(5);
