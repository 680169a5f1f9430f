//! Runs a command in a container: exec [--tty] POD CONTAINER COMMAND...

use std::error::Error;
use std::io::stdin;

use futures::SinkExt as _;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::api::{Api, AttachParams, AttachedProcess, TerminalSize};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::io::{AsyncWriteExt as _, copy};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let tty = words.first().is_some_and(|word| word == "--tty");
    words.drain(..usize::from(tty));
    let code = run(&words[0], &words[1], &words[2..], tty).await.unwrap_or_else(|error| {
        eprintln!("{error}");
        1
    });
    // Not a return: it would wait for a thread that reads the standard input.
    std::process::exit(code);
}

async fn run(pod: &str, container: &str, command: &[String], tty: bool) -> Result<i32, Box<dyn Error>> {
    let pods: Api<Pod> = Api::default_namespaced(kube::Client::try_default().await?);
    let asked = AttachParams::default().container(container).stdin(true).stderr(!tty).tty(tty);
    let process = pods.exec(pod, command, &asked).await?;
    let cooked = tty.then(raw).transpose()?;
    let status = relay(process).await;
    if let Some(cooked) = cooked {
        tcsetattr(stdin(), OptionalActions::Drain, &cooked)?;
    }
    Ok(exit_code(&status?.ok_or("closed without a status")?))
}

/// Standard streams, and the terminal's size, until the command ends.
async fn relay(mut process: AttachedProcess) -> Result<Option<Status>, Box<dyn Error>> {
    let status = process.take_status().expect("taken once");
    let mut input = process.stdin().expect("asked for");
    let mut output = process.stdout().expect("asked for");
    let errors = process.stderr();
    let sizes = process.terminal_size();
    tokio::spawn(async move {
        copy(&mut tokio::io::stdin(), &mut input).await?;
        // End of input.
        input.shutdown().await
    });
    tokio::spawn(async move {
        let mut changes = signal(SignalKind::window_change())?;
        let Some(mut sizes) = sizes else { return Ok(()) };
        loop {
            let size = tcgetwinsize(stdin())?;
            let size = TerminalSize { width: size.ws_col, height: size.ws_row };
            sizes.send(size).await.map_err(std::io::Error::other)?;
            changes.recv().await;
        }
        #[allow(unreachable_code, reason = "it names the block's type")]
        Ok::<(), std::io::Error>(())
    });
    let errors = async {
        match errors {
            Some(mut errors) => copy(&mut errors, &mut tokio::io::stderr()).await.map(drop),
            None => Ok(()),
        }
    };
    let mut shown = tokio::io::stdout();
    tokio::try_join!(copy(&mut output, &mut shown), errors)?;
    shown.flush().await?;
    Ok(status.await)
}

fn exit_code(status: &Status) -> i32 {
    if status.status.as_deref() == Some("Success") {
        return 0;
    }
    let causes = status.details.iter().flat_map(|details| details.causes.iter().flatten());
    let code = causes
        .filter(|cause| cause.reason.as_deref() == Some("ExitCode"))
        .find_map(|cause| cause.message.as_ref());
    code.and_then(|code| code.parse().ok()).unwrap_or(1)
}

/// Keys go to the pod as they are; gives what the terminal was before.
fn raw() -> std::io::Result<Termios> {
    let cooked = tcgetattr(stdin())?;
    let mut raw = cooked.clone();
    raw.make_raw();
    tcsetattr(stdin(), OptionalActions::Drain, &raw)?;
    Ok(cooked)
}
