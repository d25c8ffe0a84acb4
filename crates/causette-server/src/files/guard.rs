//! What is asked of a file before anybody else sees it: whether it does harm, and what it would say beside what it shows.

use super::scan::{ScanSettings, Verdict};
use super::{Sending, kind, picture};
use bytes::Bytes;
use causette_core::file::Visibility;
use causette_proto::CompactString;
use std::fs;
use std::io;
use std::sync::{Mutex, PoisonError};

/// One picture is taken apart at a time: each is in memory meanwhile.
static CLEANING: Mutex<()> = Mutex::new(());

/// What is asked. `[files]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardSettings {
    /// Who looks for harm.
    pub(crate) scan: ScanSettings,
    /// Whether pictures that many may see are cleaned. `files.clean_pictures`.
    pub(crate) clean_pictures: bool,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self {
            scan: ScanSettings::default(),
            clean_pictures: true,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// It may be kept.
    Taken {
        /// What is kept in its place, where that is something else.
        clean: Option<Vec<u8>>,
        /// What it is, as its bytes say.
        media_type: &'static str,
        /// Whether what is kept is a picture that says something beside what it shows, or may do so.
        says_beside: bool,
        /// What was said of it, where somebody looked, or would have.
        verdict: Option<CompactString>,
    },
    /// It does harm, by its name.
    Harmful(CompactString),
    /// It is larger than what is looked at, and that is needed.
    TooLarge,
    /// Nobody could look, and that is needed.
    Unlooked(CompactString),
    /// It is a picture that cannot be cleaned, for people for whom it must be.
    Unclean,
}

impl GuardSettings {
    /// Bytes of the largest file that can be taken: of what is larger nobody would know whether it does harm.
    pub(crate) fn bytes_max(&self) -> u64 {
        match self.scan.open || self.scan.scanners.is_empty() {
            true => u64::MAX,
            false => self.scan.bytes_max,
        }
    }

    /// Looks at an upload that is whole. It blocks.
    ///
    /// # Errors
    /// Its bytes cannot be read.
    pub(crate) fn look(&self, sending: &Sending) -> io::Result<Passed> {
        if sending.bytes() > self.bytes_max() {
            return Ok(Passed::TooLarge);
        }
        let verdict = match self.scan.look(sending.path(), sending.bytes()) {
            Verdict::Unasked => None,
            Verdict::Clean => Some("clean".into()),
            Verdict::Harmful(harm) => return Ok(Passed::Harmful(harm)),
            Verdict::Unknown(why) if self.scan.open => Some(why),
            Verdict::Unknown(why) => return Ok(Passed::Unlooked(why)),
        };
        let media_type = kind::of(&sending.again()?)?;
        let is_shown = sending.upload.permit.visibility != Visibility::Private;
        let is_cleaned = self.clean_pictures && is_shown;
        let (clean, says_beside) = match beside(media_type, sending)? {
            Beside::Nothing => (None, false),
            Beside::Something(clean) if is_cleaned => (Some(clean), false),
            Beside::Unknown if is_cleaned => return Ok(Passed::Unclean),
            Beside::Something(_) | Beside::Unknown => (None, true),
        };
        Ok(Passed::Taken {
            clean,
            media_type,
            says_beside,
            verdict,
        })
    }
}

/// What a file says beside what it shows.
enum Beside {
    /// Nothing, or it is no picture.
    Nothing,
    /// Something; these bytes are what it is without.
    Something(Vec<u8>),
    /// It is too large to be looked into, or cannot be taken apart.
    Unknown,
}

fn beside(media_type: &str, sending: &Sending) -> io::Result<Beside> {
    if !picture::is_known(media_type) {
        return Ok(Beside::Nothing);
    }
    if sending.bytes() > picture::BYTES_MAX {
        return Ok(Beside::Unknown);
    }
    let _alone = CLEANING.lock().unwrap_or_else(PoisonError::into_inner);
    let bytes = Bytes::from(fs::read(sending.path())?);
    Ok(match picture::cleaned(media_type, &bytes) {
        Ok(None) => Beside::Nothing,
        Ok(Some(clean)) => Beside::Something(clean),
        Err(picture::Unreadable) => Beside::Unknown,
    })
}
