//! How the end of a command is told, in each subprotocol's form.

use serde_json::json;

use super::{BASE64, CHANNEL, CLOSE, OFFERS, V4, V4_BASE64, V5, connected};
use crate::subject::cluster;
use crate::support::ask::{Ask, PIPES, escape, shell};
use crate::support::session::Transcript;
use crate::support::vectors::{E7, E7_HEADER, SHORT_SUCCESS, SUCCESS};
use crate::support::wire::hex;

#[tokio::test]
async fn success_has_metadata_from_a_translator_and_none_from_the_runtime() {
    let cluster = cluster().await;
    for (offer, success) in [(V5, SUCCESS), (V4, SHORT_SUCCESS)] {
        let mut session = connected(&cluster, "command=true", offer).await;
        assert_eq!(session.rest().await, [hex(success), CLOSE.to_vec()].concat(), "{offer}");
    }
}

#[tokio::test]
async fn exit_7_behind_a_translator_is_as_the_vector_says() {
    let cluster = cluster().await;
    let mut session = connected(&cluster, &shell("exit 7"), V5).await;
    let status = [hex(E7_HEADER), E7.as_bytes().to_vec()].concat();
    assert_eq!(session.rest().await, [status, CLOSE.to_vec()].concat());
}

#[tokio::test]
async fn exit_codes_and_signals_are_told_and_the_runtime_tells_the_argv_too() {
    let cluster = cluster().await;
    for (script, code) in [("exit 7", 7), ("kill -9 $$", 137), ("exit 255", 255), ("exit 1 # <&> \"é\"", 1)]
    {
        for (offer, words) in [
            (V4, format!("error executing command [sh -c {script}], exit code {code}")),
            (V5, format!("command terminated with exit code {code}")),
        ] {
            let transcript = Ask::script(&cluster, script).offer(offer).open().await.transcript().await;
            let mut expected = json!({
                "status": "Failure",
                "message": format!("command terminated with non-zero exit code: {words}"),
                "reason": "NonZeroExitCode",
                "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
            });
            if offer == V5 {
                expected["metadata"] = json!({});
            }
            assert_eq!(transcript.status(), expected, "{offer} {script}");
            assert_eq!(transcript.close(), (1000, ""));
        }
    }
}

#[tokio::test]
async fn before_v4_only_a_failure_is_told_and_as_text() {
    let cluster = cluster().await;
    for offer in [CHANNEL, BASE64] {
        for (script, told) in [
            ("exit 0", None),
            ("exit 7", Some("error executing command [sh -c exit 7], exit code 7")),
            ("kill -9 $$", Some("error executing command [sh -c kill -9 $$], exit code 137")),
        ] {
            let transcript = Ask::script(&cluster, script).offer(offer).open().await.transcript().await;
            let told = told.map(|told| format!("command terminated with non-zero exit code: {told}"));
            assert_eq!(transcript.statuses, told.into_iter().collect::<Vec<_>>(), "{offer} {script}");
            assert_eq!(transcript.close(), (1000, ""));
        }
    }
}

/// The words between which containerd names the exec by 64 digits.
const BEFORE_THE_ID: &str = "Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"";
const AFTER_THE_ID: &str = "\": OCI runtime exec failed: exec failed: ";

/// runc's words, out of containerd's.
fn reason(message: &str) -> &str {
    let rest = message.strip_prefix(BEFORE_THE_ID).unwrap_or_else(|| panic!("{message}"));
    let (id, rest) = rest.split_at(64);
    assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{message}");
    rest.strip_prefix(AFTER_THE_ID).unwrap_or_else(|| panic!("{message}"))
}

fn message(transcript: &Transcript, offer: &str) -> String {
    let text = match offer {
        CHANNEL | BASE64 => transcript.statuses.concat(),
        _ => transcript.status()["message"].as_str().unwrap().to_owned(),
    };
    if offer != V5 {
        return text;
    }
    // A translator wraps a failure once more.
    let inner = text.strip_prefix("Internal error occurred: ").unwrap();
    assert_eq!(transcript.status()["details"], json!({"causes": [{"message": inner}]}));
    inner.to_owned()
}

#[tokio::test]
async fn a_command_that_cannot_start_is_told_after_the_101() {
    let cluster = cluster().await;
    let not_found = |name: &str| {
        format!("unable to start container process: exec: \"{name}\": executable file not found in $PATH")
    };
    for offer in OFFERS {
        for (pod, command, why) in [
            ("web-0", "command=no-such".to_owned(), not_found("no-such")),
            ("web-0", "command=".to_owned(), not_found("")),
            ("web-0", String::new(), "args must not be empty".to_owned()),
            (
                "web-0",
                format!("command={}", escape("/no/such")),
                "unable to start container process: exec: \"/no/such\": stat /no/such: no such file or directory".to_owned(),
            ),
            (
                "web-0",
                format!("command={}", escape("/etc/passwd")),
                "unable to start container process: exec: \"/etc/passwd\": permission denied".to_owned(),
            ),
            ("sh-only", "command=bash".to_owned(), not_found("bash")),
            ("no-shell", "command=sh".to_owned(), not_found("sh")),
        ] {
            let ask = Ask::pod(&cluster, pod, &format!("exec?container=app&{command}&{PIPES}")).offer(offer);
            let transcript = ask.open().await.transcript().await;
            assert_eq!(reason(&message(&transcript, offer)), why, "{offer} {command}");
            assert_eq!(transcript.close(), (1000, ""));
            if matches!(offer, V4 | V4_BASE64 | V5) {
                let status = transcript.status();
                assert_eq!((&status["reason"], &status["code"]), (&json!("InternalError"), &json!(500)));
                assert_eq!(status.get("metadata").is_some(), offer == V5, "{status}");
                assert_eq!(status.get("details").is_some(), offer == V5, "{status}");
            }
        }
    }
}

#[tokio::test]
async fn the_pods_that_have_a_shell_run_it() {
    let cluster = cluster().await;
    for (pod, command) in
        [("sh-only", "command=sh&command=-c&command=echo+hi"), ("no-shell", "command=sleep&command=0")]
    {
        let ask = Ask::pod(&cluster, pod, &format!("exec?{command}&{PIPES}")).offer(V4);
        assert_eq!(ask.open().await.transcript().await.statuses, [r#"{"status":"Success"}"#], "{pod}");
    }
}
