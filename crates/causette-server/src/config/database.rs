//! Which database, and with which password: `[database]`.

mod tls;

pub(crate) use tls::look_at_tls;

use super::reader::Section;
use super::rule::Rule;
use super::{Config, Unusable};
use crate::identity::certificate::place_of;
use crate::trouble;
use causette_store::{Access, Database, NoDatabase};
use causette_text::{Language, text_with};
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The variable of the environment that has the password, where neither URL nor file has it.
const VARIABLE: &str = "CAUSETTE_DATABASE_PASSWORD";

/// Bytes of a password at most, with the end of its line.
const PASSWORD_BYTES: u64 = 1024 + 2;

impl Config {
    /// The database, with a file where it is one.
    pub fn database(&self) -> Database {
        self.database.clone().within(&self.data_dir)
    }

    /// Reads the password of a database on a server, where its URL has none: from the file that is named, else from the
    /// environment.
    ///
    /// # Errors
    /// Names the key and the file, and what is wrong with it.
    pub fn read_password(&mut self, language: Language) -> Result<(), Unusable> {
        if !self.database.is_on_server() || self.database.has_password() {
            return Ok(());
        }
        let password = match &self.password_file {
            Some(file) => Some(secret_in("database.password_file", file, language)?),
            None => std::env::var(VARIABLE).ok().map(Zeroizing::new),
        };
        if let Some(password) = password.filter(|password| !password.is_empty()) {
            self.database = self.database.clone().with_password(&password);
        }
        Ok(())
    }

    /// Reads the files that TLS with the server of the database needs: a start says at once what is wrong with them, and not
    /// after it has waited for that server.
    ///
    /// # Errors
    /// Names the key and the file, and what is wrong with it.
    pub fn look_at_database_files(&self, language: Language) -> Result<(), Unusable> {
        look_at_tls(
            &self.database,
            ["database.url", "database.ca_file"],
            language,
        )
    }

    /// The file of the password, where only the service is handed it.
    pub(crate) fn password_out_of_reach(&self) -> Option<&Path> {
        let file = self.password_file.as_deref()?;
        place_of(file).is_none().then_some(file)
    }

    pub(super) fn read_database(&mut self, mut section: Section<'_>) {
        let url = section.string("url");
        self.password_file = section.string("password_file").map(PathBuf::from);
        let ca_file = section.string("ca_file").map(PathBuf::from);
        let names_file = ca_file.is_some();
        let access = Access {
            password: None,
            ca_file,
        };
        match url.map(|url| Database::parse(&url, &access)) {
            None => {}
            Some(Ok(database)) => self.database = database,
            Some(Err(wrong)) => {
                section.mistake("url", rule(&wrong));
                section.finish();
                return;
            }
        }
        // What means nothing for a file is left out: somebody may rely on it.
        for (key, is_there) in [
            ("password_file", self.password_file.is_some()),
            ("ca_file", names_file),
        ] {
            if is_there && !self.database.is_on_server() {
                section.mistake(key, "rule-database-server");
            }
        }
        section.finish();
    }
}

/// What the URL must be, as far as one thing is wrong with it.
pub(crate) fn rule(wrong: &NoDatabase) -> Rule {
    match wrong {
        NoDatabase::Scheme => Rule::from("rule-database"),
        NoDatabase::NotBuilt => Rule::from("rule-database-built"),
        NoDatabase::Url(reason) => Rule::from("rule-database-url").with("error", reason),
        NoDatabase::Parameter(name) => Rule::from("rule-database-parameter").with("name", name),
        NoDatabase::Escape(escape) => Rule::from("rule-database-escape").with("escape", escape),
        NoDatabase::Unescaped => Rule::from("rule-database-unescaped"),
        NoDatabase::Nameless => Rule::from("rule-database-name"),
    }
}

/// The password in a file, which nobody else may read; the key is what names the file.
///
/// # Errors
/// Names the key and the file, and what is wrong with it.
pub(crate) fn secret_in(
    key: &str,
    file: &Path,
    language: Language,
) -> Result<Zeroizing<String>, Unusable> {
    let shown = file.to_string_lossy();
    let words = |sentence: &str, variables: &[(&str, &str)]| {
        let mut all = vec![("key", key), ("file", &*shown)];
        all.extend(variables);
        text_with(language, sentence, &all)
    };
    let place =
        place_of(file).ok_or_else(|| Unusable::because(words("tls-no-credentials", &[])))?;
    let unreadable = |error: std::io::Error| {
        let told = trouble::of_io(&error, language);
        Unusable::refused(&error, words("password-unreadable", &[("error", &told)]))
    };
    let opened = File::open(&place).map_err(unreadable)?;
    let mode = opened.metadata().map_err(unreadable)?.mode();
    // A group that reads passwords is what some make.
    if mode & 0o027 != 0 {
        let mode = format!("{:03o}", mode & 0o777);
        return Err(Unusable::because(words(
            "password-open",
            &[("mode", &mode)],
        )));
    }
    let mut password = Zeroizing::new(String::with_capacity(PASSWORD_BYTES as usize + 1));
    let mut bytes = opened.take(PASSWORD_BYTES + 1);
    bytes.read_to_string(&mut password).map_err(unreadable)?;
    let line = password.strip_suffix('\n').unwrap_or(&password);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.contains(['\n', '\r']) || password.len() as u64 > PASSWORD_BYTES {
        return Err(Unusable::because(words("password-no-line", &[])));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Problem;
    use crate::data_dir::tests::Folder;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    fn parsed(text: &str) -> Result<Config, super::super::Mistakes> {
        Config::parse(&format!("[database]\n{text}"))
    }

    #[test]
    fn a_database_is_a_file_or_on_a_server() {
        let config = parsed("url = \"sqlite:/srv/chat.db\"").unwrap();
        assert_eq!(config.database().file(), Some(Path::new("/srv/chat.db")));
        for (url, shown) in [
            (
                "postgres://causette:s3cret@db.test/chat",
                "postgres://causette@db.test:5432/chat",
            ),
            (
                "mysql://causette:s3cret@db.test/chat",
                "mysql://causette@db.test:3306/chat",
            ),
        ] {
            let config = parsed(&format!("url = \"{url}\"")).unwrap();
            assert_eq!(config.database().to_string(), shown);
            assert!(config.database().is_on_server());
            assert!(!format!("{config:?}").contains("s3cret"));
        }
    }

    #[test]
    fn what_is_wrong_names_the_key_and_never_the_password() {
        for (text, key) in [
            ("url = \"sqlite::memory:\"", "database.url"),
            ("url = \"oracle:x\"", "database.url"),
            (
                "url = \"postgres://a:s3cret@db.test:port/chat\"",
                "database.url",
            ),
            ("url = \"postgres://a:s3cret@db.test\"", "database.url"),
            (
                "url = \"mysql://a:s3cret@db.test/chat?tls=1\"",
                "database.url",
            ),
            ("password_file = \"s3cret.txt\"", "database.password_file"),
            ("ca_file = \"s3cret.pem\"", "database.ca_file"),
        ] {
            let mistakes = parsed(text).unwrap_err();
            let found: Vec<_> = mistakes.iter().collect();
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].key, key);
            assert!(matches!(found[0].problem, Problem::Expected(_)));
            let [en, fr] = Language::ALL.map(|language| found[0].message(language));
            assert_ne!(en, fr);
            assert!(!en.contains("s3cret") && !fr.contains("s3cret"), "{en}");
        }
    }

    #[test]
    fn a_password_comes_from_a_file_that_nobody_else_reads() {
        let folder = Folder::new();
        let file = folder.0.join("password");
        let with = |mode: u32, bytes: &str| {
            std::fs::write(&file, bytes).unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let url = "url = \"postgres://causette@db.test/chat\"\npassword_file";
            let mut config = parsed(&format!("{url} = {file:?}")).unwrap();
            let without = config.database();
            config
                .read_password(Language::En)
                .map(|()| (config.database(), without))
        };
        let (one, without) = with(0o600, "s3cret\n").unwrap();
        assert_ne!(one, without);
        assert_eq!(with(0o640, "s3cret").unwrap().0, one);
        for (mode, bytes, told) in [
            (0o644, "s3cret\n", "644"),
            (0o600, "", "line"),
            (0o600, "\n", "line"),
            (0o600, "s3cret\nother\n", "line"),
        ] {
            let refusal = with(mode, bytes).unwrap_err();
            assert!(!refusal.may_pass());
            let refusal = refusal.to_string();
            assert!(refusal.starts_with("database.password_file: "), "{refusal}");
            assert!(
                refusal.contains(told) && !refusal.contains("s3cret"),
                "{refusal}"
            );
        }
    }
}
