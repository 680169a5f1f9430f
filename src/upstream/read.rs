//! From a grant to read to an answer that streams: what is asked is written from nothing, and of what comes back only what is known
//! passes.

mod body;
mod error;
mod extent;
mod filter;
mod form;
mod seal;
#[cfg(test)]
mod testing;

pub use body::{ReadBody, ReadBodyError};
pub use error::ReadError;
pub use filter::FilterError;
pub use form::{Forms, NotAcceptable};
pub use seal::Seal;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Body as _;
use tokio::time::Instant;

use self::{
    body::Course,
    filter::{Filter, Pages},
    form::Form,
};
use super::{Refusal, RequestError};
use crate::{
    cluster::{AnswerBody, Cluster},
    policy::ReadGrant,
    target::{ReadOptions, Shape},
};

/// What of a read is not its grant's.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// The query.
    pub options: ReadOptions,
    /// In which forms.
    pub forms: Forms,
    /// Whether the answer may be packed.
    pub compression: Compression,
}

/// What a client unpacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip. It passes unopened, where nothing has to be left out.
    Gzip,
    /// Nothing.
    Identity,
}

/// An API server's yes.
#[derive(Debug)]
pub struct ReadAnswer {
    /// What the body is.
    pub content_type: HeaderValue,
    /// How it is packed.
    pub compression: Compression,
    /// What it says.
    pub body: ReadBody,
}

/// Asks for what was granted. Lists are asked for unpacked, because something may have to be left out of them.
pub async fn read(
    grant: ReadGrant,
    cluster: &Cluster,
    request: &ReadRequest,
    seal: &Arc<Seal>,
) -> Result<ReadAnswer, ReadError> {
    let request = write(&grant, cluster, request, seal)?;
    let answer = cluster.send(request).await?;
    if answer.status() != StatusCode::OK {
        return Err(refused(cluster, answer, &Pages { grant, seal: Arc::clone(seal) }).await);
    }
    let limit = limit_bytes(grant.target().resource.shape());
    let (content_type, compression) = understood(cluster, &grant, &answer, limit)?;
    let course = match grant.target().resource.shape() {
        Shape::Document | Shape::Object => Course::Straight,
        Shape::List => Course::Filtered(Filter::new(Pages { grant, seal: Arc::clone(seal) }).into()),
    };
    let mut body = ReadBody::new(answer.into_body(), course, limit);
    body.begin().await.map_err(|source| ReadError::Body { cluster: cluster.name().clone(), source })?;
    Ok(ReadAnswer { content_type, compression, body })
}

fn write(
    grant: &ReadGrant,
    cluster: &Cluster,
    request: &ReadRequest,
    seal: &Seal,
) -> Result<Request<Full<Bytes>>, ReadError> {
    let name = cluster.name();
    let unwritable = |source| ReadError::Request { cluster: name.clone(), source };
    // What was judged is what is asked.
    if grant.target().cluster != *name {
        return Err(unwritable(RequestError::OtherCluster(grant.target().cluster.clone())));
    }
    let resume = match request.options.resume() {
        None => None,
        Some(sealed) => {
            let opened = seal.open(grant, sealed);
            Some(opened.ok_or_else(|| ReadError::Expired { cluster: name.clone() })?)
        }
    };
    let mut path = grant.target().resource.api_path();
    let query = request.options.to_query(resume.as_deref());
    if !query.is_empty() {
        path = format!("{path}?{query}");
    }
    let length = path.len();
    let mut written = Request::new(Full::default());
    *written.uri_mut() = path.parse().map_err(|_| unwritable(RequestError::TooLong { length }))?;
    let headers = written.headers_mut();
    headers.insert(header::ACCEPT, request.forms.to_header());
    if request.compression == Compression::Gzip && grant.target().resource.shape() != Shape::List {
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Some(impersonated) = cluster.impersonated(grant.principal().user(), grant.principal().groups()) {
        impersonated.write(headers).map_err(|error| unwritable(error.into()))?;
    }
    Ok(written)
}

async fn refused(cluster: &Cluster, answer: Response<AnswerBody>, pages: &Pages) -> ReadError {
    let (head, body) = answer.into_parts();
    let cluster = cluster.name().clone();
    let code = head.status.as_u16();
    if code < 400 {
        return ReadError::NotJson { cluster, code, content_type: content_type(&head.headers) };
    }
    let body = body.beginning(Instant::now() + body::SILENCE).await;
    let refusal = Refusal {
        code,
        content_type: head.headers.get(header::CONTENT_TYPE).cloned(),
        retry_after: head.headers.get(header::RETRY_AFTER).cloned(),
        body: pages.status(&body).unwrap_or(body),
    };
    ReadError::Refused { cluster, refusal: refusal.into() }
}

/// Form and packing, if they are what was asked for, and the length, if it is within bounds.
fn understood(
    cluster: &Cluster,
    grant: &ReadGrant,
    answer: &Response<AnswerBody>,
    limit: u64,
) -> Result<(HeaderValue, Compression), ReadError> {
    let cluster = || cluster.name().clone();
    let headers = answer.headers();
    let form = Form::of_answer(headers).ok_or_else(|| ReadError::NotJson {
        cluster: cluster(),
        code: answer.status().as_u16(),
        content_type: content_type(headers),
    })?;
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    let compression = match (encoding, grant.target().resource.shape()) {
        (None | Some(b"" | b"identity"), _) => Compression::Identity,
        (Some(b"gzip"), Shape::Document | Shape::Object) => Compression::Gzip,
        (Some(other), _) => {
            let encoding = String::from_utf8_lossy(other).into_owned();
            return Err(ReadError::Packed { cluster: cluster(), encoding });
        }
    };
    match answer.body().size_hint().exact() {
        Some(length) if length > limit => Err(ReadError::TooLarge { cluster: cluster(), length, limit }),
        _ => Ok((form.to_header(), compression)),
    }
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).map_or(&b"nothing"[..], HeaderValue::as_bytes);
    String::from_utf8_lossy(value).into_owned()
}

/// All discovery of a large cluster takes 1 MB, an object at most the 1.5 MiB of etcd and what JSON makes of it; lists of thousands
/// of pods come in pages.
fn limit_bytes(shape: Shape) -> u64 {
    match shape {
        Shape::Document => 8 * 1024 * 1024,
        Shape::Object => 4 * 1024 * 1024,
        Shape::List => 64 * 1024 * 1024,
    }
}
