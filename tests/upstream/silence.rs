//! Servers that are not there, say nothing, or hang up: each within the connect timeout, each with its own words.

use execgate::{
    cluster::{Fault, SendError, Stage, Trust},
    net::ConnectError,
    upstream::DialError,
};

use super::rude_server::{Reply, RudeServer, dead_port};
use crate::{
    House, chain,
    support::ca::{Ca, Life},
};

#[tokio::test]
async fn a_port_where_nobody_listens_is_told_with_its_address_in_the_log_only() {
    let port = dead_port().await;
    let error = House::new(&format!("http://127.0.0.1:{port}")).refused().await;
    assert!(
        matches!(
            error,
            DialError::Unanswered(SendError::Connect { source: ConnectError::Unreachable { .. }, .. })
        ),
        "{error:?}"
    );
    assert_eq!((error.http_status(), error.fault()), (502, Fault::Upstream));
    assert!(chain(&error).contains(&format!("127.0.0.1:{port}")), "{}", chain(&error));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told_as_such() {
    let error = House::new("http://no-such-host.invalid:6443").hasty().refused().await;
    assert!(
        matches!(
            error,
            DialError::Unanswered(
                SendError::Connect { source: ConnectError::Resolve { .. }, .. }
                    | SendError::Timeout { stage: Stage::Connecting, .. }
            )
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_runs_into_the_connect_timeout() {
    let server = RudeServer::start(None, vec![Reply::Silence]).await;
    let error = House::plain(server.address).hasty().refused().await;
    assert!(
        matches!(error, DialError::Unanswered(SendError::Timeout { stage: Stage::Answering, .. })),
        "{error:?}"
    );
    assert_eq!(error.http_status(), 504);
    assert_eq!(
        error.for_user(),
        "cluster \"alpha\" did not answer within 150ms; try again later, or tell your administrator"
    );
}

#[tokio::test]
async fn a_tls_server_that_says_nothing_runs_into_the_connect_timeout() {
    let ca = Ca::new("test", Life::Current);
    let tls = ca.leaf("localhost", Life::Current).server();
    let server = RudeServer::start(Some(tls), vec![Reply::Silence]).await;
    let error = House::new(&format!("https://{}", server.address))
        .with(|settings| settings.trust = Trust::Inline(ca.pem()))
        .hasty()
        .refused()
        .await;
    assert!(
        matches!(error, DialError::Unanswered(SendError::Timeout { stage: Stage::Handshaking, .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn half_a_head_and_then_silence_runs_into_the_connect_timeout() {
    let server = RudeServer::start(None, vec![Reply::text("HTTP/1.1 101 Switch")]).await;
    let error = House::plain(server.address).hasty().refused().await;
    assert!(
        matches!(error, DialError::Unanswered(SendError::Timeout { stage: Stage::Answering, .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_hangs_up_or_resets_is_told_as_broken() {
    let script =
        vec![Reply::SayAndClose(vec![]), Reply::SayAndClose(vec![b"HTTP/1.1 5".to_vec()]), Reply::Reset];
    let server = RudeServer::start(None, script).await;
    let fixture = House::plain(server.address);
    for _ in 0..3 {
        let error = fixture.refused().await;
        assert!(matches!(error, DialError::Unanswered(SendError::Broken { .. })), "{error:?}");
        assert_eq!((error.http_status(), error.fault()), (502, Fault::Upstream));
    }
}

#[tokio::test]
async fn what_is_no_http_is_told_as_broken() {
    let server = RudeServer::start(None, vec![Reply::text("SSH-2.0-OpenSSH_9.9\r\n\r\n")]).await;
    let error = House::plain(server.address).refused().await;
    assert!(matches!(error, DialError::Unanswered(SendError::Broken { .. })), "{error:?}");
}
