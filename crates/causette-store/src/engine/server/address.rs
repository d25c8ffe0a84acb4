//! The URL of a database on a server.

use crate::engine::database::{Access, NoDatabase};
use sqlx::ConnectOptions as _;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use std::fmt;
use std::str::FromStr as _;

/// Which server, which database and who asks. Shown without the password.
#[derive(Clone)]
pub struct Address {
    pub(super) options: Options,
    shown: String,
    /// What makes two addresses the same.
    spelled: String,
    access: Access,
}

#[derive(Clone)]
pub(super) enum Options {
    Postgres(PgConnectOptions),
    MySql(MySqlConnectOptions),
}

/// Statements that a connection keeps prepared; there are fewer different ones.
pub(super) const STATEMENTS: usize = 512;

/// What a URL may say behind the name of the database: in PostgreSQL's words, and in those of MySQL and MariaDB.
const PARAMETERS: [&[&str]; 2] = [
    &[
        "host",
        "options",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
    ],
    &[
        "socket",
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-ca",
        "ssl-cert",
        "ssl-key",
    ],
];

/// Reads a URL.
pub(crate) fn parse(text: &str, access: &Access) -> Result<Address, NoDatabase> {
    let (scheme, rest) = text.split_once("://").ok_or(NoDatabase::Scheme)?;
    let is_postgres = scheme.starts_with("postgres");
    if let Some(unknown) = unknown_parameter(rest, is_postgres) {
        return Err(NoDatabase::Parameter(unknown.to_owned()));
    }
    let rest = spelled_for(rest, is_postgres);
    let unreadable = |error: sqlx::Error| NoDatabase::Url(reason(&error, text));
    let (options, user, host, name) = if is_postgres {
        let url = format!("postgres://{rest}");
        let mut options = PgConnectOptions::from_str(&url)
            .map_err(unreadable)?
            .statement_cache_capacity(STATEMENTS)
            .application_name("causette")
            .disable_statement_logging();
        if !has_password(text)
            && let Some(password) = &access.password
        {
            options = options.password(password);
        }
        if let Some(file) = &access.ca_file {
            options = options.ssl_root_cert(file);
        }
        let host = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let (user, name) = (
            options.get_username().to_owned(),
            options.get_database().map(str::to_owned),
        );
        (Options::Postgres(options), user, host, name)
    } else {
        let url = format!("mysql://{rest}");
        let mut options = MySqlConnectOptions::from_str(&url)
            .map_err(unreadable)?
            .statement_cache_capacity(STATEMENTS)
            .charset("utf8mb4")
            .timezone(None)
            .disable_statement_logging();
        if !has_password(text)
            && let Some(password) = &access.password
        {
            options = options.password(password);
        }
        if let Some(file) = &access.ca_file {
            options = options.ssl_ca(file);
        }
        let host = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let (user, name) = (
            options.get_username().to_owned(),
            options.get_database().map(str::to_owned),
        );
        (Options::MySql(options), user, host, name)
    };
    let name = name
        .filter(|name| !name.is_empty())
        .ok_or(NoDatabase::Nameless)?;
    let scheme = if is_postgres { "postgres" } else { "mysql" };
    Ok(Address {
        options,
        shown: format!("{scheme}://{user}@{host}/{name}"),
        spelled: text.to_owned(),
        access: access.clone(),
    })
}

/// The first parameter of a URL that nobody would heed.
fn unknown_parameter(rest: &str, is_postgres: bool) -> Option<&str> {
    let (_, query) = rest.split_once('?')?;
    let known = PARAMETERS[usize::from(!is_postgres)];
    let keys = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((key, _)) => key,
            None => parameter,
        });
    keys.into_iter().find(|key| !known.contains(key))
}

impl Address {
    /// The same with a password, where the URL has none.
    pub(crate) fn with_password(self, password: &str) -> Self {
        if self.has_password() {
            return self;
        }
        let options = match self.options {
            Options::Postgres(options) => Options::Postgres(options.password(password)),
            Options::MySql(options) => Options::MySql(options.password(password)),
        };
        let password = Some(password.to_owned());
        Self {
            options,
            access: Access {
                password,
                ..self.access
            },
            ..self
        }
    }

    /// Whether the URL has a password.
    pub(crate) fn has_password(&self) -> bool {
        has_password(&self.spelled)
    }
}

/// What follows the scheme, with the words for TLS that PostgreSQL has in those of MySQL where it is one.
fn spelled_for(rest: &str, is_postgres: bool) -> String {
    let Some((place, query)) = rest.split_once('?').filter(|_| !is_postgres) else {
        return rest.to_owned();
    };
    let parameters = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((key @ ("sslmode" | "ssl-mode"), value)) => {
                let value = match value {
                    "disable" => "disabled",
                    "allow" | "prefer" => "preferred",
                    "require" => "required",
                    "verify-ca" => "verify_ca",
                    "verify-full" => "verify_identity",
                    other => other,
                };
                format!("{key}={value}")
            }
            Some(("sslrootcert", value)) => format!("ssl-ca={value}"),
            _ => parameter.to_owned(),
        });
    let parameters: Vec<String> = parameters.collect();
    format!("{place}?{}", parameters.join("&"))
}

/// Whether a URL has a password.
fn has_password(text: &str) -> bool {
    password(text).is_some()
}

fn password(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    Some(password).filter(|password| !password.is_empty())
}

/// What is wrong, without the password.
fn reason(error: &sqlx::Error, text: &str) -> String {
    let told = match error {
        sqlx::Error::Configuration(reason) => reason.to_string(),
        other => other.to_string(),
    };
    match password(text) {
        Some(password) => told.replace(password, "…"),
        None => told,
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        (&self.spelled, &self.access) == (&other.spelled, &other.access)
    }
}

impl Eq for Address {}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn shown(text: &str) -> Result<String, NoDatabase> {
        parse(text, &Access::default()).map(|address| address.to_string())
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, as_shown) in [
            (
                "postgres://causette:s3cret@db.test/chat",
                "postgres://causette@db.test:5432/chat",
            ),
            (
                "mariadb://causette:s3cret@127.0.0.1:3307/chat?sslmode=verify-full",
                "mysql://causette@127.0.0.1:3307/chat",
            ),
            (
                "postgres://causette@localhost/chat?host=/run/postgresql",
                "postgres://causette@/run/postgresql/chat",
            ),
        ] {
            assert_eq!(shown(text).unwrap(), as_shown);
            let address = parse(text, &Access::default()).unwrap();
            assert!(!format!("{address:?}").contains("s3cret"));
        }
    }

    #[test]
    fn what_is_no_address_is_told_without_the_password() {
        assert_eq!(
            shown("mysql://causette:s3cret@db.test"),
            Err(NoDatabase::Nameless)
        );
        let wrong = shown("postgres://causette:s3cret@db.test:notaport/chat").unwrap_err();
        assert!(!wrong.to_string().contains("s3cret"), "{wrong}");
        // Also where a password is said in another way.
        let wrong = shown("postgres://a@db.test/chat?sslmode=require&password=s3cret");
        assert_eq!(wrong, Err(NoDatabase::Parameter("password".to_owned())));
        let wrong = shown("mysql://a:s3cret@db.test/chat?sslmode=sometimes").unwrap_err();
        assert!(wrong.to_string().contains("sometimes"), "{wrong}");
    }

    #[test]
    fn addresses_with_different_passwords_differ() {
        let one = parse("mysql://a:one@db.test/chat", &Access::default());
        let other = parse("mysql://a:two@db.test/chat", &Access::default());
        assert_ne!(one.clone().unwrap(), other.unwrap());
        let none = parse("mysql://a@db.test/chat", &Access::default()).unwrap();
        assert_ne!(none.clone().with_password("one"), none);
        // What the URL says goes first.
        assert_eq!(one.clone().unwrap().with_password("two"), one.unwrap());
    }
}
