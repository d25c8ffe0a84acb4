//! Where a database is, and with which engine: a file of SQLite, or a URL of a server.

#[cfg(feature = "sql")]
use super::server::address::{self, Address};
use std::fmt;
use std::path::{Path, PathBuf};

/// Where the database is. Shown and told without its password.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file of SQLite.
    File(PathBuf),
    /// A database on a server.
    #[cfg(feature = "sql")]
    Server(Box<Address>),
}

/// Why a text names no database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDatabase {
    /// It begins with none of the words that name an engine.
    #[error("it begins with none of sqlite:, postgres:// and mysql://")]
    Scheme,
    /// It names the engine of a server, and this program was built without them.
    #[error("this program was built without PostgreSQL, MySQL and MariaDB")]
    NotBuilt,
    /// It is no URL of that engine.
    #[error("{0}")]
    Url(String),
    /// It has a word behind the `?` that means nothing here.
    #[error("{0} is no parameter of it: sslmode and sslrootcert, for example, are")]
    Parameter(String),
    /// A character elsewhere in it is no character: what stands there.
    #[error(
        "{0} in it is no character: % is followed by two hexadecimal digits, and is itself %25"
    )]
    Escape(String),
    /// A name or password in it has a character that ends it too early, or a `%` that begins none.
    #[error(
        "a name or password in it has to have % / ? # @ : as %25 %2F %3F %23 %40 %3A, or stand in database.password_file"
    )]
    Unescaped,
    /// It names no database on the server.
    #[error("it names no database: postgres://user@host/database")]
    Nameless,
}

/// What is known of a server beside its URL.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The password, where the URL has none.
    pub password: Option<String>,
    /// The file with the authorities whose certificates are good; those that everybody trusts where there is none.
    pub ca_file: Option<PathBuf>,
}

/// A file that is read to speak TLS with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFile {
    /// The parameter of the URL that names it; `None` for [`Access::ca_file`].
    pub parameter: Option<String>,
    /// What it has to hold.
    pub role: TlsRole,
    /// Where it is.
    pub path: PathBuf,
}

/// What a file of TLS holds, in PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsRole {
    /// The authorities whose certificates are good.
    Authorities,
    /// The certificate that the server is shown.
    Certificate,
    /// The key of that.
    Key,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("ca_file", &self.ca_file)
            .finish()
    }
}

impl Database {
    /// Reads what the configuration says: `sqlite:FILE`, `postgres://user@host/database` or `mysql://user@host/database`.
    ///
    /// # Errors
    /// What is wrong with it; a password in it is not told.
    pub fn parse(text: &str, access: &Access) -> Result<Self, NoDatabase> {
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(NoDatabase::Scheme);
        };
        match scheme {
            // A name that begins with a colon is one of SQLite's own for what is no file.
            "sqlite" if !rest.is_empty() && !rest.starts_with(':') => {
                Ok(Self::File(PathBuf::from(rest)))
            }
            "postgres" | "postgresql" | "mysql" | "mariadb" => {
                #[cfg(feature = "sql")]
                return address::parse(text, access).map(|address| Self::Server(Box::new(address)));
                #[cfg(not(feature = "sql"))]
                {
                    let _ = access;
                    Err(NoDatabase::NotBuilt)
                }
            }
            _ => Err(NoDatabase::Scheme),
        }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(file),
            #[cfg(feature = "sql")]
            Self::Server(_) => None,
        }
    }

    /// Whether it is on a server.
    pub fn is_on_server(&self) -> bool {
        self.file().is_none()
    }

    /// The same, with the password for a server whose URL has none.
    #[must_use]
    pub fn with_password(self, password: &str) -> Self {
        match self {
            Self::File(_) => self,
            #[cfg(feature = "sql")]
            Self::Server(address) => Self::Server(Box::new(address.with_password(password))),
        }
    }

    /// Whether its URL has a password.
    pub fn has_password(&self) -> bool {
        match self {
            Self::File(_) => false,
            #[cfg(feature = "sql")]
            Self::Server(address) => address.has_password(),
        }
    }

    /// The files that are read to speak TLS with its server.
    pub fn tls_files(&self) -> &[TlsFile] {
        match self {
            Self::File(_) => &[],
            #[cfg(feature = "sql")]
            Self::Server(address) => &address.files,
        }
    }

    /// The same, with a file that is relative to a folder in it.
    #[must_use]
    pub fn within(self, folder: &Path) -> Self {
        match self {
            Self::File(file) => Self::File(folder.join(file)),
            #[cfg(feature = "sql")]
            Self::Server(_) => self,
        }
    }
}

impl From<&Path> for Database {
    fn from(file: &Path) -> Self {
        Self::File(file.to_owned())
    }
}

impl From<&PathBuf> for Database {
    fn from(file: &PathBuf) -> Self {
        Self::File(file.clone())
    }
}

impl From<PathBuf> for Database {
    fn from(file: PathBuf) -> Self {
        Self::File(file)
    }
}

impl From<&Self> for Database {
    fn from(database: &Self) -> Self {
        database.clone()
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.display().fmt(f),
            #[cfg(feature = "sql")]
            Self::Server(address) => address.fmt(f),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}
