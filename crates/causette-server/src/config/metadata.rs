//! How much people may say of themselves and of channels for clients to show: `limits.metadata_…`.

use super::reader::Section;
use super::set;
use causette_core::limits::MetadataLimits;

/// Reads what `[limits]` says of it.
pub(super) fn read(limits: &mut MetadataLimits, section: &mut Section<'_>) {
    set(&mut limits.subs, section.number("metadata_subs", 1..=500));
    set(&mut limits.keys, section.number("metadata_keys", 0..=200));
    set(
        &mut limits.key_bytes,
        section.number("metadata_key_bytes", 16..=64),
    );
    set(
        &mut limits.value_bytes,
        section.number("metadata_value_bytes", 32..=390),
    );
}
