//! The terminal page: what `build.rs` made of `web/`, answered from memory. Who may see it is not decided here: it is the
//! same for everybody, and holds nothing.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
        REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};
use http_body_util::Full;

use super::request::takes_gzip;

/// Nothing from elsewhere, no inline script, in nobody's frame. Inline styles: xterm.js places characters with them.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// Whether this execgate was built with the page.
pub fn is_built() -> bool {
    cfg!(execgate_page)
}

/// The answer to a GET of `path`, or `None` if the page has no such file. For a HEAD, leave out the body.
pub(crate) fn serve(path: &str, headers: &HeaderMap) -> Option<Response<Full<Bytes>>> {
    let file = FILES.iter().find(|file| file.path == path)?;
    let mut answer = Response::new(Full::default());
    answer.headers_mut().extend(file.headers());
    if has_already(headers, &file.etag) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Some(answer);
    }
    *answer.status_mut() = file.status;
    let body = match file.gzip {
        Some(gzip) if takes_gzip(headers) => {
            answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            gzip
        }
        _ => file.plain,
    };
    *answer.body_mut() = Full::new(Bytes::from_static(body));
    Some(answer)
}

/// One file of the page.
struct File {
    path: &'static str,
    status: StatusCode,
    content_type: &'static str,
    plain: &'static [u8],
    gzip: Option<&'static [u8]>,
    etag: HeaderValue,
}

impl File {
    fn new(path: &'static str, plain: &'static [u8], gzip: Option<&'static [u8]>) -> Self {
        Self {
            path,
            status: StatusCode::OK,
            content_type: content_type(path),
            plain,
            gzip,
            etag: etag(plain),
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let values = [
            (CONTENT_TYPE, self.content_type),
            (CONTENT_SECURITY_POLICY, POLICY),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "no-referrer"),
            (CACHE_CONTROL, "no-cache"),
            (VARY, "accept-encoding"),
        ];
        headers.extend(values.map(|(name, value)| (name, HeaderValue::from_static(value))));
        headers.insert(ETAG, self.etag.clone());
        headers
    }
}

#[cfg(execgate_page)]
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    macro_rules! file {
        ($path:literal, $name:literal) => {
            File::new(
                $path,
                include_bytes!(concat!(env!("OUT_DIR"), "/page/", $name)),
                Some(include_bytes!(concat!(env!("OUT_DIR"), "/page/", $name, ".gz"))),
            )
        };
    }
    vec![
        file!("/", "index.html"),
        file!("/app.js", "app.js"),
        file!("/app.css", "app.css"),
        file!("/favicon.svg", "favicon.svg"),
        file!("/licenses.txt", "licenses.txt"),
    ]
});

/// Built without npm: the page's place says so.
#[cfg(not(execgate_page))]
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    const WORDS: &str = concat!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>execgate</title>",
        "<h1>This execgate was built without its terminal page</h1>",
        "<p>Everything else works. To have the page: install Node.js 20 or newer with npm (on Debian: ",
        "<code>apt-get install nodejs npm</code>), run <code>touch web/package.json</code> and build again, without ",
        "<code>EXECGATE_SKIP_PAGE</code>. A warning of the build says what went wrong.</p></html>\n",
    );
    vec![File { status: StatusCode::SERVICE_UNAVAILABLE, ..File::new("/", WORDS.as_bytes(), None) }]
});

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}

/// Weak: the same tag stands for the plain and the gzipped form (RFC 9110 section 8.8.1).
fn etag(content: &[u8]) -> HeaderValue {
    let digest = digest(&SHA256, content);
    let start = digest.as_ref().first_chunk().expect("SHA-256 gives 32 bytes");
    let tag = format!("W/\"{:016x}\"", u64::from_be_bytes(*start));
    HeaderValue::from_str(&tag).expect("hexadecimal digits and quotes are visible ASCII")
}

/// `If-None-Match`, compared weakly (RFC 9110 section 13.1.2).
fn has_already(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let ours = etag.to_str().map(opaque).expect("it was made of ASCII");
    items(headers, IF_NONE_MATCH).any(|theirs| theirs == "*" || opaque(theirs) == ours)
}

/// The items of a list that may stand in several header lines.
fn items(headers: &HeaderMap, name: http::HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use http::header::ACCEPT_ENCODING;
    use http_body_util::BodyExt;

    use super::*;

    fn asking(pairs: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    async fn body(answer: Response<Full<Bytes>>) -> Bytes {
        answer.into_body().collect().await.expect("it lies in memory").to_bytes()
    }

    #[tokio::test]
    async fn the_root_is_html_that_no_other_site_may_frame_or_feed() {
        let answer = serve("/", &HeaderMap::new()).expect("the page");
        let header =
            |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!(header(CONTENT_TYPE), "text/html; charset=utf-8");
        assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header(REFERRER_POLICY), "no-referrer");
        assert_eq!(header(CACHE_CONTROL), "no-cache");
        assert!(header(CONTENT_SECURITY_POLICY).contains("default-src 'self';"));
        assert!(header(CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
        assert!(body(answer).await.starts_with(b"<!doctype html>"));
    }

    #[test]
    fn what_is_no_file_of_the_page_is_none() {
        for path in ["", "/index.html", "/app.js/", "//", "/../Cargo.toml", "/app.js.gz", "/node_modules"] {
            assert!(serve(path, &HeaderMap::new()).is_none(), "{path}");
        }
    }

    #[tokio::test]
    async fn a_known_tag_gets_304_without_a_body_and_another_gets_the_file() {
        let tag = serve("/", &HeaderMap::new()).expect("the page").headers()[ETAG].clone();
        let mut headers = asking(&[(IF_NONE_MATCH, "\"other\"")]);
        assert_ne!(serve("/", &headers).expect("the page").status(), StatusCode::NOT_MODIFIED);
        headers.append(IF_NONE_MATCH, tag.clone());
        let answer = serve("/", &headers).expect("the page");
        assert_eq!((answer.status(), &answer.headers()[ETAG]), (StatusCode::NOT_MODIFIED, &tag));
        assert!(body(answer).await.is_empty());
    }

    #[test]
    fn gzip_is_taken_only_by_those_who_list_it_with_a_weight_above_zero() {
        for (accepted, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000, br", false),
            ("br", false),
            ("x-gzip", false),
        ] {
            assert_eq!(takes_gzip(&asking(&[(ACCEPT_ENCODING, accepted)])), takes, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[cfg(execgate_page)]
    #[tokio::test]
    async fn every_file_comes_with_its_type_and_gzipped_when_that_is_accepted() {
        let gzip = asking(&[(ACCEPT_ENCODING, "gzip")]);
        for (path, content_type) in [
            ("/", "text/html; charset=utf-8"),
            ("/app.js", "text/javascript; charset=utf-8"),
            ("/app.css", "text/css; charset=utf-8"),
            ("/favicon.svg", "image/svg+xml"),
            ("/licenses.txt", "text/plain; charset=utf-8"),
        ] {
            let plain = serve(path, &HeaderMap::new()).expect(path);
            assert_eq!(plain.headers()[CONTENT_TYPE], content_type);
            assert!(!plain.headers().contains_key(CONTENT_ENCODING));
            let packed = serve(path, &gzip).expect(path);
            assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
            assert!(body(packed).await.len() < body(plain).await.len(), "{path}");
        }
    }

    #[cfg(execgate_page)]
    #[tokio::test]
    async fn the_licence_of_every_bundled_package_is_served() {
        let text = body(serve("/licenses.txt", &HeaderMap::new()).expect("the licences")).await;
        let text = str::from_utf8(&text).expect("UTF-8");
        assert!(text.contains("@xterm/xterm ") && text.contains("Permission is hereby granted"));
    }

    #[cfg(not(execgate_page))]
    #[tokio::test]
    async fn without_npm_the_root_says_what_to_install() {
        let answer = serve("/", &HeaderMap::new()).expect("the words");
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(String::from_utf8_lossy(&body(answer).await).contains("apt-get install nodejs npm"));
    }
}
