//! The bounds of what people say of themselves and of channels under keys.

/// Lines of such answers that are given at a time: what is more is asked for again.
pub const METADATA_LINES: usize = 500;

/// Seconds after which such an answer may be asked for again.
pub const METADATA_AGAIN_SECONDS: u32 = 1;

/// Seconds for which it is remembered how far such an answer has come.
pub const METADATA_RESUME_SECONDS: i64 = 60;

/// Such answers of one connection of which it is remembered.
pub const METADATA_RESUMES: usize = 16;

/// What the administrator may change of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetadataLimits {
    /// Keys that one connection follows. `limits.metadata_subs`, `max-subs` of `draft/metadata-3`.
    pub subs: usize,
    /// Keys of one person, and of one channel; 0 where nobody may have any. `limits.metadata_keys`, `max-keys`.
    pub keys: usize,
    /// Bytes of a key. `limits.metadata_key_bytes`, `max-key-bytes`.
    pub key_bytes: usize,
    /// Bytes of a value at most. `limits.metadata_value_bytes`; with the longest names it may be less, as `max-value-bytes` says.
    pub value_bytes: usize,
}

impl Default for MetadataLimits {
    fn default() -> Self {
        Self {
            subs: 50,
            keys: 20,
            key_bytes: 32,
            value_bytes: 300,
        }
    }
}
