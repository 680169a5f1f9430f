//! Each page types, resizes and reads in its own words, and is told in them what goes wrong.

use serde_json::{Value, json};

use crate::house::{Page, bare, gate, kubeutil, scow};

const SCOW: &str = "/api/jobShell?cluster=alpha&jobId=web-0&cols=100&rows=33";
const KUBEMGR: &str = "/kubemgr/api/v1/ws/alpha/default/web-0/app/s/ssh?clusterinfo=alice-token";
const KUBEUTIL: &str = "/ws/default/web-0/app/webshell";
const ALODI: &str = "/pod/web-0";

/// How a page types, and how it reads.
type Tongue = (&'static str, fn(&str) -> Value, fn(&[u8]) -> Vec<u8>);

const TONGUES: [Tongue; 3] = [
    (SCOW, |text| json!({"$case": "data", "data": {"data": text}}), scow),
    (KUBEMGR, |text| json!({"type": "input", "input": text}), bare),
    (KUBEUTIL, |text| json!({"operation": "stdin", "data": text}), kubeutil),
];

#[tokio::test]
async fn each_page_types_and_reads_and_its_characters_stay_whole() {
    let (_cluster, gate) = gate().await;
    for (target, typed, shown) in TONGUES {
        let mut page = Page::open(&gate, target).await;
        page.says(&typed("PS1=; stty -echo\r")).await;
        page.says(&typed(
            "printf 'a%s漢字😀\\n' bc; printf '\\360\\237'; sleep 0.1; printf '\\230\\200 done\\n'\r",
        ))
        .await;
        let seen = page.until("done\r\n", shown).await;
        assert!(seen.contains("abc漢字😀\r\n") && seen.contains("😀 done\r\n"), "{target}: {seen}");
        assert!(!seen.contains('\u{fffd}'), "{target}: {seen}");
    }
    let mut alodi = Page::open(&gate, ALODI).await;
    alodi.0.frame(0x81, "PS1=; stty -echo; printf 'a%s漢字\\n' bc\r".as_bytes()).await;
    alodi.until("abc漢字\r\n", bare).await;
}

#[tokio::test]
async fn each_page_has_the_size_that_it_says() {
    let (_cluster, gate) = gate().await;
    let mut scow_page = Page::open(&gate, SCOW).await;
    scow_page.says(&json!({"$case": "data", "data": {"data": "stty size\r"}})).await;
    scow_page.until("33 100\r\n", scow).await;
    let sizes = [
        (SCOW, json!({"$case": "resize", "resize": {"cols": 120, "rows": 30}})),
        (KUBEMGR, json!({"type": "resize", "rows": 30, "cols": 120})),
        (KUBEUTIL, json!({"operation": "resize", "rows": 30, "cols": 120})),
    ];
    let mut alodi = Page::open(&gate, ALODI).await;
    alodi.0.frame(0x81, b"stty size\r").await;
    alodi.until("24 80\r\n", bare).await;
    for ((target, typed, shown), (_, size)) in TONGUES.into_iter().zip(sizes) {
        let mut page = Page::open(&gate, target).await;
        page.says(&size).await;
        page.says(&typed("stty size\r")).await;
        page.until("30 120\r\n", shown).await;
    }
}

#[tokio::test]
async fn five_megabytes_arrive_exact_in_every_dialect() {
    const LINES: usize = 454_546;
    let (_cluster, gate) = gate().await;
    let line = "漢字😀\n";
    let count = LINES * line.len();
    let script = format!(
        "stty -echo -opost; PS1=; printf 'BEG''IN'; yes 漢字😀 | head -c {count}; printf END; exit 3\r"
    );
    for (target, typed, shown) in TONGUES {
        let mut page = Page::open(&gate, target).await;
        page.says(&typed(&script)).await;
        let (messages, code, reason) = page.end().await;
        assert_eq!((code, reason.as_str()), (1000, "exit code 3"));
        let (exits, output): (Vec<_>, Vec<_>) =
            messages.iter().partition(|message| message.starts_with(br#"{"$case":"exit""#));
        assert_eq!(exits.len(), usize::from(target == SCOW));
        let all: Vec<u8> = output.into_iter().flat_map(|message| shown(message)).collect();
        let all = String::from_utf8(all).unwrap();
        let (_, behind) = all.split_once("BEGIN").unwrap();
        let (exact, _) = behind.split_once("END").unwrap();
        assert!(exact == line.repeat(LINES), "{target}: {} bytes for {count}", exact.len());
    }
}

#[tokio::test]
async fn what_is_not_understood_is_one_clear_message_and_a_close() {
    let (_cluster, gate) = gate().await;
    let cases: [(&str, u8, &[u8], &str); 7] = [
        (SCOW, 0x81, b"{", "is no JSON"),
        (SCOW, 0x81, br#"{"$case":"kill"}"#, "unknown here; known are data, resize, disconnect"),
        (SCOW, 0x82, br#"{"$case":"disconnect"}"#, "binary message where the dialect scow has text"),
        (KUBEMGR, 0x81, br#"{"type":"resize","rows":1e99,"cols":1}"#, "no whole number from 0 to 65535"),
        (KUBEMGR, 0x81, br#"{"type":"resize","rows":12}"#, "has no \"cols\""),
        (KUBEUTIL, 0x81, br#"{"operation":"stdin"}"#, "has no \"data\""),
        (KUBEUTIL, 0x81, b"null", "no object"),
    ];
    for (target, first, payload, words) in cases {
        let mut page = Page::open(&gate, target).await;
        page.0.frame(first, payload).await;
        let (messages, code, reason) = page.end().await;
        let shown = String::from_utf8(messages.concat()).unwrap().replace("\\\"", "\"");
        assert!(shown.contains("execgate: ") && shown.contains(words), "{target}: {shown}");
        assert_eq!(code, 1007);
        assert!(!reason.is_empty());
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_the_pages_words_too() {
    let (_cluster, gate) = gate().await;
    let nobody = SCOW.replace("web-0", "web-99");
    let mut page = Page::open(&gate, &nobody).await;
    let (messages, code, _) = page.end().await;
    let message: Value = serde_json::from_slice(&messages[0]).unwrap();
    let words = message["data"]["data"].as_str().unwrap();
    assert!(words.starts_with("execgate: ") && words.contains("web-99"), "{words}");
    assert_eq!((messages.len(), code), (1, 4404));

    let mut raw = Page::open(&gate, "/pod/web-99").await;
    let (messages, code, _) = raw.end().await;
    assert!(String::from_utf8(messages.concat()).unwrap().starts_with("execgate: "));
    assert_eq!(code, 4404);
}
