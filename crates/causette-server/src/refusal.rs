//! What is told to who may not come in, and to the register.

use crate::connection::{Line, Lobby};
use crate::engine::Arrival;
use crate::session::{self, Writing};
use crate::websocket::{self, Code};
use causette_core::input::{Input, Peer};
use causette_proto::CompactString;
use causette_text::text;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// How long who is refused may take to get the one line that says why.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why somebody may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Their address has all its connections.
    TooMany,
    /// They speak in clear, and others could read along.
    Plaintext,
    /// Only proxies connect here, and they are none that is trusted.
    NoProxy,
    /// They speak for others and may not.
    NoGateway,
    /// They may, and do not say for whom.
    NoClient,
}

impl Refusal {
    /// The text that they are told.
    fn key(self) -> &'static str {
        match self {
            Self::TooMany => "refused-too-many-connections",
            Self::Plaintext => "refused-plaintext",
            Self::NoProxy => "refused-no-proxy",
            Self::NoGateway => "refused-no-gateway",
            Self::NoClient => "refused-no-client",
        }
    }

    /// What the register keeps; nothing of who only forgot to switch TLS on.
    fn reason(self) -> Option<&'static str> {
        match self {
            Self::TooMany => Some("too many connections from this address"),
            Self::Plaintext | Self::NoClient => None,
            Self::NoProxy => Some("not a trusted proxy"),
            Self::NoGateway => Some("not a trusted gateway"),
        }
    }
}

impl Lobby {
    /// Tells somebody why they may not come in, and the register too.
    pub(crate) async fn refuse(&self, line: Line, writing: Writing, peer: Peer, refusal: Refusal) {
        let told = format!("ERROR :{}\r\n", text(self.live.language(), refusal.key()));
        let mut bytes = Vec::new();
        if let Writing::Frames(carriage) = writing {
            websocket::encode(told.as_bytes(), carriage, &mut bytes);
            websocket::encode_close(Code::POLICY, &mut bytes);
        } else {
            bytes.extend(told.into_bytes());
        }
        if let Some(reason) = refusal.reason() {
            let refused = Input::Refused {
                peer,
                reason: CompactString::const_new(reason),
            };
            // Where the engine has ended nothing is recorded any more.
            let _ = self.inbox.send(Arrival::Input(refused)).await;
        }
        // Who comes in masses gets no more of our time than the line takes.
        let lingers = refusal != Refusal::TooMany;
        match line {
            Line::Plain(mut stream) => {
                let (mut reader, mut writer) = stream.split();
                tell(&mut reader, &mut writer, &bytes, lingers).await;
            }
            Line::Tls(stream) => {
                let (mut reader, mut writer) = tokio::io::split(stream);
                tell(&mut reader, &mut writer, &bytes, lingers).await;
            }
        }
    }
}

async fn tell<R, W>(reader: &mut R, writer: &mut W, bytes: &[u8], lingers: bool)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let told = async {
        writer.write_all(bytes).await?;
        writer.flush().await
    };
    // Who does not take even this line is refused all the same.
    if matches!(timeout(PATIENCE, told).await, Ok(Ok(()))) && lingers {
        session::linger(reader, writer).await;
    }
}
