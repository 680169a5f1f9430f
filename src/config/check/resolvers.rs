//! Target resolvers: names, templates and services.

use super::Check;
use crate::{
    cluster::{CredentialSettings, Trust},
    config::{
        file::{self, ByLabels, ByOwner, ByService, Secret, TargetResolver},
        key::KeyPath,
    },
    resolve::{Choice, Find, Owner, ResolverSettings, Selector, ServiceSettings, ServiceUrl},
    target::{ContainerName, NameError, Namespace, PodName, Template},
};

impl Check<'_> {
    pub(super) fn resolvers(&mut self, resolvers: &[TargetResolver]) -> Vec<ResolverSettings> {
        let key = KeyPath::root().field("targetResolvers");
        let mut settings = Vec::new();
        for (index, resolver) in resolvers.iter().enumerate() {
            let key = key.index(index);
            if resolver.name.trim().is_empty() {
                self.refuse(&key.field("name"), "is empty; routes choose resolvers by it");
            }
            let first = resolvers.iter().position(|other| other.name == resolver.name);
            if let Some(first) = first.filter(|first| *first != index) {
                let text = format!(
                    "targetResolvers[{first}] is named {:?} too; each resolver needs a name of its own",
                    resolver.name
                );
                self.refuse(&key.field("name"), text);
            }
            settings.extend(self.resolver(&key, resolver));
        }
        settings
    }

    fn resolver(&mut self, key: &KeyPath, resolver: &TargetResolver) -> Option<ResolverSettings> {
        let container = resolver.container.as_deref();
        let container =
            container.map(|text| self.name_template(&key.field("container"), text, ContainerName::parse));
        if resolver.container_annotation.is_empty() {
            let text = "is empty; name an annotation, or leave the key out for kubectl's";
            self.refuse(&key.field("containerAnnotation"), text);
        }
        let find = self.find(&key.field("find"), &resolver.find);
        Some(ResolverSettings {
            name: resolver.name.clone(),
            find: find?,
            container: match container {
                None => None,
                Some(template) => Some(template?),
            },
            container_annotation: resolver.container_annotation.clone(),
        })
    }

    fn find(&mut self, key: &KeyPath, find: &file::Find) -> Option<Find> {
        match find {
            file::Find::Labels(ByLabels { selector, namespace, choose }) => {
                let key = key.field("labels");
                let selector = self.keep(&key.field("selector"), Selector::parse(selector));
                let namespace = self.name_template(&key.field("namespace"), namespace, Namespace::parse);
                Some(Find::Labels { selector: selector?, namespace: namespace?, choose: (*choose).into() })
            }
            file::Find::Owner(ByOwner { of, namespace, choose }) => {
                let key = key.field("owner");
                let of = self.keep(&key.field("of"), Owner::parse(of));
                let namespace = self.name_template(&key.field("namespace"), namespace, Namespace::parse);
                Some(Find::Owner { of: of?, namespace: namespace?, choose: (*choose).into() })
            }
            file::Find::Pod(by_name) => {
                let key = key.field("pod");
                let name = self.name_template(&key.field("name"), &by_name.name, PodName::parse);
                let namespace =
                    self.name_template(&key.field("namespace"), &by_name.namespace, Namespace::parse);
                Some(Find::Pod { name: name?, namespace: namespace? })
            }
            file::Find::Http(service) => self.service(&key.field("http"), service).map(Find::Http),
        }
    }

    /// A template of names. What is right wherever a capture stands shows whether the rest can be in a name.
    fn name_template<T>(
        &mut self,
        key: &KeyPath,
        text: &str,
        parse: fn(String) -> Result<T, NameError>,
    ) -> Option<Template> {
        let template = self.keep(key, Template::parse(text))?;
        self.keep(key, parse(template.fill_each("x")))?;
        Some(template)
    }

    fn service(&mut self, key: &KeyPath, service: &ByService) -> Option<ServiceSettings> {
        let url = self.service_url(&key.field("url"), &service.url);
        let authority_key = key.field("certificateAuthority");
        if service.certificate_authority.is_some() && url.as_ref().is_some_and(|url| !url.is_tls()) {
            self.refuse(&authority_key, "needs TLS, and the url starts with http://; write https://");
        }
        let trust = service.certificate_authority.as_ref();
        let trust = trust.map_or(Trust::SystemRoots, |authority| self.authority(&authority_key, authority));
        let secret = service.secret.as_ref().map(|secret| self.secret(&key.field("secret"), secret));
        let timeout = self.positive(&key.field("timeout"), service.timeout);
        Some(ServiceSettings { url: url?, secret, trust, timeout })
    }

    /// A service's address; one for all questions.
    fn service_url(&mut self, key: &KeyPath, text: &str) -> Option<ServiceUrl> {
        if text.contains(['{', '}']) {
            self.refuse(
                key,
                "has braces, and nothing is filled in here: captures are sent in the question's body; write the address without them",
            );
            return None;
        }
        self.keep(key, ServiceUrl::parse(text))
    }

    fn secret(&mut self, key: &KeyPath, secret: &Secret) -> CredentialSettings {
        match secret {
            Secret::Env(name) => {
                self.environment_variable(&key.field("env"), name);
                CredentialSettings::TokenEnv(name.clone())
            }
            Secret::File(path) => CredentialSettings::TokenFile(self.token_file(&key.field("file"), path)),
        }
    }
}

impl From<file::Choose> for Choice {
    fn from(choose: file::Choose) -> Self {
        match choose {
            file::Choose::NewestReady => Self::NewestReady,
            file::Choose::Only => Self::Only,
        }
    }
}
