//! An upgrade that has passed the API server's own checks: the translator or the node, then the 101.

use http::StatusCode;
use http::request::Parts;

use super::ending::Speaker;
use super::handshake::{RawRefusal, offers_v5, shake};
use super::pods::{NAMESPACE, Phase, Pod};
use super::process::{Ending, Process};
use super::query::ExecQuery;
use super::refusal::{Answer, Trouble};
use super::session::Terms;
use super::settings::{Fault, Translator};
use super::state::State;
use crate::protocol::Subprotocol;
use crate::target::{Streams, Verb};

/// What happens to a connection after a request.
pub(super) enum Reply {
    /// hyper answers, and the connection may carry another request.
    Answer(Answer),
    /// These bytes, then the end.
    Raw(RawRefusal),
    /// A 101, then a session.
    Session(Box<Opening>),
}

/// A session that is about to start.
pub(super) struct Opening {
    /// The head of the 101.
    pub(super) head: Vec<u8>,
    pub(super) terms: Terms,
    start: Start,
}

enum Start {
    /// In this container of this pod, with these streams.
    Container { pod: String, container: String, streams: Streams },
    /// Nowhere: the translator's words.
    Never(String),
}

impl Opening {
    /// Starts or joins the process.
    pub(super) async fn start(&self, state: &State) -> Process {
        let (pod, container, streams) = match &self.start {
            Start::Never(why) => return Process::stillborn(Ending::NotReached(why.clone())),
            Start::Container { pod, container, streams } => (pod, container, *streams),
        };
        let container = state
            .pods
            .find(NAMESPACE, pod)
            .and_then(|pod| pod.container(container))
            .expect("the checks have found it, and pods do not change");
        match self.terms.verb {
            Verb::Exec => container.exec(&self.terms.argv, streams),
            Verb::Attach => container.attach(streams, &state.house).await,
        }
    }
}

/// A request that has passed the API server's own checks.
pub(super) struct Visit<'a> {
    pub(super) state: &'a State,
    pub(super) head: &'a Parts,
    pub(super) offer: &'a str,
    pub(super) query: ExecQuery,
    pub(super) namespace: &'a str,
    pub(super) verb: Verb,
    pub(super) pod: &'a Pod,
    pub(super) container: &'static str,
}

impl Visit<'_> {
    /// v5 anywhere in the offer goes to the translator, which answers before it looks; everything else is copied to the node.
    pub(super) fn upgrade(self) -> Reply {
        let settings = &self.state.settings;
        if settings.translator == Translator::On && offers_v5(self.offer) {
            let start = match self.node() {
                Ok(streams) => self.in_container(streams),
                Err(trouble) => Start::Never(trouble.late_message(&self.node_path())),
            };
            return self.shake(Speaker::Translator, &[Subprotocol::V5], start);
        }
        match self.node() {
            Ok(streams) => {
                let start = self.in_container(streams);
                let speaker = Speaker::Runtime(settings.status_dialect);
                self.shake(speaker, &settings.runtime_subprotocols, start)
            }
            Err(trouble) => Reply::Answer(trouble.into_answer()),
        }
    }

    /// What the kubelet checks; the streams that are left.
    fn node(&self) -> Result<Streams, Trouble> {
        let fault = self.state.fault();
        let trouble = fault.and_then(|fault| Trouble::of(fault, self.container));
        let early = |fault| {
            matches!(fault, Fault::NodeUnreachable | Fault::KubeletUnauthorized | Fault::KubeletForbidden)
        };
        if let (Some(fault), Some(trouble)) = (fault, &trouble)
            && early(fault)
        {
            return Err(trouble.clone());
        }
        let streams = self.streams()?;
        if self.pod.phase == Phase::Succeeded {
            return Err(Trouble::container_not_running(self.container));
        }
        trouble.map_or(Ok(streams), Err)
    }

    /// A terminal has no stderr of its own; attach takes the tty from the container's spec.
    fn streams(&self) -> Result<Streams, Trouble> {
        let mut streams = self.query.streams;
        streams.stderr &= !streams.tty;
        if !(streams.stdin || streams.stdout || streams.stderr) {
            let message = "you must specify at least 1 of stdin, stdout, stderr";
            return Err(Trouble::text(StatusCode::BAD_REQUEST, message));
        }
        if self.verb == Verb::Attach {
            let container = self.pod.container(self.container);
            streams.tty = container.is_some_and(|container| container.main_kind.has_tty());
            if streams.tty && streams.stderr {
                let message = "rpc error: code = InvalidArgument desc = tty and stderr cannot both be true";
                return Err(Trouble::text(StatusCode::INTERNAL_SERVER_ERROR, message));
            }
        }
        Ok(streams)
    }

    fn in_container(&self, streams: Streams) -> Start {
        Start::Container { pod: self.pod.name.to_owned(), container: self.container.to_owned(), streams }
    }

    fn shake(&self, speaker: Speaker, known: &[Subprotocol], start: Start) -> Reply {
        // The translator knows v5 alone, the runtime takes the first name in the client's order.
        let handshake = match shake(&self.head.headers, self.offer, known) {
            Ok(handshake) => handshake,
            Err(refusal) => return Reply::Raw(refusal),
        };
        let streams = match (speaker, &start) {
            (Speaker::Runtime(_), Start::Container { streams, .. }) => *streams,
            // A translator goes by what was asked, before anybody on the node has looked at it.
            (Speaker::Translator, _) | (_, Start::Never(_)) => self.query.streams,
        };
        Reply::Session(Box::new(Opening {
            head: handshake.head,
            terms: Terms {
                speaker,
                subprotocol: handshake.subprotocol,
                verb: self.verb,
                argv: self.query.command.clone(),
                streams,
            },
            start,
        }))
    }

    /// The kubelet's path, argv and all.
    fn node_path(&self) -> String {
        format!(
            "/{}/{}/{}/{}?{}",
            self.verb.as_str(),
            self.namespace,
            self.pod.name,
            self.container,
            self.head.uri.query().unwrap_or_default()
        )
    }
}
