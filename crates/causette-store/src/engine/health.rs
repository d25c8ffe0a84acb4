//! How a database is.

use crate::engine::Moment;
use crate::error::Fault;
use causette_proto::Timestamp;

/// How a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether its pages are whole.
    pub pages: Pages,
    /// The time of the last entry in the register, as people were shown it.
    pub last_time: Option<Timestamp>,
    /// How many accounts are owner of the server.
    pub owners: u64,
    /// Who may sign up, where that was set at run time.
    pub registration: Option<String>,
}

/// Whether the pages of a database are whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pages {
    /// All of them are.
    Whole,
    /// It was looked at for as long as there was patience, and nothing was found.
    Unfinished,
    /// The first that is not.
    Damaged(String),
    /// They are a database server's own, which looks after them, and were not looked at.
    OnServer,
}

impl Health {
    /// What the tables say, beside how their pages are.
    pub(crate) fn of(moment: &Moment<'_>, pages: Pages) -> Result<Self, Fault> {
        let last = "SELECT time FROM register_entry ORDER BY seq DESC LIMIT 1";
        let last_time = moment.first(last, &[], |row| row.time(0))?;
        let owners = "SELECT count(*) FROM account WHERE role = 'owner' AND dropped IS NULL";
        let owners = moment.only(owners, &[], |row| row.id(0))?;
        let registration = "SELECT value FROM server_setting WHERE name = 'registration'";
        let registration = moment.first(registration, &[], |row| Ok(row.text(0)?.to_owned()))?;
        Ok(Self {
            pages,
            last_time,
            owners,
            registration,
        })
    }
}
