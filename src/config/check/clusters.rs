//! Clusters: names, addresses, trust and credentials.

use std::time::Duration;

use rustls::pki_types::ServerName;

use super::Check;
use crate::{
    cluster::{CredentialSettings, ServerUrl, Settings, Trust},
    config::{
        file::{CertificateAuthority, Cluster, Credential},
        key::KeyPath,
    },
    target::ClusterName,
};

/// The kernel counts in whole seconds and takes no more than 32767 of them.
const KEEPALIVE_RANGE: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(9);

/// Of what means nothing without TLS.
const NEEDS_TLS: &str = "needs TLS, and the server's address starts with http://; write https://";

/// How a server is believed, as it stands in the file.
pub(super) struct TlsKeys<'a> {
    pub(super) authority: Option<&'a CertificateAuthority>,
    pub(super) server_name: Option<&'a str>,
    pub(super) insecure: bool,
}

impl Check<'_> {
    pub(super) fn clusters(&mut self, clusters: &[Cluster]) -> Vec<Settings> {
        let key = KeyPath::root().field("clusters");
        if clusters.is_empty() {
            self.refuse(&key, "must have an entry: the API server to reach");
        }
        for (index, cluster) in clusters.iter().enumerate() {
            let first = clusters.iter().position(|other| other.name == cluster.name);
            if let Some(first) = first.filter(|first| *first != index) {
                let text = format!(
                    "clusters[{first}] is named {:?} too; each cluster needs a name of its own",
                    cluster.name
                );
                self.refuse(&key.index(index).field("name"), text);
            }
        }
        let settings =
            clusters.iter().enumerate().map(|(index, cluster)| self.cluster(&key.index(index), cluster));
        settings.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn cluster(&mut self, key: &KeyPath, cluster: &Cluster) -> Option<Settings> {
        let name = self.keep(&key.field("name"), ClusterName::parse(&cluster.name));
        let server = self.keep(&key.field("server"), ServerUrl::parse(&cluster.server));
        let tls = TlsKeys {
            authority: cluster.certificate_authority.as_ref(),
            server_name: cluster.tls_server_name.as_deref(),
            insecure: cluster.insecure_skip_tls_verify,
        };
        if let Some(server) = &server {
            self.plain_server(key, server, &tls);
            self.plain_credential(key, server, &cluster.credential);
        }
        let trust = self.trust(key, &tls);
        let tls_server_name = cluster.tls_server_name.clone();
        let credential = self.credential(&key.field("credential"), &cluster.credential);
        let connect_timeout = self.positive(&key.field("connectTimeout"), cluster.connect_timeout);
        if !KEEPALIVE_RANGE.contains(&cluster.keepalive.0) {
            self.refuse(&key.field("keepalive"), "must be from 1s to 9h");
        }
        Some(Settings {
            name: name?,
            server: server?,
            trust,
            tls_server_name,
            credential,
            connect_timeout,
            keepalive: cluster.keepalive.0,
            impersonate: cluster.impersonate,
        })
    }

    /// What only means something with TLS is refused without it: the writer believes to be protected.
    pub(super) fn plain_server(&mut self, key: &KeyPath, server: &ServerUrl, tls: &TlsKeys<'_>) {
        let tls_only = [
            ("certificateAuthority", tls.authority.is_some()),
            ("tlsServerName", tls.server_name.is_some()),
            ("insecureSkipTlsVerify", tls.insecure),
        ];
        for (name, _) in tls_only.into_iter().filter(|(_, present)| *present && !server.is_tls()) {
            self.refuse(&key.field(name), NEEDS_TLS);
        }
    }

    fn plain_credential(&mut self, key: &KeyPath, server: &ServerUrl, credential: &Credential) {
        if matches!(credential, Credential::ClientCertificate(_)) && !server.is_tls() {
            self.refuse(&key.field("credential"), NEEDS_TLS);
        }
    }

    pub(super) fn trust(&mut self, key: &KeyPath, tls: &TlsKeys<'_>) -> Trust {
        if let Some(name) = tls.server_name {
            let advice = "must be a DNS name or an IP address, as it stands in the server's certificate";
            self.keep(&key.field("tlsServerName"), ServerName::try_from(name).map_err(|_| advice));
        }
        if tls.insecure && tls.authority.is_some() {
            let text =
                "contradicts certificateAuthority, which would not be looked at; remove one of the two";
            self.refuse(&key.field("insecureSkipTlsVerify"), text);
        }
        match tls.authority {
            Some(authority) => self.authority(&key.field("certificateAuthority"), authority),
            None if tls.insecure => Trust::Insecure,
            None => Trust::SystemRoots,
        }
    }

    pub(super) fn authority(&mut self, key: &KeyPath, authority: &CertificateAuthority) -> Trust {
        match authority {
            CertificateAuthority::File(path) => Trust::File(self.certificate_file(&key.field("file"), path)),
            CertificateAuthority::Inline(pem) => {
                self.certificates(&key.field("inline"), pem.as_bytes());
                Trust::Inline(pem.clone())
            }
        }
    }

    fn credential(&mut self, key: &KeyPath, credential: &Credential) -> CredentialSettings {
        match credential {
            Credential::TokenEnv(name) => {
                self.environment_variable(&key.field("tokenEnv"), name);
                CredentialSettings::TokenEnv(name.clone())
            }
            Credential::TokenFile(path) => {
                CredentialSettings::TokenFile(self.token_file(&key.field("tokenFile"), path))
            }
            Credential::ClientCertificate(pair) => {
                let (cert_file, key_file) = self.certificate_pair(&key.field("clientCertificate"), pair);
                CredentialSettings::ClientCertificate { cert_file, key_file }
            }
        }
    }
}
