//! Success in both spellings: runtimes built from Kubernetes up to 1.35 write `metadata`, later ones don't.

use execgate::demo::{DemoSettings, StatusDialect};

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::cluster_with;
use crate::support::vectors::{CLOSE, SHORT_SUCCESS, SUCCESS};
use crate::support::wire::hex;

#[tokio::test]
async fn success_is_spelled_as_the_runtime_is_set_up_to() {
    for (status_dialect, success, in_base64) in [
        (StatusDialect::Full, SUCCESS, "3eyJtZXRhZGF0YSI6e30sInN0YXR1cyI6IlN1Y2Nlc3MifQ=="),
        (StatusDialect::Short, SHORT_SUCCESS, "3eyJzdGF0dXMiOiJTdWNjZXNzIn0="),
    ] {
        let cluster = cluster_with(DemoSettings { status_dialect, ..DemoSettings::default() }).await;
        let ask = || Ask::exec(&cluster, &format!("command=true&{PIPES}"));
        let mut session = ask().offer("v4.channel.k8s.io").open().await;
        assert_eq!(session.rest().await, [hex("82 01 01"), hex(success), hex(CLOSE)].concat());
        let mut session = ask().offer("v4.base64.channel.k8s.io").open().await;
        assert_eq!(session.payload().await, b"1");
        assert_eq!(session.payload().await, in_base64.as_bytes());
        assert_eq!(session.rest().await, hex(CLOSE));
    }
}
