//! From what an address says to pods: asked of a cluster, and of services that know or do not know.

#![allow(clippy::unwrap_used, reason = "what goes wrong in a test's own set-up fails the test")]

#[path = "support/support.rs"]
mod support;

mod resolve {
    #[cfg(feature = "demo")]
    mod pods;
    mod refusals;
    mod rude;
    mod services;
    mod tls;
}

use execgate::cluster::{CredentialSettings, Trust};
use execgate::identity::Principal;
use execgate::resolve::{
    Choice, Find, Found, ResolveError, Resolver, ResolverSettings, Selector, ServiceSettings, ServiceUrl,
    choose,
};
use execgate::target::{Captures, Template};

use support::house::{House, TOKEN, chain};

/// Execgate's secret at the service: no text may show it.
const SECRET: &str = "s3cret-of-scow";

impl House {
    async fn find(&self, find: Find, captures: &[(&str, &str)]) -> Result<Found, ResolveError> {
        let found = resolver(find).find(&self.cluster(), &alice(), &captured(captures)).await;
        if let Err(error) = &found {
            self.assert_discreet(error);
        }
        found
    }

    /// Nobody reads a secret, and the user nothing of how anything is reached.
    fn assert_discreet(&self, error: &ResolveError) {
        let (user, log) = (error.for_user(), chain(error));
        let folder = self.folder.path().to_string_lossy();
        for hidden in [TOKEN, SECRET, "127.0.0.1", "node-1", &*folder] {
            assert!(!user.contains(hidden), "{user}");
        }
        assert!(!log.contains(TOKEN) && !log.contains(SECRET), "{log}");
        assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
    }
}

fn resolver(find: Find) -> Resolver {
    Resolver::new(settings(find)).unwrap()
}

fn settings(find: Find) -> ResolverSettings {
    ResolverSettings {
        name: "scow".to_owned(),
        find,
        container: None,
        container_annotation: ResolverSettings::DEFAULT_CONTAINER_ANNOTATION.to_owned(),
    }
}

fn template(text: &str) -> Template {
    Template::parse(text).unwrap()
}

fn labels(selector: &str, choose: Choice) -> Find {
    Find::Labels { selector: Selector::parse(selector).unwrap(), namespace: template("workloads"), choose }
}

fn named(pod: &str) -> Find {
    Find::Pod { name: template(pod), namespace: template("workloads") }
}

fn service(url: &str) -> ServiceSettings {
    ServiceSettings {
        url: ServiceUrl::parse(url).unwrap(),
        secret: None,
        trust: Trust::SystemRoots,
        timeout: ServiceSettings::DEFAULT_TIMEOUT,
    }
}

fn alice() -> Principal {
    Principal::for_explaining("alice", ["people", "on-call"])
}

/// What a route captured, for alice in the namespace `workloads`.
fn captured(captures: &[(&str, &str)]) -> Captures {
    let mut all = Captures::default();
    all.set(Captures::USER, "alice");
    all.set("namespace", "workloads");
    for (name, value) in captures {
        all.set(*name, *value);
    }
    all
}

/// What somebody who may open everything gets: pod and container.
fn opened(found: &Found) -> Result<(String, String), ResolveError> {
    let (target, container) = choose(found, |_, _| true)?;
    Ok((target.pod.to_string(), container.to_string()))
}

fn names(found: &Found) -> Vec<&str> {
    found.candidates().iter().map(|candidate| candidate.pod.as_str()).collect()
}
