//! The kubeconfig itself (client-go `tools/clientcmd/api/v1/types.go`).

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::{door::Door, token::Token};
use crate::target::{ClusterName, Namespace};

/// A whole file.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Kubeconfig {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    current_context: String,
    clusters: Vec<Named<ClusterEntry>>,
    contexts: Vec<Named<ContextEntry>>,
    users: Vec<Named<UserEntry>>,
}

/// An entry of one of its lists.
#[derive(Serialize)]
struct Named<T> {
    name: String,
    #[serde(flatten)]
    entry: T,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Cluster {
    server: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_authority_data: Option<String>,
}

#[derive(Serialize)]
struct ClusterEntry {
    cluster: Cluster,
}

#[derive(Serialize)]
struct ContextEntry {
    context: Context,
}

#[derive(Serialize)]
struct Context {
    cluster: String,
    user: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

#[derive(Serialize)]
struct UserEntry {
    user: User,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    #[serde(skip_serializing_if = "Option::is_none")]
    token_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Kubeconfig {
    /// A context for each cluster, with the namespace that kubectl is to take where none is named.
    pub(super) fn new<'a>(
        user: &str,
        door: &Door,
        token: Option<Token>,
        clusters: impl Iterator<Item = (&'a ClusterName, Option<Namespace>)>,
        current: &ClusterName,
    ) -> Self {
        let mut file = Self {
            api_version: "v1",
            kind: "Config",
            current_context: current.to_string(),
            clusters: Vec::new(),
            contexts: Vec::new(),
            users: vec![Named { name: user.to_owned(), entry: UserEntry { user: token.into() } }],
        };
        for (name, namespace) in clusters {
            let cluster = Cluster {
                server: format!("{}/clusters/{name}", door.url),
                certificate_authority_data: door.authority.as_ref().map(|pem| STANDARD.encode(pem)),
            };
            let context = Context {
                cluster: name.to_string(),
                user: user.to_owned(),
                namespace: namespace.map(|namespace| namespace.to_string()),
            };
            file.clusters.push(Named { name: name.to_string(), entry: ClusterEntry { cluster } });
            file.contexts.push(Named { name: name.to_string(), entry: ContextEntry { context } });
        }
        file
    }

    /// As kubectl reads it.
    pub(super) fn to_yaml(&self) -> anyhow::Result<String> {
        Ok(serde_yaml::to_string(self)?)
    }
}

impl From<Option<Token>> for User {
    fn from(token: Option<Token>) -> Self {
        match token {
            None => Self::default(),
            Some(Token::File(path)) => Self { token_file: Some(path), token: None },
            Some(Token::Inline(token)) => {
                Self { token_file: None, token: Some(token.expose_secret().to_owned()) }
            }
        }
    }
}
