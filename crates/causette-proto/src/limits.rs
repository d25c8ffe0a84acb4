//! The bounds that the IRC specifications set on the wire.
//! Bounds that an administrator may choose live in `causette-core`.

/// Bytes of a message without its tags, including CR LF.
/// <https://modern.ircdocs.horse/#message-format>
pub const BODY_BYTES_MAX: usize = 512;

/// Bytes of a message's tags as a server sends them, including the leading `@` and the space that ends them.
/// <https://ircv3.net/specs/extensions/message-tags#size-limit>
pub const TAGS_BYTES_MAX: usize = 8_191;

/// Bytes of tag data that a client may send, without the leading `@` and the final space.
/// <https://ircv3.net/specs/extensions/message-tags#size-limit>
pub const CLIENT_TAG_DATA_BYTES_MAX: usize = 4_094;

/// [`CLIENT_TAG_DATA_BYTES_MAX`] with the leading `@` and the final space: what a server's
/// [`LineCodec`](crate::LineCodec) takes as its second argument.
pub const CLIENT_TAGS_BYTES_MAX: usize = CLIENT_TAG_DATA_BYTES_MAX + 2;

/// Bytes of a line that are kept while its end is awaited. What is longer is read to its end and dropped.
pub const LINE_BYTES_MAX: usize = 16 * 1_024;

/// Bytes that may come before the end of a line. Whoever sends more does not speak IRC; a long text that somebody pasted into
/// a program that does not know better has less.
pub const ENDLESS_BYTES_MAX: usize = 1_024 * 1_024;

/// Parameters of one message; the last takes the rest of the line.
/// <https://modern.ircdocs.horse/#parameters>
pub const PARAMS_MAX: usize = 15;

/// Tokens on one `RPL_ISUPPORT` line: the client's nick comes before them and a sentence after.
/// <https://modern.ircdocs.horse/#rplisupport-005>
pub const ISUPPORT_TOKENS_MAX: usize = 13;

/// Bytes of one `AUTHENTICATE` parameter; a parameter of exactly this size announces another.
/// <https://ircv3.net/specs/extensions/sasl-3.1#the-authenticate-command>
pub const AUTHENTICATE_BYTES_MAX: usize = 400;

/// Bytes of the client's nonce in SCRAM. The usual ones have 16 to 32; with this many the server's answer still fits in one
/// `AUTHENTICATE`.
pub const SCRAM_NONCE_BYTES_MAX: usize = 128;

/// Bytes of a completed `nick!user@host` mask.
pub const MASK_BYTES_MAX: usize = 256;

/// Bytes of the name of a file: as many as the systems of files of most machines keep.
pub const FILE_NAME_BYTES_MAX: usize = 255;
