//! Whether the page that sends a request may: the `Origin` header, which no page can forge. It looks at no credential.

use http::{HeaderMap, header};

use super::{Origin, Origins};

/// How a listener is reached; it is half of what "same origin" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// As it stands before `://`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A page of another origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pages of the origin {origin:?} may not connect here; the operator can list it under allowedOrigins")]
pub(super) struct ForeignOrigin {
    /// As it was sent.
    pub(super) origin: String,
}

/// A page of another origin that does not say which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("pages of other origins may not read here unseen; ask with fetch(), which sends an Origin")]
pub(super) struct Embedding;

/// Refuses what a page of another origin loads as an image, a script or a link: a GET like that has no `Origin`, carries cookies,
/// and tells the page by its failing or not what there is. Browsers say since 2019 to 2023 where such a request comes from (Fetch
/// Metadata); what says nothing is no page.
pub(super) fn check_fetch(headers: &HeaderMap) -> Result<(), Embedding> {
    if headers.contains_key(header::ORIGIN) {
        return Ok(());
    }
    let is_foreign = |value: &http::HeaderValue| matches!(value.as_bytes(), b"cross-site" | b"same-site");
    if headers.get_all("sec-fetch-site").iter().any(is_foreign) { Err(Embedding) } else { Ok(()) }
}

impl Origins {
    /// Lets through what no page sent, and what an allowed page sent. Every `Origin` line must be allowed, and `null`, which is
    /// what sandboxed frames and local files send, never is.
    ///
    /// "Same" takes the scheme from the listener, not from a header: behind a load balancer that ends TLS, list the origins.
    pub(super) fn check(&self, headers: &HeaderMap, scheme: Scheme) -> Result<(), ForeignOrigin> {
        let foreign = |value: &http::HeaderValue| ForeignOrigin {
            origin: String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        headers
            .get_all(header::ORIGIN)
            .iter()
            .find(|value| !self.allow(value, headers, scheme))
            .map_or(Ok(()), |value| Err(foreign(value)))
    }

    fn allow(&self, value: &http::HeaderValue, headers: &HeaderMap, scheme: Scheme) -> bool {
        let Some(origin) = value.to_str().ok().and_then(|text| Origin::parse(text).ok()) else {
            return false;
        };
        match self {
            Self::Listed(origins) => origins.contains(&origin),
            Self::Same => own_origin(headers, scheme).as_ref() == Some(&origin),
        }
    }
}

fn own_origin(headers: &HeaderMap, scheme: Scheme) -> Option<Origin> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    Origin::parse(&format!("{}://{host}", scheme.as_str())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origins: &Origins, host: &str, sent: &[&str], scheme: Scheme) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        for origin in sent {
            headers.append(header::ORIGIN, origin.parse().unwrap());
        }
        origins.check(&headers, scheme).is_ok()
    }

    #[test]
    fn the_same_origin_has_the_same_scheme_host_and_port() {
        let same = |host, sent, scheme| allowed(&Origins::Same, host, &[sent], scheme);
        assert!(same("gate.example:8443", "https://gate.example:8443", Scheme::Https));
        assert!(same("GATE.example:443", "https://gate.example", Scheme::Https));
        assert!(!same("gate.example", "http://gate.example", Scheme::Https));
        assert!(!same("gate.example", "https://gate.example", Scheme::Http));
        assert!(!same("gate.example", "https://gate.example:8443", Scheme::Https));
        assert!(!same("gate.example", "https://gate.example.evil.example", Scheme::Https));
        assert!(!same("gate.example", "https://gate.example:99999", Scheme::Https));
        assert!(same("[::1]:8443", "https://[::1]:8443", Scheme::Https));
        assert!(same("[::1]", "https://[::1]", Scheme::Https));
    }

    #[test]
    fn only_listed_origins_are_allowed_when_there_is_a_list() {
        let console = Origin::parse("https://console.example").unwrap();
        let listed = Origins::Listed(vec![console]);
        assert!(allowed(&listed, "gate", &["https://console.example"], Scheme::Http));
        assert!(!allowed(&listed, "gate", &["http://gate"], Scheme::Http));
        let twice = ["https://console.example", "https://evil.example"];
        assert!(!allowed(&listed, "gate", &twice, Scheme::Http));
    }

    #[test]
    fn what_another_origins_page_loads_unseen_is_told_by_its_fetch_metadata() {
        let fetched = |lines: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, value.parse().unwrap());
            }
            check_fetch(&headers).is_ok()
        };
        assert!(fetched(&[]));
        assert!(fetched(&[("sec-fetch-site", "same-origin")]));
        assert!(fetched(&[("sec-fetch-site", "none")]));
        assert!(!fetched(&[("sec-fetch-site", "cross-site")]));
        assert!(!fetched(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-site")]));
        assert!(
            fetched(&[("sec-fetch-site", "cross-site"), ("origin", "https://console.example")]),
            "judged as such"
        );
    }

    #[test]
    fn null_is_never_allowed_and_no_origin_is_no_page() {
        assert!(!allowed(&Origins::Same, "null", &["null"], Scheme::Http));
        assert!(allowed(&Origins::Same, "gate", &[], Scheme::Http));
    }
}
