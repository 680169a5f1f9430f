//! Which pages may read: those that may open sessions, with their origin said by the browser.

use execgate::demo::DemoCluster;

use crate::get::Get;
use crate::people::RULES;
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::setup::{ALICE, Setup};

const PODS: &str = "/api/v1/namespaces/default/pods";
const CONSOLE: &str = "https://console.example";

async fn gate(origins: &str) -> (Gate, DemoCluster) {
    let alpha = cluster().await;
    (Gate::start(Setup::new().cluster(&alpha).rules(RULES).with(origins)).await, alpha)
}

async fn listed() -> (Gate, DemoCluster) {
    gate(&format!("allowedOrigins: [\"{CONSOLE}\"]")).await
}

#[tokio::test]
async fn a_listed_pages_script_may_read_the_answer_and_what_it_is_refused() {
    let (gate, _alpha) = listed().await;
    for (get, status) in [
        (Get::new(&gate, PODS), 200),
        (Get::bobs(&gate, &format!("{PODS}/vault")), 403),
        (Get::new(&gate, PODS).without("Authorization"), 401),
        (Get::new(&gate, &format!("{PODS}?x=1")), 400),
    ] {
        let got = get.header("Origin", CONSOLE).header("Sec-Fetch-Site", "cross-site").send().await;
        assert_eq!(got.status, status);
        assert_eq!(got.header("access-control-allow-origin"), Some(CONSOLE));
        assert_eq!(got.header("access-control-allow-credentials"), Some("true"));
        assert_eq!(got.header("vary"), Some("origin"));
    }
}

#[tokio::test]
async fn a_foreign_page_is_refused_before_its_cookie_is_looked_at_and_can_read_nothing() {
    for (gate, alpha) in [listed().await, gate("").await] {
        for origin in ["https://evil.example", "null", "http://console.example"] {
            let got = Get::new(&gate, PODS).header("Origin", origin).send().await;
            assert_eq!(got.failure().0, 403, "{origin}");
            assert_eq!(got.header("access-control-allow-origin"), None);
            let preflight = Get::new(&gate, PODS).by("OPTIONS").header("Origin", origin);
            let preflight = preflight.header("Access-Control-Request-Method", "GET").send().await;
            assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (403, None));
        }
        assert_eq!(alpha.requests(), []);
    }
}

#[tokio::test]
async fn what_another_sites_page_embeds_is_refused_although_it_brings_the_cookie() {
    let (gate, alpha) = listed().await;
    for site in ["cross-site", "same-site"] {
        let embedded =
            Get::new(&gate, PODS).without("Authorization").header("Cookie", &format!("gate={ALICE}"));
        let got = embedded.header("Sec-Fetch-Site", site).send().await;
        assert_eq!(got.failure().0, 403, "{site}");
        assert_eq!(got.header("cross-origin-resource-policy"), Some("same-origin"));
    }
    assert_eq!(alpha.requests(), []);
}

#[tokio::test]
async fn the_gates_own_page_reads_with_its_cookie() {
    let (gate, _alpha) = gate("").await;
    let own = Get::new(&gate, PODS).without("Authorization").header("Cookie", &format!("gate={ALICE}"));
    let got = own.header("Sec-Fetch-Site", "same-origin").send().await;
    assert_eq!(got.names().len(), 10);
    assert_eq!(got.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_what_a_page_may_send() {
    let (gate, alpha) = listed().await;
    let ask = || Get::new(&gate, PODS).without("Authorization").by("OPTIONS").header("Origin", CONSOLE);
    let got = ask()
        .header("Access-Control-Request-Method", "GET")
        .header("Access-Control-Request-Headers", "authorization")
        .send()
        .await;
    assert_eq!((got.status, got.body.len()), (204, 0));
    assert_eq!(got.header("access-control-allow-origin"), Some(CONSOLE));
    assert_eq!(got.header("access-control-allow-methods"), Some("GET"));
    assert_eq!(got.header("access-control-allow-headers"), Some("authorization, accept"));
    assert_eq!(got.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(ask().send().await.status, 405, "no question of a browser's");
    assert_eq!(alpha.requests(), []);
}
