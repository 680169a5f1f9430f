//! The container that is meant in a pod, for a user who may open it or one of several.

use super::standing::{Candidate, Container, ContainerKind, Course, NotRunning, State};
use super::words;
use crate::target::ContainerName;

/// A pod that the user may open.
#[derive(Debug)]
pub(super) struct Opening<'a> {
    pub(super) candidate: &'a Candidate,
    /// The container to open, or why there is none.
    meant: Result<&'a Container, NotRunning>,
}

impl<'a> Opening<'a> {
    /// `candidate`, if the user may open it. Where nobody says which of its containers is meant, those that the user may not open do
    /// not count.
    pub(super) fn new(
        candidate: &'a Candidate,
        wanted: Option<&ContainerName>,
        may_open: impl Fn(&Candidate, Option<&ContainerName>) -> bool,
    ) -> Option<Self> {
        let named = match wanted {
            Some(wanted) => Some(named(candidate, wanted)),
            None => by_annotation(candidate).map(Ok),
        };
        let mut own = own(candidate);
        if named.is_none() && own.len() > 1 {
            own.retain(|container| may_open(candidate, Some(&container.name)));
        }
        let (meant, is_open) = match (named, &own[..]) {
            (None, []) => return None,
            (Some(Ok(container)), _) | (None, &[container]) => {
                (Ok(container), may_open(candidate, Some(&container.name)))
            }
            (Some(Err(unknown)), _) => (Err(unknown), may_open(candidate, None)),
            (None, several) => {
                let (pod, containers) = (candidate.pod.clone(), listed(several.iter().copied()));
                (Err(NotRunning::SeveralContainers { pod, containers }), true)
            }
        };
        is_open.then_some(Self { candidate, meant })
    }

    /// The container that is meant, if it runs; else why not.
    pub(super) fn container(&self) -> Result<ContainerName, NotRunning> {
        let pod = || self.candidate.pod.clone();
        let course = &self.candidate.standing.course;
        match course {
            Course::Ended(phase, reason) => {
                return Err(NotRunning::Ended { pod: pod(), phase, reason: reason.clone() });
            }
            Course::Leaving => return Err(NotRunning::Leaving { pod: pod() }),
            Course::Unknown => return Err(NotRunning::Unknown { pod: pod() }),
            Course::Ready | Course::Running | Course::Pending(_) => {}
        }
        let container = self.meant.clone()?;
        match (&container.state, course) {
            // While it is Pending, its init containers run.
            (State::Running, _) => Ok(container.name.clone()),
            (_, Course::Pending(reason)) if container.kind == ContainerKind::Own => {
                Err(NotRunning::Pending { pod: pod(), reason: reason.clone() })
            }
            _ => Err(container.not_running(pod())),
        }
    }
}

fn named<'a>(candidate: &'a Candidate, wanted: &ContainerName) -> Result<&'a Container, NotRunning> {
    let all = &candidate.standing.containers;
    all.iter().find(|container| container.name == *wanted).ok_or_else(|| NotRunning::NoContainer {
        pod: candidate.pod.clone(),
        container: wanted.clone(),
        containers: listed(all),
    })
}

fn by_annotation(candidate: &Candidate) -> Option<&Container> {
    let standing = &candidate.standing;
    let name = standing.default_container.as_deref()?;
    standing.containers.iter().find(|container| container.name.as_str() == name)
}

/// The pod's own containers: what is meant when nobody says which.
fn own(candidate: &Candidate) -> Vec<&Container> {
    let all = candidate.standing.containers.iter();
    all.filter(|container| container.kind == ContainerKind::Own).collect()
}

fn listed<'a>(containers: impl IntoIterator<Item = &'a Container>) -> String {
    words::list(&containers.into_iter().map(|container| &container.name).collect::<Vec<_>>())
}
