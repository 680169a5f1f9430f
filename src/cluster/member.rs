//! One cluster at run time.

use http::HeaderValue;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

use super::{
    CredentialError, CredentialSettings, ServerUrl, Settings, Trust,
    credential::Credential,
    memory::{Memory, Offered},
};
use crate::{
    net::{
        self, ConnectError, Transport,
        tls::{ClientIdentity, ClientTls, HandshakeError, Pem, TlsError},
    },
    protocol::Wanted,
    target::ClusterName,
};

/// A cluster that can be dialled: its trust and credential are read, its TLS sessions are kept.
#[derive(Debug)]
pub struct Cluster {
    settings: Settings,
    tls: Option<ClientTls>,
    credential: Credential,
    memory: Memory,
    warnings: Vec<String>,
}

/// Why a cluster cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Its certificates or keys are unusable.
    #[error("cluster {name}: TLS cannot be set up")]
    Tls {
        /// The cluster.
        name: ClusterName,
        /// Why not.
        source: TlsError,
    },
    /// Its token is unusable.
    #[error("cluster {name}: the credential cannot be used")]
    Credential {
        /// The cluster.
        name: ClusterName,
        /// Why not.
        source: CredentialError,
    },
    /// A client certificate where nobody would ask for one.
    #[error(
        "cluster {name}: a client certificate needs https, but server is {server}; write https:// or use a token"
    )]
    CertificateWithoutTls {
        /// The cluster.
        name: ClusterName,
        /// Its address.
        server: String,
    },
}

/// Why a cluster's API server could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// No TCP connection.
    #[error("no connection")]
    Connect(#[source] ConnectError),
    /// No TLS.
    #[error("no TLS")]
    Tls(#[source] HandshakeError),
    /// The time was over before the TLS handshake was.
    #[error("the TLS handshake took too long")]
    TlsTimeout,
}

impl Cluster {
    /// Reads what the settings name: certificates, keys, tokens. Blocks on files: for start-up.
    pub fn new(settings: Settings) -> Result<Self, ClusterError> {
        let tls = tls(&settings)?;
        let credential = Credential::new(&settings.credential)
            .map_err(|source| ClusterError::Credential { name: settings.name.clone(), source })?;
        let warnings = warnings(&settings, tls.as_ref());
        Ok(Self { tls, credential, memory: Memory::new(Instant::now()), warnings, settings })
    }

    /// Its name.
    pub fn name(&self) -> &ClusterName {
        &self.settings.name
    }

    /// What it was made from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The API server's address.
    pub fn server(&self) -> &ServerUrl {
        &self.settings.server
    }

    /// Whether the user's name and groups are to go upstream.
    pub fn impersonate(&self) -> bool {
        self.settings.impersonate
    }

    /// What to tell the operator at start.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The `Authorization` header, marked sensitive; `None` where a client certificate speaks for execgate.
    pub async fn authorization(&self) -> Option<HeaderValue> {
        self.credential.authorization().await
    }

    /// Takes note that the API server refused the token: the file is read again before the next use.
    pub fn forget_token(&self) {
        self.credential.forget();
    }

    /// Where the credential comes from, for the log; never the credential.
    pub fn credential_source(&self) -> String {
        self.credential.to_string()
    }

    /// Opens a connection to the API server, TLS and all.
    pub async fn connect(&self, deadline: Instant) -> Result<Transport, ReachError> {
        let tcp = self.tcp(deadline).await.map_err(ReachError::Connect)?;
        match &self.tls {
            None => Ok(Transport::Plain(tcp)),
            Some(tls) => timeout_at(deadline, tls.handshake(tcp))
                .await
                .map_err(|_| ReachError::TlsTimeout)?
                .map_err(ReachError::Tls),
        }
    }

    /// What this cluster was last found to take, if that is not too long ago.
    pub fn recall(&self, wanted: Wanted) -> Option<Offered> {
        self.memory.recall(wanted, Instant::now())
    }

    /// Keeps what this cluster was found to take for a while; `None` forgets.
    pub fn remember(&self, wanted: Wanted, offered: Option<Offered>) {
        self.memory.remember(wanted, offered, Instant::now());
    }

    async fn tcp(&self, deadline: Instant) -> Result<TcpStream, ConnectError> {
        let limits = net::Limits {
            timeout: deadline.saturating_duration_since(Instant::now()),
            keepalive: self.settings.keepalive,
        };
        net::connect(self.server().host(), self.server().port(), limits).await
    }
}

fn tls(settings: &Settings) -> Result<Option<ClientTls>, ClusterError> {
    let identity = match &settings.credential {
        CredentialSettings::TokenEnv(_) | CredentialSettings::TokenFile(_) => None,
        CredentialSettings::ClientCertificate { cert_file, key_file } => Some(ClientIdentity {
            certificate: Pem::File(cert_file.clone()),
            key: Pem::File(key_file.clone()),
        }),
    };
    if !settings.server.is_tls() {
        return match identity {
            None => Ok(None),
            Some(_) => Err(ClusterError::CertificateWithoutTls {
                name: settings.name.clone(),
                server: settings.server.to_string(),
            }),
        };
    }
    let name = match &settings.tls_server_name {
        Some(name) => name,
        None => settings.server.host(),
    };
    ClientTls::new(name, &(&settings.trust).into(), identity.as_ref())
        .map(Some)
        .map_err(|source| ClusterError::Tls { name: settings.name.clone(), source })
}

fn warnings(settings: &Settings, tls: Option<&ClientTls>) -> Vec<String> {
    let name = &settings.name;
    let mut warnings = Vec::new();
    match tls {
        None => warnings.push(format!(
            "cluster {name}: server is plain http, so the token and every session pass in clear; write https://"
        )),
        Some(tls) => warnings.extend(tls.warnings().iter().map(|text| format!("cluster {name}: {text}"))),
    }
    if settings.trust == Trust::Insecure {
        warnings.push(format!(
            "cluster {name}: insecureSkipTlsVerify is on, so anybody in between can take the credential and read every session; name a certificateAuthority"
        ));
    }
    warnings
}
