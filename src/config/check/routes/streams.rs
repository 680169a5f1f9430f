//! Which streams a route attaches.

use crate::{
    config::{
        check::Check,
        file::{Command, Route, StreamSwitches},
        key::KeyPath,
    },
    target::Streams,
};

impl Check<'_> {
    /// The streams of `route`; of a route whose command is `query` they are of no account.
    pub(super) fn streams(&mut self, key: &KeyPath, route: &Route) -> Streams {
        let streams = Streams::from(route.streams.unwrap_or_default());
        // Kubelets refuse an exec without any of the three (`you must specify at least 1 of stdin, stdout, stderr`), and turn stderr
        // off before that where there is a terminal.
        let is_any_on = streams.stdin || streams.stdout || (streams.stderr && !streams.tty);
        if matches!(route.command, Command::Query) {
            if route.streams.is_some() {
                self.refuse(
                    key,
                    "stand in the query of a route whose command is query; remove one of the two",
                );
            }
        } else if !is_any_on {
            self.refuse(key, NOTHING);
        }
        streams
    }
}

const NOTHING: &str =
    "attach nothing, which every cluster refuses; turn on stdin, stdout or, without tty, stderr";

impl From<StreamSwitches> for Streams {
    fn from(switches: StreamSwitches) -> Self {
        let StreamSwitches { stdin, stdout, stderr, tty } = switches;
        Self { stdin, stdout, stderr, tty }
    }
}
