//! One request on one connection, and its answer.

use http::{HeaderValue, Response, StatusCode, header};
use hyper::upgrade;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout_at};

use super::{Connected, DialError, Refusal, UpgradeError, answer, request::Draft};
use crate::{
    cluster::{AnswerBody, Cluster, Impersonated, Offered, Stage},
    net::Transport,
    target::{ExecOptions, ExecTarget},
};

/// What every request of one dial has in common.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) target: &'a ExecTarget,
    pub(super) options: &'a ExecOptions,
    pub(super) impersonated: Option<Impersonated<'a>>,
    pub(super) deadline: Instant,
}

/// What came of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// 101, checked.
    Upgraded(Connected),
    /// 400 or more.
    Refused(Refusal),
}

impl Call<'_> {
    /// Connects, asks, and reads the answer. Whatever is not an upgrade ends with the connection closed: one on which an upgrade was
    /// refused must carry no further request, because what follows on it may no longer be judged (CVE-2018-1002105, CVE-2020-8559).
    pub(super) async fn exchange(
        &self,
        offered: Offered,
        authorization: Option<HeaderValue>,
    ) -> Result<Answer, DialError> {
        let draft = Draft {
            server: self.cluster.server(),
            target: self.target,
            options: self.options,
            impersonated: self.impersonated,
            authorization,
            offered,
        };
        let upgrade = draft
            .write()
            .map_err(|source| DialError::Request { cluster: self.cluster.name().clone(), source })?;
        // Ends, and with it the connection, when this function returns without an upgrade.
        let response = self.cluster.exchange(upgrade.request, self.deadline).await?;
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => self.upgraded(response, &upgrade.key, offered).await,
            status if status.is_redirection() => Err(self.cluster.redirected(&response).into()),
            status if status.is_client_error() || status.is_server_error() => {
                match self.refused(response).await {
                    refusal if refusal.wants_tls() => Err(self.not_an_upgrade(UpgradeError::WantsTls)),
                    refusal => Ok(Answer::Refused(refusal)),
                }
            }
            status => Err(self.not_an_upgrade(UpgradeError::Code(status.as_u16()))),
        }
    }

    async fn upgraded(
        &self,
        mut response: Response<AnswerBody>,
        key: &str,
        offered: Offered,
    ) -> Result<Answer, DialError> {
        let subprotocol = answer::check(response.headers(), key, offered)
            .map_err(|problem| self.not_an_upgrade(problem))?;
        let upgraded = timeout_at(self.deadline, upgrade::on(&mut response))
            .await
            .map_err(|_| self.cluster.too_late(Stage::Answering))?
            .map_err(|error| self.cluster.broken(error))?;
        let parts =
            upgraded.downcast::<TokioIo<Transport>>().expect("hyper gives back the io that it was given");
        Ok(Answer::Upgraded(Connected {
            transport: parts.io.into_inner(),
            early: parts.read_buf,
            subprotocol,
        }))
    }

    async fn refused(&self, response: Response<AnswerBody>) -> Refusal {
        let (head, body) = response.into_parts();
        Refusal {
            code: head.status.as_u16(),
            content_type: head.headers.get(header::CONTENT_TYPE).cloned(),
            retry_after: head.headers.get(header::RETRY_AFTER).cloned(),
            body: body.beginning(self.deadline).await,
        }
    }

    fn not_an_upgrade(&self, source: UpgradeError) -> DialError {
        DialError::Upgrade { cluster: self.cluster.name().clone(), source }
    }
}
