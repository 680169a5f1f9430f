//! Rules as they were written.

use std::fmt;

use wildmatch::WildMatch;

use super::Permission;
use crate::target::Command;

/// All rules, in the file's order.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// A deny rule that matches decides first, then an allow rule; else the answer is no.
    pub rules: Vec<Rule>,
}

/// What a matching rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Lets in, unless a deny rule matches too.
    Allow,
    /// Keeps out.
    Deny,
}

/// One rule. An empty list of patterns matches everything of its kind.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name, for `can-i` and the log.
    pub name: String,
    /// Allow or deny.
    pub effect: Effect,
    /// Whom it is about.
    pub subjects: Subjects,
    /// On which clusters.
    pub clusters: Vec<Pattern>,
    /// For which kinds of request; `exec` where the file names none.
    pub verbs: Vec<Permission>,
    /// In which namespaces.
    pub namespaces: Vec<Pattern>,
    /// In which pods.
    pub pods: Vec<Pattern>,
    /// In which containers. With patterns here, a request that names no container is matched by a deny rule and not by an allow
    /// rule: which container the API server would take is not known. They do not limit read, which shows the whole pod.
    pub containers: Vec<Pattern>,
    /// For which commands. They limit exec only: attach and read run none. In a deny rule they keep people from mistakes and nobody from
    /// anything: whoever may start a shell can start every program from it. To confine somebody, allow the few commands they need.
    pub commands: Vec<CommandPattern>,
}

/// Whom a rule is about: any of the users or any of the groups. Both empty matches nobody.
#[derive(Debug, Clone, Default)]
pub struct Subjects {
    /// By name.
    pub users: Vec<Pattern>,
    /// By membership.
    pub groups: Vec<Pattern>,
}

/// A glob over a whole name: `*` is any run of characters, `?` any one.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(WildMatch);

impl Pattern {
    /// Every text is a pattern.
    pub fn new(text: &str) -> Self {
        Self(WildMatch::new(text))
    }

    /// Whether all of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A pattern over a whole argv, word by word. A last word `**` stands for any further words, or none.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandPattern {
    words: Vec<WordPattern>,
    open_ended: bool,
}

/// A pattern over one word of an argv.
#[derive(Debug, Clone, PartialEq)]
pub enum WordPattern {
    /// Any word: `*` alone.
    Any,
    /// A program's path: `*` stops at a slash, so that `/bin/*` does not reach `/bin/../tmp/x`.
    Path(Vec<Pattern>),
    /// Any other word: `*` crosses everything.
    Text(Pattern),
}

impl CommandPattern {
    /// A pattern of these words; the first is the program.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut texts: Vec<&str> = words.into_iter().collect();
        let open_ended = texts.last() == Some(&"**");
        if open_ended {
            texts.pop();
        }
        let words = texts.iter().enumerate().map(|(index, text)| WordPattern::new(index, text)).collect();
        Self { words, open_ended }
    }

    /// Whether the whole argv matches.
    pub fn matches(&self, command: &Command) -> bool {
        let words = command.words();
        let long_enough =
            if self.open_ended { words.len() >= self.words.len() } else { words.len() == self.words.len() };
        long_enough && self.words.iter().zip(words).all(|(pattern, word)| pattern.matches(word))
    }
}

impl fmt::Display for CommandPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words: Vec<String> = self.words.iter().map(ToString::to_string).collect();
        if self.open_ended {
            words.push("**".to_owned());
        }
        // Quoted as a command of these words is.
        Command::new(words).fmt(f)
    }
}

impl WordPattern {
    fn new(index: usize, text: &str) -> Self {
        match (index, text) {
            (_, "*") => Self::Any,
            (0, path) => Self::Path(path.split('/').map(Pattern::new).collect()),
            (_, text) => Self::Text(Pattern::new(text)),
        }
    }

    fn matches(&self, word: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Path(segments) => {
                let parts: Vec<&str> = word.split('/').collect();
                parts.len() == segments.len()
                    && parts
                        .iter()
                        .zip(segments)
                        .all(|(part, segment)| *part != ".." && segment.matches(part))
            }
            Self::Text(pattern) => pattern.matches(word),
        }
    }
}

impl fmt::Display for WordPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Path(segments) => {
                let segments: Vec<String> = segments.iter().map(ToString::to_string).collect();
                f.write_str(&segments.join("/"))
            }
            Self::Text(pattern) => pattern.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, command: &[&str]) -> bool {
        CommandPattern::new(pattern.split_whitespace()).matches(&Command::new(command.iter().copied()))
    }

    #[test]
    fn a_command_pattern_matches_the_whole_argv_word_by_word() {
        assert!(matches("sh", &["sh"]));
        assert!(!matches("sh", &["sh", "-c", "rm -rf /"]));
        assert!(matches("ls -l *", &["ls", "-l", "/any/where"]));
        assert!(matches("kubectl get **", &["kubectl", "get"]));
        assert!(matches("kubectl get **", &["kubectl", "get", "pods", "-A"]));
        assert!(matches("**", &[]));
        assert!(matches("*", &["/usr/bin/env"]));
        assert!(!matches("*", &[]));
    }

    #[test]
    fn a_pattern_is_shown_as_it_was_written() {
        for text in ["sh", "*", "**", "/bin/*", "ls -l * **", "./?sh x/*"] {
            assert_eq!(CommandPattern::new(text.split(' ')).to_string(), text);
        }
        assert_eq!(Pattern::new("team-*").to_string(), "team-*");
    }

    #[test]
    fn a_star_in_the_program_stops_at_a_slash() {
        assert!(matches("/bin/*", &["/bin/ls"]));
        for escape in ["/bin/../tmp/x", "/bin/..", "/bin/a/b", "bin/ls", "ls"] {
            assert!(!matches("/bin/*", &[escape]), "{escape}");
        }
    }
}
