//! Rules: names, subjects, patterns and the clusters that they speak of.

use super::Check;
use crate::{
    config::{
        file::{self, CommandWords, File, Subjects},
        key::KeyPath,
        suggest,
    },
    policy::{CommandPattern, Effect, Pattern, Permission, Rule, Settings},
};

impl Check<'_> {
    pub(super) fn policy(&mut self, file: &File) -> Settings {
        let key = KeyPath::root().field("policy");
        let mut rules = Vec::new();
        for (index, rule) in file.policy.iter().enumerate() {
            let key = key.index(index);
            let first = file.policy.iter().position(|other| other.name == rule.name);
            if let Some(first) = first.filter(|first| *first != index) {
                let text = format!(
                    "policy[{first}] is named {:?} too; each rule needs a name of its own",
                    rule.name
                );
                self.refuse(&key.field("name"), text);
            }
            rules.push(self.rule(&key, rule, file));
        }
        Settings { rules }
    }

    fn rule(&mut self, key: &KeyPath, rule: &file::Rule, file: &File) -> Rule {
        if rule.name.trim().is_empty() {
            self.refuse(&key.field("name"), "is empty; the log and can-i name rules by it");
        }
        Rule {
            name: rule.name.clone(),
            effect: rule.effect.into(),
            subjects: self.subjects(&key.field("subjects"), &rule.subjects),
            clusters: self.cluster_patterns(&key.field("clusters"), rule.clusters.as_deref(), file),
            verbs: self.verbs(&key.field("verbs"), &rule.verbs),
            namespaces: self.patterns(&key.field("namespaces"), rule.namespaces.as_deref()),
            pods: self.patterns(&key.field("pods"), rule.pods.as_deref()),
            containers: self.containers(&key.field("containers"), rule),
            commands: self.commands(&key.field("commands"), rule),
        }
    }

    fn subjects(&mut self, key: &KeyPath, subjects: &Subjects) -> crate::policy::Subjects {
        if subjects.users.is_empty() && subjects.groups.is_empty() {
            self.refuse(key, "names nobody; list users or groups, such as users: [\"*\"] for everybody");
        }
        crate::policy::Subjects {
            users: self.each_pattern(&key.field("users"), &subjects.users),
            groups: self.each_pattern(&key.field("groups"), &subjects.groups),
        }
    }

    fn cluster_patterns(&mut self, key: &KeyPath, texts: Option<&[String]>, file: &File) -> Vec<Pattern> {
        let names: Vec<&str> = file.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        for (index, text) in texts.unwrap_or_default().iter().enumerate() {
            let pattern = Pattern::new(text);
            if text.is_empty() || names.iter().any(|name| pattern.matches(name)) {
                continue;
            }
            let text = if text.contains(['*', '?']) {
                format!("no cluster matches {text:?}{}", suggest::list("the clusters are", &names))
            } else {
                let advice = suggest::advice(text, "the clusters are", &names);
                format!("no cluster is named {text:?}{advice}")
            };
            self.refuse(&key.index(index), text);
        }
        self.patterns(key, texts)
    }

    /// The patterns of a part that may be left out.
    fn patterns(&mut self, key: &KeyPath, texts: Option<&[String]>) -> Vec<Pattern> {
        if texts.is_some_and(<[String]>::is_empty) {
            self.refuse(key, "is an empty list; leave the key out for any, or list what is meant");
        }
        self.each_pattern(key, texts.unwrap_or_default())
    }

    fn each_pattern(&mut self, key: &KeyPath, texts: &[String]) -> Vec<Pattern> {
        for (index, text) in texts.iter().enumerate() {
            if text.is_empty() {
                self.refuse(&key.index(index), "is empty and matches nothing; \"*\" matches anything");
            }
        }
        texts.iter().map(|text| Pattern::new(text)).collect()
    }

    fn verbs(&mut self, key: &KeyPath, verbs: &[file::Verb]) -> Vec<Permission> {
        if verbs.is_empty() {
            self.refuse(
                key,
                "is an empty list; leave the key out for exec, or list exec, attach, read or several of them",
            );
        }
        verbs.iter().map(|verb| Permission::from(*verb)).collect()
    }

    fn containers(&mut self, key: &KeyPath, rule: &file::Rule) -> Vec<Pattern> {
        if rule.containers.is_some() && rule.verbs == [file::Verb::Read] {
            self.refuse(
                key,
                "limits exec and attach, and this rule is about read alone, which shows whole pods; remove the containers",
            );
        }
        self.patterns(key, rule.containers.as_deref())
    }

    fn commands(&mut self, key: &KeyPath, rule: &file::Rule) -> Vec<CommandPattern> {
        let Some(commands) = &rule.commands else {
            return Vec::new();
        };
        if commands.is_empty() {
            self.refuse(key, "is an empty list; leave the key out for any, or list what is meant");
        }
        if !rule.verbs.is_empty() && !rule.verbs.contains(&file::Verb::Exec) {
            self.refuse(key, "limits exec, and this rule is about attach or read, which run no command; add exec to verbs or remove the commands");
        }
        let patterns =
            commands.iter().enumerate().map(|(index, command)| self.command(&key.index(index), command));
        patterns.collect()
    }

    fn command(&mut self, key: &KeyPath, command: &CommandWords) -> CommandPattern {
        let words = self.argv(key, command);
        match words.split_last() {
            None => self.refuse(key, "has no word; \"**\" matches any command"),
            Some((_, before)) if before.contains(&"**") => {
                self.refuse(
                    key,
                    "has ** before its end; only a last ** stands for any further words, and * for one word",
                );
            }
            Some(_) => {}
        }
        CommandPattern::new(words)
    }
}

impl From<file::Effect> for Effect {
    fn from(effect: file::Effect) -> Self {
        match effect {
            file::Effect::Allow => Self::Allow,
            file::Effect::Deny => Self::Deny,
        }
    }
}

impl From<file::Verb> for Permission {
    fn from(verb: file::Verb) -> Self {
        match verb {
            file::Verb::Exec => Self::Exec,
            file::Verb::Attach => Self::Attach,
            file::Verb::Read => Self::Read,
        }
    }
}
