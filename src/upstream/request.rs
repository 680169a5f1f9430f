//! The upgrade request, written from nothing: no header of the client's can be in it. No IO.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use http_body_util::Empty;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;

use super::RequestError;
use crate::{
    cluster::{Impersonated, Offered, ServerUrl, USER_AGENT},
    protocol::Subprotocol,
    target::{ExecOptions, ExecTarget},
};

/// Everything that one request says.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    /// Where to.
    pub(super) server: &'a ServerUrl,
    /// Which pod.
    pub(super) target: &'a ExecTarget,
    /// What to do there.
    pub(super) options: &'a ExecOptions,
    /// In whose name, if not in execgate's.
    pub(super) impersonated: Option<Impersonated<'a>>,
    /// Execgate's credential.
    pub(super) authorization: Option<HeaderValue>,
    /// Which subprotocols.
    pub(super) offered: Offered,
}

/// A request, with what its answer must fit.
#[derive(Debug)]
pub(super) struct Upgrade {
    pub(super) request: Request<Empty<Bytes>>,
    pub(super) key: String,
}

impl Draft<'_> {
    /// Writes the request with a fresh key.
    pub(super) fn write(&self) -> Result<Upgrade, RequestError> {
        let key = generate_key();
        let mut request = Request::new(Empty::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = self.uri()?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, value(&self.server.authority()));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::SEC_WEBSOCKET_KEY, value(&key));
        headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, value(&line(self.offered)));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        if let Some(authorization) = &self.authorization {
            headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        if let Some(impersonated) = self.impersonated {
            impersonated.write(headers)?;
        }
        Ok(Upgrade { request, key })
    }

    fn uri(&self) -> Result<Uri, RequestError> {
        let mut text = format!("{}{}", self.server.prefix(), self.target.api_path(self.options.verb));
        let query = self.options.to_query();
        if !query.is_empty() {
            text.push('?');
            text.push_str(&query);
        }
        // A path of names and an escaped query can fail in one way only: `http` ends a URI at 65,534 bytes.
        let length = text.len();
        Uri::try_from(text).map_err(|_| RequestError::TooLong { length })
    }
}

/// One line: the API server reads the first line only.
fn line(offered: Offered) -> String {
    let names = offered.subprotocols().iter().map(|subprotocol| subprotocol.name());
    names.collect::<Vec<_>>().join(", ")
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).expect("hosts, keys and subprotocol names are visible ASCII")
}

/// The subprotocol of that name, if the line of `offered` has it.
pub(super) fn offered_by_name(offered: Offered, name: &str) -> Option<Subprotocol> {
    let found = Subprotocol::from_name(name)?;
    offered.subprotocols().contains(&found).then_some(found)
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;
    use crate::target::{ClusterName, Namespace, PodName, Verb};

    fn target() -> ExecTarget {
        ExecTarget {
            cluster: ClusterName::parse("alpha").unwrap(),
            namespace: Namespace::parse("default").unwrap(),
            pod: PodName::parse("web-0").unwrap(),
        }
    }

    fn write(
        server: &str,
        query: &str,
        impersonated: Option<Impersonated<'_>>,
    ) -> Result<Request<Empty<Bytes>>, RequestError> {
        let draft = Draft {
            server: &ServerUrl::parse(server).unwrap(),
            target: &target(),
            options: &ExecOptions::parse_query(Verb::Exec, query).unwrap(),
            impersonated,
            authorization: Some(HeaderValue::from_static("Bearer t")),
            offered: Offered::V5ThenV4,
        };
        draft.write().map(|upgrade| upgrade.request)
    }

    #[test]
    fn the_request_is_canonical_and_holds_only_what_we_put_there() {
        let query = "tty=1&command=ls&command=a%20b&stdin=true&container=app&stdout=1&stderr=1";
        let request = write("https://10.0.0.1:6443/k8s/c-1", query, None).unwrap();
        assert_eq!(
            request.uri(),
            "/k8s/c-1/api/v1/namespaces/default/pods/web-0/exec?command=ls&command=a%20b&container=app&stdin=true&stdout=true&stderr=true&tty=true"
        );
        let mut names: Vec<_> = request.headers().keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "authorization",
                "connection",
                "host",
                "sec-websocket-key",
                "sec-websocket-protocol",
                "sec-websocket-version",
                "upgrade",
                "user-agent"
            ]
        );
        assert_eq!(request.headers()["host"], "10.0.0.1:6443");
        assert_eq!(request.headers()["sec-websocket-protocol"], "v5.channel.k8s.io, v4.channel.k8s.io");
        assert_eq!(write("http://a", "", None).unwrap().uri().query(), None);
    }

    #[test]
    fn an_impersonated_user_goes_as_one_header_and_each_group_as_its_own() {
        let groups = ["developers".to_owned(), "größte".to_owned()];
        let impersonated = Impersonated { user: "alice@example.com", groups: &groups };
        let request = write("https://a", "", Some(impersonated)).unwrap();
        assert_eq!(request.headers()["impersonate-user"], "alice@example.com");
        let sent: Vec<_> = request.headers().get_all("impersonate-group").iter().collect();
        assert_eq!(sent, ["developers".as_bytes(), "größte".as_bytes()]);
    }

    #[test]
    fn a_name_that_the_api_server_would_read_otherwise_is_refused() {
        for user in ["", " alice", "alice\t", "a\r\nImpersonate-Group: system:masters", "a\0", "a\u{a0}"] {
            let impersonated = Impersonated { user, groups: &[] };
            let refused = write("https://a", "", Some(impersonated));
            assert!(matches!(refused, Err(RequestError::Unsendable(_))), "{user:?}");
        }
        let groups = [String::new()];
        let impersonated = Impersonated { user: "alice", groups: &groups };
        assert!(write("https://a", "", Some(impersonated)).is_err());
    }

    #[test]
    fn a_command_too_long_for_a_request_line_is_an_error() {
        let query = format!("command={}", "%20".repeat(30_000));
        assert!(matches!(write("https://a", &query, None), Err(RequestError::TooLong { length: 90_000.. })));
    }
}
