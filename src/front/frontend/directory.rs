//! A page that is a folder of files. What HTTP says about files is tower-http's; which files there are is decided here.

mod confined;
mod name;

use std::io;

use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use tower_http::services::ServeDir;
use tower_http::services::fs::{DefaultServeDirFallback, ServeFileSystemResponseBody};

use self::confined::Confined;
use super::{DirectorySettings, FrontendError, FrontendStartError, Index};
use crate::front::{Answer, Content};

/// A folder of files.
#[derive(Debug)]
pub(super) struct Directory {
    files: ServeDir<DefaultServeDirFallback, Confined>,
    index: Index,
}

type FileAnswer = Response<ServeFileSystemResponseBody>;

impl Directory {
    pub(super) fn new(settings: &DirectorySettings) -> Result<Self, FrontendStartError> {
        let path = &settings.path;
        let backend = Confined::to(path)
            .map_err(|source| FrontendStartError::Directory { path: path.clone(), source })?;
        let files = ServeDir::with_backend(path, backend).ignore_multi_range_requests(true);
        Ok(Self { files, index: settings.index })
    }

    /// The file that a request names. Whatever its body says is not read.
    pub(super) async fn answer<B>(&self, request: &Request<B>) -> Result<Answer, FrontendError> {
        let method = request.method();
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Err(FrontendError::Method { method: method.clone() });
        }
        let file = match name::check(request.uri().path()) {
            Ok(()) => self.file(method, request.uri(), request.headers()).await,
            Err(error) => Err(error),
        };
        match file {
            Err(FrontendError::NoSuchFile) if self.index == Index::Always => {
                self.file(method, &Uri::from_static("/index.html"), request.headers()).await
            }
            file => file,
        }
        .map(finished)
    }

    /// A part of a file is only worth something to who has the rest of the very same one (RFC 9110 section 13.1.5): the answer
    /// itself says which one it is of, so that a file which is replaced meanwhile can't slip in between.
    async fn file(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<FileAnswer, FrontendError> {
        let mut asked = conditions(headers);
        asked.extend(range(method, headers).map(|range| (RANGE, range.clone())));
        let answer = self.serve(method, uri, asked.clone()).await?;
        let is_part =
            matches!(answer.status(), StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE);
        // Dates count in whole seconds: by them nobody can tell that a file is the very same.
        let is_other = headers.get(IF_RANGE).is_some_and(|tag| answer.headers().get(ETAG) != Some(tag));
        if !is_part || !is_other {
            return Ok(answer);
        }
        asked.remove(RANGE);
        self.serve(method, uri, asked).await
    }

    async fn serve(
        &self,
        method: &Method,
        uri: &Uri,
        headers: HeaderMap,
    ) -> Result<FileAnswer, FrontendError> {
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers;
        match self.files.clone().try_call(request).await {
            Ok(answer) if answer.status() == StatusCode::NOT_FOUND => Err(FrontendError::NoSuchFile),
            Ok(answer) => Ok(answer),
            Err(error) if names_nothing(&error) => Err(FrontendError::NoSuchFile),
            Err(error) => Err(FrontendError::File(error)),
        }
    }
}

/// What a request says about which state of the file it wants.
fn conditions(headers: &HeaderMap) -> HeaderMap {
    let names = [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE];
    names.into_iter().filter_map(|name| Some((name.clone(), headers.get(&name)?.clone()))).collect()
}

/// The range of a GET; other methods have none, and units that nobody knows are not looked at (RFC 9110 section 14.2).
fn range<'a>(method: &Method, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
    let in_bytes = |value: &&HeaderValue| value.as_bytes().starts_with(b"bytes=");
    headers.get(RANGE).filter(in_bytes).filter(|_| method == Method::GET)
}

/// What can't be opened is not told apart from what is not there: nobody else's business.
fn names_nothing(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    let kinds = [Kind::NotFound, Kind::PermissionDenied, Kind::NotADirectory, Kind::InvalidFilename];
    kinds.contains(&error.kind())
}

/// A page's text is UTF-8 today, whatever its type leaves open; and what is on disk may change at any time, so that a browser asks
/// each time whether it has.
fn finished(answer: FileAnswer) -> Answer {
    let (mut head, body) = answer.into_parts();
    let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let text = kind.filter(|kind| kind.starts_with("text/") && !kind.contains("charset"));
    if let Some(kind) = text.and_then(|kind| HeaderValue::try_from(format!("{kind}; charset=utf-8")).ok()) {
        head.headers.insert(CONTENT_TYPE, kind);
    }
    head.headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    head.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    head.headers.entry(ACCEPT_RANGES).or_insert(HeaderValue::from_static("bytes"));
    Answer::from_parts(head, Content::Passed(body.map_err(Into::into).boxed_unsync()))
}
