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
pub(super) const SERVICE_ACCOUNT: &str = "system:serviceaccount:execgate:execgate";
const SERVICE_ACCOUNT_GROUPS: [&str; 3] =
    ["system:serviceaccounts", "system:serviceaccounts:execgate", AUTHENTICATED];
/// Whoever was let in.
const AUTHENTICATED: &str = "system:authenticated";
/// Who shows no credential at all.
const ANONYMOUS: &str = "system:anonymous";

/// Somebody whose credential was accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// Whom RBAC judges: the service account, the impersonated user, or nobody in particular.
    pub(super) user: String,
    /// The groups of that user.
    pub(super) groups: Vec<String>,
    pub(super) standing: Standing,
    /// The `Sec-WebSocket-Protocol` line that the rest of the server sees.
    pub(super) offer: String,
}

/// Whether the caller has the rights that the cluster gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A credential was accepted.
    Known,
    /// None was shown: anonymous requests are on by default, and may next to nothing.
    Anonymous,
}

/// Authentication and impersonation, in the API server's order.
pub(super) fn admit(headers: &HeaderMap, state: &State) -> Result<Caller, Refusal> {
    let Some(offer) = authenticate(headers, &state.token())? else {
        let offer = first_offer(headers);
        let groups = vec!["system:unauthenticated".to_owned()];
        return Ok(Caller { user: ANONYMOUS.to_owned(), groups, standing: Standing::Anonymous, offer });
    };
    let standing = Standing::Known;
    let Some(user) = impersonated(headers)? else {
        let groups = SERVICE_ACCOUNT_GROUPS.map(str::to_owned).to_vec();
        return Ok(Caller { user: SERVICE_ACCOUNT.to_owned(), groups, standing, offer });
    };
    let groups = headers.get_all("impersonate-group").into_iter();
    let mut groups: Vec<String> =
        groups.map(|group| String::from_utf8_lossy(group.as_bytes()).into_owned()).collect();
    may_impersonate(state, "users", &user)?;
    groups.iter().try_for_each(|group| may_impersonate(state, "groups", group))?;
    groups.push(AUTHENTICATED.to_owned());
    Ok(Caller { user, groups, standing, offer })
}

/// apiserver `pkg/endpoints/filters/impersonation`: judged for the credential itself, once for each user and group.
fn may_impersonate(state: &State, kind: &str, name: &str) -> Result<(), Refusal> {
    let asked = Attributes::new("impersonate", kind, "", name);
    if state.allows(&asked) {
        return Ok(());
    }
    Err(Refusal::forbidden(kind, name, &asked.not_allowed(SERVICE_ACCOUNT)))
}

/// The offer without the credential, if that came as a subprotocol; `None` if no credential was shown. A header that is accepted
/// comes first, and then the entry travels on (apiserver `pkg/authentication/request/websocket/protocol.go`). A credential that is
/// not accepted is never taken for none.
fn authenticate(headers: &HeaderMap, token: &SecretString) -> Result<Option<String>, Refusal> {
    let shown = bearer(headers);
    if shown.is_some_and(|shown| is(token, shown)) {
        return Ok(Some(first_offer(headers)));
    }
    let lines: Vec<&str> =
        headers.get_all(SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|line| line.to_str().ok()).collect();
    // Only an upgrade can carry one there.
    let heard = if wants_websocket(headers) { lines.as_slice() } else { &[] };
    match Offer::parse(heard.iter().copied()) {
        Ok((_, Some(entry))) if is(token, entry.expose_secret()) => Ok(Some(without_credential(&lines))),
        Ok((_, None)) if shown.is_none() => Ok(None),
        Ok(_) | Err(_) => Err(Refusal::unauthorized()),
    }
}

/// The token of an `Authorization` header. Another scheme than Bearer is no credential at all.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let line = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, shown) = line.split_once(' ')?;
    Some(shown.trim()).filter(|shown| scheme.eq_ignore_ascii_case("bearer") && !shown.is_empty())
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
        None => Err(Refusal::bad_request(nobody_to_impersonate(headers))),
    }
}

/// Go's print of what was asked for, as the API server has it.
fn nobody_to_impersonate(headers: &HeaderMap) -> String {
    let groups: Vec<String> = headers
        .get_all("impersonate-group")
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .map(|group| format!("{group:?}"))
        .collect();
    format!(
        "requested &user.DefaultInfo{{Name:\"\", UID:\"\", Groups:[]string{{{}}}, Extra:map[string][]string(nil)}} without impersonating a user name",
        groups.join(", ")
    )
}
