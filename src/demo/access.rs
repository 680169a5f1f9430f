//! Who asks: the service account's token, or whom it impersonates.

use http::HeaderMap;
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::handshake::{first_offer, wants_websocket};
use super::rbac::Attributes;
use super::refusal::Refusal;
use super::state::State;
use crate::protocol::{BEARER_PREFIX, Offer};

/// The name that RBAC judges.
pub(super) const SERVICE_ACCOUNT: &str = "system:serviceaccount:default:execgate";
const SERVICE_ACCOUNT_GROUPS: [&str; 3] =
    ["system:serviceaccounts", "system:serviceaccounts:default", AUTHENTICATED];
/// Whoever was let in.
const AUTHENTICATED: &str = "system:authenticated";

/// Somebody whose credential was accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// Whom RBAC judges: the service account, or the impersonated user.
    pub(super) user: String,
    /// The groups of that user.
    pub(super) groups: Vec<String>,
    /// The `Sec-WebSocket-Protocol` line that the rest of the server sees.
    pub(super) offer: String,
}

/// Authentication and impersonation, in the API server's order.
pub(super) fn admit(headers: &HeaderMap, state: &State) -> Result<Caller, Refusal> {
    let offer = authenticate(headers, &state.token())?;
    let Some(user) = impersonated(headers)? else {
        let groups = SERVICE_ACCOUNT_GROUPS.map(str::to_owned).to_vec();
        return Ok(Caller { user: SERVICE_ACCOUNT.to_owned(), groups, offer });
    };
    let groups = headers.get_all("impersonate-group").into_iter();
    let mut groups: Vec<String> =
        groups.map(|group| String::from_utf8_lossy(group.as_bytes()).into_owned()).collect();
    may_impersonate(state, "users", &user)?;
    groups.iter().try_for_each(|group| may_impersonate(state, "groups", group))?;
    groups.push(AUTHENTICATED.to_owned());
    Ok(Caller { user, groups, offer })
}

/// apiserver `pkg/endpoints/filters/impersonation`: judged for the credential itself, once for each user and group.
fn may_impersonate(state: &State, kind: &str, name: &str) -> Result<(), Refusal> {
    let asked = Attributes::new("impersonate", kind, "", name);
    if state.allows(&asked) {
        return Ok(());
    }
    Err(Refusal::forbidden(kind, name, &asked.not_allowed(SERVICE_ACCOUNT)))
}

/// The offer without the credential, if that came as a subprotocol. A header that is accepted comes first, and then the entry
/// travels on (apiserver `pkg/authentication/request/websocket/protocol.go`).
fn authenticate(headers: &HeaderMap, token: &SecretString) -> Result<String, Refusal> {
    let bearer = headers.get(AUTHORIZATION).and_then(|line| line.to_str().ok());
    let bearer = bearer.and_then(|line| line.split_once(' '));
    let accepted = bearer
        .is_some_and(|(scheme, shown)| scheme.eq_ignore_ascii_case("bearer") && is(token, shown.trim()));
    if accepted {
        return Ok(first_offer(headers));
    }
    if !wants_websocket(headers) {
        return Err(Refusal::unauthorized());
    }
    let lines: Vec<&str> =
        headers.get_all(SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|line| line.to_str().ok()).collect();
    match Offer::parse(lines.iter().copied()) {
        Ok((_, Some(shown))) if is(token, shown.expose_secret()) => Ok(without_credential(&lines)),
        Ok(_) | Err(_) => Err(Refusal::unauthorized()),
    }
}

fn is(token: &SecretString, shown: &str) -> bool {
    token.expose_secret().as_bytes().ct_eq(shown.as_bytes()).into()
}

fn without_credential(lines: &[&str]) -> String {
    let entries = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    let others: Vec<&str> = entries.filter(|entry| !entry.starts_with(BEARER_PREFIX)).collect();
    others.join(",")
}

fn impersonated(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let user = headers.get("impersonate-user").and_then(|line| line.to_str().ok());
    let others = headers
        .keys()
        .filter(|name| name.as_str().starts_with("impersonate-") && *name != "impersonate-user");
    match user.filter(|user| !user.is_empty()) {
        Some(user) => Ok(Some(user.to_owned())),
        None if others.count() == 0 => Ok(None),
        None => Err(Refusal::bad_request("requested impersonation without impersonating a user")),
    }
}
