//! The reasons of a decision, for operators.

use std::fmt;

use super::{
    CommandPattern, Effect, Permission, Question, Rule,
    rules::{Field, decide, first_mismatch},
    sought::{Part, Sought},
};

/// What the policy says to a question, and why.
#[derive(Debug)]
pub struct Decision<'a> {
    question: Question<'a>,
    rule: Option<&'a Rule>,
    near_misses: Vec<NearMiss<'a>>,
}

/// An allow rule that is about the one who asks, and does not reach what they ask for.
#[derive(Debug)]
pub struct NearMiss<'a> {
    question: Question<'a>,
    rule: &'a Rule,
    field: Field,
}

impl<'a> Decision<'a> {
    pub(super) fn new(rules: &'a [Rule], question: Question<'a>) -> Self {
        let rule = decide(rules, &Sought::of(&question));
        let near_misses = match rule {
            Some(_) => Vec::new(),
            None => near_misses(rules, question).collect(),
        };
        Self { question, rule, near_misses }
    }

    /// Allow or deny.
    pub fn effect(&self) -> Effect {
        self.rule.map_or(Effect::Deny, |rule| rule.effect)
    }

    /// The rule that decides; `None` if no rule matches, which is a no.
    pub fn rule(&self) -> Option<&'a Rule> {
        self.rule
    }

    /// If no rule matches, the allow rules whose subjects do, in the policy's order.
    pub fn near_misses(&self) -> &[NearMiss<'a>] {
        &self.near_misses
    }
}

/// One sentence: the answer, what was asked, and the rule behind it.
impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (may, effect) = match self.effect() {
            Effect::Allow => ("may", "allows"),
            Effect::Deny => ("may not", "denies"),
        };
        let user = self.question.principal.user();
        write!(f, "user {user:?} {may} {}: ", self.question)?;
        match self.rule {
            Some(rule) => write!(f, "rule {:?} {effect} it", rule.name),
            None => f.write_str("no rule allows it"),
        }
    }
}

impl NearMiss<'_> {
    /// The rule.
    pub fn rule(&self) -> &Rule {
        self.rule
    }

    /// The first field that does not match.
    pub fn field(&self) -> Field {
        self.field
    }
}

impl fmt::Display for NearMiss<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = self.rule;
        let sought = Sought::of(&self.question);
        write!(f, "rule {:?} allows this ", rule.name)?;
        match self.field {
            Field::Subjects => write!(f, "to others, not to {:?}", sought.principal.user()),
            Field::Clusters => write!(f, "on clusters {}, not on {}", list(&rule.clusters), sought.cluster),
            Field::Verbs => write!(f, "for {}, not for {}", verbs(rule), sought.permission),
            Field::Namespaces => limited(f, "in namespaces", &list(&rule.namespaces), sought.namespace),
            Field::Pods => limited(f, "in pods", &list(&rule.pods), sought.pod),
            Field::Containers => limited(f, "in containers", &list(&rule.containers), sought.container),
            Field::Commands => match sought.command {
                Part::Is(command) if !command.is_empty() => {
                    write!(f, "with commands {}, not with `{command}`", quoted(&rule.commands))
                }
                _ => write!(f, "with commands {}, and none was given", quoted(&rule.commands)),
            },
        }
    }
}

/// Where the rule holds, and where it was asked for.
fn limited(
    f: &mut fmt::Formatter<'_>,
    kind: &str,
    names: &str,
    part: Part<impl fmt::Display>,
) -> fmt::Result {
    match part {
        Part::Is(name) => write!(f, "{kind} {names}, not in {name}"),
        Part::Some | Part::Every | Part::Without => write!(f, "{kind} {names}, and none was named"),
    }
}

fn near_misses<'a>(rules: &'a [Rule], question: Question<'a>) -> impl Iterator<Item = NearMiss<'a>> {
    let allow_rules = rules.iter().filter(|rule| rule.effect == Effect::Allow);
    allow_rules.filter_map(move |rule| {
        let field = first_mismatch(rule, &Sought::of(&question))?;
        (field != Field::Subjects).then_some(NearMiss { question, rule, field })
    })
}

fn list(items: &[impl fmt::Display]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.join(", ")
}

/// Commands have spaces in them.
fn quoted(commands: &[CommandPattern]) -> String {
    let commands: Vec<String> = commands.iter().map(|command| format!("`{command}`")).collect();
    commands.join(", ")
}

fn verbs(rule: &Rule) -> String {
    if rule.verbs.is_empty() { Permission::Exec.to_string() } else { list(&rule.verbs) }
}
