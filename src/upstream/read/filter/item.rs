//! As much of an object as says whether it is shown.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{
    policy::{Inside, ReadGrant},
    target::{ContainerName, Namespace, PodName, Resource},
};

/// One object of a list.
#[derive(Debug, Deserialize)]
#[serde(bound = "'de: 'a")]
pub(super) struct Item<'a> {
    metadata: Metadata<'a>,
    /// Only a whole object has it; a namespace's says nothing here.
    #[serde(default)]
    spec: Option<Spec<'a>>,
}

/// One row of a table, which comes with the object that it is about.
#[derive(Debug, Deserialize)]
#[serde(bound = "'de: 'a")]
struct Row<'a> {
    object: Item<'a>,
}

#[derive(Debug, Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    namespace: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound = "'de: 'a")]
struct Spec<'a> {
    #[serde(default)]
    containers: Option<Vec<Named<'a>>>,
    #[serde(default)]
    init_containers: Option<Vec<Named<'a>>>,
    #[serde(default)]
    ephemeral_containers: Option<Vec<Named<'a>>>,
}

#[derive(Debug, Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

impl<'a> Item<'a> {
    /// An object; `None` if it is none, or says something twice.
    pub(super) fn parse(json: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The object of a row.
    pub(super) fn of_row(json: &'a [u8]) -> Option<Self> {
        serde_json::from_slice::<Row<'a>>(json).ok().map(|row| row.object)
    }

    /// Whether the reader of the list is shown it. What cannot be judged is not shown.
    pub(super) fn is_shown_by(&self, grant: &ReadGrant) -> bool {
        match &grant.target().resource {
            Resource::Pods(namespace) => self.is_shown_pod(grant, namespace).unwrap_or(false),
            Resource::Namespaces => {
                Namespace::parse(&*self.metadata.name).is_ok_and(|name| grant.shows_namespace(&name))
            }
            Resource::Version | Resource::Discovery(_) | Resource::Namespace(_) | Resource::Pod(..) => false,
        }
    }

    fn is_shown_pod(&self, grant: &ReadGrant, namespace: &Namespace) -> Option<bool> {
        if self.metadata.namespace.as_deref() != Some(namespace.as_str()) {
            return None;
        }
        let pod = PodName::parse(&*self.metadata.name).ok()?;
        Some(match &self.spec {
            None => grant.shows_pod(namespace, &pod, Inside::Unknown),
            Some(spec) => grant.shows_pod(namespace, &pod, Inside::Known(&spec.containers()?)),
        })
    }
}

impl Spec<'_> {
    /// All containers that an exec can name.
    fn containers(&self) -> Option<Vec<ContainerName>> {
        let lists = [&self.containers, &self.init_containers, &self.ephemeral_containers];
        let named = lists.into_iter().flatten().flatten();
        named.map(|container| ContainerName::parse(&*container.name).ok()).collect()
    }
}
