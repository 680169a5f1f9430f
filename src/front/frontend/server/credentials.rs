//! What was shown to execgate and is nobody else's: taken out of what the page's own server is sent.

use http::header::{AUTHORIZATION, COOKIE, REFERER, SEC_WEBSOCKET_PROTOCOL};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;

use crate::front::settings::CredentialNames;
use crate::identity::{Chain, CookieName, Presented};
use crate::protocol::BEARER_PREFIX;
use crate::target::query_pairs;

/// What carries execgate's tokens.
#[derive(Debug)]
pub(super) struct Credentials(CredentialNames);

impl Credentials {
    /// All that has these names, but for cookies that are to be kept.
    pub(super) fn new(names: &CredentialNames, kept: &[CookieName]) -> Self {
        let is_kept = |cookie: &CookieName| kept.iter().any(|kept| kept.as_str() == cookie.as_str());
        let mut names = names.clone();
        names.cookies.retain(|cookie| !is_kept(cookie));
        Self(names)
    }

    /// Takes them out. All else stays as it was sent, byte for byte.
    pub(super) fn withhold(&self, headers: &mut HeaderMap, chain: &Chain) {
        sift(headers, &COOKIE, |line| without(line, b';', |part| self.is_ours(part)));
        sift(headers, &SEC_WEBSOCKET_PROTOCOL, |line| without(line, b',', is_bearer_entry));
        sift(headers, &AUTHORIZATION, |line| (!opens(line, chain)).then(|| line.clone()));
        // A page whose own address has the token sends that with everything that it loads.
        sift(headers, &REFERER, |line| {
            let address = line.to_str().ok().and_then(|address| self.without_tokens(address, chain));
            address.map_or_else(|| Some(line.clone()), |address| HeaderValue::try_from(address).ok())
        });
    }

    /// What is asked for, without the parameters that carry a token which execgate knows.
    pub(super) fn withheld_from(&self, target: &PathAndQuery, chain: &Chain) -> PathAndQuery {
        let without = self.without_tokens(target.as_str(), chain);
        without.and_then(|target| PathAndQuery::try_from(target).ok()).unwrap_or_else(|| target.clone())
    }

    /// The same address without such parameters; `None` if it has none.
    fn without_tokens(&self, address: &str, chain: &Chain) -> Option<String> {
        let (path, query) = address.split_once('?')?;
        let pairs: Vec<&str> = query.split('&').collect();
        let kept: Vec<&str> =
            pairs.iter().filter(|pair| !self.is_our_parameter(pair, chain)).copied().collect();
        let is_less = kept.len() < pairs.len();
        is_less.then(|| if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) })
    }

    fn is_our_parameter(&self, pair: &str, chain: &Chain) -> bool {
        let Some(Ok((_, name, value))) = query_pairs(pair).next() else {
            return false;
        };
        self.0.query.contains(&name) && knows(value, chain)
    }

    /// Read as `identity` reads cookies, so that none is known there and not here.
    fn is_ours(&self, cookie: &str) -> bool {
        let name = cookie.split_once('=').map_or(cookie, |(name, _)| name).trim();
        self.0.cookies.iter().any(|ours| ours.as_str() == name)
    }
}

fn is_bearer_entry(entry: &str) -> bool {
    entry.trim().starts_with(BEARER_PREFIX)
}

/// Whether execgate knows the token. The page's own server may have tokens of its own, and these are its affair.
fn opens(authorization: &HeaderValue, chain: &Chain) -> bool {
    let alone = HeaderMap::from_iter([(AUTHORIZATION, authorization.clone())]);
    Presented::from_parts(&alone, None, None).is_ok_and(|presented| chain.authenticate(&presented).is_ok())
}

/// Whether the token is execgate's.
fn knows(token: String, chain: &Chain) -> bool {
    let alone = Presented::from_parts(&HeaderMap::new(), Some(SecretString::from(token)), None);
    alone.is_ok_and(|presented| chain.authenticate(&presented).is_ok())
}

/// Puts each line of a header through `keep`.
fn sift(headers: &mut HeaderMap, name: &HeaderName, keep: impl Fn(&HeaderValue) -> Option<HeaderValue>) {
    let kept: Vec<HeaderValue> = headers.get_all(name).iter().filter_map(keep).collect();
    headers.remove(name);
    for line in kept {
        headers.append(name, line);
    }
}

/// The line without the parts that are `unwanted`; `None` if none is left.
fn without(line: &HeaderValue, separator: u8, unwanted: impl Fn(&str) -> bool) -> Option<HeaderValue> {
    let parts: Vec<&[u8]> = line.as_bytes().split(|byte| *byte == separator).collect();
    let is_wanted = |part: &&&[u8]| !unwanted(&String::from_utf8_lossy(part));
    let wanted: Vec<&[u8]> = parts.iter().filter(is_wanted).copied().collect();
    if wanted.len() == parts.len() {
        return Some(line.clone());
    }
    let left = wanted.join(&separator);
    HeaderValue::from_bytes(left.trim_ascii()).ok().filter(|left| !left.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(lines: &[&str], kept: &[&str]) -> Vec<String> {
        let names = |names: &[&str]| -> Vec<CookieName> {
            names.iter().map(|name| CookieName::parse(*name).unwrap()).collect()
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, line.parse().unwrap());
        }
        let ours = CredentialNames { cookies: names(&["gate", "other"]), query: Vec::new() };
        let credentials = Credentials::new(&ours, &names(kept));
        credentials.withhold(&mut headers, &Chain::new(Vec::new()));
        headers.get_all(COOKIE).iter().map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn our_cookies_are_taken_out_and_the_others_stay_byte_for_byte() {
        assert_eq!(
            left(&["a=1;  b = \"2\" ;gateway=3; Gate=4"], &[]),
            ["a=1;  b = \"2\" ;gateway=3; Gate=4"]
        );
        assert_eq!(left(&["a=1; gate=t; b=2"], &[]), ["a=1; b=2"]);
        assert_eq!(left(&["gate=t; a=1"], &[]), ["a=1"]);
        assert_eq!(left(&["a=1; gate =t;other=u"], &[]), ["a=1"]);
        assert_eq!(left(&["gate=t", "a=1", "gate=u; gate=v"], &[]), ["a=1"]);
        assert_eq!(left(&["gate"], &[]), [""; 0]);
    }

    #[test]
    fn a_cookie_that_is_the_page_s_too_is_kept() {
        assert_eq!(left(&["a=1; gate=t; other=u"], &["gate"]), ["a=1; gate=t"]);
    }

    #[test]
    fn a_bearer_entry_is_taken_out_of_the_subprotocols() {
        let mut headers = HeaderMap::new();
        let offer = format!("chat, {BEARER_PREFIX}dG9rZW4, superchat");
        headers.insert(SEC_WEBSOCKET_PROTOCOL, offer.parse().unwrap());
        Credentials::new(&CredentialNames::default(), &[]).withhold(&mut headers, &Chain::new(Vec::new()));
        assert_eq!(headers[SEC_WEBSOCKET_PROTOCOL], "chat, superchat");
    }
}
