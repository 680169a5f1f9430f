//! An address is a route's or it is not, and says who asks only where its route looks.

use crate::house::{Page, ask, bare, gate};
use crate::support::ask::{Ask, TTY};
use crate::support::setup::{ALICE, BOB};

#[tokio::test]
async fn a_page_of_kubernetes_own_subprotocols_may_stand_anywhere() {
    let (_cluster, gate) = gate().await;
    let target =
        format!("/console/alpha/api/v1/namespaces/default/pods/web-0/exec?container=app&command=cat&{TTY}");
    let mut session = Ask::new(&gate, "GET", target).upgrade().offer("base64.channel.k8s.io").open().await;
    session.type_in("x").await;
    session.until("x").await;
}

#[tokio::test]
async fn the_command_is_the_one_beside_the_capture() {
    let (_cluster, gate) = gate().await;
    let target =
        |shell: &str| format!("/kubemgr/api/v1/ws/alpha/default/web-0/app/{shell}/ssh?clusterinfo={ALICE}");
    let mut bash = Page::open(&gate, &target("b")).await;
    bash.0.frame(0x81, br#"{"type":"input","input":"echo =$BASH_VERSION=\r"}"#).await;
    let seen = bash.until(".", bare).await;
    assert!(!seen.contains("=\r\n=="), "{seen}");
    let mut unknown = Page::open(&gate, &target("x")).await;
    let (messages, code, _) = unknown.end().await;
    let words = String::from_utf8(messages.concat()).unwrap();
    assert!(words.contains("\"x\"") && words.contains("known are b, s"), "{words}");
    assert_eq!(code, 4400);
}

#[tokio::test]
async fn a_pod_may_be_named_after_whoever_is_logged_in() {
    let (_cluster, gate) = gate().await;
    let (messages, code, _) = Page::open(&gate, "/home").await.end().await;
    let words = String::from_utf8(messages.concat()).unwrap();
    assert!(words.contains("pods \"home-alice\" not found"), "{words}");
    assert_eq!(code, 4404);
}

#[tokio::test]
async fn a_stranger_is_told_nothing_of_a_routes_commands() {
    let (_cluster, gate) = gate().await;
    let target = "/kubemgr/api/v1/ws/alpha/default/web-0/app/x/ssh";
    let (messages, code, _) = Page(ask(&gate, target).open().await).end().await;
    let words = String::from_utf8(messages.concat()).unwrap();
    assert!(!words.contains("known are"), "{words}");
    assert_eq!(code, 4401);
}

#[tokio::test]
async fn a_token_counts_only_where_the_route_looks_for_it() {
    let (_cluster, gate) = gate().await;
    let ways = [
        (ask(&gate, "/kubemgr/api/v1/ws/alpha/default/web-0/app/s/ssh"), 4401),
        (ask(&gate, "/kubemgr/api/v1/ws/alpha/default/web-0/app/s/ssh?clusterinfo=wrong"), 4401),
        (
            ask(&gate, "/kubemgr/api/v1/ws/alpha/default/web-0/app/s/ssh")
                .header("Cookie", &format!("gate={ALICE}")),
            4401,
        ),
        (ask(&gate, &format!("/pod/web-0?clusterinfo={ALICE}")).without("Authorization"), 4401),
        (ask(&gate, "/api/jobShell?cluster=alpha&jobId=web-0").without("Cookie").bearing(ALICE), 4401),
        (ask(&gate, "/pod/vault").bearing(BOB), 4403),
    ];
    for (ask, expected) in ways {
        let (_, code, reason) = Page(ask.open().await).end().await;
        assert_eq!(code, expected, "{reason}");
    }
}

#[tokio::test]
async fn who_shows_no_token_is_told_where_the_route_looks_for_one() {
    let (_cluster, gate) = gate().await;
    for (target, place) in [
        ("/kubemgr/api/v1/ws/alpha/default/web-0/app/s/ssh", "in the query parameter clusterinfo"),
        ("/api/jobShell?cluster=alpha&jobId=web-0", "in the cookie SCOW_USER"),
        ("/pod/web-0", "as \"Authorization: Bearer\", as a subprotocol, or in the cookie gate"),
    ] {
        let stranger = ask(&gate, target).without("Cookie").without("Authorization");
        let (_, code, reason) = Page(stranger.open().await).end().await;
        assert_eq!((code, reason), (4401, format!("no credential was presented; send a token {place}")));
    }
}

#[tokio::test]
async fn an_address_that_says_too_little_or_twice_is_told_what_is_missing() {
    let (_cluster, gate) = gate().await;
    for (query, words) in [
        ("cluster=alpha", "\"jobId\" is missing"),
        ("cluster=alpha&jobId=a&jobId=b", "\"jobId\" is given more than once"),
        ("cluster=alpha&jobId=A", "not a DNS-1123"),
        ("cluster=alpha&jobId=web-0&cols=wide", "\"cols\" must be a number"),
        ("cluster=alpha&jobId=%zz", "not percent-encoded UTF-8"),
    ] {
        let (messages, code, _) = Page::open(&gate, &format!("/api/jobShell?{query}")).await.end().await;
        let shown = String::from_utf8(messages.concat()).unwrap().replace("\\\"", "\"");
        assert!(shown.contains(words), "{query}: {shown}");
        assert_eq!(code, 4400);
    }
}

#[tokio::test]
async fn a_path_that_could_be_read_in_two_ways_is_told_so_and_one_that_matches_nothing_is_nowhere() {
    let (_cluster, gate) = gate().await;
    for name in ["web%2d0", "..", "%2e%2e", "%C3%A9"] {
        let (messages, code, _) = Page::open(&gate, &format!("/pod/{name}")).await.end().await;
        let words = String::from_utf8(messages.concat()).unwrap();
        assert!(words.contains(&format!("\"name\" is \"{name}\" in this address: ")), "{words}");
        assert_eq!(code, 4400, "{name}");
    }
    for path in ["/pod/", "/pod", "/pod/web-0/", "/pod/web-0/x", "/api/jobshell"] {
        assert_eq!(ask(&gate, path).refused().await.code(), 404, "{path}");
    }
    let post = ask(&gate, "/pod/web-0").by("PUT").refused().await;
    assert_eq!(post.code(), 405);
}

#[tokio::test]
async fn a_page_that_offers_a_subprotocol_is_answered_with_it() {
    let (_cluster, gate) = gate().await;
    let page = ask(&gate, "/pod/web-0").offer("terminal, other").open().await;
    assert!(page.head.contains("sec-websocket-protocol: terminal\r\n"), "{}", page.head);
    let page = ask(&gate, "/pod/web-0").open().await;
    assert!(!page.head.contains("sec-websocket-protocol"), "{}", page.head);
}

#[tokio::test]
async fn a_foreign_page_is_refused_on_a_route_as_everywhere() {
    let (_cluster, gate) = gate().await;
    let foreign = ask(&gate, "/pod/web-0").changed("Origin", "https://evil.example");
    assert_eq!(foreign.refused().await.code(), 403);
}
