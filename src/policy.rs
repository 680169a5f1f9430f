//! May they? Rules in, a grant or a denial out. Default deny.
//!
//! Deny rules are asked first, then allow rules; where none speaks, the answer is no. Only this room can make a [`Grant`], and
//! whatever dials a cluster takes one.

mod denial;
mod explain;
mod grant;
mod permission;
mod question;
mod read_grant;
mod rules;
mod settings;
mod sought;

use std::sync::Arc;

use crate::{
    identity::Principal,
    target::{ClusterName, Command, ExecOptions, ExecTarget, Namespace, ReadTarget, Resource},
};

pub use denial::Denial;
pub use explain::{Decision, NearMiss};
pub use grant::Grant;
pub use permission::Permission;
pub use question::{Question, Wish};
pub use read_grant::{Inside, ReadGrant};
pub use rules::Field;
pub use settings::{CommandPattern, Effect, Pattern, Rule, Settings, Subjects, WordPattern};

use self::sought::Sought;

/// The rules in force. A clone shares them.
#[derive(Debug, Clone)]
pub struct Policy {
    rules: Arc<[Rule]>,
}

impl Policy {
    /// A policy of these rules. Without any, it allows nothing.
    pub fn new(settings: Settings) -> Self {
        Self { rules: settings.rules.into() }
    }

    /// Decides what was asked, once and for all. Of shells that have to be found each is judged as the command of its name, and those
    /// that may not be run are not tried.
    pub fn authorize(
        &self,
        principal: Principal,
        target: ExecTarget,
        mut options: ExecOptions,
    ) -> Result<Grant, Denial> {
        if let Some(shells) = options.command.shells() {
            let alone = |name: &str| ExecOptions { command: Command::new([name]), ..options.clone() };
            let judged = |name: &str| self.judge(&Question::session(&principal, &target, &alone(name)));
            let Some(allowed) = shells.filtered(|name| judged(name).is_ok()) else {
                return Err(Denial::new(&Question::session(&principal, &target, &options), None));
            };
            let rule = allowed.names().map(judged).find_map(Result::ok).unwrap_or_default();
            options.command = Command::shell(allowed);
            return Ok(Grant::new(principal, target, options, rule));
        }
        let rule = self.judge(&Question::session(&principal, &target, &options))?;
        Ok(Grant::new(principal, target, options, rule))
    }

    /// Decides whether something may be read. A single namespace is judged as the list of them shows it, so that asking for names
    /// tells no more than listing them.
    pub fn authorize_read(&self, principal: Principal, target: ReadTarget) -> Result<ReadGrant, Denial> {
        let rule = self.judge(&Question::read(&principal, &target))?;
        let grant = ReadGrant::new(principal, target, rule, Arc::clone(&self.rules));
        match &grant.target().resource {
            Resource::Namespace(namespace) if !grant.shows_namespace(namespace) => {
                Err(Denial::new(&Question::read(grant.principal(), grant.target()), None))
            }
            _ => Ok(grant),
        }
    }

    /// Whether there is anything at all that `principal` may do of that kind on `cluster`.
    pub fn reaches(&self, principal: &Principal, permission: Permission, cluster: &ClusterName) -> bool {
        rules::allow(&self.rules, &Sought::anything(principal, permission, cluster))
    }

    /// Says no to whoever may do nothing at all of that kind on `cluster`.
    pub fn enter(
        &self,
        principal: &Principal,
        permission: Permission,
        cluster: &ClusterName,
    ) -> Result<(), Denial> {
        if self.reaches(principal, permission, cluster) {
            return Ok(());
        }
        Err(Denial::anywhere(principal, permission, cluster))
    }

    /// The one namespace in which `principal` may open sessions on `cluster`, if the rules name one and no other.
    pub fn sole_namespace(&self, principal: &Principal, cluster: &ClusterName) -> Option<Namespace> {
        let mut sole = None;
        let sought = [Permission::Exec, Permission::Attach]
            .map(|permission| Sought::anything(principal, permission, cluster));
        let allowed = self.rules.iter().filter(|rule| {
            rule.effect == Effect::Allow
                && sought.iter().any(|sought| rules::first_mismatch(rule, sought).is_none())
        });
        for rule in allowed {
            let [pattern] = &rule.namespaces[..] else { return None };
            // A pattern for several is no namespace's name.
            let namespace = Namespace::parse(pattern.to_string()).ok()?;
            if sole.get_or_insert_with(|| namespace.clone()) != &namespace {
                return None;
            }
        }
        sole
    }

    /// Decides as [`Policy::authorize`] does, and says by which rule, or which allow rules came near.
    pub fn explain<'a>(
        &'a self,
        principal: &'a Principal,
        target: &'a ExecTarget,
        options: &'a ExecOptions,
    ) -> Decision<'a> {
        Decision::new(&self.rules, Question::session(principal, target, options))
    }

    /// Decides as [`Policy::authorize_read`] does by rules alone, and says by which one, or which allow rules came near.
    pub fn explain_read<'a>(&'a self, principal: &'a Principal, target: &'a ReadTarget) -> Decision<'a> {
        Decision::new(&self.rules, Question::read(principal, target))
    }

    /// The name of the allow rule that decides.
    fn judge(&self, question: &Question<'_>) -> Result<String, Denial> {
        match rules::decide(&self.rules, &Sought::of(question)) {
            Some(rule) if rule.effect == Effect::Allow => Ok(rule.name.clone()),
            other => Err(Denial::new(question, other.map(|rule| rule.name.clone()))),
        }
    }
}

#[cfg(test)]
mod tests;
