//! As much of a kubeconfig as says where a cluster is. Users and their credentials are not read.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::target::Authority;

/// Where to look for a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Where kubectl does.
    Usual,
    /// In this file.
    File(PathBuf),
}

/// Nothing stands for the usual place.
impl From<&str> for Place {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Usual } else { Self::File(text.into()) }
    }
}

/// One or several files, in which what comes first counts (client-go `tools/clientcmd/loader.go`).
#[derive(Debug, Default)]
pub(super) struct Kubeconfig {
    current_context: Option<String>,
    contexts: Vec<(String, Context)>,
    clusters: Vec<(String, Entry)>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    current_context: Option<String>,
    contexts: Option<Vec<NamedContext>>,
    clusters: Option<Vec<NamedCluster>>,
}

#[derive(Debug, Deserialize)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(Debug, Deserialize)]
struct Context {
    cluster: String,
}

#[derive(Debug, Deserialize)]
struct NamedCluster {
    name: String,
    cluster: Entry,
}

/// A cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Entry {
    pub(super) server: String,
    certificate_authority: Option<PathBuf>,
    certificate_authority_data: Option<String>,
    #[serde(default)]
    insecure_skip_tls_verify: bool,
    pub(super) tls_server_name: Option<String>,
    pub(super) proxy_url: Option<String>,
}

impl Kubeconfig {
    /// Reads what is there.
    pub(super) fn read(place: &Place) -> anyhow::Result<Self> {
        let paths = match place {
            Place::File(file) => vec![file.clone()],
            Place::Usual => usual_places()?,
        };
        let mut whole = Self::default();
        for path in &paths {
            match fs::read_to_string(path) {
                Ok(text) => whole.take(path, &text)?,
                Err(error) if *place != Place::Usual || error.kind() != ErrorKind::NotFound => {
                    return Err(error)
                        .with_context(|| format!("cannot read the kubeconfig {}", path.display()));
                }
                Err(_) => {}
            }
        }
        if whole.clusters.is_empty() {
            let places: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            bail!("there is no cluster in {}; name a kubeconfig with --kubeconfig FILE", places.join(", "));
        }
        Ok(whole)
    }

    /// The cluster of that context, or of the current one, with its name.
    pub(super) fn cluster(&self, context: Option<&str>) -> anyhow::Result<(&str, &Entry)> {
        let current = self.current_context.as_deref().filter(|name| !name.is_empty());
        let wanted = context.or(current);
        let wanted = wanted.context("the kubeconfig has no current context; say which with --context")?;
        let names: Vec<&str> = self.contexts.iter().map(|(name, _)| name.as_str()).collect();
        let (_, context) = self.contexts.iter().find(|(name, _)| name == wanted).with_context(|| {
            format!("the kubeconfig has no context {wanted:?}; it has {}", names.join(", "))
        })?;
        let cluster = self.clusters.iter().find(|(name, _)| *name == context.cluster);
        let (name, entry) = cluster.with_context(|| {
            format!(
                "the context {wanted:?} is about the cluster {:?}, which the kubeconfig does not have",
                context.cluster
            )
        })?;
        Ok((name, entry))
    }

    fn take(&mut self, path: &Path, text: &str) -> anyhow::Result<()> {
        // A snippet would show the lines around an error, and somebody's token with them.
        let options = serde_yaml::options! { with_snippet: false };
        let parsed = serde_yaml::from_str_with_options::<Document>(text, options);
        let document = parsed.map_err(|error| anyhow::anyhow!("{error}"));
        let document = document.with_context(|| format!("{} is no kubeconfig", path.display()))?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        self.current_context = self.current_context.take().or(document.current_context);
        for NamedContext { name, context } in document.contexts.unwrap_or_default() {
            if self.contexts.iter().all(|(other, _)| *other != name) {
                self.contexts.push((name, context));
            }
        }
        for NamedCluster { name, mut cluster } in document.clusters.unwrap_or_default() {
            cluster.certificate_authority = cluster.certificate_authority.map(|file| folder.join(file));
            if self.clusters.iter().all(|(other, _)| *other != name) {
                self.clusters.push((name, cluster));
            }
        }
        Ok(())
    }
}

impl Entry {
    /// Whom to believe. What stands in the kubeconfig itself wins over a file, as for kubectl.
    pub(super) fn authority(&self) -> anyhow::Result<Authority> {
        if let Some(data) = self.certificate_authority_data.as_ref().filter(|data| !data.is_empty()) {
            let pem = BASE64_STANDARD.decode(data.trim()).ok().and_then(|pem| String::from_utf8(pem).ok());
            return pem.map(Authority::Pem).context("its certificate-authority-data is no PEM in base64");
        }
        Ok(match &self.certificate_authority {
            Some(file) => Authority::File(file.clone()),
            None if self.insecure_skip_tls_verify => Authority::Insecure,
            None => Authority::System,
        })
    }
}

/// `KUBECONFIG`, which may list several files, or the file in the user's folder.
fn usual_places() -> anyhow::Result<Vec<PathBuf>> {
    let listed = env::var_os("KUBECONFIG").filter(|list| !list.is_empty());
    if let Some(list) = listed {
        return Ok(env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect());
    }
    let home =
        env::home_dir().context("this user has no home folder; name a kubeconfig with --kubeconfig FILE")?;
    Ok(vec![home.join(".kube/config")])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "
apiVersion: v1
kind: Config
current-context: dev
contexts:
  - {name: dev, context: {cluster: kind-dev, user: me}}
  - {name: prod, context: {cluster: kind-prod, user: me, namespace: a}}
clusters:
  - {name: kind-dev, cluster: {server: 'https://127.0.0.1:6443', certificate-authority: ca.crt}}
  - {name: kind-prod, cluster: {server: 'https://prod', certificate-authority-data: Y2VydA==, extensions: [{}]}}
users:
  - {name: me, user: {token: never-read}}
";

    fn read(texts: &[&str]) -> Kubeconfig {
        let mut whole = Kubeconfig::default();
        for text in texts {
            whole.take(Path::new("/home/me/.kube/config"), text).unwrap();
        }
        whole
    }

    #[test]
    fn the_current_context_or_the_named_one_says_which_cluster() {
        let kubeconfig = read(&[TWO]);
        let (name, entry) = kubeconfig.cluster(None).unwrap();
        assert_eq!((name, entry.server.as_str()), ("kind-dev", "https://127.0.0.1:6443"));
        assert_eq!(entry.authority().unwrap(), Authority::File("/home/me/.kube/ca.crt".into()));
        let (_, entry) = kubeconfig.cluster(Some("prod")).unwrap();
        assert_eq!(entry.authority().unwrap(), Authority::Pem("cert".to_owned()));
        let error = kubeconfig.cluster(Some("test")).unwrap_err();
        assert_eq!(error.to_string(), "the kubeconfig has no context \"test\"; it has dev, prod");
        assert!(!format!("{kubeconfig:?}").contains("never-read"));
    }

    #[test]
    fn of_several_files_what_comes_first_counts() {
        let first =
            "current-context: prod\nclusters: [{name: kind-prod, cluster: {server: 'https://mine'}}]\n";
        let kubeconfig = read(&[first, TWO]);
        let (_, entry) = kubeconfig.cluster(None).unwrap();
        assert_eq!(entry.server, "https://mine");
        assert_eq!(entry.authority().unwrap(), Authority::System);
        assert!(read(&["{}"]).cluster(None).is_err());
    }
}
