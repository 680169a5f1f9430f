//! From a grant to an open WebSocket: asks, asks again where the reference says so, and remembers what worked.

use http::HeaderValue;
use tokio::time::Instant;

use super::{
    Connected, DialError, Refusal, RequestError,
    exchange::{Answer, Call},
    fallback::{Lesson, Plan},
    peek::{Suspicion, Verdict, peek},
};
use crate::{
    cluster::{Cluster, Offered},
    policy::Grant,
    protocol::{Subprotocol, Wanted},
    target::{Command, ExecOptions},
};

/// Opens what was granted. All attempts at one command together have the cluster's connect timeout. Nothing is sent past the request's
/// head.
pub async fn dial(grant: &Grant, cluster: &Cluster, wanted: Wanted) -> Result<Connected, DialError> {
    let Some(shells) = grant.options().command.shells() else {
        return dial_command(grant, grant.options(), cluster, wanted).await;
    };
    let mut answer = String::new();
    for words in shells.attempts() {
        let options = ExecOptions { command: Command::new(words), ..grant.options().clone() };
        let mut connected = dial_command(grant, &options, cluster, wanted).await?;
        let deadline = Instant::now() + cluster.settings().connect_timeout;
        match peek(&mut connected, Suspicion::NoProgram, deadline).await {
            Verdict::Works | Verdict::Unclear => return Ok(connected),
            Verdict::NeverStarted(message) => answer = message,
        }
    }
    Err(DialError::NoShell {
        cluster: cluster.name().clone(),
        target: Box::new(grant.target().clone()),
        container: grant.options().container.clone(),
        shells: shells.names().map(str::to_owned).collect(),
        answer,
    })
}

async fn dial_command(
    grant: &Grant,
    options: &ExecOptions,
    cluster: &Cluster,
    wanted: Wanted,
) -> Result<Connected, DialError> {
    let call = call(grant, options, cluster)?;
    let mut plan = Plan::new(wanted, cluster.recall(wanted));
    let mut late_refusal = None;
    loop {
        let mut connected = match call.ask(plan.offered()).await? {
            Answer::Upgraded(connected) => connected,
            Answer::Refused(refusal) if plan.moves_on_after(&refusal) => continue,
            Answer::Refused(refusal) if plan.ends_for_want_of_half_close(&refusal) => {
                return Err(DialError::NoHalfClose { cluster: cluster.name().clone() });
            }
            Answer::Refused(refusal) => return Err(call.refusal(refusal, late_refusal)),
        };
        let must_look = connected.subprotocol == Subprotocol::V5 && !plan.has_proof();
        let verdict = if must_look {
            peek(&mut connected, Suspicion::FalseV5, call.deadline).await
        } else {
            Verdict::Works
        };
        match verdict {
            Verdict::Works => {
                learn(cluster, wanted, plan.lesson(connected.subprotocol));
                return Ok(connected);
            }
            Verdict::Unclear => return Ok(connected),
            Verdict::NeverStarted(message) if plan.moves_on_after_late_refusal() => {
                late_refusal = Some(message);
            }
            Verdict::NeverStarted(message) => return Err(call.not_started(message)),
        }
    }
}

/// `options` are the grant's, or a part of them.
fn call<'a>(grant: &'a Grant, options: &'a ExecOptions, cluster: &'a Cluster) -> Result<Call<'a>, DialError> {
    // What was judged is what is dialled.
    if grant.target().cluster != *cluster.name() {
        return Err(DialError::Request {
            cluster: cluster.name().clone(),
            source: RequestError::OtherCluster(grant.target().cluster.clone()),
        });
    }
    Ok(Call {
        cluster,
        target: grant.target(),
        options,
        impersonated: cluster.impersonated(grant.principal().user(), grant.principal().groups()),
        deadline: Instant::now() + cluster.settings().connect_timeout,
    })
}

impl Call<'_> {
    /// One offer. A token that is refused may just have been replaced: it is read again, and a different one gets one more try.
    async fn ask(&self, offered: Offered) -> Result<Answer, DialError> {
        let authorization = self.cluster.authorization().await;
        let refusal = match self.exchange(offered, authorization.clone()).await? {
            Answer::Refused(refusal) if refuses_us(&refusal) => refusal,
            answer => return Ok(answer),
        };
        self.cluster.forget_token();
        let fresh = self.cluster.authorization().await;
        if fresh == authorization {
            return Err(self.credential_refused(&refusal));
        }
        self.ask_with(offered, fresh).await
    }

    async fn ask_with(&self, offered: Offered, fresh: Option<HeaderValue>) -> Result<Answer, DialError> {
        match self.exchange(offered, fresh).await? {
            Answer::Refused(refusal) if refuses_us(&refusal) => Err(self.credential_refused(&refusal)),
            answer => Ok(answer),
        }
    }

    fn credential_refused(&self, refusal: &Refusal) -> DialError {
        self.cluster.credential_refused(refusal.excerpt()).into()
    }

    /// The last answer, unless it only says that the offer was not understood and an earlier one said more.
    fn refusal(&self, refusal: Refusal, late_refusal: Option<String>) -> DialError {
        match late_refusal {
            Some(message) if refusal.is_empty_forbidden() => self.not_started(message),
            _ => DialError::Refused {
                cluster: self.cluster.name().clone(),
                pod: self.target.pod.clone(),
                refusal: refusal.into(),
            },
        }
    }

    fn not_started(&self, message: String) -> DialError {
        DialError::NotStarted { cluster: self.cluster.name().clone(), message }
    }
}

fn learn(cluster: &Cluster, wanted: Wanted, lesson: Lesson) {
    match lesson {
        Lesson::Nothing => {}
        Lesson::Remember(offered) => cluster.remember(wanted, Some(offered)),
        Lesson::Forget => cluster.remember(wanted, None),
    }
}

fn refuses_us(refusal: &Refusal) -> bool {
    refusal.code == 401 && !refusal.is_the_kubelets()
}
