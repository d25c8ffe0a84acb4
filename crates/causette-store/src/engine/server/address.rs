//! The URL of a database on a server.

use super::escape;
use crate::engine::database::{Access, NoDatabase, TlsFile, TlsRole};
use sqlx::ConnectOptions as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
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
    /// What TLS is spoken with.
    pub(crate) files: Vec<TlsFile>,
}

#[derive(Clone)]
pub(super) enum Options {
    Postgres(PgConnectOptions),
    MySql(MySqlConnectOptions),
}

/// Statements that a connection keeps prepared; there are fewer different ones.
pub(super) const STATEMENTS: usize = 512;

/// What may stand behind the `?` of a URL: another word would be overlooked, and with it what it was meant to see to.
const PARAMETERS: [&str; 8] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
];
/// The folder of a socket, and what is told at the beginning: search_path, for example.
const OF_POSTGRES: [&str; 2] = ["host", "options"];
const OF_MYSQL: [&str; 1] = ["socket"];

/// Reads a URL.
pub(crate) fn parse(text: &str, access: &Access) -> Result<Address, NoDatabase> {
    let (scheme, rest) = text.split_once("://").ok_or(NoDatabase::Scheme)?;
    let is_postgres = scheme.starts_with("postgres");
    escape::check(rest)?;
    let parameters = known_parameters(rest, is_postgres)?;
    let files = files(&parameters, access);
    let rest = spelled_for(rest, is_postgres);
    let unreadable = |error: sqlx::Error| NoDatabase::Url(reason(&error, text));
    let password = access
        .password
        .as_ref()
        .filter(|_| password(text).is_none());
    // Authorities are named so that the server is asked for its certificate.
    let is_verified =
        access.ca_file.is_some() && !parameters.iter().any(|(key, _)| key.ends_with("mode"));
    let (options, user, host, name) = if is_postgres {
        let url = format!("postgres://{rest}");
        let mut options = PgConnectOptions::from_str(&url)
            .map_err(unreadable)?
            .statement_cache_capacity(STATEMENTS)
            .application_name("causette")
            .disable_statement_logging();
        if let Some(password) = password {
            options = options.password(password);
        }
        if let Some(file) = &access.ca_file {
            options = options.ssl_root_cert(file);
        }
        if is_verified {
            options = options.ssl_mode(PgSslMode::VerifyFull);
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
        if let Some(password) = password {
            options = options.password(password);
        }
        if let Some(file) = &access.ca_file {
            options = options.ssl_ca(file);
        }
        if is_verified {
            options = options.ssl_mode(MySqlSslMode::VerifyIdentity);
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
    // A part of a password that was taken for the name would be shown everywhere.
    if name.contains(['@', '/', ':']) {
        return Err(NoDatabase::Unescaped);
    }
    let scheme = if is_postgres { "postgres" } else { "mysql" };
    Ok(Address {
        options,
        shown: format!("{scheme}://{user}@{host}/{name}"),
        spelled: text.to_owned(),
        access: access.clone(),
        files,
    })
}

/// The files that the URL and the configuration name.
fn files(parameters: &[(&str, &str)], access: &Access) -> Vec<TlsFile> {
    let of_url = parameters.iter().filter_map(|(key, value)| {
        let role = match *key {
            "sslrootcert" | "ssl-ca" => TlsRole::Authorities,
            "sslcert" | "ssl-cert" => TlsRole::Certificate,
            "sslkey" | "ssl-key" => TlsRole::Key,
            _ => return None,
        };
        Some(TlsFile {
            parameter: Some((*key).to_owned()),
            role,
            path: escape::file(value),
        })
    });
    let beside = access.ca_file.iter().map(|path| TlsFile {
        parameter: None,
        role: TlsRole::Authorities,
        path: path.clone(),
    });
    beside.chain(of_url).collect()
}

/// The words behind the `?` with what they are set to, where each is known.
fn known_parameters(rest: &str, is_postgres: bool) -> Result<Vec<(&str, &str)>, NoDatabase> {
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let keys: Vec<(&str, &str)> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    let more: &[&str] = if is_postgres { &OF_POSTGRES } else { &OF_MYSQL };
    match keys
        .iter()
        .find(|(key, _)| !PARAMETERS.contains(key) && !more.contains(key))
    {
        // It may be a part of a password.
        Some(_)
            if rest
                .rsplit_once('?')
                .is_some_and(|(_, behind)| behind.contains('@')) =>
        {
            Err(NoDatabase::Unescaped)
        }
        Some((key, _)) => Err(NoDatabase::Parameter((*key).to_owned())),
        None => Ok(keys),
    }
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
        password(&self.spelled).is_some()
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

/// The password in a URL, as it is spelled there.
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
    fn a_password_that_is_taken_for_something_else_is_not_shown() {
        for text in [
            "postgres://a:12/s3cret@db.test/chat",
            "mysql://a:12/s3cret@db.test/chat",
            "postgres://a:12?s3cret@db.test/chat",
            "mysql://a:s3/cret@db.test/chat",
            "postgres://a:s3#cret@db.test/chat",
            "postgres://a:%zzs3cret@db.test/chat",
            "mysql://a:s3cret%4@db.test/chat",
        ] {
            let wrong = shown(text).unwrap_err().to_string();
            assert!(!wrong.contains("cret"), "{wrong}");
        }
        for password in ["p%40ss", "%2F%3F%23%25", "a:b", "%C3%A9"] {
            let text = format!("mysql://a:{password}@db.test/chat");
            assert_eq!(shown(&text).unwrap(), "mysql://a@db.test:3306/chat");
        }
    }

    #[test]
    fn words_that_are_not_known_are_refused() {
        for text in [
            "postgres://a@db.test/chat?sslmod=verify-full",
            "mysql://a@db.test/chat?tls=1",
            "mysql://a@db.test/chat?options=x",
        ] {
            let wrong = shown(text).unwrap_err();
            assert!(matches!(wrong, NoDatabase::Parameter(_)), "{wrong}");
        }
    }

    #[test]
    fn a_percent_sign_without_its_digits_is_refused() {
        for password in ["p%zz", "p%4", "%"] {
            for scheme in ["postgres", "mysql"] {
                let wrong = shown(&format!("{scheme}://a:{password}@db.test/chat"));
                assert_eq!(wrong, Err(NoDatabase::Unescaped), "{password}");
            }
        }
        let wrong = shown("postgres://a@db.test/ch%at");
        assert_eq!(wrong, Err(NoDatabase::Escape("%at".to_owned())));
    }

    #[test]
    fn the_files_of_tls_are_told_with_what_names_them() {
        let access = Access {
            ca_file: Some("/etc/ca.pem".into()),
            ..Access::default()
        };
        for (url, names) in [
            (
                "postgres://a@db.test/chat?sslcert=c.pem&sslkey=%2Fk+k.pem&sslrootcert=o.pem",
                ["sslcert", "sslkey", "sslrootcert"],
            ),
            (
                "mysql://a@db.test/chat?ssl-cert=c.pem&ssl-key=/k%20k.pem&ssl-ca=o.pem",
                ["ssl-cert", "ssl-key", "ssl-ca"],
            ),
        ] {
            let file = |parameter: Option<&str>, role, path: &str| TlsFile {
                parameter: parameter.map(str::to_owned),
                role,
                path: path.into(),
            };
            let files = parse(url, &access).unwrap().files;
            assert_eq!(
                files,
                [
                    file(None, TlsRole::Authorities, "/etc/ca.pem"),
                    file(Some(names[0]), TlsRole::Certificate, "c.pem"),
                    file(Some(names[1]), TlsRole::Key, "/k k.pem"),
                    file(Some(names[2]), TlsRole::Authorities, "o.pem"),
                ]
            );
        }
    }

    /// Who names the authorities wants to know who answers.
    #[test]
    fn with_authorities_certificates_are_verified() {
        let access = Access {
            ca_file: Some("/etc/ca.pem".into()),
            ..Access::default()
        };
        let verifies = |text: &str| match parse(text, &access).unwrap().options {
            Options::Postgres(options) => {
                options.get_ssl_mode() as u8 == PgSslMode::VerifyFull as u8
            }
            Options::MySql(options) => {
                matches!(options.get_ssl_mode(), MySqlSslMode::VerifyIdentity)
            }
        };
        assert!(verifies("postgres://a@db.test/chat"));
        assert!(verifies("mysql://a@db.test/chat"));
        assert!(!verifies("postgres://a@db.test/chat?sslmode=require"));
        assert!(!verifies("mysql://a@db.test/chat?sslmode=require"));
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
