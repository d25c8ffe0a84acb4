//! One IRC client: connects, signs up or in, joins, and waits for what it wants to see.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_proto::{Frame, LineCodec, Message};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long anything that is waited for may take. A run that is stuck should say so.
const PATIENCE: Duration = Duration::from_secs(60);

/// The password of every account that a measure makes.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// What a present-day client asks for.
const CAPABILITIES: &str = "account-tag batch echo-message message-tags sasl server-time";

/// Bytes that are read at a time: little, because ten thousand clients keep them.
const READ_BYTES: usize = 2048;

/// A client over plain TCP or TLS.
#[derive(Debug)]
pub(crate) struct Client<S> {
    stream: S,
    codec: LineCodec,
}

/// A codec for what servers send.
pub(crate) fn codec() -> LineCodec {
    LineCodec::new(512, 8191)
}

impl Client<TcpStream> {
    /// Connects in plain text, from loopback address number `source` (0 is 127.0.0.1).
    pub(crate) async fn connect(server: SocketAddr, source: u8) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        Self::connect_with(socket, server, source).await
    }

    /// The same with a receive buffer as small as the system makes it.
    pub(crate) async fn connect_narrow(server: SocketAddr) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(1)?;
        Self::connect_with(socket, server, 0).await
    }

    async fn connect_with(
        socket: TcpSocket,
        server: SocketAddr,
        source: u8,
    ) -> anyhow::Result<Self> {
        if source > 0 {
            socket.bind(
                (
                    IpAddr::from(Ipv4Addr::new(127, 0, 0, source.saturating_add(1))),
                    0,
                )
                    .into(),
            )?;
        }
        let stream = timeout(PATIENCE, socket.connect(server)).await??;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            codec: codec(),
        })
    }

    /// Both directions, for measures that read and write at the same time.
    pub(crate) fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        self.stream.into_split()
    }
}

impl Client<TlsStream<TcpStream>> {
    /// Connects over TLS, whatever the certificate.
    pub(crate) async fn connect_tls(
        server: SocketAddr,
        source: u8,
        config: Arc<ClientConfig>,
    ) -> anyhow::Result<Self> {
        let plain = Client::connect(server, source).await?;
        let name = ServerName::IpAddress(server.ip().into());
        let stream = timeout(
            PATIENCE,
            TlsConnector::from(config).connect(name, plain.stream),
        )
        .await??;
        Ok(Self {
            stream,
            codec: codec(),
        })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Makes the account `nick` and registers the connection with it.
    pub(crate) async fn sign_up(&mut self, nick: &str) -> anyhow::Result<()> {
        let lines = format!(
            "CAP LS 302\r\nNICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nCAP REQ :{CAPABILITIES}\r\n\
             REGISTER * * :{PASSWORD}\r\nCAP END\r\n"
        );
        self.send(&lines).await?;
        self.wait("a welcome", |message| message.command == "001")
            .await?;
        self.settle().await
    }

    /// Registers the connection with the account `nick`, made earlier.
    pub(crate) async fn sign_in(&mut self, nick: &str) -> anyhow::Result<()> {
        let secret = BASE64_STANDARD.encode(format!("\0{nick}\0{PASSWORD}"));
        let lines = format!(
            "CAP LS 302\r\nNICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nCAP REQ :{CAPABILITIES}\r\n\
             AUTHENTICATE PLAIN\r\nAUTHENTICATE {secret}\r\nCAP END\r\n"
        );
        self.send(&lines).await?;
        self.wait("a welcome", |message| message.command == "001")
            .await?;
        self.settle().await
    }

    /// Tries passwords one after the other that are all wrong, and says how many were looked at when it is over.
    pub(crate) async fn guess(mut self, nick: &str, over: Instant) -> anyhow::Result<usize> {
        self.send("CAP REQ :sasl\r\n").await?;
        let mut looked_at = 0;
        while Instant::now() < over {
            let secret = BASE64_STANDARD.encode(format!("\0{nick}\0wrong {looked_at}"));
            let guess = format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {secret}\r\n");
            self.send(&guess).await?;
            let verdict = ["904", "906"];
            let mut was_wrong = false;
            let is_it = |message: &Message| {
                was_wrong = message.command == "904";
                verdict.contains(&message.command.as_str())
            };
            let told = timeout(PATIENCE, self.read_past_refusals(is_it)).await;
            told.context("waited in vain for a verdict")??;
            looked_at += usize::from(was_wrong);
        }
        Ok(looked_at)
    }

    /// Registers the connection without account or capabilities, as servers of another kind want it.
    pub(crate) async fn introduce(&mut self, nick: &str) -> anyhow::Result<()> {
        self.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n"))
            .await?;
        self.wait("a welcome", |message| message.command == "001")
            .await?;
        self.settle().await
    }

    /// Joins and waits until the server has named everyone.
    pub(crate) async fn join(&mut self, channel: &str) -> anyhow::Result<()> {
        self.send(&format!("JOIN {channel}\r\n")).await?;
        self.wait("the end of NAMES", |message| message.command == "366")
            .await
    }

    /// Waits until somebody has written to this person.
    pub(crate) async fn hear(&mut self, from: &str) -> anyhow::Result<()> {
        let prefix = format!("{from}!");
        let is_it = |message: &Message| {
            let source = message.source.as_deref().unwrap_or_default();
            message.command == "PRIVMSG" && source.starts_with(&prefix)
        };
        self.wait("a message", is_it).await
    }

    /// The texts of the last messages of a channel, so many at most.
    pub(crate) async fn history(
        &mut self,
        channel: &str,
        limit: usize,
    ) -> anyhow::Result<Vec<String>> {
        self.send(&format!(
            "CAP REQ :draft/chathistory\r\nCHATHISTORY LATEST {channel} * {limit}\r\n"
        ))
        .await?;
        let mut texts = Vec::new();
        let mut batch = None;
        let is_end = |message: &Message| {
            let first = message.params.first().map_or("", |param| param.as_str());
            match message.command.as_str() {
                "BATCH"
                    if message
                        .params
                        .get(1)
                        .is_some_and(|kind| kind == "chathistory") =>
                {
                    batch = first.strip_prefix('+').map(str::to_owned);
                }
                "BATCH" => return first.strip_prefix('-') == batch.as_deref() && batch.is_some(),
                "PRIVMSG" if batch.is_some() => {
                    texts.extend(message.params.last().map(|text| text.to_string()));
                }
                _ => {}
            }
            false
        };
        self.wait("the end of the history", is_end).await?;
        Ok(texts)
    }

    /// Waits until everything that was caused so far has arrived.
    pub(crate) async fn settle(&mut self) -> anyhow::Result<()> {
        self.send("PING settled\r\n").await?;
        self.wait("PONG", |message| message.command == "PONG").await
    }

    /// Sends lines that end with CR LF.
    pub(crate) async fn send(&mut self, lines: &str) -> anyhow::Result<()> {
        timeout(PATIENCE, self.stream.write_all(lines.as_bytes()))
            .await
            .context("the server does not read")??;
        Ok(())
    }

    /// Reads until the end of the connection, and says how many bytes that were.
    pub(crate) async fn read_to_end(&mut self) -> anyhow::Result<usize> {
        let mut bytes = vec![0; READ_BYTES];
        let mut total = 0;
        loop {
            match timeout(PATIENCE, self.stream.read(&mut bytes))
                .await
                .context("the server does not close")?
            {
                Ok(0) | Err(_) => return Ok(total),
                Ok(read) => total += read,
            }
        }
    }

    /// Reads until the connection ends, answering PING: what an idle client does.
    pub(crate) async fn stay(mut self) {
        // The measure ends the connection, from either side.
        let _ = self.read_until(|_| false).await;
    }

    async fn wait(
        &mut self,
        what: &str,
        is_it: impl FnMut(&Message) -> bool,
    ) -> anyhow::Result<()> {
        timeout(PATIENCE, self.read_until(is_it))
            .await
            .with_context(|| format!("waited in vain for {what}"))?
    }

    async fn read_until(&mut self, mut is_it: impl FnMut(&Message) -> bool) -> anyhow::Result<()> {
        let mut refusal = None;
        let found = self.read_past_refusals(|message| {
            let is_refusal = matches!(message.command.as_str(), "ERROR" | "FAIL" | "904" | "906");
            if is_refusal {
                refusal = Some(message.to_string());
            }
            is_refusal || is_it(message)
        });
        found.await?;
        match refusal {
            Some(refusal) => bail!("the server says: {refusal}"),
            None => Ok(()),
        }
    }

    async fn read_past_refusals(
        &mut self,
        mut is_it: impl FnMut(&Message) -> bool,
    ) -> anyhow::Result<()> {
        let mut bytes = vec![0; READ_BYTES];
        loop {
            while let Some(frame) = self.codec.next() {
                let Frame::Line(line) = frame else {
                    bail!("the server sent a line that is too long")
                };
                let message = Message::parse(line).context("the server sent what is no message")?;
                if is_it(&message) {
                    return Ok(());
                }
                if message.command == "PING" {
                    let token = message.params.first().map_or("", |token| token.as_str());
                    let pong = format!("PONG :{token}\r\n");
                    self.stream.write_all(pong.as_bytes()).await?;
                }
            }
            match self.stream.read(&mut bytes).await? {
                0 => bail!("the server closed the connection"),
                read => self.codec.push(&bytes[..read]),
            }
        }
    }
}

/// A TLS client that trusts one certificate: the self-signed one of a server that this program started.
pub(crate) fn trusting_tls(certificate: &Path) -> anyhow::Result<Arc<ClientConfig>> {
    let certificate = CertificateDer::from_pem_file(certificate)
        .with_context(|| certificate.display().to_string())?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
