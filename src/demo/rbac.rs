//! What may be done: RBAC's rules, without roles and bindings, and the questions that they answer.

use serde::Deserialize;

use super::settings::Right;

/// One rule of RBAC, for whoever asks: the service account, or whom it impersonates. `*` stands for every verb or resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RbacRule {
    namespace: Option<String>,
    verbs: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
}

/// What somebody wants to do, as a `SelfSubjectAccessReview` asks it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attributes {
    /// Empty for all namespaces, and for what is in none.
    pub(super) namespace: String,
    pub(super) verb: String,
    pub(super) group: String,
    pub(super) resource: String,
    pub(super) subresource: String,
    /// Empty for all objects.
    pub(super) name: String,
}

impl RbacRule {
    /// These verbs on these resources, each a list with commas, everywhere: `RbacRule::new("get,list", "pods,secrets")`.
    pub fn new(verbs: &str, resources: &str) -> Self {
        let list = |text: &str| text.split(',').map(str::to_owned).collect();
        Self { namespace: None, verbs: list(verbs), resources: list(resources), names: Vec::new() }
    }

    /// The same in one namespace only, as a `RoleBinding` gives it.
    #[must_use]
    pub fn in_namespace(self, namespace: &str) -> Self {
        Self { namespace: Some(namespace.to_owned()), ..self }
    }

    /// The same on the objects of these names only.
    #[must_use]
    pub fn named(self, names: &[&str]) -> Self {
        Self { names: names.iter().map(|name| (*name).to_owned()).collect(), ..self }
    }

    /// What the manifest in docs/ gives.
    pub(super) fn manifest() -> Vec<Self> {
        Self::with_rights(&[Right::Get, Right::Create, Right::Read])
    }

    /// These parts of it.
    pub(super) fn with_rights(rights: &[Right]) -> Vec<Self> {
        let rule = |right: &Right| match right {
            Right::Get => Self::new("get", "pods/exec,pods/attach"),
            Right::Create => Self::new("create", "pods/exec,pods/attach"),
            Right::Read => Self::new("get,list", "pods,namespaces"),
        };
        rights.iter().map(rule).collect()
    }

    fn allows(&self, asked: &Attributes) -> bool {
        let has = |list: &[String], wanted: &str| list.iter().any(|one| one == "*" || one == wanted);
        // Every resource here is of the core group, but for the star.
        has(&self.verbs, &asked.verb)
            && has(&self.resources, &asked.full_resource())
            && (asked.group.is_empty() || self.resources.iter().any(|one| one == "*"))
            && self.namespace.as_ref().is_none_or(|only| *only == asked.namespace)
            && (self.names.is_empty() || self.names.contains(&asked.name))
    }
}

impl Attributes {
    /// A verb on a resource of a namespace, which is empty for all of them.
    pub(super) fn new(verb: &str, resource: &str, namespace: &str, name: &str) -> Self {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let [verb, resource, subresource, namespace, name] =
            [verb, resource, subresource, namespace, name].map(str::to_owned);
        Self { namespace, verb, group: String::new(), resource, subresource, name }
    }

    /// Whether one of `rules` gives it.
    pub(super) fn allowed_by(&self, rules: &[RbacRule]) -> bool {
        rules.iter().any(|rule| rule.allows(self))
    }

    /// The sentence of a refusal, as RBAC ends it.
    pub(super) fn not_allowed(&self, user: &str) -> String {
        let resource = self.full_resource();
        let place = match self.namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace {namespace:?}"),
        };
        let verb = &self.verb;
        format!("User {user:?} cannot {verb} resource {resource:?} in API group {:?} {place}", self.group)
    }

    fn full_resource(&self) -> String {
        match self.subresource.as_str() {
            "" => self.resource.clone(),
            subresource => format!("{}/{subresource}", self.resource),
        }
    }
}
