//! An upgrade that has passed the API server's own checks: the translator or the node, then the 101.

use http::StatusCode;
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ending::Speaker;
use super::handshake::{Passage, RawRefusal, offers_v5, shake};
use super::pods::{Container, Phase, Pod};
use super::process::{Ending, Process};
use super::query::ExecQuery;
use super::refusal::{Answer, Trouble};
use super::session::{InputEnd, Terms};
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
    Container { namespace: String, pod: String, container: String, streams: Streams, input_end: InputEnd },
    /// Nowhere: the translator's words.
    Never(String),
}

/// What the node has made of a request.
struct Room<'a> {
    container: &'a Container,
    streams: Streams,
}

impl Opening {
    /// Starts or joins the process.
    pub(super) async fn start(&self, state: &State) -> Process {
        let (namespace, pod, container, streams) = match &self.start {
            Start::Never(why) => return Process::stillborn(Ending::NotReached(why.clone())),
            Start::Container { namespace, pod, container, streams, .. } => {
                (namespace, pod, container, *streams)
            }
        };
        let container = state
            .pods
            .find(namespace, pod)
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
    /// v5 anywhere in the offer goes to the translator, everything else to the runtime. A translator in the API server answers
    /// before it asks the node.
    pub(super) fn upgrade(self) -> Reply {
        let settings = &self.state.settings;
        let runtime = Speaker::Runtime(settings.status_dialect);
        let (speaker, known) = match settings.translator {
            Translator::ApiServer if offers_v5(self.offer) => return self.upgrade_before_asking(),
            Translator::Kubelet if offers_v5(self.offer) => (Speaker::Translator, &[Subprotocol::V5][..]),
            Translator::Off | Translator::ApiServer | Translator::Kubelet => {
                (runtime, settings.runtime_subprotocols.as_slice())
            }
        };
        match self.node() {
            Ok(room) => self.shake(speaker, Passage::Copied, known, self.in_container(&room, speaker)),
            Err(trouble) => trouble.into_reply(),
        }
    }

    fn upgrade_before_asking(&self) -> Reply {
        let start = match self.node() {
            Ok(room) => self.in_container(&room, Speaker::Translator),
            Err(trouble) => Start::Never(trouble.late_message(&self.node_path())),
        };
        self.shake(Speaker::Translator, Passage::Direct, &[Subprotocol::V5], start)
    }

    /// What kubelet and runtime check.
    fn node(&self) -> Result<Room<'_>, Trouble> {
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
        let container = self.pod.container(self.container).filter(|_| self.pod.phase == Phase::Running);
        let Some(container) = container else {
            let Self { verb, namespace, container, .. } = *self;
            return Err(Trouble::container_not_running(verb, namespace, self.pod.name, container));
        };
        match trouble {
            Some(trouble) => Err(trouble),
            None => self.join(container, streams),
        }
    }

    /// A terminal has no stderr of its own.
    fn streams(&self) -> Result<Streams, Trouble> {
        let mut streams = self.query.streams;
        streams.stderr &= !streams.tty;
        if streams.stdin || streams.stdout || streams.stderr {
            return Ok(streams);
        }
        let message = "you must specify at least 1 of stdin, stdout, stderr";
        Err(Trouble::text(StatusCode::BAD_REQUEST, message))
    }

    /// attach takes the tty from the container's spec.
    fn join<'a>(&self, container: &'a Container, mut streams: Streams) -> Result<Room<'a>, Trouble> {
        if self.verb == Verb::Attach {
            streams.tty = container.main_kind.has_tty();
            if streams.tty && streams.stderr {
                let message = "rpc error: code = InvalidArgument desc = tty and stderr cannot both be true";
                return Err(Trouble::text(StatusCode::INTERNAL_SERVER_ERROR, message));
            }
        }
        Ok(Room { container, streams })
    }

    fn in_container(&self, room: &Room<'_>, speaker: Speaker) -> Start {
        Start::Container {
            namespace: self.pod.namespace.to_owned(),
            pod: self.pod.name.to_owned(),
            container: self.container.to_owned(),
            streams: room.streams,
            input_end: self.input_end(room, speaker),
        }
    }

    /// containerd (`internal/cri/io/{exec_io,container_io}.go`) takes the end of the input for a client that detaches, on a terminal
    /// and on what is attached; the runtime's server gives it an input that has ended when none was asked for.
    fn input_end(&self, room: &Room<'_>, speaker: Speaker) -> InputEnd {
        let detaches = match self.verb {
            Verb::Exec => room.streams.tty,
            Verb::Attach => room.container.main_kind.has_stdin(),
        };
        match speaker {
            _ if !detaches => InputEnd::OfInputAlone,
            Speaker::Runtime(_) if !room.streams.stdin => InputEnd::Detached,
            Speaker::Runtime(_) | Speaker::Translator => InputEnd::Detaches,
        }
    }

    fn shake(&self, speaker: Speaker, passage: Passage, known: &[Subprotocol], start: Start) -> Reply {
        // The translator knows v5 alone, the runtime takes the first name in the client's order.
        let handshake = match shake(self.head, self.offer, known, passage) {
            Ok(handshake) => handshake,
            Err(refusal) => return Reply::Raw(refusal),
        };
        let (streams, input_end) = match &start {
            Start::Container { streams, input_end, .. } => (*streams, *input_end),
            Start::Never(_) => (self.query.streams, InputEnd::OfInputAlone),
        };
        // A translator goes by what was asked, before anybody on the node has looked at it.
        let streams = if speaker == Speaker::Translator { self.query.streams } else { streams };
        Reply::Session(Box::new(Opening {
            head: handshake.head,
            terms: Terms {
                speaker,
                passage,
                subprotocol: handshake.subprotocol,
                verb: self.verb,
                argv: self.query.command.clone(),
                streams,
                input_end,
            },
            start,
        }))
    }

    /// The kubelet's path, argv and all (`pkg/registry/core/pod/strategy.go`, `streamParams`).
    fn node_path(&self) -> String {
        let Streams { stdin, stdout, stderr, tty } = self.query.streams;
        let commands = self.query.command.iter().map(|word| format!("command={}", query_escape(word)));
        let switches = [(stderr, "error=1"), (stdin, "input=1"), (stdout, "output=1"), (tty, "tty=1")];
        let switches = switches.into_iter().filter(|(asked, _)| *asked).map(|(_, name)| name.to_owned());
        let query: Vec<String> = commands.chain(switches).collect();
        let place = [self.verb.as_str(), self.namespace, self.pod.name, self.container].join("/");
        format!("/{place}?{}", query.join("&"))
    }
}

/// Go's `url.QueryEscape`.
fn query_escape(word: &str) -> String {
    const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b' ');
    utf8_percent_encode(word, &KEPT).to_string().replace(' ', "+")
}
