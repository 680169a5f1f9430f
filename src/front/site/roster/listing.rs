//! Reads lists page by page, and of each object as much as a roster needs.

use http::HeaderMap;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{MOST_PODS, Names, RosterError, Sources};
use crate::target::{ContainerName, Namespace, PodName, ReadOptions, Resource, Shape};
use crate::upstream::{self, Compression, Forms, ReadRequest};

/// A page of a list.
#[derive(Deserialize)]
struct List<T> {
    #[serde(default)]
    metadata: ListMetadata,
    // Go writes an empty list as null where nobody made one.
    items: Option<Vec<T>>,
}

#[derive(Default, Deserialize)]
struct ListMetadata {
    #[serde(rename = "continue", default)]
    resume: String,
}

/// A namespace.
#[derive(Deserialize)]
pub(super) struct NamespaceItem {
    metadata: Metadata,
}

/// A pod.
#[derive(Deserialize)]
pub(super) struct PodItem {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    namespace: String,
    annotations: Option<Annotations>,
}

#[derive(Deserialize)]
struct Annotations {
    #[serde(rename = "kubectl.kubernetes.io/default-container")]
    default_container: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    containers: Vec<Container>,
    init_containers: Option<Vec<Container>>,
    ephemeral_containers: Option<Vec<Container>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    name: String,
    /// Of an init container: `Always` for one that goes on beside the others.
    restart_policy: Option<String>,
}

/// What was listed.
pub(super) struct Listed<T> {
    pub(super) items: Vec<T>,
    /// Whether there are more than that.
    pub(super) is_cut: bool,
}

/// A page is held whole, and an object may have a megabyte: less than kubectl asks for.
const PAGE: &str = "limit=100";

impl Sources {
    /// All objects of a list, up to as many as are told.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        resource: &Resource,
        selector: &str,
    ) -> Result<Listed<T>, RosterError> {
        let (mut items, mut query) = (Vec::new(), format!("{PAGE}{selector}"));
        loop {
            let List { metadata, items: more } = self.page(resource.clone(), &query).await?;
            items.extend(more.unwrap_or_default());
            let is_whole = metadata.resume.is_empty();
            if is_whole || items.len() > MOST_PODS {
                return Ok(Listed { items, is_cut: !is_whole });
            }
            query = format!("{PAGE}{selector}&continue={}", metadata.resume);
        }
    }

    async fn page<T: DeserializeOwned>(
        &self,
        resource: Resource,
        query: &str,
    ) -> Result<List<T>, RosterError> {
        let grant = self.grant(resource)?;
        let request = ReadRequest {
            options: ReadOptions::parse_query(Shape::List, query).expect("a limit, and what a list told"),
            forms: Forms::accepted(Shape::List, &HeaderMap::new()).expect("JSON is accepted by default"),
            compression: Compression::Identity,
        };
        let answer = upstream::read(grant, &self.cluster, &request, &self.seal).await?;
        let cluster = || self.cluster.name().clone();
        let body = answer.body.collect().await;
        let body = body.map_err(|source| RosterError::Body { cluster: cluster(), source })?.to_bytes();
        serde_json::from_slice(&body).map_err(|source| RosterError::Json { cluster: cluster(), source })
    }
}

impl NamespaceItem {
    pub(super) fn name(self) -> Option<Namespace> {
        Namespace::parse(self.metadata.name).ok()
    }
}

impl PodItem {
    /// Its names, the containers in order: first the one that its owner names for that, then its own, then those that were added.
    pub(super) fn names(self) -> Option<Names> {
        let Spec { containers, init_containers, ephemeral_containers } = self.spec;
        let beside = |container: &Container| container.restart_policy.as_deref() == Some("Always");
        let beside = init_containers.into_iter().flatten().filter(beside);
        let all = containers.into_iter().chain(ephemeral_containers.into_iter().flatten()).chain(beside);
        let mut names: Vec<ContainerName> =
            all.map(|container| ContainerName::parse(container.name).ok()).collect::<Option<_>>()?;
        let first = self.metadata.annotations.and_then(|annotations| annotations.default_container);
        names.sort_by_key(|name| first.as_deref() != Some(name.as_str()));
        Some((
            Namespace::parse(self.metadata.namespace).ok()?,
            PodName::parse(self.metadata.name).ok()?,
            names,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_containers_of_a_pod_stand_in_the_order_in_which_they_are_meant() {
        let pod: PodItem = serde_json::from_value(serde_json::json!({
            "metadata": {
                "name": "web-0",
                "namespace": "default",
                "annotations": {"kubectl.kubernetes.io/default-container": "app", "other": "x"},
            },
            "spec": {
                "containers": [{"name": "proxy"}, {"name": "app"}],
                "initContainers": [{"name": "migrate"}, {"name": "logs", "restartPolicy": "Always"}],
                "ephemeralContainers": [{"name": "debug-1"}],
            },
        }))
        .unwrap();
        let (_, _, containers) = pod.names().unwrap();
        let containers: Vec<&str> = containers.iter().map(ContainerName::as_str).collect();
        assert_eq!(containers, ["app", "proxy", "debug-1", "logs"]);
    }
}
