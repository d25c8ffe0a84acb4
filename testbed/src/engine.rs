//! The engines, and where their programs are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A kind of database server that the store works on, beside SQLite, which needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Postgres,
    MariaDb,
    MySql,
}

impl Engine {
    pub const ALL: [Self; 3] = [Self::Postgres, Self::MariaDb, Self::MySql];

    /// Whether all tests must run on it where nothing may be left out: Debian has no package of MySQL.
    #[must_use]
    pub const fn is_required(self) -> bool {
        !matches!(self, Self::MySql)
    }

    pub(crate) fn programs(self) -> Result<Programs, Missing> {
        match self {
            Self::Postgres => {
                let folder = postgres_folder().ok_or_else(|| self.lacks("initdb"))?;
                let has = |name: &str| {
                    let program = folder.join(name);
                    program
                        .is_file()
                        .then_some(program)
                        .ok_or_else(|| self.lacks(name))
                };
                has("psql")?;
                Ok(Programs {
                    install: has("initdb")?,
                    serve: has("postgres")?,
                })
            }
            Self::MariaDb => {
                find("mariadb").ok_or_else(|| self.lacks("mariadb"))?;
                let has = |name: &str| find(name).ok_or_else(|| self.lacks(name));
                Ok(Programs {
                    install: has("mariadb-install-db")?,
                    serve: has("mariadbd")?,
                })
            }
            Self::MySql => {
                let serve = find("mysqld").ok_or_else(|| self.lacks("mysqld"))?;
                // MariaDB's package has a program of this name too, which is MariaDB.
                let version = Command::new(&serve).arg("--version").output();
                let is_other = version.is_ok_and(|output| {
                    String::from_utf8_lossy(&output.stdout).contains("MariaDB")
                });
                if is_other {
                    return Err(self.lacks("mysqld (the one that is there is MariaDB's)"));
                }
                mysql_client().ok_or_else(|| self.lacks("mysql"))?;
                Ok(Programs {
                    install: serve.clone(),
                    serve,
                })
            }
        }
    }

    /// The account whose server it is where root starts it: no engine runs as root.
    pub(crate) const fn system_user(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb | Self::MySql => "mysql",
        }
    }

    /// What is missing is a program, or what else comes with one of its packages.
    pub(crate) fn lacks(self, what: &str) -> Missing {
        let package = match self {
            Self::Postgres => Some("postgresql"),
            Self::MariaDb if what == "mariadb" => Some("mariadb-client"),
            Self::MariaDb => Some("mariadb-server"),
            Self::MySql => None,
        };
        Missing {
            engine: self,
            what: what.to_owned(),
            package,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
        })
    }
}

/// What a server needs and this machine has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub engine: Engine,
    /// The program, or whatever else it is.
    pub what: String,
    /// Debian's package that has it, if there is one.
    pub package: Option<&'static str>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            engine,
            what,
            package,
        } = self;
        match package {
            Some(package) => write!(
                f,
                "{engine}: not installed: {what} (Debian: apt-get install {package})"
            ),
            None => write!(f, "{engine}: not there: {what}"),
        }
    }
}

impl std::error::Error for Missing {}

/// Where an engine's programs are.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// Makes an empty data folder.
    pub(crate) install: PathBuf,
    pub(crate) serve: PathBuf,
}

/// PostgreSQL's client.
pub(crate) fn psql() -> Option<PathBuf> {
    let beside_server = || postgres_folder().map(|folder| folder.join("psql"));
    find("psql").or_else(beside_server)
}

/// A client that speaks with MariaDB and with MySQL.
pub(crate) fn mysql_client() -> Option<PathBuf> {
    find("mariadb").or_else(|| find("mysql"))
}

/// The folder of the newest PostgreSQL: Debian puts none of its server's programs in the path, because it has several versions
/// side by side.
fn postgres_folder() -> Option<PathBuf> {
    let version = |folder: &Path| -> Option<u32> { folder.file_name()?.to_str()?.parse().ok() };
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = installed
        .map(|entry| entry.path())
        .filter(|folder| folder.join("bin/initdb").is_file())
        .max_by_key(|folder| version(folder));
    let in_path = || find("initdb").and_then(|initdb| Some(initdb.parent()?.to_owned()));
    newest.map(|folder| folder.join("bin")).or_else(in_path)
}

/// A program in one of the folders where a shell looks for it, and in those for root, where servers are.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let for_root = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(for_root)
        .map(|folder| folder.join(program))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::Engine;

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let cases = [
            (
                Engine::Postgres.lacks("initdb"),
                "PostgreSQL: not installed: initdb (Debian: apt-get install postgresql)",
            ),
            (
                Engine::MariaDb.lacks("mariadb"),
                "MariaDB: not installed: mariadb (Debian: apt-get install mariadb-client)",
            ),
            (Engine::MySql.lacks("mysqld"), "MySQL: not there: mysqld"),
        ];
        for (missing, text) in cases {
            assert_eq!(missing.to_string(), text);
        }
    }
}
