//! How the end of a command is told on channel 3, in the words of whoever tells it.

use super::process::Ending;
use super::settings::StatusDialect;
use crate::protocol::{Status, StatusForm};
use crate::target::Verb;

/// Who speaks WebSocket to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    /// The container runtime, through copied bytes.
    Runtime(StatusDialect),
    /// A translator, which rewrites what the runtime said.
    Translator,
}

/// What goes out on channel 3; `None` where silence means success.
pub(super) fn payload(
    speaker: Speaker,
    form: StatusForm,
    verb: Verb,
    argv: &[String],
    ending: &Ending,
) -> Option<Vec<u8>> {
    let status = match speaker {
        Speaker::Runtime(_) => runtime_status(verb, argv, ending),
        Speaker::Translator => translated_status(verb, ending),
    };
    let succeeded = status.status.as_deref() == Some("Success");
    match form {
        StatusForm::Text if succeeded => None,
        StatusForm::Text => Some(status.message.unwrap_or_default().into_bytes()),
        StatusForm::Json => Some(spell(status, speaker)),
    }
}

/// containerd's words (`internal/cri/server/container_execsync.go`) in cri-streaming's frame (`remotecommand/exec.go`).
fn runtime_status(verb: Verb, argv: &[String], ending: &Ending) -> Status {
    match ending {
        Ending::Exited(0) => Status::success(),
        // The stream of an attach just ends, however the process did.
        Ending::Exited(_) if verb == Verb::Attach => Status::success(),
        Ending::Exited(code) => {
            let argv = argv.join(" ");
            let mut status = Status::exited(*code);
            status.message = Some(format!(
                "command terminated with non-zero exit code: error executing command [{argv}], exit code {code}"
            ));
            status
        }
        Ending::NotStarted(why) | Ending::NotReached(why) => Status::internal_error(start_error(verb, why)),
    }
}

/// The translator keeps exit codes and wraps every other failure again (apiserver `pkg/util/proxy/streamtranslator.go`).
fn translated_status(verb: Verb, ending: &Ending) -> Status {
    match ending {
        Ending::Exited(0) => Status::success(),
        Ending::Exited(_) if verb == Verb::Attach => Status::success(),
        Ending::Exited(code) => Status::exited(*code),
        Ending::NotStarted(why) => {
            Status::internal_error(format!("Internal error occurred: {}", start_error(verb, why)))
        }
        Ending::NotReached(why) => Status::internal_error(why.clone()),
    }
}

fn start_error(verb: Verb, why: &str) -> String {
    match verb {
        Verb::Exec => format!("error executing command in container: {why}"),
        Verb::Attach => format!("error attaching to container: {why}"),
    }
}

fn spell(mut status: Status, speaker: Speaker) -> Vec<u8> {
    let short = speaker == Speaker::Runtime(StatusDialect::Short);
    if short && status.reason.as_deref() == Some("InternalError") {
        status.details = None;
    }
    let json = String::from_utf8(status.to_json()).expect("JSON is UTF-8");
    // Go's encoder spells these three as escapes; they stand in JSON nowhere but in strings.
    let json = json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
    match json.strip_prefix(r#"{"metadata":{},"#) {
        Some(rest) if short => format!("{{{rest}").into_bytes(),
        _ => json.into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(speaker: Speaker, ending: &Ending) -> String {
        let argv = ["sh", "-c", "exit 7 && x"].map(str::to_owned);
        let payload = payload(speaker, StatusForm::Json, Verb::Exec, &argv, ending);
        String::from_utf8(payload.unwrap()).unwrap()
    }

    #[test]
    fn each_speaker_has_its_words_for_an_exit_code() {
        assert_eq!(
            told(Speaker::Runtime(StatusDialect::Full), &Ending::Exited(7)),
            r#"{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: error executing command [sh -c exit 7 \u0026\u0026 x], exit code 7","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}"#
        );
        assert!(
            told(Speaker::Translator, &Ending::Exited(7)).contains(": command terminated with exit code 7\"")
        );
    }

    #[test]
    fn the_short_dialect_leaves_out_metadata_and_the_details_of_internal_errors() {
        let short = Speaker::Runtime(StatusDialect::Short);
        assert_eq!(told(short, &Ending::Exited(0)), r#"{"status":"Success"}"#);
        assert_eq!(
            told(short, &Ending::NotStarted("no".to_owned())),
            r#"{"status":"Failure","message":"Internal error occurred: error executing command in container: no","reason":"InternalError","code":500}"#
        );
        assert!(told(short, &Ending::Exited(7)).contains("details"));
    }

    #[test]
    fn a_translator_wraps_a_failure_once_more() {
        let told = told(Speaker::Translator, &Ending::NotStarted("no".to_owned()));
        assert!(told.contains("Internal error occurred: Internal error occurred: error executing command"));
    }
}
