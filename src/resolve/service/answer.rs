//! What a service answers: a pod, or why there is none.

use http::StatusCode;
use serde::Deserialize;

use super::ServiceError;
use crate::cluster::excerpt;
use crate::resolve::words;
use crate::target::{ClusterName, ContainerName, NameError, Namespace, PodName};

/// The pod that a service names.
#[derive(Debug)]
pub(in crate::resolve) struct Meant {
    pub(in crate::resolve) namespace: Namespace,
    pub(in crate::resolve) pod: PodName,
    pub(in crate::resolve) container: Option<ContainerName>,
}

/// A yes as it is written.
#[derive(Deserialize)]
struct Yes {
    namespace: String,
    pod: String,
    container: Option<String>,
    /// Only the cluster that the address names.
    cluster: Option<String>,
}

/// A no as it is written.
#[derive(Deserialize)]
struct No {
    message: String,
}

/// Reads an answer about a pod of `cluster`.
pub(super) fn read(status: StatusCode, body: &[u8], cluster: &ClusterName) -> Result<Meant, ServiceError> {
    let code = status.as_u16();
    match status {
        StatusCode::OK => yes(body, cluster),
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            let message = serde_json::from_slice::<No>(body)
                .ok()
                .map(|no| words::printable(&no.message, MESSAGE_LIMIT));
            let message = message.filter(|message| !message.is_empty());
            Err(ServiceError::Refused { code, message, answer: excerpt(body) })
        }
        StatusCode::UNAUTHORIZED => Err(ServiceError::SecretRefused { answer: excerpt(body) }),
        _ => Err(ServiceError::Code { code, answer: excerpt(body) }),
    }
}

fn yes(body: &[u8], cluster: &ClusterName) -> Result<Meant, ServiceError> {
    let Yes { namespace, pod, container, cluster: named } = serde_json::from_slice(body)
        .map_err(|source| ServiceError::Json { source, answer: excerpt(body) })?;
    if let Some(named) = named.filter(|named| named != cluster.as_str()) {
        return Err(ServiceError::OtherCluster { named: words::printable(&named, MESSAGE_LIMIT) });
    }
    let read = || -> Result<Meant, NameError> {
        Ok(Meant {
            namespace: Namespace::parse(namespace)?,
            pod: PodName::parse(pod)?,
            container: container.filter(|name| !name.is_empty()).map(ContainerName::parse).transpose()?,
        })
    };
    read().map_err(ServiceError::Name)
}

/// A sentence or two.
const MESSAGE_LIMIT: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: u16, body: &str) -> Result<Meant, ServiceError> {
        read(StatusCode::from_u16(code).unwrap(), body.as_bytes(), &ClusterName::parse("alpha").unwrap())
    }

    #[test]
    fn a_pod_is_taken_with_or_without_its_container() {
        let meant =
            answer(200, r#"{"namespace":"a","pod":"b","container":"c","cluster":"alpha","x":1}"#).unwrap();
        assert_eq!((meant.namespace.as_str(), meant.pod.as_str()), ("a", "b"));
        assert_eq!(meant.container.unwrap().as_str(), "c");
        for body in [r#"{"namespace":"a","pod":"b"}"#, r#"{"namespace":"a","pod":"b","container":null}"#] {
            assert!(answer(200, body).unwrap().container.is_none());
        }
    }

    #[test]
    fn what_is_no_pod_of_this_cluster_is_an_error() {
        assert!(matches!(answer(200, "{}"), Err(ServiceError::Json { .. })));
        assert!(matches!(answer(200, "<html>"), Err(ServiceError::Json { .. })));
        assert!(matches!(answer(200, r#"{"namespace":"a","pod":"../b"}"#), Err(ServiceError::Name(_))));
        assert!(matches!(
            answer(200, r#"{"namespace":"a","pod":"b","cluster":"beta"}"#),
            Err(ServiceError::OtherCluster { named }) if named == "beta"
        ));
        assert!(matches!(answer(302, ""), Err(ServiceError::Code { code: 302, .. })));
        assert!(matches!(answer(204, ""), Err(ServiceError::Code { code: 204, .. })));
    }

    #[test]
    fn the_message_of_a_no_is_told_on_one_line_and_cut() {
        let error = answer(404, r#"{"message":"job 17\nis \u001b[31mgone"}"#).unwrap_err();
        assert_eq!(error.for_user("scow"), "scow refused (404): job 17 is  [31mgone");
        let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(1000));
        assert!(answer(403, &long).unwrap_err().for_user("scow").len() < 350);
        assert_eq!(answer(404, "<html>").unwrap_err().for_user("scow"), "scow knows no pod for this address");
        assert_eq!(answer(403, "").unwrap_err().for_user("scow"), "scow does not let you in here");
    }
}
