//! Bounds of what is kept of accounts beside what their owners set.

/// Bytes of an e-mail address. <https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3>
pub const EMAIL_BYTES: usize = 254;
