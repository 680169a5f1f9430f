//! One request with execgate's own credential: what goes out, and what comes of it.

use bytes::Bytes;
use execgate::cluster::{AnswerBody, Cluster, Fault, SendError, Stage};
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Full};

use super::rude_server::{Reply, RudeServer};
use crate::{House, TOKEN, chain};

fn version() -> Request<Full<Bytes>> {
    Request::get("/version?timeout=5s")
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, "Bearer the-users-own")
        .body(Full::default())
        .unwrap()
}

fn unauthorized() -> Reply {
    Reply::body("401 Unauthorized", "text/plain", "who are you?")
}

async fn ask(cluster: &Cluster) -> Result<Response<AnswerBody>, SendError> {
    cluster.send(version()).await
}

async fn text(answer: Response<AnswerBody>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn a_request_goes_out_with_the_clusters_credential_under_its_path() {
    let mut server =
        RudeServer::start(None, vec![Reply::body("200 OK", "application/json", "{\"major\":\"1\"}")]).await;
    let fixture = House::new(&format!("http://{}/k8s/c-1", server.address));
    let answer = ask(&fixture.cluster()).await.unwrap();
    assert_eq!((answer.status().as_u16(), &*text(answer).await), (200, "{\"major\":\"1\"}"));
    let seen = server.seen().await;
    assert_eq!(seen.request_line(), "GET /k8s/c-1/version?timeout=5s HTTP/1.1");
    assert_eq!(seen.header("authorization"), [format!("Bearer {TOKEN}")]);
    assert_eq!(seen.header("host"), [server.address.to_string()]);
    assert_eq!(seen.header("accept"), ["application/json"]);
    assert!(seen.header("user-agent")[0].starts_with("execgate/"));
}

#[tokio::test]
async fn a_body_is_handed_on_as_it_comes() {
    let mut server = RudeServer::start(
        None,
        vec![Reply::Flood(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n",
        )],
    )
    .await;
    let mut body = ask(&House::plain(server.address).cluster()).await.unwrap().into_body();
    let mut read = 0;
    while read < 1_000_000 {
        read += body.frame().await.unwrap().unwrap().into_data().unwrap().len();
    }
    drop(body);
    server.seen().await;
}

#[tokio::test]
async fn a_token_that_was_replaced_is_shown_after_a_401_and_only_then() {
    let mut server =
        RudeServer::start(None, vec![unauthorized(), Reply::body("200 OK", "text/plain", "ok")]).await;
    let fixture = House::plain(server.address);
    let cluster = fixture.cluster();
    fixture.write("token", "t0ken-two");
    assert_eq!(text(ask(&cluster).await.unwrap()).await, "ok");
    assert_eq!(server.seen().await.header("authorization"), [format!("Bearer {TOKEN}")]);
    assert_eq!(server.seen().await.header("authorization"), ["Bearer t0ken-two"]);

    let mut server = RudeServer::start(None, vec![unauthorized(), Reply::Silence]).await;
    let error = ask(&House::plain(server.address).cluster()).await.unwrap_err();
    assert!(matches!(error, SendError::CredentialRefused { .. }), "{error:?}");
    assert_eq!((error.http_status(), error.fault()), (502, Fault::Ours));
    assert!(chain(&error).contains("who are you?") && !chain(&error).contains(TOKEN), "{}", chain(&error));
    server.seen().await;
    assert!(server.is_alone());
}

#[tokio::test]
async fn silence_a_redirect_and_a_hang_up_are_told_apart() {
    let server = RudeServer::start(None, vec![Reply::Silence]).await;
    let error = ask(&House::plain(server.address).hasty().cluster()).await.unwrap_err();
    assert!(matches!(error, SendError::Timeout { stage: Stage::Answering, .. }), "{error:?}");
    assert_eq!(error.http_status(), 504);
    let redirect = "HTTP/1.1 302 Found\r\nLocation: https://elsewhere/\r\nContent-Length: 0\r\n\r\n";
    let server = RudeServer::start(None, vec![Reply::text(redirect)]).await;
    let error = ask(&House::plain(server.address).cluster()).await.unwrap_err();
    assert!(matches!(error, SendError::Redirected { code: 302, .. }), "{error:?}");
    let server = RudeServer::start(None, vec![Reply::Reset]).await;
    let error = ask(&House::plain(server.address).cluster()).await.unwrap_err();
    assert!(matches!(error, SendError::Broken { .. }), "{error:?}");
}

#[tokio::test]
async fn a_refusal_is_an_answer_like_another() {
    let server = RudeServer::start(None, vec![Reply::body("403 Forbidden", "application/json", "{}")]).await;
    let answer = ask(&House::plain(server.address).cluster()).await.unwrap();
    assert_eq!(answer.status(), 403);
}
