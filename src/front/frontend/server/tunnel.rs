//! A WebSocket of the page's own, from the 101 to its end: bytes both ways, none of them looked at.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWriteExt as _, ReadHalf, WriteHalf, copy, split};
use tokio::time::timeout;
use tracing::debug;

/// How long one side may go on once the other has ended: for what is under way and a close frame back.
const LINGER: Duration = Duration::from_secs(10);

/// Copies until both sides have ended, or one has failed.
pub(super) async fn run(client: OnUpgrade, server: OnUpgrade, address: SocketAddr) {
    match Box::pin(relay(client, server)).await {
        Ok(()) => debug!(client.address = %address, "a WebSocket of the page's ended"),
        Err(error) => debug!(client.address = %address, %error, "a WebSocket of the page's broke off"),
    }
}

async fn relay(client: OnUpgrade, server: OnUpgrade) -> io::Result<()> {
    let (client, server) = tokio::try_join!(client, server).map_err(io::Error::other)?;
    let (from_client, to_client) = split(TokioIo::new(client));
    let (from_server, to_server) = split(TokioIo::new(server));
    let mut up = Box::pin(pass(from_client, to_server));
    let mut down = Box::pin(pass(from_server, to_client));
    let (first, other) = tokio::select! {
        first = &mut up => (first, down),
        first = &mut down => (first, up),
    };
    first?;
    timeout(LINGER, other).await?
}

async fn pass(mut from: ReadHalf<TokioIo<Upgraded>>, mut to: WriteHalf<TokioIo<Upgraded>>) -> io::Result<()> {
    copy(&mut from, &mut to).await?;
    to.shutdown().await
}
