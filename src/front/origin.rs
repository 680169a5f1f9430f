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

/// Not a request of execgate's own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("logging in and out is for execgate's own page; programs send a token with each request")]
pub(super) struct NotOurPage;

impl NotOurPage {
    /// Lets through what execgate's own page sends: another page, even one that may connect, could log its visitors in under a name
    /// of its choice. Gives the scheme by which the browser reached us, which is https too where something in front ends TLS.
    pub(super) fn check(headers: &HeaderMap, scheme: Scheme) -> Result<Scheme, Self> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = origins.next().filter(|_| origins.next().is_none()).ok_or(Self)?;
        let origin = origin.to_str().ok().and_then(|text| Origin::parse(text).ok()).ok_or(Self)?;
        let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
        // A browser knows better than the Host header, which something in front may have changed.
        let is_ours = match sites.peek() {
            Some(_) => sites.all(|site| site == "same-origin"),
            None => [scheme, Scheme::Https]
                .iter()
                .any(|scheme| own_origin(headers, *scheme).as_ref() == Some(&origin)),
        };
        let secure = origin.as_str().starts_with("https://");
        is_ours.then_some(if secure { Scheme::Https } else { scheme }).ok_or(Self)
    }
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
        let is_own = || own_origin(headers, scheme).as_ref() == Some(&origin);
        match self {
            Self::Same => is_own(),
            Self::Listed(origins) => origins.contains(&origin),
            Self::SameAndListed(origins) => origins.contains(&origin) || is_own(),
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
        let Origins::Listed(origins) = listed else { unreachable!("just made") };
        let both = Origins::SameAndListed(origins);
        assert!(allowed(&both, "gate", &["https://console.example"], Scheme::Http));
        assert!(allowed(&both, "gate", &["http://gate"], Scheme::Http));
        assert!(!allowed(&both, "gate", &twice, Scheme::Http));
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
    fn only_our_own_page_logs_in_and_its_scheme_is_the_browsers() {
        let check = |scheme, lines: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "gate.example".parse().unwrap());
            for (name, value) in lines {
                headers.append(*name, value.parse().unwrap());
            }
            NotOurPage::check(&headers, scheme).ok()
        };
        let own = ("origin", "http://gate.example");
        assert_eq!(check(Scheme::Http, &[own]), Some(Scheme::Http));
        assert_eq!(check(Scheme::Https, &[own]), None);
        let secure = ("origin", "https://gate.example");
        assert_eq!(check(Scheme::Http, &[secure]), Some(Scheme::Https), "TLS ended before us");
        let renamed = [("origin", "https://console.example"), ("sec-fetch-site", "same-origin")];
        assert_eq!(check(Scheme::Http, &renamed), Some(Scheme::Https), "the Host was changed before us");
        for foreign in [
            &[][..],
            &[("origin", "https://console.example")],
            &[("origin", "null")],
            &[own, own],
            &[own, ("sec-fetch-site", "same-site")],
            &[own, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        ] {
            assert_eq!(check(Scheme::Http, foreign), None, "{foreign:?}");
        }
    }

    #[test]
    fn null_is_never_allowed_and_no_origin_is_no_page() {
        assert!(!allowed(&Origins::Same, "null", &["null"], Scheme::Http));
        assert!(allowed(&Origins::Same, "gate", &[], Scheme::Http));
    }
}
