//! What an upload that is whole is to become: a content that is kept, or nothing.

use crate::files::guard::{GuardSettings, Passed};
use crate::files::{self, Files, Keeping, Sending};
use causette_core::file::Arrived;
use causette_proto::CompactString;
use std::io;

/// What is to become of an upload that is whole.
pub(super) enum Judged {
    /// Its content is kept.
    Kept(Keeping, Arrived),
    /// It is not taken: the word for programs, and the key of the sentence.
    Refused(&'static str, &'static str),
    /// It is not taken, and does harm.
    Harmful(CompactString),
    /// Nobody could look.
    Unlooked(CompactString),
}

/// Looks at it, and keeps what may be kept. It blocks.
///
/// # Errors
/// What the system of files refuses.
pub(super) fn judge(
    files: &Files,
    guards: &GuardSettings,
    sending: &Sending,
) -> io::Result<Judged> {
    if !files.is_under_way(&sending.upload) {
        // It was cancelled while its last bytes came.
        return Ok(Judged::Refused("UPLOAD_CANCELLED", "file-upload-cancelled"));
    }
    let wanted = sending.upload.declared.sha256;
    if wanted.is_some_and(|wanted| sending.sha256().is_ok_and(|is| is != wanted)) {
        return Ok(Judged::Refused("DIGEST_MISMATCH", "file-digest-mismatch"));
    }
    let (clean, media_type, says_beside, verdict) = match guards.look(sending)? {
        Passed::Taken {
            clean,
            media_type,
            says_beside,
            verdict,
        } => (clean, media_type, says_beside, verdict),
        Passed::Harmful(harm) => return Ok(Judged::Harmful(harm)),
        Passed::Unlooked(why) => return Ok(Judged::Unlooked(why)),
        Passed::TooLarge => {
            return Ok(Judged::Refused(
                "TOO_LARGE_TO_SCAN",
                "file-too-large-to-scan",
            ));
        }
        Passed::Unclean => return Ok(Judged::Refused("PICTURE_UNCLEAN", "file-picture-unclean")),
    };
    let (sha256, keeping) = files.keep(sending, clean.as_deref())?;
    let size = clean.map_or_else(|| sending.bytes(), |clean| clean.len() as u64);
    let arrived = Arrived::Whole {
        key: files::file_key(sending.upload.permit.key),
        media_type: media_type.into(),
        size,
        sha256,
        says_beside,
        verdict,
    };
    Ok(Judged::Kept(keeping, arrived))
}
