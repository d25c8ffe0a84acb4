//! Contents that no file may have any more. Between that and their removal somebody may bring the same bytes again, so that a content
//! is removed only where it is in doubt, the core has said since then that no file has it, and nobody is keeping it meanwhile.

use causette_core::file::Digest;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What is in doubt, and what is being kept.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    held: Mutex<Held>,
    /// Told when the core has put something in doubt.
    pub(super) changed: Notify,
}

#[derive(Debug, Default)]
struct Held {
    doubtful: HashSet<Digest>,
    /// How many are keeping each content, of which the core does not know yet.
    keeping: HashMap<Digest, usize>,
}

/// Somebody keeps a content of which the core does not know yet, until dropped.
#[derive(Debug)]
pub(crate) struct Keeping {
    doubts: Arc<Doubts>,
    content: Digest,
}

impl Doubts {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a content in doubt.
    pub(super) fn doubt(&self, content: Digest) {
        self.held().doubtful.insert(content);
        self.changed.notify_one();
    }

    /// Puts many in doubt, about which somebody asks already.
    pub(super) fn doubt_all(&self, contents: &[Digest]) {
        self.held().doubtful.extend(contents);
    }

    /// What is in doubt, up to so many.
    pub(super) fn some(&self, count: usize) -> Vec<Digest> {
        self.held().doubtful.iter().take(count).copied().collect()
    }

    /// Takes a content out of doubt.
    pub(super) fn clear(&self, content: Digest) {
        self.held().doubtful.remove(&content);
    }

    /// Keeps a content, whatever was doubted before.
    pub(super) fn keep(self: &Arc<Self>, content: Digest) -> Keeping {
        let mut held = self.held();
        held.doubtful.remove(&content);
        *held.keeping.entry(content).or_default() += 1;
        Keeping {
            doubts: self.clone(),
            content,
        }
    }

    /// Removes a content by `remove`, where it is still in doubt and nobody keeps it. Nobody begins to meanwhile.
    pub(super) fn settle<T>(&self, content: Digest, remove: impl FnOnce() -> T) -> Option<T> {
        let mut held = self.held();
        let is_doubtful = held.doubtful.remove(&content);
        (is_doubtful && !held.keeping.contains_key(&content)).then(remove)
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        let mut held = self.doubts.held();
        if let Some(count) = held.keeping.get_mut(&self.content) {
            *count -= 1;
            if *count == 0 {
                held.keeping.remove(&self.content);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: Digest = Digest([1; 32]);

    #[test]
    fn only_what_is_in_doubt_and_kept_by_nobody_is_removed() {
        let doubts = Arc::new(Doubts::default());
        assert_eq!(doubts.settle(CONTENT, || ()), None);
        doubts.doubt(CONTENT);
        assert_eq!(doubts.settle(CONTENT, || ()), Some(()));
        // Somebody brings it while the core is asked: it has it when they have gone, too.
        doubts.doubt(CONTENT);
        drop(doubts.keep(CONTENT));
        assert_eq!(doubts.settle(CONTENT, || ()), None);
        let keeping = doubts.keep(CONTENT);
        doubts.doubt(CONTENT);
        assert_eq!(doubts.settle(CONTENT, || ()), None);
        drop(keeping);
        doubts.doubt(CONTENT);
        assert_eq!(doubts.settle(CONTENT, || ()), Some(()));
    }
}
