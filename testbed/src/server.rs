//! A throwaway server.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Signal, geteuid};

use crate::address::{AdminUrl, Scheme, ask};
use crate::database::Database;
use crate::engine::{Engine, Missing, Programs};
use crate::folder::{Folder, Owner};
use crate::process::Process;
use crate::random_hex;

/// Who may make databases whose names begin with `causette`, and nothing else of note: what a server is given in earnest.
const USER: &str = "causette";

/// Who may do everything.
const SUPERUSER: &str = "causette_root";

/// Ports that the system gives to nobody who only connects: while a server is down, a client that tries its port again and
/// again could else be given that very port, and find itself.
const PORTS: std::ops::Range<u16> = 15_000..32_000;

/// How long a server may take to end when it is asked to.
const STOP_MAX: Duration = Duration::from_secs(60);

/// What is not as usual with a server.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Settings of the engine by name, beside or over ours.
    pub settings: Vec<(String, String)>,
    /// The size in MiB of a disk of its own for its data, in memory. Takes root. An empty PostgreSQL takes 40, an empty
    /// MariaDB 30 and its log, which is 96 where `innodb_log_file_size` says nothing else.
    pub disk: Option<u64>,
    pub tls: Option<Tls>,
}

/// What a server shows to clients that want TLS, in PEM.
#[derive(Clone, Debug)]
pub struct Tls {
    pub certificate: String,
    pub key: String,
}

/// Why no server was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It can be left out here: something is not installed.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// It should have worked.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

/// A server of one's own on loopback, with its data in a folder that goes with it. It keeps what it commits, as in earnest: nothing
/// is faster here than it would be with people on it.
#[derive(Debug)]
pub struct Server {
    engine: Engine,
    programs: Programs,
    /// What it is started with each time.
    arguments: Vec<String>,
    port: u16,
    admin: AdminUrl,
    superuser: AdminUrl,
    // Before the folder, so that it ends first.
    process: Option<Process>,
    folder: Folder,
}

impl Server {
    /// Makes an empty server and returns when it answers.
    ///
    /// # Errors
    /// [`StartError::Missing`] when something is not installed.
    pub fn start(engine: Engine, options: &Options) -> Result<Self, StartError> {
        let programs = engine.programs()?;
        let is_root = geteuid().is_root();
        let owner = if is_root {
            let name = engine.system_user();
            let owner = Owner::named(name);
            Some(owner.ok_or_else(|| engine.lacks(&format!("the account {name}")))?)
        } else {
            None
        };
        Self::make(engine, programs, owner, options).map_err(|error| {
            match error.downcast::<Missing>() {
                Ok(missing) => missing.into(),
                Err(error) => error.context(format!("{engine} cannot be started")).into(),
            }
        })
    }

    fn make(
        engine: Engine,
        programs: Programs,
        owner: Option<Owner>,
        options: &Options,
    ) -> anyhow::Result<Self> {
        let (scheme, signal) = match engine {
            // Ends at once, without leaving shared memory behind.
            Engine::Postgres => (Scheme::Postgres, "QUIT"),
            Engine::MariaDb | Engine::MySql => (Scheme::MySql, "KILL"),
        };
        let folder = Folder::new(owner, signal)?;
        if let Some(size) = options.disk {
            folder.mount(size).map_err(|error| Missing {
                engine,
                what: format!("a disk of its own, which root can mount: {error:#}"),
                package: None,
            })?;
        }
        let (password, root_password) = (random_hex(12)?, random_hex(12)?);
        install(engine, &programs, &folder, &root_password)?;
        let port = free_port()?;
        let mut server = Self {
            engine,
            programs,
            arguments: arguments(engine, &folder, options)?,
            port,
            admin: AdminUrl::local(scheme, port, USER, &password),
            superuser: AdminUrl::local(scheme, port, SUPERUSER, &root_password),
            process: None,
            folder,
        };
        server.begin(&password, &root_password)?;
        Ok(server)
    }

    /// The first start, which makes the users.
    fn begin(&mut self, password: &str, root_password: &str) -> anyhow::Result<()> {
        let mut extra = Vec::new();
        if self.engine != Engine::Postgres {
            let users = mysql_users(password, root_password);
            let file = self.folder.write("users.sql", &users)?;
            extra.push(format!("--init-file={}", file.display()));
        }
        // Between looking for a free port and taking it, somebody else may have taken it.
        let mut attempts = 0;
        while let Err(error) = self.run(&extra) {
            attempts += 1;
            if attempts == 3 || !error.to_string().contains("in use") {
                return Err(error);
            }
            self.port = free_port()?;
            self.admin.port = self.port;
            self.superuser.port = self.port;
        }
        if self.engine == Engine::Postgres {
            let user =
                format!("CREATE ROLE {USER} LOGIN CREATEDB CREATEROLE PASSWORD '{password}'");
            self.superuser.query("", &user)?;
        }
        Ok(())
    }

    fn run(&mut self, extra: &[String]) -> anyhow::Result<()> {
        let mut command = self.folder.command(&self.programs.serve);
        command.args(&self.arguments).args(extra);
        let ready = match self.engine {
            Engine::Postgres => {
                command.args(["-c", &format!("port={}", self.port)]);
                "database system is ready to accept connections"
            }
            Engine::MariaDb | Engine::MySql => {
                command.arg(format!("--port={}", self.port));
                "ready for connections"
            }
        };
        let (mut process, ready) = Process::spawn(&mut command, ready)?;
        self.folder.guard(Some(process.id()))?;
        process.wait_until_ready(&ready)?;
        self.process = Some(process);
        Ok(())
    }

    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The URL of one of its databases, for the ordinary user.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.admin.database(database)
    }

    /// The server for the ordinary user, who may make databases whose names begin with `causette` and other users.
    #[must_use]
    pub fn admin(&self) -> &AdminUrl {
        &self.admin
    }

    /// The server for the user who may do everything.
    #[must_use]
    pub fn superuser(&self) -> &AdminUrl {
        &self.superuser
    }

    /// Makes an empty database with a name that nothing else has, and drops it with the value that is returned.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn create_database(&self, what_for: &str) -> anyhow::Result<Database> {
        self.admin.create_database(what_for)
    }

    /// Its folder of data: for those who fill the disk or damage a file.
    #[must_use]
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.data()
    }

    /// The last lines that it wrote since it was started.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.as_ref().map(Process::log).unwrap_or_default()
    }

    /// Kills all its processes at one moment (SIGKILL) and returns when none is left.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
        // A keeper that is gone has nothing to guard any more.
        let _ = self.folder.guard(None);
    }

    /// Ends it as its administrator would: connections are closed, and everything is written.
    ///
    /// # Errors
    /// When it does not end within a minute; then it is killed.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        let signal = match self.engine {
            Engine::Postgres => Signal::INT,
            Engine::MariaDb | Engine::MySql => Signal::TERM,
        };
        let has_ended = match &mut self.process {
            Some(process) => process.end(signal, STOP_MAX),
            None => true,
        };
        let log = self.log();
        self.kill();
        if !has_ended {
            bail!("{} has not ended within a minute:\n{log}", self.engine);
        }
        Ok(())
    }

    /// Starts it again on the same port with the same data, after [`Self::kill`] or by stopping it first; returns when it answers.
    ///
    /// # Errors
    /// When it does not begin, with what it wrote.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.stop()?;
        self.run(&[])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process
            && self.engine == Engine::Postgres
        {
            process.end(Signal::QUIT, Duration::from_secs(5));
        }
        self.kill();
    }
}

/// Makes an empty data folder. Nothing of it has to survive a power cut, so that nothing is waited for.
fn install(
    engine: Engine,
    programs: &Programs,
    folder: &Folder,
    root_password: &str,
) -> anyhow::Result<()> {
    let data = folder.data();
    let mut command = folder.command(&programs.install);
    match engine {
        Engine::Postgres => {
            let file = folder.write("password", root_password)?;
            command
                .args(["--no-sync", "--auth=scram-sha-256", "--encoding=UTF8"])
                // An order that is not that of the bytes, as on the machines of most: what needs bytes has to say so.
                .args([
                    "--locale=C.UTF-8",
                    "--locale-provider=icu",
                    "--icu-locale=fr",
                ])
                .args(["--username", SUPERUSER])
                .arg("--pwfile")
                .arg(file)
                .arg("--pgdata")
                .arg(&data);
        }
        Engine::MariaDb => {
            command
                .args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"])
                .args(["--auth-root-authentication-method=normal"])
                .args(["--innodb-flush-method=nosync", "--innodb-log-file-size=8M"])
                .arg(datadir(&data));
        }
        Engine::MySql => {
            command
                .args(["--no-defaults", "--initialize-insecure"])
                .arg(datadir(&data));
        }
    }
    ask(&mut command, "").context("making the data folder")?;
    Ok(())
}

/// What a server is started with each time, but for the port.
fn arguments(engine: Engine, folder: &Folder, options: &Options) -> anyhow::Result<Vec<String>> {
    let data = folder.data();
    let mut settings: Vec<(String, String)> = Vec::new();
    let mut set = |name: &str, value: &str| settings.push((name.to_owned(), value.to_owned()));
    let tls = match &options.tls {
        Some(Tls { certificate, key }) => {
            let certificate = folder.write("certificate.pem", certificate)?;
            let key = folder.write("key.pem", key)?;
            Some((certificate.display().to_string(), key.display().to_string()))
        }
        None => None,
    };
    let mut arguments = Vec::new();
    match engine {
        Engine::Postgres => {
            arguments.extend(["-D".to_owned(), data.display().to_string()]);
            set("listen_addresses", "127.0.0.1");
            set("unix_socket_directories", "");
            set("fsync", "on");
            set("synchronous_commit", "on");
            if let Some((certificate, key)) = &tls {
                set("ssl", "on");
                set("ssl_cert_file", certificate);
                set("ssl_key_file", key);
            }
        }
        Engine::MariaDb | Engine::MySql => {
            arguments.extend(["--no-defaults".to_owned(), datadir(&data)]);
            arguments.push("--skip-log-bin".to_owned());
            arguments.push("--skip-name-resolve".to_owned());
            set("bind-address", "127.0.0.1");
            // In the data folder: the path of a socket has little room.
            set("socket", "socket");
            set("pid-file", "pid");
            // Its own: one that starts removes what it takes for leftovers of an earlier one, of all that share the folder.
            set("tmpdir", &data.display().to_string());
            set("character-set-server", "utf8mb4");
            set("innodb-flush-log-at-trx-commit", "1");
            if engine == Engine::MySql {
                set("mysqlx", "OFF");
                // Else it wants a folder that only its package makes.
                set("secure-file-priv", "NULL");
            }
            if let Some((certificate, key)) = &tls {
                set("ssl-cert", certificate);
                set("ssl-key", key);
            }
        }
    }
    for (name, value) in settings.iter().chain(&options.settings) {
        match engine {
            Engine::Postgres => arguments.extend(["-c".to_owned(), format!("{name}={value}")]),
            Engine::MariaDb | Engine::MySql => arguments.push(format!("--{name}={value}")),
        }
    }
    Ok(arguments)
}

fn datadir(data: &Path) -> String {
    format!("--datadir={}", data.display())
}

/// The users of a MariaDB or MySQL, one statement a line.
fn mysql_users(password: &str, root_password: &str) -> String {
    format!(
        "ALTER USER root@localhost IDENTIFIED BY '{root_password}';\n\
         CREATE USER {SUPERUSER}@'%' IDENTIFIED BY '{root_password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO {SUPERUSER}@'%' WITH GRANT OPTION;\n\
         CREATE USER {USER}@'%' IDENTIFIED BY '{password}';\n\
         GRANT CREATE USER, PROCESS ON *.* TO {USER}@'%';\n\
         GRANT ALL PRIVILEGES ON `causette%`.* TO {USER}@'%' WITH GRANT OPTION;\n"
    )
}

/// A port on which nobody listens.
fn free_port() -> anyhow::Result<u16> {
    let random = u64::from_str_radix(&random_hex(4)?, 16)?;
    let count = u64::from(PORTS.end - PORTS.start);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    (0..count)
        .filter_map(|step| u16::try_from(u64::from(PORTS.start) + (random + step) % count).ok())
        .find(is_free)
        .context("no port is free")
}
