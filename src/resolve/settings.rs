//! What one resolver is made from.

use super::{Choice, Owner, Selector, ServiceSettings};
use crate::target::Template;

/// One resolver.
#[derive(Debug, Clone)]
pub struct ResolverSettings {
    /// Its name, by which routes choose it.
    pub name: String,
    /// How it finds pods.
    pub find: Find,
    /// The container; without it the pod's annotation says, or there is only one.
    pub container: Option<Template>,
    /// The annotation of a pod that names the container to open.
    pub container_annotation: String,
}

/// How pods are found.
#[derive(Debug, Clone)]
pub enum Find {
    /// Those with these labels.
    Labels {
        /// The labels.
        selector: Selector,
        /// Where.
        namespace: Template,
        /// Which of several.
        choose: Choice,
    },
    /// Those of a deployment, a job or another workload.
    Owner {
        /// Whose.
        of: Owner,
        /// Where.
        namespace: Template,
        /// Which of several.
        choose: Choice,
    },
    /// The one of that name.
    Pod {
        /// Its name.
        name: Template,
        /// Where.
        namespace: Template,
    },
    /// The one that a service names.
    Http(ServiceSettings),
}

impl ResolverSettings {
    /// The annotation that kubectl reads.
    pub const DEFAULT_CONTAINER_ANNOTATION: &str = "kubectl.kubernetes.io/default-container";

    /// The captures that it needs, some perhaps more than once. A service gets whatever there is and needs none.
    pub fn captures(&self) -> impl Iterator<Item = &str> {
        let templates = match &self.find {
            Find::Labels { selector, namespace, .. } => {
                selector.templates().chain([namespace]).collect::<Vec<_>>()
            }
            Find::Owner { of, namespace, .. } => of.templates().chain([namespace]).collect(),
            Find::Pod { name, namespace } => vec![name, namespace],
            Find::Http(_) => Vec::new(),
        };
        templates.into_iter().chain(&self.container).flat_map(Template::captures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_captures_that_a_resolver_needs_are_those_of_all_its_texts() {
        let template = |text: &str| Template::parse(text).unwrap();
        let captures = |find: Find| {
            let settings = ResolverSettings {
                name: "x".to_owned(),
                find,
                container: Some(template("{container}")),
                container_annotation: ResolverSettings::DEFAULT_CONTAINER_ANNOTATION.to_owned(),
            };
            settings.captures().collect::<Vec<_>>().join(" ")
        };
        let (namespace, choose) = (template("team-{team}"), Choice::Only);
        let selector = Selector::parse("app={name},owner={user}").unwrap();
        let labels = Find::Labels { selector, namespace: namespace.clone(), choose };
        assert_eq!(captures(labels), "name user team container");
        let of = Owner::parse("statefulset/{name}/{ordinal}").unwrap();
        let owner = Find::Owner { of, namespace: namespace.clone(), choose };
        assert_eq!(captures(owner), "name ordinal team container");
        assert_eq!(captures(Find::Pod { name: template("web-0"), namespace }), "team container");
    }
}
