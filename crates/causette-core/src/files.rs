//! What may be done with files, once, whichever door somebody comes by. Whoever may not see a file is answered as if there were none.

pub(crate) mod announce;
pub(crate) mod aside;
pub(crate) mod coming;
pub(crate) mod fetch;
pub(crate) mod find;
pub(crate) mod keep;
pub(crate) mod list;
pub(crate) mod permit;
pub(crate) mod quota;
pub(crate) mod remove;
pub(crate) mod share;

use crate::denied::{Denied, Why};

/// There is no such file, as far as who asks may know.
pub(crate) fn no_such_file(name: &str) -> Denied {
    Denied::new(Why::NoSuchFile, "file-unknown", &[("file", name)])
}
