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
        if let Some(server) = &server {
            self.plain_server(key, cluster, server);
        }
        let trust = self.trust(key, cluster);
        let tls_server_name = cluster.tls_server_name.clone();
        if let Some(name) = &tls_server_name {
            let advice = "must be a DNS name or an IP address, as it stands in the API server's certificate";
            self.keep(&key.field("tlsServerName"), ServerName::try_from(name.as_str()).map_err(|_| advice));
        }
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
    fn plain_server(&mut self, key: &KeyPath, cluster: &Cluster, server: &ServerUrl) {
        if server.is_tls() {
            return;
        }
        let tls_only = [
            ("certificateAuthority", cluster.certificate_authority.is_some()),
            ("tlsServerName", cluster.tls_server_name.is_some()),
            ("insecureSkipTlsVerify", cluster.insecure_skip_tls_verify),
            ("credential", matches!(cluster.credential, Credential::ClientCertificate(_))),
        ];
        for (name, _) in tls_only.into_iter().filter(|(_, present)| *present) {
            self.refuse(
                &key.field(name),
                "needs TLS, and the server's address starts with http://; write https://",
            );
        }
    }

    fn trust(&mut self, key: &KeyPath, cluster: &Cluster) -> Trust {
        if cluster.insecure_skip_tls_verify && cluster.certificate_authority.is_some() {
            let text =
                "contradicts certificateAuthority, which would not be looked at; remove one of the two";
            self.refuse(&key.field("insecureSkipTlsVerify"), text);
        }
        match &cluster.certificate_authority {
            Some(authority) => self.authority(&key.field("certificateAuthority"), authority),
            None if cluster.insecure_skip_tls_verify => Trust::Insecure,
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
