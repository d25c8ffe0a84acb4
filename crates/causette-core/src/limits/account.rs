//! Bounds of what is kept of an account.

/// Bytes of an e-mail address. <https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3>
pub const EMAIL_BYTES: usize = 254;

/// Certificates that open one account.
pub const CERTIFICATES: usize = 16;

/// Addresses and ranges from which one may sign in to an account.
pub const LOGIN_RANGES: usize = 16;

/// Warnings that an account's connections are given at once, of sign-ins that were refused for where they came from; one more each
/// [`LOGIN_WARNING_SECONDS`].
pub const LOGIN_WARNINGS: u32 = 3;

/// Seconds after which an account's connections may be warned once more.
pub const LOGIN_WARNING_SECONDS: i64 = 600;

/// Devices of one account that are remembered. The one used longest ago is forgotten first.
pub const DEVICES: usize = 32;

/// Bytes of a device's name.
pub const DEVICE_BYTES: usize = 32;

/// Devices of one account that have a token to sign in with.
pub const TOKENS: usize = 32;

/// Characters of the name of such a device.
pub const TOKEN_NAME_CHARS: usize = 64;

/// Read markers of one account. Beyond it no further conversation gets one.
pub const MARKERS: usize = 2000;
