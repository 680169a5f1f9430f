//! Dialling an API server: what goes out, what is taken for an answer, and what is told of everything else.

#![allow(clippy::unwrap_used, reason = "what goes wrong in a test's own set-up fails the test")]

#[path = "support/support.rs"]
mod support;

mod upstream {
    mod asking;
    mod credentials;
    mod handshake;
    mod negotiation;
    mod refusals;
    mod rude_server;
    mod silence;
    mod tls;
}

use std::time::Duration;

use execgate::{
    identity::Principal,
    policy::{Effect, Grant, Pattern, Permission, Policy, Rule, Subjects},
    protocol::Wanted,
    target::{ClusterName, ExecOptions, ExecTarget, Namespace, PodName, Verb},
    upstream::{Connected, DialError, dial},
};

use support::house::{House, TOKEN, chain};

impl House {
    /// Little time, for servers that say nothing.
    fn hasty(self) -> Self {
        self.with(|settings| settings.connect_timeout = Duration::from_millis(150))
    }

    async fn dial(&self, wanted: Wanted) -> Result<Connected, DialError> {
        dial(&grant("alpha"), &self.cluster(), wanted).await
    }

    async fn refused(&self) -> DialError {
        let error = self.dial(Wanted::V4).await.unwrap_err();
        self.assert_discreet(&error);
        error
    }

    /// The user reads the cluster's name and nothing of how it is reached; nobody reads the token.
    fn assert_discreet(&self, error: &DialError) {
        let user = error.for_user();
        assert!(user.contains("alpha"), "{user}");
        let folder = self.folder.path().to_string_lossy();
        for secret in [TOKEN, "127.0.0.1", "localhost", "node-1", &*folder] {
            assert!(!user.contains(secret), "{user}");
        }
        assert!(!chain(error).contains(TOKEN), "{}", chain(error));
    }
}

fn grant(cluster: &str) -> Grant {
    let rule = Rule {
        name: "everything".to_owned(),
        effect: Effect::Allow,
        subjects: Subjects { users: vec![Pattern::new("alice")], groups: vec![] },
        clusters: vec![],
        verbs: vec![Permission::Exec],
        namespaces: vec![],
        pods: vec![],
        containers: vec![],
        commands: vec![],
    };
    let target = ExecTarget {
        cluster: ClusterName::parse(cluster).unwrap(),
        namespace: Namespace::parse("default").unwrap(),
        pod: PodName::parse("web-0").unwrap(),
    };
    let options =
        ExecOptions::parse_query(Verb::Exec, "command=sh&command=-c&command=a%20b&stdin=1&stdout=1");
    Policy::new(execgate::policy::Settings { rules: vec![rule] })
        .authorize(Principal::for_explaining("alice", ["developers", "on-call"]), target, options.unwrap())
        .unwrap()
}
