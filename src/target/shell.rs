//! A shell that has to be found: which to try, and the commands that try them.

/// The name or path of a shell, of characters that no shell reads anything into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellName(String);

/// Shells to try, the best first; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shells {
    names: Vec<ShellName>,
    term: TerminalType,
}

/// What a shell is told that it runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalType(String);

/// Why a text is no shell's name or no terminal type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} must be letters, digits and {others}, and must not begin with '-'")]
pub struct ShellNameError {
    text: String,
    others: &'static str,
}

impl ShellName {
    /// Takes a name such as `bash`, or a path such as `/usr/bin/fish`.
    pub fn parse(text: &str) -> Result<Self, ShellNameError> {
        plain(text, "._+-/").map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for the shells of Windows, which no `sh` finds.
    fn is_of_windows(&self) -> bool {
        let program = self.0.to_ascii_lowercase();
        matches!(program.strip_suffix(".exe").unwrap_or(&program), "cmd" | "powershell" | "pwsh")
    }
}

impl TerminalType {
    /// Takes a name of terminfo, such as `xterm-256color`.
    pub fn parse(text: &str) -> Result<Self, ShellNameError> {
        plain(text, "._+-").map(Self)
    }
}

impl Shells {
    /// These shells; `None` if there are none.
    pub fn new(names: Vec<ShellName>, term: TerminalType) -> Option<Self> {
        (!names.is_empty()).then_some(Self { names, term })
    }

    /// Their names, the best first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(ShellName::as_str)
    }

    /// Those of which `keeps` says so; `None` if it does of none.
    #[must_use]
    pub fn filtered(&self, keeps: impl Fn(&str) -> bool) -> Option<Self> {
        let names = self.names.iter().filter(|name| keeps(name.as_str())).cloned().collect();
        Self::new(names, self.term.clone())
    }

    /// The commands that try them, in order. The first is one `sh` that becomes the best there is: it needs nothing but what a shell
    /// has built in. Where that did not do, because there is no `sh` or the best one can't be run, each one is tried by itself.
    pub fn attempts(&self) -> Vec<Vec<String>> {
        let finder = self.finder().map(|script| vec!["sh".to_owned(), "-c".to_owned(), script]);
        let alone = self.names().map(|name| vec![name.to_owned()]);
        finder.into_iter().chain(alone).collect()
    }

    fn finder(&self) -> Option<String> {
        let mut posix =
            self.names.iter().filter(|name| !name.is_of_windows()).map(ShellName::as_str).peekable();
        posix.peek()?;
        let tries = posix.map(|name| format!("command -v {name} >/dev/null 2>&1 && exec {name}; "));
        let tries = tries.collect::<Vec<_>>().concat();
        Some(format!("TERM={}; export TERM; {tries}exit {NONE_FOUND}", self.term.0))
    }
}

/// What `sh` itself says of a command that it does not find.
pub const NONE_FOUND: i32 = 127;

fn plain(text: &str, others: &'static str) -> Result<String, ShellNameError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    if text.is_empty() || text.starts_with('-') || !text.chars().all(is_plain) {
        return Err(ShellNameError { text: text.to_owned(), others });
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shells(names: &[&str]) -> Shells {
        let names = names.iter().map(|name| ShellName::parse(name).unwrap()).collect();
        Shells::new(names, TerminalType::parse("xterm").unwrap()).unwrap()
    }

    #[test]
    fn one_sh_becomes_the_best_there_is_and_without_it_each_is_tried_alone() {
        let attempts = shells(&["bash", "sh", "cmd"]).attempts();
        let script = "TERM=xterm; export TERM; command -v bash >/dev/null 2>&1 && exec bash; \
                      command -v sh >/dev/null 2>&1 && exec sh; exit 127";
        let expected = [vec!["sh", "-c", script], vec!["bash"], vec!["sh"], vec!["cmd"]];
        assert_eq!(attempts, expected.map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>()));
        assert_eq!(shells(&["powershell.exe"]).attempts(), [["powershell.exe"]]);
    }

    #[test]
    fn no_name_is_read_as_anything_else_by_a_shell() {
        for text in ["", "-c", "a b", "a;b", "$(a)", "a\nb", "`a`", "a'b", "~/x", "a&b", "a=b"] {
            assert!(ShellName::parse(text).is_err(), "{text:?}");
            assert!(TerminalType::parse(text).is_err(), "{text:?}");
        }
        assert!(ShellName::parse("/usr/bin/zsh-5.9").is_ok());
        assert!(TerminalType::parse("/x").is_err());
    }
}
