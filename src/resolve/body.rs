//! The body of an answer, held whole: bounded in size and time.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::time::{Instant, timeout_at};

/// Why there is nothing to read of an answer.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The connection broke, or what came was no HTTP.
    #[error("the connection broke in the middle of the answer")]
    Broken(#[source] hyper::Error),
    /// It took too long.
    #[error("the answer was not through in time")]
    TooSlow,
    /// There was too much of it.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// It is something else than was asked for.
    #[error("the answer is not what was asked for")]
    Json(#[source] serde_json::Error),
}

/// All of `body`, if it has come by `deadline` and is no longer than `limit` bytes.
pub(super) async fn whole<B>(mut body: B, limit: usize, deadline: Instant) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes, Error = hyper::Error> + Unpin,
{
    let mut kept = BytesMut::new();
    let read = async {
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(BodyError::Broken)?.into_data() else { continue };
            if data.len() > limit - kept.len() {
                return Err(BodyError::TooLarge { limit });
            }
            kept.extend_from_slice(&data);
        }
        Ok(())
    };
    timeout_at(deadline, read).await.map_err(|_| BodyError::TooSlow)??;
    Ok(kept.freeze())
}
