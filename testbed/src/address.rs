//! The URL of a server, with the name of somebody who may make databases there.

use std::fmt;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::database::Database;
use crate::engine::{mysql_client, psql};
use crate::held::Held;
use crate::random_hex;

/// The variable that names servers for tests: the URLs of their administrators, with a space between two.
pub const URLS_VARIABLE: &str = "CAUSETTE_TEST_DB_URLS";

/// The databases of tests have names that begin so; where a server is not ours, nothing else is touched.
pub(crate) const DATABASE_PREFIX: &str = "causette_test";

/// The servers that the environment names for tests; none when the variable is not set.
///
/// # Errors
/// When what is there is not a URL of a server.
pub fn urls_from_environment() -> anyhow::Result<Vec<AdminUrl>> {
    let urls = std::env::var(URLS_VARIABLE).unwrap_or_default();
    let parse = |url| AdminUrl::parse(url).context(URLS_VARIABLE);
    urls.split_whitespace().map(parse).collect()
}

/// Whose language a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Postgres,
    /// MariaDB too.
    MySql,
}

/// A server, and somebody who may make databases there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminUrl {
    pub(crate) scheme: Scheme,
    /// As they stand in the URL.
    user: String,
    password: String,
    pub host: String,
    pub port: u16,
    /// With its question mark, or nothing.
    parameters: String,
}

impl AdminUrl {
    pub(crate) fn local(scheme: Scheme, port: u16, user: &str, password: &str) -> Self {
        Self {
            scheme,
            user: user.to_owned(),
            password: password.to_owned(),
            host: "127.0.0.1".to_owned(),
            port,
            parameters: String::new(),
        }
    }

    /// Reads `scheme://user:password@host:port/?parameters`.
    ///
    /// # Errors
    /// When a part is missing; the error has no password in it.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        let (scheme, rest) = url.split_once("://").context("a URL without `://`")?;
        let (scheme, port) = match scheme {
            "postgres" | "postgresql" => (Scheme::Postgres, 5432),
            "mysql" | "mariadb" => (Scheme::MySql, 3306),
            _ => bail!("`{scheme}://` is no scheme of an engine: postgres, mysql"),
        };
        let (rest, parameters) = match rest.split_once('?') {
            Some((rest, parameters)) => (rest, format!("?{parameters}")),
            None => (rest, String::new()),
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let (who, address) = authority
            .rsplit_once('@')
            .context("a URL without a user: user:password@host:port")?;
        let (user, password) = who.split_once(':').unwrap_or((who, ""));
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().context("the port of a URL")?),
            None => (address, port),
        };
        Ok(Self {
            scheme,
            user: user.to_owned(),
            password: password.to_owned(),
            host: host.to_owned(),
            port,
            parameters,
        })
    }

    /// The URL of one of its databases.
    #[must_use]
    pub fn database(&self, name: &str) -> String {
        let Self {
            user,
            password,
            host,
            port,
            parameters,
            ..
        } = self;
        let scheme = match self.scheme {
            Scheme::Postgres => "postgres",
            Scheme::MySql => "mysql",
        };
        format!("{scheme}://{user}:{password}@{host}:{port}/{name}{parameters}")
    }

    /// Whether PostgreSQL is spoken there; else it is what MySQL and MariaDB have in common.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.scheme == Scheme::Postgres
    }

    /// Makes an empty database with a name that nothing else has, and drops it with the value that is returned.
    ///
    /// # Errors
    /// When the server does not answer or refuses.
    pub fn create_database(&self, what_for: &str) -> anyhow::Result<Database> {
        let letters = what_for
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(24);
        let what_for: String = letters.collect::<String>().to_ascii_lowercase();
        let name = format!("{DATABASE_PREFIX}_{what_for}_{}", random_hex(5)?);
        self.query("", &format!("CREATE DATABASE {name}"))?;
        Ok(Database::new(self.clone(), name))
    }

    /// What the engine's own client prints for these statements: a line for each row, a tab between two columns. An empty name
    /// of a database is the one of the engine itself.
    ///
    /// # Errors
    /// When the client is missing or says that something failed, with its words.
    pub fn query(&self, database: &str, statements: &str) -> anyhow::Result<String> {
        ask(&mut self.client(database)?, statements)
    }

    /// Does these statements and keeps the connection, with what it has locked, until what is returned is dropped.
    ///
    /// # Errors
    /// When the client is missing or says that something failed, with its words.
    pub fn hold(&self, database: &str, statements: &str) -> anyhow::Result<Held> {
        let mut client = self.client(database)?;
        if self.scheme == Scheme::MySql {
            client.arg("--unbuffered");
        }
        Held::new(client, statements)
    }

    fn client(&self, database: &str) -> anyhow::Result<Command> {
        match self.scheme {
            Scheme::Postgres => self.psql(database),
            Scheme::MySql => self.mysql(database),
        }
    }

    fn psql(&self, database: &str) -> anyhow::Result<Command> {
        let mut client = Command::new(psql().context("psql is not installed")?);
        client
            .args(["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"])
            .args(["-h", &self.host, "-p", &self.port.to_string()])
            .args(["-U", &decoded(&self.user)?])
            .args([
                "-d",
                if database.is_empty() {
                    "postgres"
                } else {
                    database
                },
            ])
            .env("PGPASSWORD", decoded(&self.password)?)
            .env("PGCONNECT_TIMEOUT", "20");
        Ok(client)
    }

    fn mysql(&self, database: &str) -> anyhow::Result<Command> {
        let mut client = Command::new(mysql_client().context("mariadb-client is not installed")?);
        client
            .args(["--no-defaults", "--batch", "--skip-column-names", "--raw"])
            .args(["--default-character-set=utf8mb4", "--connect-timeout=20"])
            .args(["--protocol=tcp", "--host", &self.host])
            .args(["--port", &self.port.to_string()])
            .args(["--user", &decoded(&self.user)?])
            .env("MYSQL_PWD", decoded(&self.password)?);
        if !database.is_empty() {
            client.arg(database);
        }
        Ok(client)
    }
}

/// The URL of the server itself, with the password: it is for programs.
impl fmt::Display for AdminUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.database(""))
    }
}

/// Gives a client statements on its standard input, where no list of processes shows them, and returns what it prints.
pub(crate) fn ask(client: &mut Command, statements: &str) -> anyhow::Result<String> {
    let program = client.get_program().display().to_string();
    let mut running = client
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    if let Some(mut input) = running.stdin.take() {
        // A client that ends early says itself why.
        let _ = input.write_all(statements.as_bytes());
    }
    let output = running.wait_with_output()?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{program}: {}", complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Undoes the percent signs of a URL.
fn decoded(text: &str) -> anyhow::Result<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).context("a lone % in a URL")?;
        bytes.push(u8::from_str_radix(digits, 16).context("a % without two digits in a URL")?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).context("a URL that is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::{AdminUrl, decoded};

    #[test]
    fn a_url_is_read_and_gives_that_of_a_database() {
        let cases = [
            (
                "postgres://causette:pw@127.0.0.1:5999/",
                "postgres://causette:pw@127.0.0.1:5999/x",
            ),
            (
                "postgresql://a:p%40ss@db?sslmode=disable",
                "postgres://a:p%40ss@db:5432/x?sslmode=disable",
            ),
            ("mariadb://a@[::1]:3307/old", "mysql://a:@[::1]:3307/x"),
        ];
        for (url, of_database) in cases {
            assert_eq!(AdminUrl::parse(url).unwrap().database("x"), of_database);
        }
    }

    #[test]
    fn a_wrong_url_is_refused_without_its_password() {
        for url in [
            "postgres:secret",
            "sqlite://a:secret@b",
            "mysql://secret",
            "mysql://a:secret@b:port",
        ] {
            let error = AdminUrl::parse(url).unwrap_err();
            assert!(!format!("{error:#}").contains("secret"), "{error:#}");
        }
    }

    #[test]
    fn percent_signs_are_undone() {
        assert_eq!(decoded("p%40s%C3%A9").unwrap(), "p@sé");
        assert!(decoded("100%").is_err());
        assert!(decoded("%zz").is_err());
    }
}
