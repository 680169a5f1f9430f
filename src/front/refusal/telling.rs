//! Tells a refusal to whoever asked: a program over HTTP, a page through the WebSocket that it wanted.

use std::io;
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::debug;

use super::Refusal;
use crate::front::Answer;
use crate::front::connection::Slot;
use crate::front::request::PageLine;
use crate::net::Transport;

/// The way to answer one request's refusal.
pub(in crate::front) struct Teller<'a> {
    /// Where a page's farewells run to their end.
    pub(in crate::front) farewells: &'a TaskTracker,
    /// The connection, once it is upgraded.
    pub(in crate::front) upgrade: OnUpgrade,
    /// The connection's place, held until the page has gone.
    pub(in crate::front) slot: Slot,
}

/// How long a page may take to read its farewell and close: longer than a slow network's round trip, short enough that a page
/// that never closes holds little.
const FAREWELL_LIMIT: Duration = Duration::from_secs(5);

impl Teller<'_> {
    /// Answers `refusal`. A page gets its 101 now and the words as soon as the connection is upgraded.
    pub(in crate::front) fn tell(self, refusal: &Refusal, page: Option<PageLine>) -> Answer {
        let (Some(page), Some(farewell)) = (page, refusal.to_farewell()) else {
            return refusal.to_answer();
        };
        let frames = farewell.to_frames(&page.downstream, page.streams);
        let Self { upgrade, slot, .. } = self;
        self.farewells.spawn(async move {
            match timeout(FAREWELL_LIMIT, say(upgrade, &frames)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => debug!(%error, "a page left before it had read why it was refused"),
                Err(_) => debug!("a page did not close after it was refused"),
            }
            drop(slot);
        });
        page.handshake.accept(page.answered.as_deref())
    }
}

/// Writes the farewell, then reads until the page has closed: a socket closed with unread bytes in it would be reset, and the
/// page would lose what it has not read yet (RFC 1122 section 4.2.2.13).
async fn say(upgrade: OnUpgrade, frames: &[u8]) -> io::Result<()> {
    let upgraded = upgrade.await.map_err(io::Error::other)?;
    let parts = upgraded
        .downcast::<TokioIo<Transport>>()
        .map_err(|_| io::Error::other("the upgraded connection is no Transport"))?;
    let mut transport = parts.io.into_inner();
    transport.write_all(frames).await?;
    transport.shutdown().await?;
    let mut ignored = [0_u8; 1024];
    while transport.read(&mut ignored).await? > 0 {}
    Ok(())
}
