//! What a start would do with a database, found out without doing anything.

/// What a start would do with a database that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// What keeps it, with its version.
    pub engine: String,
    /// The version of its tables; 0 where there are none, which a start makes.
    pub found: u32,
    /// The version to which a start brings them.
    pub known: u32,
    /// Whether a view is missing, which a start makes.
    pub lacks_views: bool,
}
