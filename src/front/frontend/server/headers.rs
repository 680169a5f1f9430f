//! Which headers go on to the page's own server and back, and which are between two neighbours only.

use http::header::{
    CONNECTION, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::front::connection::Peer;
use crate::front::origin::Scheme;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What is for the next neighbour alone (RFC 9110 section 7.6.1), besides what `Connection` names. `Trailer` is not among them since
/// RFC 9110: what it announces goes on with the body.
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Leaves what is for the other end.
pub(super) fn end_to_end(headers: &mut HeaderMap) {
    let takes_trailers = items(headers, &TE).any(|item| item.eq_ignore_ascii_case("trailers"));
    let named: Vec<HeaderName> =
        items(headers, &CONNECTION).filter_map(|name| HeaderName::try_from(name).ok()).collect();
    // Nobody may take the Host away: without one a server would answer for another site.
    for name in named.iter().filter(|name| **name != HOST).chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    if takes_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
    }
}

/// Asks for a WebSocket, or says yes to one.
pub(super) fn upgrade(headers: &mut HeaderMap) {
    headers.remove(TE);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

/// Says who asks, and how. Where TLS ends here, that is known better here than anywhere; where it does not, something in front may
/// have said so already. `Forwarded` would say what nobody here has checked.
pub(super) fn forwarded(headers: &mut HeaderMap, peer: &Peer) {
    let client = peer.address.ip().to_canonical().to_string();
    let before = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
    let all = before.chain([client.as_str()]).collect::<Vec<_>>().join(", ");
    if let Ok(all) = HeaderValue::try_from(all) {
        headers.insert(FORWARDED_FOR, all);
    }
    headers.remove(FORWARDED);
    if peer.scheme == Scheme::Https {
        headers.remove(FORWARDED_PROTO);
        headers.remove(FORWARDED_HOST);
    }
    headers.entry(FORWARDED_PROTO).or_insert(HeaderValue::from_static(peer.scheme.as_str()));
    if let Some(host) = headers.get(HOST).cloned() {
        headers.entry(FORWARDED_HOST).or_insert(host);
    }
}

/// The items of a list that may stand in several lines.
fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(lines: &[(&'static str, &str)]) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        end_to_end(&mut headers);
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn what_is_for_the_neighbour_stays_with_it_and_what_connection_names_too() {
        let left = passed(&[
            ("host", "page.example"),
            ("connection", "keep-alive, X-Hop, Host"),
            ("connection", "x-other"),
            ("keep-alive", "timeout=5"),
            ("proxy-authorization", "Basic x"),
            ("x-hop", "1"),
            ("x-other", "1"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("trailer", "x-sum"),
            ("accept", "*/*"),
        ]);
        let left: Vec<&str> = left.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(left, ["host", "trailer", "accept"]);
    }

    #[test]
    fn of_te_only_trailers_go_on() {
        assert_eq!(passed(&[("te", "gzip")]), []);
        let left = passed(&[("te", "gzip, trailers"), ("connection", "TE")]);
        let te = ("te".to_owned(), "trailers".to_owned());
        assert!(left.contains(&te) && left.len() == 2, "{left:?}");
    }
}
