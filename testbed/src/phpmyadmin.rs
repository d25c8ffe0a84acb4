//! Debian's phpMyAdmin by php-fpm and nginx, asked for its pages as a browser asks.

use crate::Database;
use anyhow::Context as _;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where Debian keeps it.
const PHPMYADMIN: &str = "/usr/share/phpmyadmin";

/// The program of this name; Debian puts the version behind that of php-fpm.
fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let mut programs = folders.flat_map(|folder| {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.flatten().map(|entry| entry.path())
    });
    programs.find(|program| {
        let program = program.file_name().unwrap_or_default().to_string_lossy();
        let version = program.strip_prefix(name);
        version.is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
    })
}

/// phpMyAdmin on a socket of its own, in a folder that goes with it.
#[derive(Debug)]
pub struct PhpMyAdmin {
    folder: PathBuf,
    processes: Vec<Child>,
    token: String,
}

impl PhpMyAdmin {
    /// What it wants that is not installed; nothing, where all is there.
    pub fn missing() -> Option<String> {
        let programs =
            ["nginx", "curl", "php-fpm"].map(|program| (program, found(program).is_some()));
        let pages = ("phpmyadmin", Path::new(PHPMYADMIN).is_dir());
        let wanted = programs.into_iter().chain([pages]);
        let missing: Vec<&str> = wanted
            .filter(|(_, there)| !there)
            .map(|(name, _)| name)
            .collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }

    /// Starts it for the server of this database.
    ///
    /// # Errors
    /// What did not go as it should, as for all that follows.
    pub fn start(database: &Database) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(database.name());
        fs::create_dir(&folder)?;
        let mut page = Self {
            folder,
            processes: Vec::new(),
            token: String::new(),
        };
        let folder = page.folder.clone();
        let here = folder.display();
        // Others than who started them read and write there.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        for name in ["temporary", "sessions"] {
            fs::create_dir(folder.join(name))?;
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o777))?;
        }
        let copied = Command::new("cp")
            .args(["-r", PHPMYADMIN])
            .arg(folder.join("pages"))
            .status();
        anyhow::ensure!(copied?.success(), "{PHPMYADMIN} is not copied");
        let places = folder.join("pages/libraries/vendor_config.php");
        let text = fs::read_to_string(&places)?;
        let text = text
            .replace(
                "/etc/phpmyadmin/config.inc.php",
                &format!("{here}/config.inc.php"),
            )
            .replace("/var/lib/phpmyadmin/tmp/", &format!("{here}/temporary/"));
        fs::write(&places, text)?;
        let port = database.server().port;
        let configuration = format!(
            "<?php
$cfg['blowfish_secret'] = 'a text of thirty-two bytes, here';
$cfg['Servers'][1] = ['auth_type' => 'cookie', 'host' => '127.0.0.1', 'port' => '{port}'];
$cfg['TempDir'] = '{here}/temporary';
"
        );
        fs::write(folder.join("config.inc.php"), configuration)?;
        let is_root = fs::metadata("/proc/self")?.uid() == 0;
        let (pool_user, web_user) = match is_root {
            true => ("user = www-data\ngroup = www-data", "user www-data;"),
            false => ("", ""),
        };
        let pool = format!(
            "[global]\nerror_log = {here}/php.log\n[www]\n{pool_user}\nlisten = {here}/php\nlisten.mode = 0666\n\
             pm = static\npm.max_children = 2\nphp_value[session.save_path] = {here}/sessions\n"
        );
        page.run("php-fpm", "pool", &pool, &["--nodaemonize", "--fpm-config"])?;
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {here}/temporary/{name};"))
            .concat();
        let web = format!(
            "daemon off; pid {here}/nginx.pid; error_log {here}/nginx.log; {web_user}
             events {{ worker_connections 64; }}
             http {{
                 access_log off; {temporary}
                 server {{
                     listen unix:{here}/web; root {here}/pages; index index.php;
                     location ~ \\.php$ {{
                         include /etc/nginx/fastcgi_params;
                         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
                         fastcgi_pass unix:{here}/php;
                     }}
                 }}
             }}"
        );
        page.run("nginx", "web.conf", &web, &["-c"])?;
        Ok(page)
    }

    fn run(
        &mut self,
        program: &str,
        file: &str,
        configuration: &str,
        arguments: &[&str],
    ) -> anyhow::Result<()> {
        let file = self.folder.join(file);
        fs::write(&file, configuration)?;
        let log = fs::File::create(file.with_extension("out"))?;
        let child = Command::new(found(program).context("nginx or php-fpm is missing")?)
            .args(arguments)
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.processes.push(child?);
        Ok(())
    }

    /// Asks for a page, as a browser that is signed in would. curl asks again until somebody listens.
    ///
    /// # Errors
    /// The page is not given, with what its programs say.
    pub fn ask(&self, query: &str, fields: &[(&str, &str)]) -> anyhow::Result<String> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--location"])
            .args(["--retry", "60", "--retry-all-errors", "--retry-delay", "1"])
            .arg("--unix-socket")
            .arg(self.folder.join("web"));
        for option in ["--cookie", "--cookie-jar"] {
            curl.arg(option).arg(self.folder.join("cookies"));
        }
        if !self.token.is_empty() && !fields.is_empty() {
            curl.args(["--data-urlencode", &format!("token={}", self.token)]);
        }
        for (name, value) in fields {
            curl.args(["--data-urlencode", &format!("{name}={value}")]);
        }
        let output = curl.arg(format!("http://localhost/{query}")).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{query}: {said}{}", self.logs());
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Signs in as a user of the database server.
    ///
    /// # Errors
    /// They are not let in.
    pub fn sign_in(&mut self, name: &str, password: &str) -> anyhow::Result<()> {
        let form = self.ask("index.php", &[])?;
        self.token = value_of(&form, "token")?;
        let session = value_of(&form, "set_session")?;
        let fields = [
            ("set_session", session.as_str()),
            ("pma_username", name),
            ("pma_password", password),
            ("server", "1"),
            ("lang", "en"),
        ];
        let shown = self.ask("index.php?route=/", &fields)?;
        anyhow::ensure!(!shown.contains("pma_password"), "not signed in: {shown}");
        self.token = value_of(&shown, "token")?;
        Ok(())
    }

    /// The rows that a page shows, asked for as its own scripts do.
    ///
    /// # Errors
    /// It shows none.
    pub fn rows(&self, query: &str, fields: &[(&str, &str)]) -> anyhow::Result<Vec<Vec<String>>> {
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("ajax_request", "true")])
            .collect();
        let answer = self.ask(query, &fields)?;
        let answer: serde_json::Value = serde_json::from_str(&answer)?;
        anyhow::ensure!(answer["success"] == true, "{answer}");
        Ok(rows(
            answer["message"]
                .as_str()
                .context("an answer without a page")?,
        ))
    }

    fn logs(&self) -> String {
        ["php.log", "pool.out", "nginx.log", "web.out"]
            .map(|log| fs::read_to_string(self.folder.join(log)).unwrap_or_default())
            .concat()
    }
}

impl Drop for PhpMyAdmin {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // Asked to end, they end their own processes too.
            let _ = Command::new("kill").arg(process.id().to_string()).status();
            let _ = process.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The value of a hidden field.
fn value_of(page: &str, name: &str) -> anyhow::Result<String> {
    let field = format!("name=\"{name}\" value=\"");
    let (_, value) = page
        .split_once(&field)
        .with_context(|| format!("no field {name}: {page}"))?;
    Ok(text_of(value.split('"').next().unwrap_or_default()))
}

/// The rows of the table of results of a page.
#[must_use]
pub fn rows(page: &str) -> Vec<Vec<String>> {
    let Some((_, table)) = page.split_once("table_results") else {
        return Vec::new();
    };
    let table = table.split("</table>").next().unwrap_or_default();
    let cells = |row: &str| -> Vec<String> {
        let cells = row.split("<td").skip(1);
        cells
            .map(|cell| text_of(cell.split_once('>').map_or("", |(_, text)| text)))
            .collect()
    };
    let rows = table.split("<tr").map(cells);
    rows.filter(|cells| cells.len() > 1).collect()
}

/// What a piece of a page says.
fn text_of(html: &str) -> String {
    let mut pieces = html.split('<');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    for (entity, char) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#039;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, char);
    }
    text.trim().to_owned()
}
