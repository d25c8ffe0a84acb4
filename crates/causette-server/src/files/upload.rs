//! An upload, and who sends its bytes: one at a time.

use super::declared::Declared;
use super::depot::Depot;
use super::incoming::Incoming;
use super::now_seconds;
use causette_core::file::Permit;
use causette_core::limits::PERMIT_SECONDS;
use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

/// How long the sending is waited for where somebody else has it: whoever has lost a connection and comes back is here before we know of
/// the loss.
const PATIENCE: Duration = Duration::from_secs(3);

/// An upload for which several requests may ask.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) permit: Permit,
    pub(crate) declared: Declared,
    /// Not there while somebody sends.
    incoming: Mutex<Option<Incoming>>,
    /// How many bytes are announced as received.
    announced: AtomicU64,
    /// Told when who sent has ended.
    freed: Notify,
}

/// Who sends the bytes of an upload; nobody else can meanwhile.
#[derive(Debug)]
pub(crate) struct Sending {
    pub(crate) upload: Arc<Upload>,
    /// There until it is given back.
    incoming: Option<Incoming>,
}

impl Upload {
    pub(super) fn new(permit: Permit, declared: Declared, incoming: Incoming) -> Self {
        Self {
            permit,
            declared,
            announced: AtomicU64::new(incoming.bytes()),
            incoming: Mutex::new(Some(incoming)),
            freed: Notify::new(),
        }
    }

    /// Takes the sending, unless somebody else has it right now.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Sending> {
        let mut place = self.incoming.lock().unwrap_or_else(PoisonError::into_inner);
        let incoming = place.take()?;
        Some(Sending {
            upload: self.clone(),
            incoming: Some(incoming),
        })
    }

    /// The same, where the other may end in a moment.
    pub(crate) async fn take_soon(self: &Arc<Self>) -> Option<Sending> {
        let taken = async {
            loop {
                let freed = self.freed.notified();
                if let Some(sending) = self.take() {
                    return sending;
                }
                freed.await;
            }
        };
        timeout(PATIENCE, taken).await.ok()
    }

    /// How many bytes have come and survive a power cut.
    pub(crate) fn announced(&self) -> u64 {
        self.announced.load(Ordering::SeqCst)
    }

    /// Whether all bytes have come, as far as it is known how many those are.
    pub(crate) fn is_whole(&self) -> bool {
        self.declared.is_exact && self.announced() == self.permit.bytes
    }

    /// When it is given up if it has not become a file, in seconds since 1970.
    pub(crate) fn end(&self) -> i64 {
        self.declared.since.saturating_add(PERMIT_SECONDS)
    }

    /// Whether that is over.
    pub(crate) fn is_over(&self) -> bool {
        self.end() <= now_seconds()
    }
}

impl Sending {
    /// Lets bytes come.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(super) fn open(&mut self, depot: &Depot) -> io::Result<()> {
        let upload = self.upload.clone();
        self.deref_mut()
            .open(depot, &upload.permit, &upload.declared)?;
        if self.bytes() != upload.announced() {
            self.sync()?;
            self.announce();
        }
        Ok(())
    }

    /// How many bytes may still come.
    pub(crate) fn left(&self) -> u64 {
        self.upload.permit.bytes.saturating_sub(self.bytes())
    }

    /// Announces what has come as received: it has to survive a power cut.
    pub(crate) fn announce(&self) {
        self.upload.announced.store(self.bytes(), Ordering::SeqCst);
    }
}

impl Deref for Sending {
    type Target = Incoming;

    #[expect(clippy::expect_used, reason = "it is there until it is dropped")]
    fn deref(&self) -> &Incoming {
        self.incoming.as_ref().expect("it was not given back")
    }
}

impl DerefMut for Sending {
    #[expect(clippy::expect_used, reason = "it is there until it is dropped")]
    fn deref_mut(&mut self) -> &mut Incoming {
        self.incoming.as_mut().expect("it was not given back")
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(mut incoming) = self.incoming.take() {
            incoming.close();
            let place = &self.upload.incoming;
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(incoming);
            self.upload.freed.notify_one();
        }
    }
}
