//! A relay as one writes it in an afternoon with tokio-tungstenite's `WebSocketStream`: each message is read whole, translated and
//! sent on. It asks the exec server for v4, as execgate does, and makes base64 of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use execgate::protocol::Subprotocol;
use futures_util::{SinkExt as _, StreamExt as _};
use http::HeaderValue;
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async, client_async};

use crate::rig::again::{self, Again};
use crate::rig::door::Door;
use crate::rig::gate::Upstream;

/// What this program is told to be.
pub(crate) const ROLE: &str = "rust-relay";

/// Starts one, and says where it listens.
pub(crate) fn start(upstream: &Upstream) -> anyhow::Result<(Door, Again)> {
    let relay = Again::start(ROLE, &serde_json::to_string(upstream)?)?;
    Ok((Door::plain(relay.said.trim().parse()?, &upstream.token), relay))
}

/// Is the relay until standard input ends.
pub(crate) fn run() -> anyhow::Result<()> {
    let upstream: Upstream = serde_json::from_str(&again::told()?)?;
    let authority = upstream.ca_pem.as_deref().context("the relay speaks TLS to the exec server")?;
    let upstream = Door::secure(upstream.address, authority, upstream.token)?;
    let tls = upstream.tls.context("a secure door has TLS")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(upstream.address, tls))
}

async fn serve(upstream: SocketAddr, tls: Arc<ClientConfig>) -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    again::say(&listener.local_addr()?.to_string())?;
    loop {
        let (client, _) = listener.accept().await?;
        let tls = Arc::clone(&tls);
        // A session that fails is seen by the load.
        tokio::spawn(async move { relay(client, upstream, tls).await });
    }
}

async fn relay(client: TcpStream, upstream: SocketAddr, tls: Arc<ClientConfig>) -> anyhow::Result<()> {
    client.set_nodelay(true)?;
    let mut asked = None;
    let client = accept_hdr_async(client, Accept { asked: &mut asked }).await?;
    let request = asked.context("a client was accepted without a request")?;
    let upstream = dial(upstream, tls, &request).await?;
    hand_on(client, upstream).await
}

/// Agrees to base64, and keeps the request.
struct Accept<'a> {
    asked: &'a mut Option<Request>,
}

impl Callback for Accept<'_> {
    fn on_request(self, request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
        let base64 = HeaderValue::from_static(Subprotocol::Base64Channel.name());
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, base64);
        *self.asked = Some(request.clone());
        Ok(response)
    }
}

async fn dial(
    address: SocketAddr,
    tls: Arc<ClientConfig>,
    asked: &Request,
) -> anyhow::Result<WebSocketStream<impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>> {
    let mut request = format!("wss://{address}{}", asked.uri()).into_client_request()?;
    let v4 = HeaderValue::from_static(Subprotocol::V4.name());
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, v4);
    let credential = asked.headers().get(AUTHORIZATION).context("no credential")?;
    request.headers_mut().insert(AUTHORIZATION, credential.clone());
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    let tls = TlsConnector::from(tls).connect(ServerName::from(address.ip()), tcp).await?;
    Ok(client_async(request, tls).await?.0)
}

async fn hand_on<C, U>(mut client: WebSocketStream<C>, mut upstream: WebSocketStream<U>) -> anyhow::Result<()>
where
    C: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    U: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    loop {
        tokio::select! {
            Some(message) = upstream.next() => client.send(to_base64(message?)).await?,
            Some(message) = client.next() => upstream.send(to_v4(message?)?).await?,
            else => return Ok(()),
        }
    }
}

fn to_base64(message: Message) -> Message {
    match message {
        Message::Binary(payload) if !payload.is_empty() => {
            Message::text(format!("{}{}", payload[0], STANDARD.encode(&payload[1..])))
        }
        other => other,
    }
}

fn to_v4(message: Message) -> anyhow::Result<Message> {
    Ok(match message {
        Message::Text(text) if !text.is_empty() => {
            let (channel, data) = text.split_at(1);
            let mut payload = vec![channel.parse()?];
            STANDARD.decode_vec(data, &mut payload)?;
            Message::binary(payload)
        }
        other => other,
    })
}
